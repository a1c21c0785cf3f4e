//! A server that is set up to give more away than it should.

use std::ops::Range;

use casemate_python::syntax::{Constant, FunctionId, Op};
use casemate_secrets::Format;

use super::shell::{self, Command};
use super::{files, scripts};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `server-config-insecure`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1608",
    name: "server-config-insecure",
    summary: "A server is set up to give more away than it should",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[16],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.4.2",
    page: include_str!("server_config_insecure.md"),
};

struct Found {
    span: Range<usize>,
    severity: Severity,
    message: String,
    remedy: &'static str,
}

const RELOAD: &str = "Leave `--reload` and debug modes to development; start with several workers instead.";
const PROXIES: &str = "Name the addresses of your proxies in place of `*`; where only the proxy can reach the port, its network is enough.";

/// Settings of gunicorn, which are Python.
pub(crate) fn check(cx: &mut Context<'_>) {
    let name = cx.module.path.rsplit('/').next().unwrap_or_default();
    if !name.contains("gunicorn") || files::is_for_development(cx.scope.within(&cx.module.path)) {
        return;
    }
    let module = cx.module;
    let Some(body) = module.function(FunctionId(0)) else { return };
    for &(name, value) in &body.assigned {
        let text = module.constant_str(body, value);
        let is_true = matches!(body.op(value), Op::Constant(Constant::Bool(true)));
        let (message, remedy) = match module.symbols.text(name) {
            "reload" if is_true => ("the server restarts whenever a file changes, which is for development", RELOAD),
            "forwarded_allow_ips" if text == Some("*") => {
                ("whoever connects is believed about who he is and whether he came over TLS", PROXIES)
            }
            _ => continue,
        };
        let finding = cx.report(&RULE, (cx.facts.module, FunctionId(0)), body.span_of(value), message.to_owned());
        finding.remedy = remedy.to_owned();
    }
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let name = cx.name().to_ascii_lowercase();
    let mut found = Vec::new();
    if name == "procfile" {
        let mut start = 0;
        for line in cx.text.split_inclusive('\n') {
            if let Some((_, command)) = line.split_once(':') {
                let base = start + line.len() - command.len();
                commands(&shell::read(command, base), &mut found);
            }
            start += line.len();
        }
    } else if name == "pg_hba.conf" {
        hosts(cx.text, &mut found);
    } else if name.starts_with("redis") && name.ends_with(".conf") {
        redis(cx.text, &mut found);
    } else if name.contains("nginx")
        || name.ends_with(".conf")
        || name.ends_with(".vhost")
        || cx.path.contains("nginx/")
    {
        if cx.text.contains("[inet_http_server]") {
            supervisor(cx.text, &mut found);
        } else {
            nginx(cx.text, &mut found);
        }
    } else if cx.text.contains("[inet_http_server]") {
        supervisor(cx.text, &mut found);
    } else if cx.text.contains("[uwsgi]") {
        uwsgi(cx.text, &mut found);
    } else if ["uvicorn", "gunicorn", "hypercorn", "runserver", "fastapi", "flask"]
        .iter()
        .any(|server| cx.text.contains(server))
        && !files::is_for_development(cx.scope.within(cx.path))
    {
        let is_entry = ["entrypoint", "start", "serve", "prod"].iter().any(|word| name.contains(word));
        if cx.format == Format::Dockerfile || files::is_compose(cx) || (cx.format == Format::Shell && is_entry) {
            let pipelines = scripts::of(cx);
            commands(&pipelines, &mut found);
        }
    }
    for one in found {
        let finding = cx.report(&RULE, one.span, one.message);
        finding.severity = one.severity;
        finding.remedy = one.remedy.to_owned();
    }
}

/// How servers are started.
fn commands(pipelines: &[shell::Pipeline], found: &mut Vec<Found>) {
    shell::each(pipelines, &mut |pipeline| {
        for command in &pipeline.commands {
            started(command, found);
        }
    });
}

fn started(command: &Command, found: &mut Vec<Found>) {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    // One text in a list of words, as compose allows.
    let runs = |server: &str| words.iter().any(|word| word.rsplit('/').next() == Some(server));
    let is_server = ["uvicorn", "gunicorn", "hypercorn", "daphne", "granian"].iter().any(|server| runs(server));
    let mut tell = |message: &str, remedy| {
        found.push(Found { span: command.span(), severity: Severity::Medium, message: message.to_owned(), remedy });
    };
    if is_server && words.contains(&"--reload") || runs("fastapi") && words.contains(&"dev") {
        tell("the server restarts whenever a file changes, which is for development", RELOAD);
    }
    let trusts = words.windows(2).any(|pair| matches!(pair, ["--forwarded-allow-ips", "*"]))
        || words.contains(&"--forwarded-allow-ips=*");
    if is_server && trusts {
        tell("whoever connects is believed about who he is and whether he came over TLS", PROXIES);
    }
    if runs("flask") && words.contains(&"run") && words.contains(&"--debug") {
        tell("the debugger runs code for whoever reaches it", RELOAD);
    }
    if runs("manage.py")
        && words.contains(&"runserver")
        && words.iter().any(|word| word.starts_with("0.0.0.0") || word.starts_with("[::]"))
    {
        tell(
            "Django's server for development is opened to the network",
            "Start the application with gunicorn, uvicorn or another server made for it.",
        );
    }
}

