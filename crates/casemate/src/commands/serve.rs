//! `casemate serve`: the tracker.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use casemate_service::Service;
use casemate_service::demo::fill_demo::fill_demo;
use casemate_service::setup::begin_setup::begin_setup;
use casemate_store::Place;
use casemate_web::{AppState, Limit, WebSettings};
use hyper_util::rt::TokioTimer;
use ipnet::IpNet;
use secrecy::ExposeSecret as _;

use super::{Exit, Failure, failure};
use crate::console;
use crate::demo_sources;
use crate::server::connections::Bounded;
use crate::server::data_dir::{DataDir, read_private};
use crate::server::place::{self, PlaceArgs, fault};
use crate::server::{background, log};

/// Run the tracker, where findings become cases
///
/// Without any option: on this machine only, with SQLite in `casemate-data`. The first start makes the keys and prints a
/// one-time link with which the first administrator sets it up. Whatever is unsafe is refused, with what to set.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  casemate serve --demo
  casemate serve --data-dir /var/lib/casemate
  casemate serve --listen 0.0.0.0:8443 --base-url https://casemate.example.org --tls-cert cert.pem --tls-key key.pem
  casemate serve --listen 10.0.0.5:8080 --base-url https://casemate.example.org --trusted-proxy 10.0.0.2/32

The log goes to standard error, as JSON lines unless that is a terminal; CASEMATE_LOG=debug says more.")]
pub(crate) struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Address to listen on
    #[arg(
        long,
        value_name = "ADDR:PORT",
        env = "CASEMATE_LISTEN",
        default_value = "127.0.0.1:8080",
        hide_env_values = true
    )]
    listen: SocketAddr,
    /// Address people and programs use [default: the address listened on, if it is this machine]
    #[arg(long, value_name = "URL", env = "CASEMATE_BASE_URL", hide_env_values = true)]
    base_url: Option<String>,
    /// Network of a reverse proxy that ends TLS; its X-Forwarded-For is believed
    #[arg(long, value_name = "CIDR", env = "CASEMATE_TRUSTED_PROXY", value_delimiter = ',', hide_env_values = true)]
    trusted_proxy: Vec<IpNet>,
    /// Origin whose pages may call the API, without cookies
    #[arg(long, value_name = "ORIGIN", env = "CASEMATE_CORS_ORIGIN", value_delimiter = ',', hide_env_values = true)]
    cors_origin: Vec<String>,
    /// Certificate chain for TLS, PEM
    #[arg(long, value_name = "FILE", env = "CASEMATE_TLS_CERT", requires = "tls_key", hide_env_values = true)]
    tls_cert: Option<PathBuf>,
    /// Private key for TLS, PEM, readable by its owner only
    #[arg(long, value_name = "FILE", env = "CASEMATE_TLS_KEY", requires = "tls_cert", hide_env_values = true)]
    tls_key: Option<PathBuf>,
    /// Whom security.txt names, like mailto:security@example.org
    #[arg(long, value_name = "URI", env = "CASEMATE_SECURITY_CONTACT", hide_env_values = true)]
    security_contact: Option<String>,
    /// Requests of one network address, and the seconds they are counted over [default: 1200/60]
    #[arg(long, value_name = "N/SECONDS", env = "CASEMATE_LIMIT_PER_ADDRESS", hide_env_values = true)]
    limit_per_address: Option<Limit>,
    /// Requests of one person or client, and the seconds they are counted over [default: 600/60]
    #[arg(long, value_name = "N/SECONDS", env = "CASEMATE_LIMIT_PER_CALLER", hide_env_values = true)]
    limit_per_caller: Option<Limit>,
    /// Try it out: a tenant with cases from auditing a vulnerable example, in a folder of its own
    #[arg(long)]
    demo: bool,
}

/// Serves until it is told to stop.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    // Refusals come before anything is made on disk.
    args.refuse_unsafe()?;
    let demo_dir = args.demo_dir()?;
    let data_dir = DataDir::find_or_make(demo_dir.as_deref().unwrap_or(&args.place.data_dir))?;
    if args.demo {
        data_dir.mark_demo()?;
    }
    let place = args.place.place(&data_dir)?;
    let _lock = data_dir.lock()?;
    log::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure(format!("the server cannot be started: {error}")))?;
    let served = runtime.block_on(serve(args, &data_dir, &place));
    if let (true, Some(dir)) = (args.demo, &demo_dir) {
        let _ = std::fs::remove_dir_all(dir);
    }
    served
}

