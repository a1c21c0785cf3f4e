//! Protocols that send everything in the clear.

use casemate_python::facts::{TextPart, text_of};
use casemate_python::syntax::Op;

use super::calls::{At, Call, calls, entries, entry, is_none, is_off, settled, tell, text};
use super::hosts::{Distance, address, distance};
use crate::finding::{Confidence, Severity};
use crate::models::{is_password, is_secret};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `cleartext-protocol`
pub(crate) static RULE: Rule = Rule {
    id: "NET309",
    name: "cleartext-protocol",
    summary: "Data crosses the network without encryption",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.3.1",
    page: include_str!("cleartext_protocol.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let is_pedantic = cx.persona == Persona::Pedantic;
    let mut found = Vec::new();
    for call in calls(cx) {
        let Some(clear) = told(cx, &call) else { continue };
        if clear.severity < Severity::Medium && !is_pedantic {
            continue;
        }
        found.push((call.id, call.span(), clear));
    }
    for (id, span, clear) in found {
        let finding = tell(cx, &RULE, id, span, clear.message, clear.remedy, Confidence::Medium);
        finding.severity = clear.severity;
    }
}

struct Clear {
    message: String,
    remedy: &'static str,
    severity: Severity,
}

/// How bad it is by how far it goes, and whether a password goes with it.
fn weigh(distance: Option<Distance>, has_credentials: bool) -> Option<Severity> {
    match (distance, has_credentials) {
        (Some(Distance::Here), _) => None,
        (Some(Distance::Near) | None, false) => Some(Severity::Low),
        (Some(Distance::Near), true) => Some(Severity::Low),
        (None, true) => Some(Severity::Medium),
        (Some(Distance::Far), false) => Some(Severity::Medium),
        (Some(Distance::Far), true) => Some(Severity::High),
    }
}

fn told(cx: &Context<'_>, call: &Call<'_>) -> Option<Clear> {
    let far = |at: Option<At>| at.and_then(|at| text(cx, at)).map(distance);
    let say = |what: &str, remedy: &'static str, severity: Option<Severity>| {
        Some(Clear {
            message: format!("{what} sends everything in the clear, for everybody on the way to read and change"),
            remedy,
            severity: severity?,
        })
    };
    let host = || far(call.argument(cx, 0, "host"));
    match call.path {
        "ftplib.FTP" => say("FTP", "Use SFTP, or `ftplib.FTP_TLS` with `prot_p()`.", weigh(host(), true)),
        "telnetlib.Telnet" | "telnetlib3.open_connection" => say("Telnet", "Use SSH.", weigh(host(), true)),
        "poplib.POP3" if !later(cx, call, &["stls"]) => {
            say("POP3", "Use `poplib.POP3_SSL`, or call `stls()` before signing in.", weigh(host(), true))
        }
        "imaplib.IMAP4" if !later(cx, call, &["starttls"]) => {
            say("IMAP", "Use `imaplib.IMAP4_SSL`, or call `starttls()` before signing in.", weigh(host(), true))
        }
        "smtplib.SMTP" if !later(cx, call, &["starttls"]) && later(cx, call, &["login"]) => say(
            "SMTP without `starttls()`",
            "Use `smtplib.SMTP_SSL`, or call `starttls(context=ssl.create_default_context())` before signing in.",
            weigh(host(), true),
        ),
        "ldap.initialize" | "ldap3.Server" => {
            let at = call.argument(cx, 0, if call.name == "Server" { "host" } else { "uri" })?;
            let url = text(cx, at)?;
            let place = match address(url) {
                Some(found) if found.scheme == "ldap" => distance(found.host),
                Some(_) => return None,
                None if call.name == "Server" => distance(url),
                None => return None,
            };
            let secured = call.keyword(cx, "use_ssl").is_some_and(|at| !is_off(cx, at))
                || call.keyword(cx, "tls").is_some()
                || later(cx, call, &["start_tls_s", "start_tls"])
                || says(cx, call, &["start_tls", "AUTO_BIND_TLS_BEFORE_BIND"]);
            if secured {
                None
            } else {
                say(
                    "LDAP",
                    "Use `ldaps://`, or start TLS before binding (`start_tls_s()`, `auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND`).",
                    weigh(Some(place), true),
                )
            }
        }
        "nntplib.NNTP" => say("NNTP", "Use `nntplib.NNTP_SSL`.", weigh(host(), false)),
        // Dask: what workers tell each other, pickles among it.
        "distributed.Security" | "distributed.security.Security" | "dask.distributed.Security"
            if call.keyword(cx, "require_encryption").is_some_and(|at| is_off(cx, at)) =>
        {
            say(
                "Dask without `require_encryption`",
                "Pass `require_encryption=True` and certificates.",
                Some(Severity::Medium),
            )
        }
        "boto3.client" | "boto3.resource" | "boto3.Session().client" | "boto3.Session().resource"
            if call.keyword(cx, "use_ssl").is_some_and(|at| is_off(cx, at))
                && call.keyword(cx, "endpoint_url").is_none() =>
        {
            say("a client of AWS with `use_ssl=False`", "Leave out `use_ssl`.", Some(Severity::Medium))
        }
        "http.client.HTTPConnection" | "urllib3.HTTPConnectionPool" | "urllib3.connectionpool.HTTPConnectionPool" => {
            say("HTTP", "Use `HTTPSConnection` (`HTTPSConnectionPool`).", weigh(host(), false).map(|_| Severity::Low))
        }
        _ => by_url(cx, call),
    }
}

