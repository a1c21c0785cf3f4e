//! `casemate submit`: hand a SARIF report to a tracker, where its findings become cases.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Exit, Failure, failure};
use crate::console;

/// Hand a SARIF report to a tracker, where its findings become cases
///
/// The client credentials come from CASEMATE_CLIENT_ID and CASEMATE_CLIENT_SECRET, or from the options. An administrator
/// of the tracker makes them; they need the scope `findings:write`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  casemate audit . --format sarif --output report.sarif --fail-on none
  casemate submit report.sarif --to https://casemate.example.org --project shop --branch main --commit $(git rev-parse HEAD)
  casemate audit . --format sarif | casemate submit - --to http://127.0.0.1:8080")]
pub(crate) struct Args {
    /// The report, SARIF 2.1.0 of casemate or another tool; `-` reads standard input
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    /// Address of the tracker
    #[arg(long, value_name = "URL")]
    to: String,
    /// Project the findings belong to
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Branch that was audited
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Commit that was audited
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// Client id, if not in CASEMATE_CLIENT_ID
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// File that holds the client secret, if it is not in CASEMATE_CLIENT_SECRET
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Send the secret without encryption to a host that is not this machine
    #[arg(long)]
    allow_http: bool,
    /// Trust the certificates in this PEM file, those of your own authority, and no others
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Seconds to wait for the tracker
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// Larger reports are refused by any tracker; do not read a disk image by mistake.
const LARGEST_REPORT: u64 = 256 << 20;
/// From this size on the tracker is asked first whether it takes the report.
const ASK_FIRST: usize = 1 << 20;
/// Answers are small.
const LARGEST_ANSWER: u64 = 1 << 20;

/// Sends the report and prints what became of it.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let tracker = Tracker::parse(&args.to, args.allow_http)?;
    let credentials = Credentials::find(args)?;
    let report = read_report(args)?;
    let agent = agent(args)?;
    let token = tracker.sign_in(&agent, &credentials)?;
    let outcome = tracker.send(&agent, &token, args, &report)?;
    console::print(|out| out.write_all(told(&outcome).as_bytes()))
        .map_err(|error| Failure(format!("the report was accepted, but the answer could not be printed: {error}")))?;
    Ok(Exit::Clean)
}

struct Credentials {
    id: String,
    secret: String,
}

impl Credentials {
    fn find(args: &Args) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(id) = args.client_id.clone().or_else(|| variable("CASEMATE_CLIENT_ID")) else {
            return failure("no client id: set CASEMATE_CLIENT_ID or give --client-id");
        };
        let secret = match &args.client_secret_file {
            Some(file) => {
                let text = fs::read_to_string(file)
                    .map_err(|error| Failure(format!("`{}` cannot be read: {error}", file.display())))?;
                Some(text.trim().to_owned()).filter(|secret| !secret.is_empty())
            }
            None => variable("CASEMATE_CLIENT_SECRET"),
        };
        let Some(secret) = secret else {
            return failure("no client secret: set CASEMATE_CLIENT_SECRET or give --client-secret-file");
        };
        Ok(Self { id, secret })
    }

    /// RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
    fn basic(&self) -> String {
        let pair = format!("{}:{}", form_encoded(&self.id), form_encoded(&self.secret));
        format!("Basic {}", STANDARD.encode(pair))
    }
}

fn read_report(args: &Args) -> Result<Vec<u8>, Failure> {
    let shown = args.report.display();
    let mut report = Vec::new();
    let read = if args.report.as_os_str() == "-" {
        std::io::stdin().lock().take(LARGEST_REPORT + 1).read_to_end(&mut report)
    } else {
        fs::File::open(&args.report).and_then(|file| file.take(LARGEST_REPORT + 1).read_to_end(&mut report))
    };
    read.map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
    if u64::try_from(report.len()).unwrap_or(u64::MAX) > LARGEST_REPORT {
        return failure(format!("`{shown}` is larger than {} MiB", LARGEST_REPORT >> 20));
    }
    let log: Option<Value> = serde_json::from_slice(&report).ok();
    let is_sarif = log.is_some_and(|log| log["version"] == "2.1.0" && log["runs"].is_array());
    if !is_sarif {
        return failure(format!(
            "`{shown}` is not a SARIF 2.1.0 report; `casemate audit . --format sarif --output FILE` makes one"
        ));
    }
    Ok(report)
}