/// `key value`, `key = value` with where each line stands; comments left out.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let code = line.split(['#', ';']).next().unwrap_or_default();
        let trimmed = code.trim();
        let from = start + (code.len() - code.trim_start().len());
        (!trimmed.is_empty()).then_some((from..from + trimmed.len(), trimmed))
    })
}

fn is_here(address: &str) -> bool {
    ["127.", "localhost", "::1", "[::1]", "unix:", "/"].iter().any(|here| address.trim().starts_with(here))
}

fn hosts(text: &str, found: &mut Vec<Found>) {
    for (span, line) in lines(text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [kind, _, _, address, method, ..] = words.as_slice()
            && kind.starts_with("host")
            && (*method == "trust" || words.last() == Some(&"trust"))
            && !is_here(address)
            && !matches!(*address, "samehost" | "localhost")
        {
            found.push(Found {
                span,
                severity: Severity::High,
                message: format!("whoever connects from `{address}` is any user he names, without a password"),
                remedy: "Use `scram-sha-256` in place of `trust`.",
            });
        }
    }
}

fn redis(text: &str, found: &mut Vec<Found>) {
    let value = |key: &str| {
        lines(text)
            .filter_map(|(span, line)| Some((span, line.strip_prefix(key)?)))
            .filter(|(_, rest)| rest.starts_with([' ', '\t']))
            .last()
    };
    let asks = value("requirepass").is_some()
        || lines(text).any(|(_, line)| line.starts_with("user ") || line.starts_with("aclfile "));
    let is_local = value("bind").is_some_and(|(_, addresses)| {
        addresses.split_whitespace().all(|address| is_here(address.trim_start_matches('-')))
    });
    if let Some((span, rest)) = value("protected-mode")
        && rest.trim() == "no"
        && !asks
        && !is_local
    {
        found.push(Found {
            span,
            severity: Severity::High,
            message: "whoever reaches the port reads and changes everything, and may make the server write files"
                .to_owned(),
            remedy: "Leave `protected-mode` on, or set `requirepass` and `bind`.",
        });
    }
}

fn section<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = (Range<usize>, &'t str, &'t str)> {
    let mut inside = false;
    lines(text).filter_map(move |(span, line)| {
        if line.starts_with('[') {
            inside = line.starts_with(name);
            return None;
        }
        let (key, value) = line.split_once('=')?;
        inside.then_some((span, key.trim(), value.trim()))
    })
}

fn supervisor(text: &str, found: &mut Vec<Found>) {
    let section = || section(text, "[inet_http_server]");
    if section().any(|(_, key, value)| key == "password" && !value.is_empty()) {
        return;
    }
    if let Some((span, _, address)) = section().find(|(_, key, value)| *key == "port" && !is_here(value)) {
        found.push(Found {
            span,
            severity: Severity::High,
            message: format!("whoever reaches `{address}` starts and stops programs, without a password"),
            remedy: "Use `[unix_http_server]`, or bind to 127.0.0.1 and set `username` and `password`.",
        });
    }
}

fn uwsgi(text: &str, found: &mut Vec<Found>) {
    for (span, key, value) in section(text, "[uwsgi]") {
        let told = match key {
            "py-autoreload" | "python-autoreload" if !matches!(value, "0" | "false") => {
                ("the server restarts whenever a file changes, which is for development", RELOAD)
            }
            "stats" if !is_here(value) => (
                "whoever reaches this port reads what the server does, with addresses and environment",
                "Bind it to 127.0.0.1 or to a socket file.",
            ),
            _ => continue,
        };
        found.push(Found { span, severity: Severity::Medium, message: told.0.to_owned(), remedy: told.1 });
    }
}

/// One directive of nginx, and whether it opens a block.
struct Directive<'t> {
    words: Vec<&'t str>,
    span: Range<usize>,
    opens: bool,
}

