//! TLS whose certificates nobody checks.

use casemate_python::routes::library_bases;
use casemate_python::syntax::{Constant, Function, FunctionId, Op, Passing, Span, Value};

use super::calls::{self, At, Call, calls, is_false, is_true, path_of, tell, text};
use super::urls;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::is_bool;

/// `tls-verify-disabled`
pub(crate) static RULE: Rule = Rule {
    id: "NET305",
    name: "tls-verify-disabled",
    summary: "The certificate of the other side is not checked",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[295, 297],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "12.3.2",
    page: include_str!("tls_verify_disabled.md"),
};

const REMEDY: &str = "Leave verification on. Where the other side has a certificate of an authority of your own, pass that authority: `verify=\"/etc/ssl/our-ca.pem\"`, `ssl.create_default_context(cafile=…)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, Confidence)> = Vec::new();
    for call in calls(cx) {
        if let Some((span, message)) = called(cx, &call)
            && ((cx.persona == Persona::Pedantic) || !is_asked_for(cx, call.function, call.value))
        {
            found.push((call.id, span, message, Confidence::High));
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            if let Some(message) = stored(cx, id, function, op)
                && ((cx.persona == Persona::Pedantic) || !is_asked_for(cx, function, value))
            {
                found.push((id, function.span_of(value), message, Confidence::High));
            }
        }
    }
    for (id, span, message, confidence) in found {
        let finding = tell(cx, &RULE, id, span, message, REMEDY, confidence);
        finding.missing_guard = Some("a check of the certificate and of the name in it".to_owned());
    }
}

/// `session.verify = False`, `context.verify_mode = ssl.CERT_NONE`
fn stored(cx: &Context<'_>, id: FunctionId, function: &Function, op: Op) -> Option<String> {
    let (of, name, value) = match op {
        Op::StoreAttribute { of, name, value } => (of, cx.module.symbols.text(name), value),
        Op::StoreItem { of, index, value } => {
            let key = cx.module.constant_str(function, index)?;
            let zero = text(cx, At { module: cx.facts.module, function: id, value });
            let is_environment = cx.facts.path(id, of) == Some("os.environ");
            return match key {
                "PYTHONHTTPSVERIFY" if is_environment && zero == Some("0") => {
                    Some("`PYTHONHTTPSVERIFY=0` turns off the check of certificates for the whole process".to_owned())
                }
                "CURL_CA_BUNDLE" | "REQUESTS_CA_BUNDLE" if is_environment && zero == Some("") => {
                    Some(format!("an empty `{key}` turns off the check of certificates for the whole process"))
                }
                _ => None,
            };
        }
        _ => return None,
    };
    let at = At { module: cx.facts.module, function: id, value };
    let path = cx.facts.path(id, of).unwrap_or("");
    let is_context = path.is_empty() || path.contains("ssl") || path.contains("SSL") || path.contains("urllib3");
    match name {
        "verify"
            if is_false(cx, at)
                && (is_client(path)
                    || path.is_empty() && (names_client(cx, function, of) || is_own_client(cx, function, of))) =>
        {
            Some(format!(
                "`{}.verify = False` takes any certificate for the right one",
                Context::written(cx.module, function, of)
            ))
        }
        "verify_mode" if is_context && is_no_check(cx, at) && !is_server(cx, id, function, of) => {
            Some("with `CERT_NONE` any certificate is taken for the right one".to_owned())
        }
        "check_hostname" if is_context && is_false(cx, at) && !is_server(cx, id, function, of) => {
            Some("without `check_hostname` the certificate of any other host will do".to_owned())
        }
        "_create_default_https_context" if path_of(cx, at) == "ssl._create_unverified_context" => Some(
            "`ssl._create_unverified_context` becomes the default: no certificate is checked in the whole process"
                .to_owned(),
        ),
        "verify_ssl" | "verify_certs" | "validate_certs" if is_false(cx, at) => {
            Some(format!("`{name} = False` takes any certificate for the right one"))
        }
        _ => None,
    }
}