/// Where reports go.
struct Tracker {
    /// The address without a slash at its end.
    base: String,
    host: String,
}

impl Tracker {
    fn parse(address: &str, allow_http: bool) -> Result<Self, Failure> {
        let refuse = |why: &str| failure(format!("`--to {address}`: {why}"));
        let Ok(uri) = address.parse::<Uri>() else { return refuse("is not an address") };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refuse("is not an address; write it like https://casemate.example.org");
        };
        if authority.as_str().contains('@') {
            return refuse(
                "credentials do not belong into the address; set CASEMATE_CLIENT_ID and CASEMATE_CLIENT_SECRET",
            );
        }
        if uri.query().is_some() || address.contains('#') {
            return refuse("ends with a query or a fragment; give the address of the tracker alone");
        }
        let host = authority.host().to_owned();
        match scheme {
            "https" => {}
            // SECURITY: the secret and the findings would be readable on the way (CWE-319).
            "http" if allow_http || is_this_machine(&host) => {}
            "http" => {
                return refuse("http would send the secret unencrypted; use https (or --allow-http, if you must)");
            }
            _ => return refuse("is neither https nor http"),
        }
        Ok(Self { base: address.trim_end_matches('/').to_owned(), host })
    }

    fn sign_in(&self, agent: &Agent, credentials: &Credentials) -> Result<String, Failure> {
        let response = agent
            .post(format!("{}/oauth/token", self.base))
            .header("authorization", credentials.basic())
            .header("accept", "application/json")
            .send_form([("grant_type", "client_credentials"), ("scope", "findings:write")]);
        let (status, body) = self.answer(response)?;
        match status {
            200 => {}
            400 | 401 | 403 => {
                return failure(format!("{} refused the client credentials{}", self.host, because(&body)));
            }
            429 => return failure(format!("{} asks to come back later{}", self.host, because(&body))),
            _ => return failure(self.unexpected("sign-in", status, &body)),
        }
        match body["access_token"].as_str() {
            Some(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(token.to_owned())
            }
            _ => failure(format!("{} answered the sign-in without a token; is that a casemate tracker?", self.host)),
        }
    }

    fn send(&self, agent: &Agent, token: &str, args: &Args, report: &[u8]) -> Result<Value, Failure> {
        let mut address = format!("{}/api/v1/scans", self.base);
        let wanted = [("project", &args.project), ("branch", &args.branch), ("commit", &args.commit)];
        let given = wanted.into_iter().filter_map(|(key, value)| value.as_ref().map(|value| (key, value)));
        for (index, (key, value)) in given.enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            address.push_str(&format!("{mark}{key}={}", form_encoded(value)));
        }
        let request = agent
            .post(address)
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "application/json")
            .content_type("application/sarif+json");
        // A tracker that does not want so much says so before it is sent (RFC 9110, section 10.1.1).
        let request = if report.len() > ASK_FIRST { request.header("expect", "100-continue") } else { request };
        let response = request.send(report);
        let (status, body) = self.answer(response)?;
        let host = &self.host;
        match status {
            200..=299 => Ok(body),
            401 => failure(format!("{host} did not accept its own token{}; are the clocks right?", because(&body))),
            403 => failure(format!("this client may not submit findings{}; it needs `findings:write`", because(&body))),
            404 => failure(format!("{host} knows no such project{}", because(&body))),
            413 => {
                failure(format!("the report is too large for {host}{}; audit fewer paths at a time", because(&body)))
            }
            422 => failure(format!("{host} could not use the report{}", because(&body))),
            429 => failure(format!("{host} asks to come back later{}", because(&body))),
            _ => failure(self.unexpected("submission", status, &body)),
        }
    }

    /// Status and JSON; `Null` for a body that is none.
    fn answer(&self, response: Result<Response<ureq::Body>, ureq::Error>) -> Result<(u16, Value), Failure> {
        let mut response = response.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string();
        let text = text.map_err(|error| self.unreachable(&error))?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let base = &self.base;
        Failure(match error {
            ureq::Error::Timeout(_) => format!("{base} did not answer in time; --timeout waits longer"),
            ureq::Error::HostNotFound => format!("there is no host `{}`", self.host),
            ureq::Error::ConnectionFailed => format!("{base} cannot be reached; is `casemate serve` running there?"),
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                format!("{base} refused the connection; is `casemate serve` running there?")
            }
            ureq::Error::Io(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                format!("{base} closed the connection in the middle; the report may be too large for it")
            }
            ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                format!("{base} cannot be trusted: {error}; --ca-file trusts an authority of your own")
            }
            ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => {
                format!("{base} did not answer in time; --timeout waits longer")
            }
            other => format!("{base} cannot be reached: {other}"),
        })
    }

    fn unexpected(&self, what: &str, status: u16, body: &Value) -> String {
        let host = &self.host;
        match status {
            // SECURITY: not followed, or the credentials would go wherever the answer points.
            300..=399 => format!("{host} answered the {what} with a redirect ({status}); give the address it leads to"),
            404 => format!("{host} knows no {what} (404); is that the address of a casemate tracker?"),
            500.. => {
                let request = body["request_id"].as_str().map(|id| format!(" (its log knows it as request {id})"));
                format!("{host} failed ({status}){}{}", because(body), request.unwrap_or_default())
            }
            _ => format!("{host} answered the {what} with {status}{}", because(body)),
        }
    }
}