/// Clients that are given a URL.
fn by_url(cx: &Context<'_>, call: &Call<'_>) -> Option<Clear> {
    let first = call
        .position(0)
        .or_else(|| ["url", "host", "broker", "base_url", "dsn"].iter().find_map(|name| call.keyword(cx, name)));
    let second = call.position(1);
    let urls = [first, second, call.keyword(cx, "broker"), call.keyword(cx, "backend"), call.keyword(cx, "url")];
    let (at, url) = urls.into_iter().flatten().find_map(|at| {
        let url = beginning(cx, at)?;
        url.contains("://").then_some((at, url))
    })?;
    let found = address(&url)?;
    let place = distance(found.host);
    let root = call.path.split('.').next().unwrap_or_default();
    let (what, remedy) = match found.scheme {
        "redis" if matches!(root, "redis" | "aioredis" | "celery" | "rq" | "kombu" | "coredis" | "arq") => {
            ("Redis", "Use `rediss://`.")
        }
        "amqp" | "pyamqp" if matches!(root, "pika" | "kombu" | "celery" | "aio_pika" | "amqp" | "aioamqp") => {
            ("AMQP", "Use `amqps://`.")
        }
        "ftp" if matches!(root, "urllib" | "pycurl" | "wget") => ("FTP", "Use `https://` or SFTP."),
        "ws" if matches!(root, "websockets" | "websocket" | "aiohttp") => ("a WebSocket without TLS", "Use `wss://`."),
        "mqtt" if matches!(root, "paho" | "aiomqtt" | "hbmqtt") => ("MQTT", "Use `mqtts://` (port 8883)."),
        "nats" if root == "nats" => ("NATS", "Use `tls://`."),
        "http"
            if matches!(
                root,
                "requests" | "httpx" | "aiohttp" | "urllib" | "urllib3" | "elasticsearch" | "opensearchpy"
            ) =>
        {
            ("HTTP", "Use `https://`.")
        }
        _ => return None,
    };
    let _ = at;
    let sends_secret = found.has_user
        || ["auth", "http_auth", "basic_auth", "api_key"]
            .iter()
            .any(|name| call.keyword(cx, name).is_some_and(|at| !is_none(cx, at)))
        || call.keyword(cx, "headers").is_some_and(|at| {
            let at = settled(cx, at);
            ["Authorization", "authorization", "X-API-Key", "X-Api-Key", "x-api-key", "Cookie"]
                .iter()
                .any(|name| entry(cx, at, name).is_some())
        })
        || ["data", "json"].iter().any(|name| {
            call.keyword(cx, name).is_some_and(|at| {
                entries(cx, settled(cx, at)).iter().any(|(key, _)| is_password(key) || is_secret(key))
            })
        });
    // A page that anybody may read is one thing, a password another.
    let severity = match (found.scheme, weigh(Some(place), sends_secret)?) {
        // What is run here must not be what somebody on the way has made of it.
        ("http" | "ftp", Severity::Low | Severity::Medium | Severity::High) if is_program(cx, call, &url) => {
            Severity::Medium
        }
        ("http" | "ws", _) if !sends_secret => Severity::Low,
        (_, severity) => severity,
    };
    Some(Clear {
        message: format!(
            "{what} to `{}` sends everything in the clear, for everybody on the way to read and change",
            found.host
        ),
        remedy,
        severity,
    })
}

