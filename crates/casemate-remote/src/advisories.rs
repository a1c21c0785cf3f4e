//! Fetches an export of advisories: only when it has changed, whole or not at all.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use url::{Host, Url};

/// Where the public export of OSV for PyPI is.
pub const PUBLIC_EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip";

/// Mirrors refer to storage, storage to regions; what refers further is a loop.
const MOST_REDIRECTS: usize = 5;

/// What to fetch and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Where it is.
    pub url: Url,
    /// What the server called the version that is here already.
    pub etag: Option<String>,
    /// Who asks.
    pub user_agent: String,
    /// More bytes than this are not read.
    pub most_bytes: u64,
    /// For everything together.
    pub timeout: Duration,
    /// Authorities to trust instead of the public ones.
    pub authorities: Option<Authorities>,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What is here already is the newest.
    Unchanged,
    /// An export, written to where it was wanted.
    Fetched {
        /// What the server calls this version.
        etag: Option<String>,
        /// How large it is.
        bytes: u64,
    },
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An address that is not used.
    #[error("`{0}` is not used: {1}")]
    Address(String, &'static str),
    /// No answer, or one that ended early.
    #[error("{0}")]
    Connection(String),
    /// An answer that is no export.
    #[error("{host} answered with {status}{hint}")]
    Status {
        /// Who.
        host: String,
        /// The status of HTTP.
        status: u16,
        /// What to do about it.
        hint: &'static str,
    },
    /// More than was asked for.
    #[error("{host} sends more than {most_bytes} bytes; an export of advisories is never that large")]
    TooLarge {
        /// Who.
        host: String,
        /// How much would have been read.
        most_bytes: u64,
    },
    /// It could not be kept.
    #[error("what was fetched cannot be written: {0}")]
    Write(std::io::Error),
}

/// Certificates of authorities of one's own.
#[derive(Clone, Debug)]
pub struct Authorities(Vec<Certificate<'static>>);

impl Authorities {
    /// Reads a PEM file.
    pub fn parse(pem: &[u8]) -> Result<Self, String> {
        let items: Result<Vec<PemItem<'static>>, _> = parse_pem(pem).collect();
        let items = items.map_err(|error| format!("is not a PEM file: {error}"))?;
        let certificates = items.into_iter().filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<_> = certificates.collect();
        if certificates.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(Self(certificates)) }
    }
}

/// An address an export may be fetched from: https, or http on this machine.
pub fn parse_address(address: &str) -> Result<Url, FetchError> {
    let refuse = |why| Err(FetchError::Address(address.escape_debug().to_string(), why));
    let Ok(url) = Url::parse(address) else {
        return refuse("it is not an address; write it like https://host/all.zip");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Address("https://…@…".to_owned(), "credentials do not belong into an address"));
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        // SECURITY: who can change the export on its way hides what he likes (CWE-319, CWE-494).
        "http" if is_this_machine(&url) => Ok(url),
        "http" => refuse("what comes by http can be changed on its way; use https"),
        _ => refuse("it is neither https nor http"),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Fetches the export into `into`; `progress` is told how many bytes came, and of how many.
pub fn fetch(ask: &Ask, into: &mut dyn Write, progress: &dyn Fn(u64, Option<u64>)) -> Result<Answer, FetchError> {
    let deadline = Instant::now() + ask.timeout;
    let mut url = ask.url.clone();
    for _ in 0..=MOST_REDIRECTS {
        let host = host_of(&url);
        let left = deadline.saturating_duration_since(Instant::now());
        let agent = agent(ask, left.max(Duration::from_millis(1)));
        let uri =
            Uri::try_from(url.as_str()).map_err(|_| FetchError::Address(url.to_string(), "it is not an address"))?;
        // What is compressed once gains nothing, and the checksums are about the bytes as they are.
        let mut request = agent.get(uri).header("accept-encoding", "identity");
        // SECURITY: what a server once said is sent back only if it is fit for a header.
        if let Some(etag) = ask.etag.as_deref().filter(|etag| is_etag(etag)) {
            request = request.header("if-none-match", etag);
        }
        let mut response = request.call().map_err(|error| unreachable(&host, &error))?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        match response.status().as_u16() {
            200 => {
                let (etag, encoding) = (header("etag").filter(|etag| is_etag(etag)), header("content-encoding"));
                if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
                    return Err(FetchError::Connection(format!(
                        "{host} sends a compressed copy, which was not asked for"
                    )));
                }
                let expected = header("content-length").and_then(|length| length.parse().ok());
                let body = response.body_mut().as_reader();
                let bytes = copy(ask, &host, body, expected, deadline, into, progress)?;
                return Ok(Answer::Fetched { etag, bytes });
            }
            304 if ask.etag.is_some() => return Ok(Answer::Unchanged),
            301 | 302 | 303 | 307 | 308 => {
                let target = header("location").and_then(|target| url.join(&target).ok());
                let Some(target) = target else {
                    return Err(FetchError::Connection(format!("{host} refers to nowhere")));
                };
                let target = parse_address(target.as_str())?;
                // SECURITY: an address on this machine is only for who named one himself.
                if url.scheme() == "https" && target.scheme() != "https" {
                    return Err(FetchError::Address(target.to_string(), "https refers to http"));
                }
                url = target;
            }
            status => {
                let hint = match status {
                    401 | 403 | 407 => "; it wants to know who asks",
                    404 | 410 => "; is the address right?",
                    429 => "; try again later",
                    500.. => "; the fault is on its side, try again later",
                    _ => "",
                };
                return Err(FetchError::Status { host, status, hint });
            }
        }
    }
    Err(FetchError::Connection(format!("{} refers from place to place without end", host_of(&ask.url))))
}

