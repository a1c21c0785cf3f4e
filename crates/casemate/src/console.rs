//! What a person at a terminal sees: colour, width, complaints and a progress line.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use casemate_audit::report::text::printable;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, also into files and pipes.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether what goes to standard output is coloured.
    pub(crate) fn is_wanted(self) -> bool {
        let surroundings = Surroundings {
            is_terminal: io::stdout().is_terminal(),
            no_color: std::env::var_os("NO_COLOR"),
            term: std::env::var_os("TERM"),
        };
        self.is_wanted_in(&surroundings)
    }

    fn is_wanted_in(self, surroundings: &Surroundings) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                // https://no-color.org: any value that is not empty.
                let says_no = surroundings.no_color.as_ref().is_some_and(|value| !value.is_empty());
                let is_dumb = surroundings.term.as_ref().is_some_and(|term| term == "dumb");
                surroundings.is_terminal && !says_no && !is_dumb
            }
        }
    }
}

/// What speaks for and against colour.
struct Surroundings {
    is_terminal: bool,
    no_color: Option<OsString>,
    term: Option<OsString>,
}

/// Characters in a line of standard output.
pub(crate) fn width() -> usize {
    const OF_A_FILE: usize = 120;
    let size = if io::stdout().is_terminal() { terminal_size::terminal_size() } else { None };
    size.map_or(OF_A_FILE, |(width, _)| usize::from(width.0).clamp(60, 160))
}

/// One line on standard error that says why the command could not do its work.
pub(crate) fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(stderr, "casemate: {}", printable(text));
}

/// One line on standard error that is not a complaint.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(text));
}

/// Writes to standard output; a reader that has seen enough is no error.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still in the buffer has no reader either.
            let _ = out.into_parts();
            Ok(())
        }
        other => other,
    }
}

/// What is being done, how far it is, how far it goes, and what is counted.
pub(crate) type Status<'a> = dyn Fn(&'static str, usize, usize, &'static str) + Sync + 'a;

/// Does the work, and on a terminal shows how many files are done when it takes more than a second.
pub(crate) fn with_progress<T>(total: usize, work: impl FnOnce(&(dyn Fn(usize) + Sync)) -> T) -> T {
    with_status(|status| work(&|done| status("auditing", done, total, "files")))
}

/// Does the work, and on a terminal shows how far it is when it takes more than a second.
pub(crate) fn with_status<T>(work: impl FnOnce(&Status<'_>) -> T) -> T {
    const PATIENCE: Duration = Duration::from_secs(1);
    const BEAT: Duration = Duration::from_millis(100);
    let latest = Mutex::new(("", 0, 0, ""));
    let note = |what: &'static str, done: usize, total: usize, counted: &'static str| {
        if let Ok(mut latest) = latest.lock() {
            // Threads tell out of order.
            let is_behind = latest.0 == what && latest.3 == counted && latest.1 > done;
            if !is_behind {
                *latest = (what, done, total, counted);
            }
        }
    };
    if !io::stderr().is_terminal() {
        return work(&note);
    }
    let (finished, is_finished) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let latest = &latest;
        scope.spawn(move || {
            let started = Instant::now();
            let mut is_shown = false;
            while is_finished.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                if started.elapsed() >= PATIENCE
                    && let Ok((what, done, total, counted)) = latest.lock().map(|latest| *latest)
                    && total > 0
                {
                    let _ = write!(io::stderr(), "\r{what}, {done} of {total} {counted} done\x1b[K");
                    is_shown = true;
                }
            }
            if is_shown {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
        });
        let result = work(&note);
        drop(finished);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_comes_on_a_terminal_that_nobody_asked_to_be_plain() {
        let wanted = |colour: Colour, is_terminal, no_color: Option<&str>, term: &str| {
            let (no_color, term) = (no_color.map(OsString::from), Some(OsString::from(term)));
            colour.is_wanted_in(&Surroundings { is_terminal, no_color, term })
        };
        assert!(wanted(Colour::Auto, true, None, "xterm"));
        assert!(wanted(Colour::Auto, true, Some(""), "xterm"));
        assert!(!wanted(Colour::Auto, true, Some("1"), "xterm"));
        assert!(!wanted(Colour::Auto, true, None, "dumb"));
        assert!(!wanted(Colour::Auto, false, None, "xterm"));
        assert!(wanted(Colour::Always, false, Some("1"), "dumb"));
        assert!(!wanted(Colour::Never, true, None, "xterm"));
    }
}