fn called(cx: &Context<'_>, call: &Call<'_>) -> Option<(Span, String)> {
    let root = call.path.split('.').next().unwrap_or_default();
    let is = |keyword: &str, how: fn(&Context<'_>, At) -> bool| call.keyword(cx, keyword).is_some_and(|at| how(cx, at));
    let any = |keyword: &str| {
        Some((call.span(), format!("`{keyword}` is off, so any certificate is taken for the right one")))
    };
    if matches!(call.path, "ssl._create_unverified_context" | "ssl._create_stdlib_context") {
        return Some((call.span(), "this context checks no certificate".to_owned()));
    }
    // `requests.get(url, verify=False)`, and the same on what is called like a client.
    let sends = matches!(
        call.name,
        "get"
            | "post"
            | "put"
            | "patch"
            | "delete"
            | "head"
            | "options"
            | "request"
            | "send"
            | "stream"
            | "Client"
            | "AsyncClient"
            | "Session"
            | "AsyncSession"
            | "HTTPTransport"
            | "AsyncHTTPTransport"
            | "client"
            | "resource"
    );
    let clear = is_client(call.path) || (call.path.is_empty() && sends);
    if is("verify", is_false)
        && (clear
            || matches!(
                root,
                "boto3"
                    | "botocore"
                    | "hvac"
                    | "consul"
                    | "jira"
                    | "influxdb"
                    | "influxdb_client"
                    | "curl_cffi"
                    | "niquests"
            ))
    {
        return any("verify");
    }
    // `functools.partial(requests.get, verify=False)`
    let is_kept = call.path == "functools.partial" && call.position(0).is_some_and(|at| is_client(path_of(cx, at)));
    if is_kept && is("verify", is_false) {
        return any("verify");
    }
    // `options["verify"] = False` and `self.verify`, which are written elsewhere.
    let is_given = call.arguments.iter().any(|one| match one.passing {
        Passing::DoubleStar => true,
        Passing::Keyword(name) => {
            cx.module.symbols.text(name) == "verify"
                && matches!(call.function.op(call.function.bare(one.value)), Op::Attribute { .. })
        }
        _ => false,
    });
    if is_client(call.path) && is_given {
        let site = cx.sites().iter().find(|site| site.at.id == call.id && site.at.value == call.value);
        if site.and_then(|site| site.keyword(cx, "verify")).is_some_and(|at| is_bool(cx, at, false)) {
            return any("verify");
        }
    }
    for keyword in ["verify_ssl", "verify_certs", "ssl_verify", "validate_cert", "validate_certs", "ssl_verify_cert"] {
        if is(keyword, is_false) {
            return any(keyword);
        }
    }
    for keyword in [
        "tlsAllowInvalidCertificates",
        "tlsInsecure",
        "tlsAllowInvalidHostnames",
        "ssl_insecure",
        "disable_ssl_certificate_validation",
    ] {
        if is(keyword, is_true) {
            return Some((call.span(), format!("`{keyword}` takes any certificate for the right one")));
        }
    }
    if root == "urllib3" && is("assert_hostname", is_false) {
        return Some((call.span(), "without `assert_hostname` the certificate of any other host will do".to_owned()));
    }
    let is_aiohttp = root == "aiohttp" || call.path.is_empty() && sends && calls::imports(cx.module, &["aiohttp"]);
    let no_ssl = call.keyword(cx, "ssl").and_then(|at| calls::constant(cx, at)) == Some(Constant::Bool(false));
    if is_aiohttp && no_ssl {
        return any("ssl");
    }
    for keyword in ["cert_reqs", "ssl_cert_reqs", "validate"] {
        let Some(at) = call.keyword(cx, keyword) else { continue };
        let off = is_no_check(cx, at) || keyword == "ssl_cert_reqs" && calls::is_none(cx, at);
        if off && !is("server_side", is_true) {
            return Some((call.span(), "with `CERT_NONE` any certificate is taken for the right one".to_owned()));
        }
    }
    if let Some(options) = call.keyword(cx, "sslopt")
        && calls::entry(cx, calls::settled(cx, options), "cert_reqs").is_some_and(|at| is_no_check(cx, at))
    {
        return Some((call.span(), "with `CERT_NONE` any certificate is taken for the right one".to_owned()));
    }
    match call.name {
        // `curl.setopt(pycurl.SSL_VERIFYPEER, 0)`
        "setopt" => {
            let option = call.position(0).map(|at| path_of(cx, at).rsplit('.').next().unwrap_or_default())?;
            let off = call.position(1).is_some_and(|at| is_false(cx, at));
            (matches!(option, "SSL_VERIFYPEER" | "SSL_VERIFYHOST" | "PROXY_SSL_VERIFYPEER") && off)
                .then(|| (call.span(), format!("`{option}` is off, so any certificate is taken for the right one")))
        }
        // paho-mqtt
        "tls_insecure_set" if call.position(0).is_some_and(|at| is_true(cx, at)) => {
            Some((call.span(), "`tls_insecure_set` lets the certificate of any other host do".to_owned()))
        }
        // python-ldap, for the process or for one connection
        "set_option" => {
            let option = call.position(0).map(|at| path_of(cx, at))?;
            let given = call.position(1)?;
            // `MODES[mode]`: one of several.
            if matches!(calls::op(cx, calls::settled(cx, given)), Op::Choice { .. } | Op::Subscript { .. }) {
                return None;
            }
            let value = path_of(cx, given);
            (option == "ldap.OPT_X_TLS_REQUIRE_CERT"
                && matches!(value, "ldap.OPT_X_TLS_NEVER" | "ldap.OPT_X_TLS_ALLOW"))
            .then(|| {
                (
                    call.span(),
                    "the directory's certificate is not asked for, so any is taken for the right one".to_owned(),
                )
            })
        }
        "set_verify" => {
            let given = call.position(0)?;
            if cx.persona == Persona::Default && is_option(cx, given) {
                return None;
            }
            path_of(cx, given)
                .ends_with("SSL.VERIFY_NONE")
                .then(|| (call.span(), "with `VERIFY_NONE` any certificate is taken for the right one".to_owned()))
        }
        // Old servers and clients did without; now it has to be asked for.
        "SSLContext" if call.path == "ssl.SSLContext" && is_bare_context(cx, call) => Some((
            call.span(),
            "an `ssl.SSLContext` of this kind checks no certificate unless it is told to".to_owned(),
        )),
        "wrap_socket"
            if call.path == "ssl.wrap_socket"
                && call.keyword(cx, "cert_reqs").is_none()
                && !is("server_side", is_true)
                && !call.is_open(cx) =>
        {
            Some((call.span(), "`ssl.wrap_socket` checks no certificate unless it is told to".to_owned()))
        }
        // What `getpeercert` gives is mostly compared with the name.
        "wrap_socket"
            if call.path == "ssl.wrap_socket"
                && call.keyword(cx, "cert_reqs").is_some_and(|at| path_of(cx, at) == "ssl.CERT_REQUIRED")
                && !is("server_side", is_true)
                && !["getpeercert", "match_hostname", "peercert"]
                    .iter()
                    .any(|word| cx.module.symbols.find(word).is_some())
                && !call.is_open(cx) =>
        {
            Some((
                call.span(),
                "`ssl.wrap_socket` takes the certificate of any other host: it compares no name".to_owned(),
            ))
        }
        _ => without_context(cx, call),
    }
}

/// Whether a context of the old protocols is made for a client, in a module that never speaks of checks: only
/// `PROTOCOL_TLS_CLIENT` checks by itself.
fn is_bare_context(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let speaks = |names: &[&str]| names.iter().any(|name| cx.module.symbols.find(name).is_some());
    let is_old = call.argument(cx, 0, "protocol").is_none_or(|at| {
        let path = path_of(cx, at);
        path.starts_with("ssl.PROTOCOL_") && !path.ends_with("_CLIENT") && !path.ends_with("_SERVER")
    });
    is_old
        && !call.is_open(cx)
        && speaks(&["create_connection", "connect", "HTTPSConnection", "urlopen", "HTTPSHandler"])
        && !speaks(&[
            "verify_mode",
            "CERT_REQUIRED",
            "check_hostname",
            "load_verify_locations",
            "load_cert_chain",
            "server_side",
            "listen",
            "accept",
            "serve_forever",
            "start_server",
            "create_server",
        ])
}

/// Mail and file transfer: what Python's own clients do without a context checks nothing.
fn without_context(cx: &Context<'_>, call: &Call<'_>) -> Option<(Span, String)> {
    // Where the context stands, if it has a place; in older versions the key file stood first.
    let (keyword, position) = match call.path {
        "smtplib.SMTP_SSL" | "poplib.POP3_SSL" | "ftplib.FTP_TLS" | "nntplib.NNTP_SSL" => ("context", None),
        "imaplib.IMAP4_SSL" => ("ssl_context", None),
        "smtplib.SMTP().starttls" => ("context", Some(2)),
        "imaplib.IMAP4().starttls" => ("ssl_context", Some(0)),
        "poplib.POP3().stls" | "nntplib.NNTP().starttls" => ("context", Some(0)),
        _ => return None,
    };
    let given = call.keyword(cx, keyword).or_else(|| position.and_then(|position| call.position(position)));
    if given.is_some_and(|at| !calls::is_none(cx, at)) || call.is_open(cx) {
        return None;
    }
    let is_here = call.position(0).or_else(|| call.keyword(cx, "host")).and_then(|at| text(cx, at));
    if is_here.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1")) {
        return None;
    }
    Some((call.span(), format!("without `{keyword}` this checks no certificate")))
}