impl Args {
    fn refuse_unsafe(&self) -> Result<(), Failure> {
        let is_local = self.listen.ip().is_loopback();
        if !is_local && self.tls_cert.is_none() && self.trusted_proxy.is_empty() {
            return failure(format!(
                "--listen {} is not this machine: passwords would travel unencrypted; set --tls-cert and --tls-key, or \
                 --trusted-proxy if a proxy ends TLS",
                self.listen
            ));
        }
        if !is_local && self.base_url.is_none() {
            return failure("set --base-url to the address people use, like https://casemate.example.org");
        }
        if let Some(everybody) = self.trusted_proxy.iter().find(|network| network.prefix_len() == 0) {
            return failure(format!("--trusted-proxy {everybody} would believe everybody; name the proxy's network"));
        }
        self.settings(self.listen).map(drop)
    }

    /// The settings of the web part, for a server at this address.
    fn settings(&self, address: SocketAddr) -> Result<WebSettings, Failure> {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let base_url = self.base_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        let mut settings = WebSettings::new(&base_url).map_err(|error| Failure(error.to_string()))?;
        if !address.ip().is_loopback() && !settings.is_https() {
            return failure(format!("--base-url {base_url} must begin with https:// when others can reach the server"));
        }
        settings.allow_origins(&self.cors_origin).map_err(|error| Failure(error.to_string()))?;
        settings.trusted_proxies.clone_from(&self.trusted_proxy);
        settings.only_through_proxies = !address.ip().is_loopback() && self.tls_cert.is_none();
        if let Some(contact) = &self.security_contact {
            if contact.chars().any(char::is_control) || !contact.contains(':') {
                return failure("--security-contact must be a URI, like mailto:security@example.org");
            }
            settings.security_contact.clone_from(contact);
        }
        if let Some(limit) = self.limit_per_address {
            settings.per_address = limit;
        }
        if let Some(limit) = self.limit_per_caller {
            settings.per_caller = limit;
        }
        Ok(settings)
    }

    /// Where a demo lives: in a new folder of its own, unless one is named.
    fn demo_dir(&self) -> Result<Option<PathBuf>, Failure> {
        if !self.demo {
            return Ok(None);
        }
        if self.place.database_url.is_some() {
            return failure("--demo makes its own database; leave --database-url out");
        }
        let temporary = || std::env::temp_dir().join(format!("casemate-demo-{}", uuid::Uuid::now_v7()));
        Ok((!self.names_a_folder()).then(temporary))
    }

    /// Whether a demo goes into a folder of the operator's choice, where it stays.
    fn names_a_folder(&self) -> bool {
        self.place.data_dir.as_os_str() != "casemate-data"
    }

    async fn tls(&self) -> Result<Option<RustlsConfig>, Failure> {
        let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        let chain =
            std::fs::read(cert).map_err(|error| Failure(format!("`{}` cannot be read: {error}", cert.display())))?;
        let key = read_private(key)?.expose_secret().as_bytes().to_vec();
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config = RustlsConfig::from_pem(chain, key).await;
        config.map(Some).map_err(|error| Failure(format!("--tls-cert and --tls-key do not make a pair: {error}")))
    }
}

