//! The log: JSON lines for machines, readable lines on a terminal, always on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::commands::Failure;

/// What libraries say at lower levels holds headers and SQL; neither belongs into a log.
const LIBRARIES: [&str; 9] = [
    "hyper=warn",
    "hyper_util=warn",
    "h2=warn",
    "rustls=warn",
    "sqlx=error",
    "tower=warn",
    "tower_http=warn",
    "axum=warn",
    "axum_server=warn",
];

/// Starts the log at the level `CASEMATE_LOG` says, `info` without it.
pub(crate) fn start() -> Result<(), Failure> {
    let wanted = std::env::var("CASEMATE_LOG").unwrap_or_default();
    let mut filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(&wanted)
        .map_err(|error| Failure(format!("CASEMATE_LOG: {error}; set it to error, warn, info or debug")))?;
    for directive in LIBRARIES.into_iter().filter_map(|directive| directive.parse().ok()) {
        filter = filter.add_directive(directive);
    }
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        lines.compact().try_init()
    } else {
        lines.json().flatten_event(true).with_span_list(false).try_init()
    };
    started.map_err(|error| Failure(format!("the log cannot be started: {error}")))?;
    std::panic::set_hook(Box::new(|panic| {
        // SECURITY: the message may hold what was worked on; the place is enough to find the fault.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "sys_crash", place, "panic");
    }));
    Ok(())
}