/// Whether this is done only where somebody asked for it: `if not verify:`, `elif insecure:`.
fn is_asked_for(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let place = function.block_of(value);
    // `_insecure_client = Client(verify=False)` stands beside one that is not.
    let of = match function.op(value) {
        // `INSECURE_CONTEXT.check_hostname = False`
        Op::StoreAttribute { of, .. } => function.bare(of),
        _ => value,
    };
    let is_named = function.assigned.iter().any(|(name, assigned)| {
        (*assigned == value || function.bare(*assigned) == of)
            && words(cx.module.symbols.text(*name))
                .iter()
                .any(|word| matches!(word.as_str(), "insecure" | "unverified" | "unsafe"))
    });
    // `def _unverified_context(): …` is called where somebody wants one.
    let is_said = words(&function.name).iter().any(|word| {
        matches!(word.as_str(), "insecure" | "unverified" | "unsafe" | "disable" | "disabled" | "noverify")
    });
    if is_named || is_said || asks_for_certificate(cx, function) {
        return true;
    }
    urls::branches(function).into_iter().any(|branch| {
        let is_option = words(cx.module.slice(function.span_of(branch.test))).iter().any(|word| {
            matches!(
                word.as_str(),
                "verify"
                    | "verification"
                    | "verified"
                    | "validate"
                    | "validation"
                    | "insecure"
                    | "unsafe"
                    | "untrusted"
                    | "reqs"
            )
        });
        // `if not settings.check_hostname:`
        let is_check = {
            let words = words(cx.module.slice(function.span_of(branch.test)));
            words.iter().any(|word| matches!(word.as_str(), "check" | "ignore" | "skip"))
                && words
                    .iter()
                    .any(|word| matches!(word.as_str(), "ssl" | "tls" | "cert" | "certs" | "certificate" | "hostname"))
        };
        (is_option || is_check)
            && !matches!(function.op(branch.test), Op::Constant(_))
            && !urls::reaches(cx.module, function, place, branch.block)
    })
}