async fn serve(args: &Args, data_dir: &DataDir, place: &Place) -> Result<Exit, Failure> {
    let tls = args.tls().await?;
    let listener = bind(args.listen)?;
    let address = listener.local_addr().map_err(|error| Failure(error.to_string()))?;
    let settings = args.settings(address)?;
    let base_url = settings.base_url().to_owned();
    let service = place::open(data_dir, place, &base_url).await?;
    let welcome = match args.demo {
        true => demo(&service, &base_url, args.names_a_folder()).await?,
        false => welcome(&service, &base_url).await?,
    };

    let app = casemate_web::routes::router(AppState::new(service.clone(), settings));
    let handle = Handle::new();
    let work = tokio::spawn(background::work(service.clone(), data_dir.clone()));
    let serving = tokio::spawn(listen(listener, tls, handle.clone(), app));
    handle.listening().await;
    say(&welcome)?;
    tracing::info!(target: "security", event = "sys_startup", base_url, %address, outcome = "success");

    let stopped = async {
        stop_asked().await;
        tracing::info!(target: "security", event = "sys_shutdown", outcome = "success");
        handle.graceful_shutdown(Some(Duration::from_secs(10)));
    };
    let ended = tokio::select! {
        ended = serving => ended,
        never = async { stopped.await; std::future::pending().await } => never,
    };
    work.abort();
    background::take(&service, data_dir).await;
    match ended {
        Ok(Ok(())) => Ok(Exit::Clean),
        Ok(Err(error)) => failure(format!("the server ended: {error}")),
        Err(error) => failure(format!("the server ended: {error}")),
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map_err(|error| {
        Failure(match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("{address} is in use; stop what listens there, or name another with --listen ADDR:PORT")
            }
            io::ErrorKind::PermissionDenied => {
                format!(
                    "{address} needs more rights; ports below 1024 usually do, so try --listen {}:8443",
                    address.ip()
                )
            }
            io::ErrorKind::AddrNotAvailable => format!("{address} is no address of this machine"),
            _ => format!("{address} cannot be listened on: {error}"),
        })
    })
}

async fn listen(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
    app: axum::Router,
) -> io::Result<()> {
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    patient(&mut server);
    match tls {
        None => server.map(Bounded::new).serve(app).await,
        Some(config) => {
            let acceptor = RustlsAcceptor::new(config).handshake_timeout(Duration::from_secs(10));
            server.map(|_| Bounded::new(acceptor)).serve(app).await
        }
    }
}

/// SECURITY: whoever sends slowly, or a lot, before the first request is whole must not hold us up (CWE-400).
fn patient<A>(server: &mut Server<SocketAddr, A>) {
    let builder = server.http_builder();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(10))
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
}

async fn stop_asked() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupted => {}
            () = terminated => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

async fn welcome(service: &Service, base_url: &str) -> Result<String, Failure> {
    Ok(match begin_setup(service).await.map_err(fault)? {
        None => format!("Casemate is at {base_url}\n"),
        Some(token) => format!(
            "Casemate is at {base_url}\n\nSet it up with this link; it works once:\n\n  {base_url}/setup/{}\n\n",
            token.expose_secret()
        ),
    })
}

/// Audits the vulnerable example and fills the instance with what was found.
async fn demo(service: &Service, base_url: &str, is_kept: bool) -> Result<String, Failure> {
    let sarif = demo_report()?;
    let accounts = fill_demo(service, "vulnerable-example", &sarif).await.map_err(fault)?;
    let fate = if is_kept { "its data stays in the folder you named" } else { "its data is gone when it stops" };
    let mut text = format!("Casemate is at {base_url}\n\nA demo: {fate}. Sign in as\n\n");
    let width = accounts.iter().map(|account| account.email.len()).max().unwrap_or(0);
    for account in &accounts {
        let (role, email) = (account.role.label(), &account.email);
        text += &format!("  {role:<15} {email:<width$}  {}\n", account.password.expose_secret());
    }
    text.push_str("\nThe last one is in another tenant and sees nothing of the first.\n\n");
    Ok(text)
}

fn demo_report() -> Result<String, Failure> {
    use casemate_audit::report::{Report, sarif};
    let settings = casemate_audit::settings::Settings::default();
    let sources = demo_sources::vulnerable();
    let outcome = casemate_audit::Audit::new(&settings).run(&sources);
    let report = Report {
        outcome: &outcome,
        sources: &sources,
        settings: &settings,
        paths: &[".".to_owned()],
        category: "audit",
        is_complete: true,
        advisories: None,
        baseline: None,
    };
    let mut text = Vec::new();
    sarif::write(&report, &mut text).map_err(|error| Failure(format!("the example cannot be audited: {error}")))?;
    String::from_utf8(text).map_err(|_| Failure("the example cannot be audited".to_owned()))
}

/// SECURITY: the link and the passwords go to the person at standard output, never to the log.
fn say(text: &str) -> Result<(), Failure> {
    console::print(|out| out.write_all(text.as_bytes()))
        .map_err(|error| Failure(format!("standard output cannot be written: {error}")))
}
