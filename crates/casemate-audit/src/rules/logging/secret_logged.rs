//! Passwords and tokens in logs.

use casemate_python::facts::{Entity, Hit, Labels, TextPart};
use casemate_python::flow::{StepKind, Tracer};
use casemate_python::names::ModuleId;
use casemate_python::syntax::{BinaryOp, FunctionId, Op, Passing, Value};

use super::{is_log, is_object, is_secret_value};
use crate::finding::{Confidence, Severity};
use crate::models::{by_name, label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::calls;
use crate::rules::taint::Verdict;
use crate::rules::values::called;
use crate::rules::{Context, Taint};

/// `secret-logged`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1101",
    name: "secret-logged",
    summary: "A secret is written to a log",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[532],
    owasp_2021: "A09",
    owasp_2025: "A09",
    asvs: "16.2.5",
    page: include_str!("secret_logged.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["log-record"],
    from: Labels(label::PASSWORD.0 | label::SECRET.0),
    without: Labels::NONE,
    arrives: "is written down",
    message: "{call} writes a secret down: {source}",
    missing: "",
    remedy: "Log what tells the event apart, not the secret: the name of the account, an id, or the last four characters of a token. Types like `pydantic.SecretStr` keep a secret from being printed by mistake.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let is_far = hit.reach.module != cx.facts.module || hit.reach.function != hit.function;
    let is_object = is_far
        && cx
            .function(hit.reach.module, hit.reach.function)
            .is_some_and(|(module, function)| is_object(module, function, hit.reach.argument));
    let dismissed = !is_log(cx, hit)
        || is_refused(cx, hit)
        || is_key_id(cx, hit)
        || is_object
        || !is_secret_value(cx, hit)
        || is_shown(cx, hit)
        || is_spread(cx, hit)
        || is_worked_in(cx, hit)
        || is_remote(cx, hit)
        || is_public(cx, hit);
    let confidence =
        cx.facts.fact(hit.function, hit.argument).labels.meets(label::PASSWORD).then_some(Confidence::High);
    Verdict { dismissed, confidence: confidence.or(Some(Confidence::Medium)), ..Verdict::default() }
}

/// Whether it is the access key of a cloud, which only names the secret key that belongs to it.
fn is_key_id(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let Some((home, id, value, _)) = tracer.origin(cx.facts.module, hit, TAINT.from) else { return false };
    let Some((module, function)) = cx.function(home, id) else { return false };
    let written = Context::written(module, function, value);
    let names = |word: &str| {
        let plain = written.trim_end_matches(['"', '\'', ']', ')']);
        plain.ends_with(word)
    };
    cx.persona == Persona::Default
        && (names("access_key") || names("accessKey") || names("AccessKey"))
        && ["secret_key", "secret_access", "SecretAccess", "secretKey", "boto", "aws", "AWS", "sts"]
            .iter()
            .any(|sign| module.text.contains(sign))
}

/// Whether the log says that the token is nobody's: it was looked up and opens nothing. A password may be right the next
/// time, and what is only written wrongly is nearly the secret.
fn is_refused(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some((module, function)) = cx.function(hit.reach.module, hit.reach.function) else { return false };
    let Op::Call { arguments, .. } = function.op(hit.reach.call) else { return false };
    let says = |value| {
        let text = module.slice(function.span_of(value)).to_ascii_lowercase();
        ["unknown", "unrecognized", "unrecognised"].iter().any(|word| text.contains(word))
    };
    cx.persona == Persona::Default
        && !hit.labels.meets(label::PASSWORD)
        && function.call_arguments(arguments).first().is_some_and(|first| says(first.value))
}

/// Whether a secret came through so many functions that it is only one of several things which may arrive.
fn is_remote(cx: &Context<'_>, hit: &Hit) -> bool {
    let crossings = || {
        cx.trace(hit, TAINT.from)
            .iter()
            .enumerate()
            .filter(|(at, step)| match step.kind {
                StepKind::Returned => true,
                StepKind::Parameter(_) => *at > 0,
                _ => false,
            })
            .count()
    };
    cx.persona == Persona::Default && crossings() > 1
}

/// Whether a secret is one of several things that are handed on together, `f(*parts)`: nothing says that it is this one.
fn is_spread(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some(function) = cx.module.function(hit.function) else { return false };
    let Op::Call { arguments, .. } = function.op(hit.call) else { return false };
    let is_far = hit.reach.module != cx.facts.module || hit.reach.function != hit.function;
    cx.persona == Persona::Default
        && is_far
        && function
            .call_arguments(arguments)
            .iter()
            .any(|argument| argument.value == hit.argument && matches!(argument.passing, Passing::Star))
}

/// Whether a secret is one of several things that a function of the project makes something of: a signature, a command.
fn is_worked_in(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, is_whole) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, TAINT.from);
    // Nobody can follow a way whose middle cannot be told.
    cx.persona == Persona::Default
        && (!is_whole || way.into_iter().any(|(home, id, value)| is_worked_in_at(cx, (home, id), value)))
}