/// Whether a function connects to look at the certificate itself, whoever signed it: `connection.getpeercert(True)`.
fn asks_for_certificate(cx: &Context<'_>, function: &Function) -> bool {
    cx.persona == Persona::Default
        && function.values().any(|(_, op)| {
            matches!(op, Op::Call { callee, arguments } if arguments.len > 0
                && calls::name_of(cx.module, function, callee) == "getpeercert")
        })
}

fn is_no_check(cx: &Context<'_>, at: At) -> bool {
    if cx.persona == Persona::Default && is_option(cx, at) {
        return false;
    }
    // `ssl.CERT_REQUIRED if verify else ssl.CERT_NONE`, `MODES[mode]`: one of several.
    if matches!(calls::op(cx, calls::settled(cx, at)), Op::Choice { .. } | Op::Subscript { .. }) {
        return false;
    }
    let path = path_of(cx, at);
    path == "ssl.CERT_NONE"
        || path.ends_with("VerifyMode.CERT_NONE")
        || calls::written(cx, calls::settled(cx, at)).ends_with("ssl.CERT_NONE")
        || text(cx, at).is_some_and(|text| matches!(text, "CERT_NONE" | "none" | "NONE"))
}

/// Whether somebody else says how much is checked: a parameter, or what an object was made with. Whoever asks for no check
/// writes it down there.
fn is_option(cx: &Context<'_>, at: At) -> bool {
    let Some(function) = cx.module.function(at.function).filter(|_| at.module == cx.facts.module) else { return false };
    match function.op(function.bare(at.value)) {
        Op::Parameter(_) | Op::Phi(_) | Op::Or(_) | Op::Choice { .. } | Op::Subscript { .. } => true,
        Op::Attribute { of, .. } => matches!(function.op(function.bare(of)), Op::Parameter(0)),
        _ => false,
    }
}

fn is_client(path: &str) -> bool {
    ["requests", "httpx", "requests_html", "requests_oauthlib", "authlib", "niquests", "curl_cffi", "grequests", "treq"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.starts_with(['.', '('])))
}

/// Whether a value is called like a client of HTTP.
fn names_client(cx: &Context<'_>, function: &Function, of: Value) -> bool {
    let written = Context::written(cx.module, function, of).to_lowercase();
    ["session", "client", "http", "requests"].iter().any(|word| written.contains(word))
}

/// `self` in a class of sessions: `class Api(requests.Session)`.
fn is_own_client(cx: &Context<'_>, function: &Function, of: Value) -> bool {
    matches!(function.op(function.bare(of)), Op::Parameter(0))
        && function
            .class
            .is_some_and(|class| library_bases(cx.program, cx.facts.module, class).iter().any(|base| is_client(base)))
}

/// Whether a context serves: clients need not show a certificate.
fn is_server(cx: &Context<'_>, id: FunctionId, function: &Function, context: Value) -> bool {
    let made = calls::settled(cx, At { module: cx.facts.module, function: id, value: context });
    let _ = function;
    let Some(call) = (made.module == cx.facts.module).then(|| calls::call_at(cx, made.function, made.value)).flatten()
    else {
        return false;
    };
    call.arguments.iter().any(|argument| {
        let path = path_of(cx, call.at(argument.value));
        path.ends_with("PROTOCOL_TLS_SERVER") || path.ends_with("Purpose.CLIENT_AUTH")
    })
}