fn agent(args: &Args) -> Result<Agent, Failure> {
    let mut tls = TlsConfig::builder();
    if let Some(file) = &args.ca_file {
        tls = tls.root_certs(RootCerts::from(certificates(file)?));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(Duration::from_secs(args.timeout)))
        .tls_config(tls.build())
        .user_agent(concat!("casemate/", env!("CARGO_PKG_VERSION")));
    Ok(config.build().into())
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let shown = file.display();
    let text = fs::read(file).map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
    let items: Result<Vec<PemItem<'static>>, _> = parse_pem(&text).collect();
    let items = items.map_err(|error| Failure(format!("`{shown}` is not a PEM file: {error}")))?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() { failure(format!("`{shown}` holds no certificate")) } else { Ok(certificates) }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What problem details (RFC 9457) or an OAuth error (RFC 6749, section 5.2) say, ready to follow a sentence.
fn because(body: &Value) -> String {
    let words =
        |key: &str| body[key].as_str().map(|text| text.trim().trim_end_matches('.')).filter(|text| !text.is_empty());
    let title = words("title").or_else(|| words("error"));
    let detail = words("detail").or_else(|| words("message")).or_else(|| words("error_description"));
    let mut told: Vec<String> = title.into_iter().chain(detail).map(str::to_owned).collect();
    for field in body["errors"].as_array().into_iter().flatten().take(5) {
        let name = field["field"].as_str().or_else(|| field["pointer"].as_str());
        let message = field["message"].as_str().or_else(|| field["detail"].as_str());
        told.push([name, message].into_iter().flatten().collect::<Vec<_>>().join(": "));
    }
    told.retain(|part| !part.is_empty());
    told.dedup();
    if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) }
}

/// What became of the findings, what became of cases, and where to see it.
fn told(outcome: &Value) -> String {
    const FINDINGS: [&str; 5] = ["new", "reopened", "unchanged", "gone", "closed"];
    const CASES: [&str; 3] = ["cases_opened", "cases_reopened", "cases_closed"];
    let counts = |keys: &[&str]| {
        let counts = keys.iter().filter_map(|key| outcome[*key].as_u64().map(|count| (key, count)));
        let words = counts.map(|(key, count)| format!("{count} {}", key.trim_start_matches("cases_")));
        words.collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for (what, counts) in [("findings", counts(&FINDINGS)), ("cases", counts(&CASES))] {
        if !counts.is_empty() {
            lines.push(format!("{what}: {counts}"));
        }
    }
    lines.extend(outcome["url"].as_str().map(casemate_audit::report::text::printable));
    if lines.is_empty() { "accepted\n".to_owned() } else { lines.join("\n") + "\n" }
}

/// `application/x-www-form-urlencoded`, which is also right for query values.
fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