fn is_worked_in_at(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), value: Value) -> bool {
    let (Some(facts), Some((module, function))) = (cx.all_facts.get(home), cx.function(home, id)) else {
        return false;
    };
    match function.op(value) {
        Op::Call { callee, arguments } => {
            let name = called(module, function, callee);
            // What makes a token is called so, however much it takes to make one.
            let is_own = matches!(facts.fact(id, callee).entity, Entity::Function(..) | Entity::Method(..));
            let asked = match function.call_arguments(arguments) {
                [first, ..] if is_own => module.constant_str(function, first.value),
                _ => None,
            };
            says_blanked(name)
                || is_own && arguments.len > 1 && !by_name(name).meets(TAINT.from)
                // `get_setting("CACHE_HOST")` reads what is called so, not whatever else it could read.
                || asked.is_some_and(|asked| is_setting(asked) && !by_name(asked).meets(TAINT.from))
        }
        // `hashed_token`
        Op::Parameter(index) => function
            .parameters
            .get(index as usize)
            .is_some_and(|parameter| says_blanked(module.symbols.text(parameter.name))),
        // `token[:4] + "*" * 12`
        Op::Binary { op: BinaryOp::Add, .. } => {
            let written = module.slice(function.span_of(value));
            written.contains("[:") && (written.contains('*') || written.contains("..."))
        }
        _ => false,
    }
}

/// Whether a name says that what it gives, or holds, is not the secret itself any more.
fn says_blanked(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "redact"
                | "redacted"
                | "mask"
                | "masked"
                | "scrub"
                | "scrubbed"
                | "censor"
                | "obfuscate"
                | "anonymize"
                | "hide"
                | "hash"
                | "hashed"
                | "digest"
                | "fingerprint"
                | "encrypted"
        )
    })
}

