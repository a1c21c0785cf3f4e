//! Settings that are insecure wherever they were forgotten, or whatever they are set to.

use casemate_python::syntax::{Constant, Function, FunctionId, FunctionKind, Op, Value};

use super::configured::is_for_development;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, called, given};

/// `insecure-default`
pub(crate) static RULE: Rule = Rule {
    id: "WEB610",
    name: "insecure-default",
    summary: "A switch for security stands on the wrong side unless somebody moves it",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1188],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.4.2",
    page: include_str!("insecure_default.md"),
};

const DEFAULT: &str = "Let what is not set be the safe side: `os.environ.get(\"DEBUG\", \"\") == \"1\"`.";
const BOOL: &str = "Compare the text: `os.environ.get(\"DEBUG\", \"\").lower() in (\"1\", \"true\", \"yes\")`.";
const PARAMETER: &str = "Let the safe side be the default, so that whoever wants the other writes it down.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_for_development(cx, "") {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let span = function.span_of(value);
        // `bool(os.getenv("DEBUG", "False"))`: every text but the empty one counts as true.
        if cx.facts.path(id, callee) == Some("bool")
            && let [only] = arguments
        {
            if let Some((name, _)) = environment(cx, id, function, only.value)
                && dangerous_side(name).is_some()
            {
                let message = format!("`bool` of a text is true unless it is empty: `{name}=False` switches it on");
                found.push(Told::new(id, span, message, BOOL));
            }
            continue;
        }
        let Some((name, default)) = environment(cx, id, function, value) else { continue };
        let Some(bad) = dangerous_side(name) else { continue };
        if side(default) == Some(bad) {
            let message = format!("where `{name}` is not set, the insecure side is in force");
            found.push(Told::new(id, span, message, DEFAULT));
        }
    }
    for (id, function) in cx.module.function_ids() {
        match function.kind {
            // What helpers take otherwise, their callers decide: of these hardly one was right.
            FunctionKind::Def if cx.persona == Persona::Pedantic => parameters(cx, id, function, &mut found),
            FunctionKind::ClassBody => fields(cx, id, function, &mut found),
            _ => {}
        }
    }
    told::report(cx, &RULE, found);
}

/// A call that reads the environment or settings: the name it asks for, and what it takes otherwise.
fn environment<'a>(
    cx: &Context<'a>,
    id: FunctionId,
    function: &Function,
    value: Value,
) -> Option<(&'a str, Given<'a>)> {
    let mut value = function.plain(value);
    // `os.getenv("DEBUG", "True").lower()`
    for _ in 0..3 {
        let Op::Call { callee, .. } = function.op(value) else { return None };
        match function.op(callee) {
            Op::Attribute { of, name } if matches!(cx.module.symbols.text(name), "lower" | "strip" | "upper") => {
                value = function.plain(of);
            }
            _ => break,
        }
    }
    let Op::Call { callee, arguments } = function.op(value) else { return None };
    let arguments = function.call_arguments(arguments);
    let path = cx.facts.path(id, callee).unwrap_or_default();
    let last = called(cx.module, function, callee);
    let reads = matches!(path, "os.getenv" | "os.environ.get" | "decouple.config" | "os.environ.setdefault")
        || path.starts_with("environ.Env()")
        || path.starts_with("environs.Env()")
        || path.starts_with("starlette.config.Config()")
        || path.is_empty() && matches!(last, "env_bool" | "getenv_bool" | "env_flag" | "strtobool");
    if !reads {
        return None;
    }
    let name = cx.module.constant_str(function, arguments.first()?.value)?;
    let default = match given(cx, id, arguments, Some(1), "default") {
        // The second of `config("DEBUG", cast=bool, default=…)` is by keyword.
        Given::Value(default) if default.text().is_none() && default.truth().is_none() => Given::Nothing,
        given => given,
    };
    Some((name, default))
}

/// Which side a constant is on: `"True"`, `1`, `"off"`.
fn side(given: Given<'_>) -> Option<bool> {
    let Given::Value(written) = given else { return None };
    match written.text() {
        Some(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" | "y" | "t" => Some(true),
            "0" | "false" | "no" | "off" | "n" | "f" => Some(false),
            _ => None,
        },
        None => match written.op() {
            Op::Constant(Constant::Bool(value)) => Some(value),
            Op::Constant(Constant::Int(number @ (0 | 1))) => Some(number == 1),
            _ => None,
        },
    }
}

