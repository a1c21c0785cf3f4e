//! A secret from the environment with a default in the code, which is in force wherever it was forgotten.

use casemate_python::syntax::{Argument, Constant, Function, FunctionId, FunctionKind, Op, Passing, Value};
use casemate_secrets::{NameKind, secret_name};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::secrets::{Rebuilder, SecretUse, is_template, report_uses};

/// `default-secret-fallback`
pub(crate) static RULE: Rule = Rule {
    id: "AUT427",
    name: "default-secret-fallback",
    summary: "A secret that is not set falls back to a constant in the code",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1188, 798],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.3.1",
    page: include_str!("default_secret_fallback.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    report_uses(cx, &RULE);
}

/// Constants that stand in for a secret of the environment.
pub(crate) fn find(cx: &Context<'_>, found: &mut Vec<SecretUse>) {
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            match op {
                Op::Call { callee, arguments } => {
                    let arguments = function.call_arguments(arguments);
                    if let Some((name, default)) = read_with_default(cx, id, function, callee, arguments) {
                        tell(cx, function, name, default, found);
                    }
                }
                // `os.getenv("SECRET_KEY") or "changeme"`
                Op::Or(list) => {
                    let operands = function.list(list);
                    if let Some((&last, before)) = operands.split_last()
                        && let Some(name) = before.iter().find_map(|&one| environment_name(cx, id, function, one, 0))
                    {
                        tell(cx, function, name, last, found);
                    }
                }
                Op::Choice { yes, no, .. } => {
                    for (one, other) in [(yes, no), (no, yes)] {
                        if let Some(name) = environment_name(cx, id, function, one, 0) {
                            tell(cx, function, name, other, found);
                        }
                    }
                }
                _ => {}
            }
            let _ = value;
        }
        if function.kind == FunctionKind::ClassBody && is_settings_class(cx, function) {
            for &(symbol, value) in &function.assigned {
                let name = cx.module.symbols.text(symbol);
                let default = match function.op(value) {
                    Op::Call { callee, arguments } => {
                        let arguments = function.call_arguments(arguments);
                        let last = last_name(cx, function, callee);
                        let first =
                            arguments.first().filter(|one| one.passing == Passing::Position).map(|one| one.value);
                        match last {
                            "SecretStr" | "SecretBytes" => first,
                            "Field" => first.or_else(|| cx.keyword(arguments, "default")),
                            _ => None,
                        }
                    }
                    Op::Constant(_) => Some(value),
                    _ => None,
                };
                if let Some(default) = default {
                    tell(cx, function, name, unwrapped(cx, function, default), found);
                }
            }
        }
    }
}

/// `SecretStr("…")` is what it holds.
fn unwrapped(cx: &Context<'_>, function: &Function, value: Value) -> Value {
    if let Op::Call { callee, arguments } = function.op(value)
        && matches!(last_name(cx, function, callee), "SecretStr" | "SecretBytes")
        && let [only] = function.call_arguments(arguments)
    {
        return only.value;
    }
    value
}

fn last_name<'c>(cx: &Context<'c>, function: &Function, callee: Value) -> &'c str {
    match function.op(callee) {
        Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
        Op::Import(import) => {
            let import = cx.module.imports.get(import as usize);
            import.map_or("", |import| import.name.as_deref().unwrap_or(&import.module))
        }
        _ => "",
    }
}

/// A class whose fields are filled from the environment.
fn is_settings_class(cx: &Context<'_>, body: &Function) -> bool {
    let class = body.class.and_then(|class| cx.module.class(class));
    let Some((class, around)) = class.and_then(|class| Some((class, cx.module.function(class.parent)?))) else {
        return false;
    };
    class.bases.iter().any(|&base| {
        let written = cx.module.slice(around.span_of(base));
        matches!(written.rsplit('.').next(), Some("BaseSettings"))
    })
}

/// A call that reads the environment or settings, and says what to take when there is nothing.
fn read_with_default<'c>(
    cx: &Context<'c>,
    id: FunctionId,
    function: &Function,
    callee: Value,
    arguments: &[Argument],
) -> Option<(&'c str, Value)> {
    let last = last_name(cx, function, callee);
    let reads = matches!(
        last,
        "getenv"
            | "get"
            | "setdefault"
            | "config"
            | "env"
            | "str"
            | "bytes"
            | "getenvb"
            | "Option"
            | "option"
            | "get_env"
    );
    if !reads {
        return None;
    }
    if matches!(last, "Option" | "option") {
        // `typer.Option("…", envvar="SECRET_KEY")`
        let name = cx.module.constant_str(function, cx.keyword(arguments, "envvar")?)?;
        let first =
            arguments.first().filter(|one| last == "Option" && one.passing == Passing::Position).map(|one| one.value);
        return Some((name, cx.keyword(arguments, "default").or(first)?));
    }
    let name = cx.module.constant_str(function, arguments.first()?.value)?;
    let positional = arguments.get(1).filter(|one| one.passing == Passing::Position).map(|one| one.value);
    let default = positional.or_else(|| cx.keyword(arguments, "default"))?;
    reads_environment(cx, id, function, callee, last).then_some((name, default))
}