/// Whether a text is written like the name of a variable of the environment, or of a setting.
fn is_setting(text: &str) -> bool {
    text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a token opens nothing: it is shown to the world as proof of a domain, names a lock, or counts the rounds.
fn is_public(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let Some((home, id, value, _)) = tracer.origin(cx.facts.module, hit, TAINT.from) else { return false };
    let Some((module, function)) = cx.function(home, id) else { return false };
    let about = |text: &str| {
        words(text).iter().any(|word| {
            matches!(
                word.as_str(),
                "acme"
                    | "dns"
                    | "txt"
                    | "challenge"
                    | "challenges"
                    | "lock"
                    | "locks"
                    | "locked"
                    | "locking"
                    | "txtdata"
            )
        })
    };
    let class = function.class.and_then(|class| module.class(class)).map_or("", |class| class.name.as_str());
    let written = module.slice(function.span_of(value));
    let is_token = words(written.rsplit('.').next().unwrap_or(written)).iter().any(|word| word == "token")
        && !["access", "auth", "api", "refresh", "bearer", "session", "jwt"]
            .iter()
            .any(|word| written.to_ascii_lowercase().contains(word));
    // `token = int(store.incr(key))`
    let is_number =
        matches!(function.op(value), Op::Call { callee, .. } if module.slice(function.span_of(callee)) == "int");
    let stem = module.path.rsplit('/').take(2).any(about);
    cx.persona == Persona::Default
        && !hit.labels.meets(label::PASSWORD)
        && (is_number || is_token && (about(&function.name) || about(class) || about(written) || stem))
}

/// Whether what is printed is meant to be seen by whoever runs the command: a program that makes a token shows it.
fn is_shown(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some((module, function)) = cx.function(hit.reach.module, hit.reach.function) else { return false };
    let Op::Call { callee, .. } = function.op(hit.reach.call) else { return false };
    let name = module.slice(function.span_of(callee));
    if cx.persona == Persona::Pedantic {
        return false;
    }
    if !matches!(
        name,
        "print" | "click.echo" | "rich.print" | "pprint" | "pprint.pprint" | "sys.stdout.write" | "warnings.warn"
    ) {
        return false;
    }
    let path = &module.path;
    let of_command = function.class.and_then(|class| module.class(class)).is_some_and(|class| {
        let around = module.function(class.parent);
        std::iter::once(class.name.as_str())
            .chain(class.bases.iter().filter_map(|&base| Some(module.slice(around?.span_of(base)))))
            .any(|name| name.ends_with("App") || name.ends_with("Application") || name.ends_with("Command"))
    });
    of_command
        || !calls::imports(module, calls::WEB)
        || path.contains("cli")
        || path.contains("commands/")
        || path.contains("scripts/")
}

/// Words for a secret itself, not for something about one.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secret_key",
    "client_secret",
    "api_key",
    "access_token",
    "refresh_token",
    "auth_token",
    "api_token",
];

/// `def __repr__(self): return f"<Account {self.name} {self.password}>"`: what an object says of itself stands in logs and
/// in the traces of errors.
pub(crate) fn told_by_objects(cx: &mut Context<'_>) {
    if !["passw", "passphrase", "secret", "token", "api_key"].iter().any(|word| cx.module.text.contains(word)) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.class.is_none() || !matches!(function.name.as_str(), "__repr__" | "__str__" | "__unicode__") {
            continue;
        }
        for &returned in &function.returns {
            let is_text = match function.op(function.plain(returned)) {
                Op::Format(_) | Op::Binary { op: BinaryOp::Add | BinaryOp::Mod, .. } => true,
                Op::Call { callee, .. } => calls::name_of(cx.module, function, callee) == "format",
                _ => false,
            };
            let secret = cx.facts.text_of(cx.program, id, returned).into_iter().find_map(|part| match part {
                TextPart::Hole(hole) => Some(hole).filter(|&hole| match function.op(function.plain(hole)) {
                    Op::Attribute { of, name } => {
                        SECRETS.contains(&cx.module.symbols.text(name).trim_start_matches('_'))
                            && matches!(function.op(function.plain(of)), Op::Parameter(0))
                    }
                    _ => false,
                }),
                TextPart::Literal(_) => None,
            });
            // `len(self.password)`, `mask(self.password)`
            let is_hidden = |secret: Value| {
                let before =
                    cx.module.text.get(..function.span_of(secret).start as usize).unwrap_or_default().trim_end();
                before
                    .strip_suffix('(')
                    .is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            };
            if let Some(secret) = secret.filter(|&secret| is_text && !is_hidden(secret)) {
                let written = Context::written(cx.module, function, secret);
                let home = cx.facts.module;
                let path = vec![
                    cx.step(home, function.span_of(secret), format!("`{written}` is a secret by its name")),
                    cx.step(home, function.span_of(returned), format!("is told by `{}`", function.name)),
                ];
                found.push((id, path, function.span_of(returned), format!("`{}` of the object tells `{written}`: it stands wherever the object is logged or an error shows it", function.name)));
            }
        }
    }
    for (id, path, span, message) in found {
        let finding = calls::tell(cx, &RULE, id, span, message, TAINT.remedy, Confidence::Medium);
        finding.path = path;
        finding.severity = Severity::Low;
    }
}