/// Which side of a switch is dangerous, as far as its name tells.
fn dangerous_side(name: &str) -> Option<bool> {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_about_tls = has(&["tls", "ssl", "cert", "certs", "certificate", "certificates", "https"]);
    let is_about_access = has(&[
        "auth",
        "authentication",
        "authorization",
        "csrf",
        "permission",
        "permissions",
        "signature",
        "signatures",
    ]);
    let takes_off = has(&["disable", "disabled", "skip", "no", "ignore", "without", "bypass"]);
    let asks =
        has(&["verify", "require", "required", "check", "enable", "enabled", "enforce", "validate", "use", "secure"]);
    if takes_off && (is_about_tls || is_about_access || has(&["verify", "verification", "security"])) {
        return Some(true);
    }
    if words.iter().any(|word| word == "insecure") && words.len() > 1
        || has(&["allow"]) && has(&["insecure", "unsafe", "anonymous", "anyone", "unauthenticated", "guest"])
    {
        return Some(true);
    }
    if words.last().is_some_and(|word| word == "debug") && words.len() <= 2 && !has(&["log", "print", "sql", "no"]) {
        return Some(true);
    }
    if asks
        && (is_about_tls && has(&["verify", "check", "validate", "require", "enforce"])
            || is_about_access
                && has(&["require", "required", "verify", "enforce", "enable", "enabled", "check", "validate"]))
    {
        return Some(false);
    }
    None
}

/// `def fetch(url, verify_tls=False)`
fn parameters(cx: &Context<'_>, id: FunctionId, function: &Function, found: &mut Vec<Told>) {
    let Some(around) = function.parent.and_then(|parent| cx.module.function(parent)) else { return };
    for parameter in &function.parameters {
        let name = cx.module.symbols.text(parameter.name);
        let Some(default) = parameter.default else { continue };
        let Op::Constant(Constant::Bool(value)) = around.op(default) else { continue };
        // A debug parameter is a convenience of tests and scripts.
        let is_debug = words(name).last().is_some_and(|word| word == "debug");
        // `def __init__(self, url, verify=False)` of what asks servers.
        let is_of_client = name == "verify" && !value && cx.imports_any(&["requests", "httpx", "aiohttp", "niquests"]);
        if (dangerous_side(name) == Some(value) && words(name).len() > 1 && !is_debug || is_of_client)
            && !is_of_other(cx, function, name)
            && (cx.persona == Persona::Pedantic || !is_extra(cx, name))
        {
            let message = format!(
                "`{name}={}` unless a caller says otherwise: the insecure side is the default",
                if value { "True" } else { "False" }
            );
            found.push(
                Told::new(id, parameter.span, message, PARAMETER)
                    .severity(Severity::Medium)
                    .confidence(Confidence::Medium),
            );
        }
    }
}

/// Whether a parameter is about a check beyond that of the certificate, or about who may call where nobody does: a client
/// asks for it where its server does.
fn is_extra(cx: &Context<'_>, name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["ocsp", "stapled", "stapling", "crl", "revocation"])
        || has(&["auth", "authentication", "authorization"]) && has(&["require", "required"]) && !cx.is_called()
}

/// Whether a parameter is about something else than a protection being on: what to do where there is none, or what a
/// client sends along.
fn is_of_other(cx: &Context<'_>, function: &Function, name: &str) -> bool {
    let words = words(name);
    let is_consequence = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "if" | "on" | "when" | "warn" | "warning" | "log" | "notify" | "raise" | "fail" | "error"
        )
    });
    let is_client = function
        .class
        .and_then(|class| cx.module.class(class))
        .is_some_and(|class| class.name.ends_with("Client") || class.name.ends_with("ClientBase"));
    // Files of a page are for everybody.
    let is_of_files = words.iter().any(|word| word == "anonymous")
        && crate::models::words(&function.name)
            .iter()
            .any(|word| matches!(word.as_str(), "files" | "static" | "assets"));
    // Of files, not of callers.
    let is_of_disk = words.iter().any(|word| word == "permissions")
        && crate::models::words(&function.qualified)
            .iter()
            .any(|word| matches!(word.as_str(), "file" | "files" | "path" | "folder" | "directory"));
    is_consequence || is_of_files || is_of_disk || is_client && words.iter().any(|word| word == "csrf")
}

/// `debug: bool = True` of a `BaseSettings`.
fn fields(cx: &Context<'_>, id: FunctionId, body: &Function, found: &mut Vec<Told>) {
    let Some(class) = body.class.and_then(|class| cx.module.class(class)) else { return };
    let Some(around) = cx.module.function(class.parent) else { return };
    let is_settings = class
        .bases
        .iter()
        .any(|&base| matches!(cx.module.slice(around.span_of(base)).rsplit('.').next(), Some("BaseSettings")));
    if !is_settings || is_for_development(cx, &class.name) {
        return;
    }
    for field in &class.fields {
        let name = cx.module.symbols.text(field.name);
        let Some(default) = field.default else { continue };
        let value = match body.op(default) {
            Op::Constant(Constant::Bool(value)) => Some(value),
            Op::Call { callee, arguments } if called(cx.module, body, callee) == "Field" => {
                side(given(cx, id, body.call_arguments(arguments), Some(0), "default"))
            }
            _ => None,
        };
        if value.is_some() && dangerous_side(name) == value {
            let message = format!("where `{}` is not set, the insecure side is in force", name.to_uppercase());
            found.push(Told::new(id, body.span_of(default), message, PARAMETER));
        }
    }
}