fn copy(
    ask: &Ask,
    host: &str,
    mut body: impl Read,
    expected: Option<u64>,
    deadline: Instant,
    into: &mut dyn Write,
    progress: &dyn Fn(u64, Option<u64>),
) -> Result<u64, FetchError> {
    let too_large = || FetchError::TooLarge { host: host.to_owned(), most_bytes: ask.most_bytes };
    if expected.is_some_and(|expected| expected > ask.most_bytes) {
        return Err(too_large());
    }
    let cut = |bytes: u64| match expected {
        Some(expected) => {
            FetchError::Connection(format!("{host} closed the connection after {bytes} of {expected} bytes"))
        }
        None => FetchError::Connection(format!("{host} closed the connection in the middle, after {bytes} bytes")),
    };
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0_u64;
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(match ureq::Error::from(error) {
                    ureq::Error::Io(error)
                        if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) =>
                    {
                        cut(bytes)
                    }
                    other => unreachable(host, &other),
                });
            }
        };
        bytes += count as u64;
        if bytes > ask.most_bytes {
            return Err(too_large());
        }
        // A server that sends a byte now and then never lets a single read time out.
        if Instant::now() > deadline {
            return Err(late(host));
        }
        into.write_all(buffer.get(..count).unwrap_or_default()).map_err(FetchError::Write)?;
        progress(bytes, expected);
    }
    if expected.is_some_and(|expected| expected != bytes) {
        return Err(cut(bytes));
    }
    Ok(bytes)
}

fn agent(ask: &Ask, timeout: Duration) -> Agent {
    let mut tls = TlsConfig::builder();
    if let Some(Authorities(certificates)) = &ask.authorities {
        tls = tls.root_certs(RootCerts::from(certificates.clone()));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(timeout))
        .timeout_connect(Some(timeout.min(Duration::from_secs(30))))
        .tls_config(tls.build())
        .user_agent(ask.user_agent.as_str());
    config.build().into()
}

fn is_etag(etag: &str) -> bool {
    !etag.is_empty() && etag.len() <= 512 && etag.bytes().all(|byte| byte.is_ascii_graphic())
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or("the server").to_owned()
}

fn late(host: &str) -> FetchError {
    FetchError::Connection(format!("{host} did not send everything in time; --timeout waits longer"))
}

fn unreachable(host: &str, error: &ureq::Error) -> FetchError {
    let text = match error {
        ureq::Error::Timeout(_) => return late(host),
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => return late(host),
        ureq::Error::HostNotFound => format!("there is no host `{host}`, or this machine has no network"),
        ureq::Error::ConnectionFailed => format!("{host} cannot be reached"),
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            format!("{host} refused the connection")
        }
        ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
            format!("{host} cannot be trusted: {error}; --ca-file trusts an authority of your own")
        }
        other => format!("{host} cannot be reached: {other}"),
    };
    FetchError::Connection(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for fine in
            [PUBLIC_EXPORT, "http://127.0.0.1:8080/all.zip", "http://localhost/all.zip", "http://[::1]:1/all.zip"]
        {
            assert!(parse_address(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://example.org/all.zip",
            "http://127.0.0.1.example.org/",
            "http://localhost.example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://ada:pw@example.org/",
            "all.zip",
            "",
        ] {
            assert!(parse_address(wrong).is_err(), "{wrong}");
        }
        assert!(!parse_address("https://ada:pw@example.org/").unwrap_err().to_string().contains("pw"));
    }

    #[test]
    fn an_etag_is_fit_for_a_header() {
        assert!(is_etag("\"9f2b\"") && is_etag("W/\"9f2b\""));
        assert!(!is_etag("a\r\nx: y") && !is_etag("") && !is_etag(&"a".repeat(600)));
    }
}