/// Whether what is fetched is run or taken for objects: by how its address ends, or by what is done with the file.
fn is_program(cx: &Context<'_>, call: &Call<'_>, url: &str) -> bool {
    const PROGRAMS: [&str; 16] = [
        ".sh",
        ".py",
        ".exe",
        ".msi",
        ".deb",
        ".rpm",
        ".whl",
        ".egg",
        ".jar",
        ".dmg",
        ".pkg",
        ".so",
        ".dll",
        ".pkl",
        ".pickle",
        ".appimage",
    ];
    let place = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let has_page = place.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_page && PROGRAMS.iter().any(|end| place.ends_with(end)) {
        return true;
    }
    // `os.chmod("tool", 0o755)` or `subprocess.run(["./tool"])` after it.
    let Some(kept) = call.position(1).filter(|_| call.name == "urlretrieve").and_then(|at| text(cx, at)) else {
        return false;
    };
    cx.calls().any(|(id, _, value, callee, arguments)| {
        let runs = cx.facts.path(id, callee).is_some_and(|path| {
            path == "os.system" || path == "os.chmod" || path.starts_with("subprocess.") || path.starts_with("os.exec")
        });
        runs && id == call.id
            && value > call.value
            && arguments.first().is_some_and(|first| {
                let function = call.function;
                let named = cx.module.slice(function.span_of(first.value));
                named.contains(kept)
            })
    })
}

/// A text as far as it is constant from its beginning.
fn beginning(cx: &Context<'_>, at: At) -> Option<String> {
    if let Some(text) = text(cx, at) {
        return Some(text.to_owned());
    }
    let mut written = String::new();
    for part in text_of(cx.program, at.module, at.function, at.value) {
        match part {
            TextPart::Literal(text) => written.push_str(&text),
            TextPart::Hole(_) if written.contains("://") => {
                written.push_str("{}");
            }
            TextPart::Hole(_) => return None,
        }
    }
    Some(written)
}

/// Whether the connection is later asked one of these.
fn later(cx: &Context<'_>, call: &Call<'_>, names: &[&str]) -> bool {
    if Context::uses(call.function, call.value).into_iter().any(|value| match call.function.op(value) {
        Op::Attribute { name, .. } => names.contains(&cx.module.symbols.text(name)),
        _ => false,
    }) {
        return true;
    }
    // A connection that is kept is used elsewhere in the module.
    let kept =
        call.function.values().any(|(_, op)| matches!(op, Op::StoreAttribute { value, .. } if value == call.value));
    (kept || call.function.returns.contains(&call.value)) && says(cx, call, names)
}

/// Whether the module speaks of one of these names anywhere.
fn says(cx: &Context<'_>, _: &Call<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| cx.module.symbols.find(name).is_some())
}