/// Directives in order; `None` closes a block.
fn directives(text: &str) -> Vec<Option<Directive<'_>>> {
    let mut found = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let mut first = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => at += text.get(at..).and_then(|rest| rest.find('\n')).unwrap_or(text.len() - at),
            b';' | b'{' | b'}' => {
                if !words.is_empty() {
                    found.push(Some(Directive {
                        words: std::mem::take(&mut words),
                        span: first..at,
                        opens: byte == b'{',
                    }));
                }
                if byte == b'}' {
                    found.push(None);
                }
                at += 1;
            }
            _ if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let start = at;
                if matches!(byte, b'"' | b'\'') {
                    at += 1;
                    while bytes.get(at).is_some_and(|next| *next != byte) {
                        at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
                    }
                    at = (at + 1).min(bytes.len());
                } else {
                    // `${name}` holds brackets of its own.
                    while bytes.get(at).is_some_and(|next| {
                        !next.is_ascii_whitespace()
                            && *next != b';'
                            && (*next != b'{' || bytes.get(at.wrapping_sub(1)) == Some(&b'$'))
                    }) {
                        let is_variable = bytes.get(at) == Some(&b'{');
                        at += 1;
                        if is_variable {
                            while bytes.get(at).is_some_and(|next| *next != b'}' && *next != b'\n') {
                                at += 1;
                            }
                            at = (at + 1).min(bytes.len());
                        } else if bytes.get(at) == Some(&b'}') {
                            break;
                        }
                    }
                    at = at.max(start + 1);
                }
                if words.is_empty() {
                    first = start;
                }
                words.push(text.get(start..at.min(text.len())).unwrap_or_default().trim_matches(['"', '\'']));
            }
        }
    }
    found
}

fn nginx(text: &str, found: &mut Vec<Found>) {
    if !(text.contains("server") && (text.contains("location") || text.contains("listen") || text.contains("http"))) {
        return;
    }
    let mut open: Vec<Vec<&str>> = Vec::new();
    let directives = directives(text);
    // Apache and others have no such directives.
    let is_nginx = directives
        .iter()
        .flatten()
        .any(|one| one.opens && matches!(one.words.first(), Some(&("server" | "http" | "location" | "upstream"))));
    if !is_nginx {
        return;
    }
    for directive in &directives {
        let Some(directive) = directive else {
            open.pop();
            continue;
        };
        let mut tell = |severity, message: String, remedy| {
            found.push(Found { span: directive.span.clone(), severity, message, remedy });
        };
        match directive.words.as_slice() {
            ["autoindex", "on"] => tell(
                Severity::Medium,
                "whoever asks gets a list of the files in the folder".to_owned(),
                "Take `autoindex` out, or keep it for folders whose every file is meant to be public.",
            ),
            ["server_tokens", "on"] => tell(
                Severity::Low,
                "answers tell the exact version of the server".to_owned(),
                "Set `server_tokens off`.",
            ),
            ["ssl_protocols", protocols @ ..] => {
                if let Some(old) =
                    protocols.iter().find(|one| matches!(**one, "SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.0" | "TLSv1.1"))
                {
                    tell(
                        Severity::Medium,
                        format!("`{old}` is accepted, whose encryption can be broken"),
                        "Set `ssl_protocols TLSv1.2 TLSv1.3`.",
                    );
                }
            }
            ["alias", folder] => {
                let location = open.last().filter(|words| words.first() == Some(&"location"));
                if let Some(["location", prefix] | ["location", "^~", prefix]) = location.map(Vec::as_slice)
                    && !prefix.ends_with('/')
                    && folder.ends_with('/')
                {
                    tell(
                        Severity::High,
                        format!(
                            "`{prefix}../` leads out of `{folder}`: the location has no `/` at its end and the alias has"
                        ),
                        "End both with `/`.",
                    );
                }
            }
            ["proxy_pass", target] => {
                let host = target.split("://").nth(1).unwrap_or_default();
                if ["$host", "$http_", "$arg_", "$request_uri", "$uri", "${host"]
                    .iter()
                    .any(|from| host.starts_with(from))
                {
                    tell(
                        Severity::High,
                        format!("whoever asks decides which server is asked on (`{target}`)"),
                        "Name the server, or choose it with a `map` of the hosts you serve.",
                    );
                }
            }
            ["return", "301" | "302" | "303" | "307" | "308", target]
                if target.contains("$uri") || target.contains("$document_uri") =>
            {
                tell(
                    Severity::Medium,
                    "a line break in the address becomes a header of the answer, for `$uri` is decoded".to_owned(),
                    "Use `$request_uri`, which stays as it was sent.",
                );
            }
            ["add_header", "Access-Control-Allow-Origin", "$http_origin", ..]
                if !text.contains("map $http_origin") && !text.contains("if ($http_origin") =>
            {
                tell(
                    Severity::Medium,
                    "every site may read the answers in the name of its visitors".to_owned(),
                    "Choose the origin with a `map` of those you trust.",
                );
            }
            _ => {}
        }
        if directive.opens {
            open.push(directive.words.clone());
        }
    }
}