fn reads_environment(cx: &Context<'_>, id: FunctionId, function: &Function, callee: Value, last: &str) -> bool {
    if let Some(path) = cx.facts.path(id, callee) {
        let known = [
            "os.getenv",
            "os.environ.get",
            "os.environ.setdefault",
            "os.getenvb",
            "decouple.config",
            "decouple.AutoConfig()",
            "environ.Env()",
            "environs.Env()",
            "starlette.config.Config()",
            "dotenv.dotenv_values().get",
        ];
        return known
            .iter()
            .any(|known| path == *known || path.strip_prefix(known).is_some_and(|rest| rest.starts_with('.')));
    }
    match function.op(callee) {
        Op::Attribute { of, .. } => {
            let written = cx.module.slice(function.span_of(of));
            matches!(written.rsplit('.').next(), Some("environ" | "env" | "environment"))
        }
        Op::Name(_) => matches!(last, "getenv" | "env" | "get_env"),
        _ => false,
    }
}

/// The name of what a value is read from the environment by.
fn environment_name<'c>(
    cx: &Context<'c>,
    id: FunctionId,
    function: &Function,
    value: Value,
    depth: u32,
) -> Option<&'c str> {
    if depth > 8 {
        return None;
    }
    match function.op(value) {
        Op::Refine { of, .. } => environment_name(cx, id, function, of, depth + 1),
        Op::Subscript { of, index } => {
            let is_environment = cx.facts.path(id, of).is_some_and(|path| path == "os.environ");
            is_environment.then(|| cx.module.constant_str(function, index))?
        }
        Op::Call { callee, arguments } => {
            let last = last_name(cx, function, callee);
            let name = cx.module.constant_str(function, function.call_arguments(arguments).first()?.value)?;
            reads_environment(cx, id, function, callee, last).then_some(name)
        }
        _ => None,
    }
}

fn tell(cx: &Context<'_>, function: &Function, name: &str, default: Value, found: &mut Vec<SecretUse>) {
    if matches!(function.op(default), Op::Constant(Constant::None | Constant::Bool(_) | Constant::Int(_))) {
        return;
    }
    let Some(kind) = secret_name(name).filter(|kind| *kind != NameKind::Vague || is_signing(name)) else { return };
    let Some(text) = Rebuilder::new(cx.module).text(function, default) else { return };
    if is_template(&text.text) || is_elsewhere(&text.text) {
        return;
    }
    // A key that somebody else's service checks opens nothing when it is made up.
    let is_made_up = casemate_secrets::is_placeholder(&text.text) || !casemate_secrets::looks_random(&text.text);
    if kind != NameKind::Password && !is_signing(name) && is_made_up {
        return;
    }
    found.push(SecretUse {
        rule: &RULE,
        module: cx.facts.module,
        span: text.span,
        value: text.text,
        name: name.to_owned(),
        what: "default for a secret",
        message: format!("when `{name}` is not set, the program runs with a constant of its code in its place, which everybody who reads the code knows"),
        remedy: format!(
            "Read it without a default, so that the program does not start without it (`os.environ[\"{name}\"]`), and change it wherever the default was in force."
        ),
        confidence: if kind == NameKind::Vague { Confidence::Medium } else { Confidence::High },
        path: Vec::new(),
    });
}

/// Whether the program itself trusts whoever has it: it signs sessions or tokens, or lets somebody in.
fn is_signing(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_of_client = has(&[
        "client", "consumer", "api", "app", "aws", "s3", "oauth", "google", "github", "stripe", "twilio", "openai",
        "azure", "slack",
    ]);
    !is_of_client
        && has(&[
            "secret",
            "signing",
            "sign",
            "jwt",
            "session",
            "cookie",
            "encryption",
            "hmac",
            "webhook",
            "admin",
            "salt",
            "fernet",
            "csrf",
            "master",
        ])
}

/// Where the secret is to be found, not the secret.
fn is_elsewhere(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['/', '~', '$'])
        || text.starts_with("./")
        || text.contains("://")
        || matches!(text.to_ascii_lowercase().as_str(), "none" | "null" | "false" | "true")
}
