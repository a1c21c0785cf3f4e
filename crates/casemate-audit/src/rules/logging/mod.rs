//! What logs, errors and third parties get to know.

pub(crate) mod auth_event_unlogged;
pub(crate) mod cleartext_storage;
pub(crate) mod exception_swallowed;
pub(crate) mod personal_data_to_third_party;
pub(crate) mod request_body_logged;
pub(crate) mod secret_logged;
pub(crate) mod stack_trace_in_response;
pub(crate) mod telemetry_captures_pii;

use casemate_python::facts::Hit;
use casemate_python::syntax::{CompareOp, Constant, Function, Module, Op, Value};

use super::network::calls;
use super::{Check, Context, Entry};
use crate::models::{is_password, is_secret, words};

pub(crate) const ENTRIES: &[Entry] = &[
    (&secret_logged::RULE, &[Check::Taint(&secret_logged::TAINT), Check::Module(secret_logged::told_by_objects)]),
    (&request_body_logged::RULE, &[Check::Taint(&request_body_logged::TAINT)]),
    (&cleartext_storage::RULE, &[Check::Taint(&cleartext_storage::TAINT)]),
    (&stack_trace_in_response::RULE, &[Check::Module(stack_trace_in_response::check)]),
    (&exception_swallowed::RULE, &[Check::Module(exception_swallowed::check)]),
    (&personal_data_to_third_party::RULE, &[Check::Module(personal_data_to_third_party::check)]),
    (&auth_event_unlogged::RULE, &[Check::Module(auth_event_unlogged::check)]),
    (&telemetry_captures_pii::RULE, &[Check::Module(telemetry_captures_pii::check)]),
];

/// Whether what is called keeps a log: methods by name may be anybody's.
fn is_log(cx: &Context<'_>, hit: &Hit) -> bool {
    let reach = hit.reach;
    let Some((module, function)) = cx.function(reach.module, reach.function) else { return false };
    let Op::Call { callee, .. } = function.op(reach.call) else { return false };
    if reach.module == cx.facts.module
        && cx.facts.path(reach.function, callee).is_some_and(|path| cx.knowledge.models.calls.contains_key(path))
    {
        return true;
    }
    let Op::Attribute { of, name } = function.op(callee) else { return true };
    if matches!(module.symbols.text(name), "set_attribute" | "add_event" | "captureMessage") {
        return true;
    }
    let receiver = words(module.slice(function.span_of(of)));
    receiver
        .iter()
        .any(|word| matches!(word.as_str(), "log" | "logger" | "logging" | "loguru" | "logbook" | "structlog"))
}

/// Whether what arrives is a secret as it is: not a part of it, and of the environment only what is called like one.
fn is_secret_value(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some(function) = cx.module.function(hit.function) else { return true };
    let far = cx.function(hit.reach.module, hit.reach.function);
    if blanks_out(cx.module, function) || far.is_some_and(|(module, function)| blanks_out(module, function)) {
        return false;
    }
    let labels = crate::models::label::PASSWORD | crate::models::label::SECRET;
    let carries = |value: Value| cx.facts.fact(hit.function, value).labels.meets(labels);
    let mut todo = vec![hit.argument];
    let mut seen: Vec<Value> = Vec::new();
    while let Some(value) = todo.pop() {
        if value == Value::NONE || seen.len() > 200 || seen.contains(&value) || !carries(value) {
            continue;
        }
        seen.push(value);
        if is_object(cx.module, function, value) {
            continue;
        }
        match function.op(value) {
            // `token[:4]`
            Op::Subscript { index, .. } if matches!(function.op(index), Op::Slice(_)) => {}
            Op::Subscript { of, index } => match cx.module.constant_str(function, index) {
                Some(key) if is_secret_name(key) => return true,
                Some(_) => {}
                _ if !is_environment(cx, hit, of) => todo.push(of),
                _ => {}
            },
            Op::Attribute { name, of } => {
                if is_secret_name(cx.module.symbols.text(name)) {
                    return true;
                }
                // What is called otherwise and carries nothing else is no secret by its name.
                todo.push(of);
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                let written = words(cx.module.slice(function.span_of(callee)));
                if written.iter().any(|word| {
                    matches!(
                        word.as_str(),
                        "mask"
                            | "masked"
                            | "redact"
                            | "redacted"
                            | "censor"
                            | "hide"
                            | "obfuscate"
                            | "sanitize"
                            | "scrub"
                            | "fingerprint"
                            | "hash"
                            | "digest"
                            | "encrypt"
                            | "truncate"
                            | "anonymize"
                    )
                }) {
                    continue;
                }
                // `token = uuid4()` tells one of several apart.
                let is_plain = |name: &str| matches!(name, "token" | "key");
                if cx.facts.path(hit.function, callee) == Some("uuid.uuid4")
                    && function
                        .assigned
                        .iter()
                        .any(|(name, assigned)| *assigned == value && is_plain(cx.module.symbols.text(*name)))
                {
                    continue;
                }
                // What is looked up by a secret is a record.
                let name = calls::name_of(cx.module, function, callee);
                if matches!(name.split('_').next(), Some("find" | "lookup" | "filter" | "query" | "first"))
                    && matches!(function.op(callee), Op::Attribute { .. })
                {
                    continue;
                }
                let keyed = arguments.first().and_then(|argument| cx.module.constant_str(function, argument.value));
                let reads_environment = match function.op(callee) {
                    Op::Attribute { of, .. } => {
                        is_environment(cx, hit, of) || cx.facts.path(hit.function, callee) == Some("os.getenv")
                    }
                    _ => cx.facts.path(hit.function, callee) == Some("os.getenv"),
                };
                if reads_environment {
                    if keyed.is_some_and(is_secret_name) {
                        return true;
                    }
                    continue;
                }
                let before = todo.len();
                todo.extend(arguments.iter().map(|argument| argument.value).filter(|&one| carries(one)));
                if let Op::Attribute { of, .. } = function.op(callee) {
                    todo.push(of);
                }
                // What is made here is a secret by what it is called.
                let called = calls::name_of(cx.module, function, callee);
                let given = function.assigned.iter().find(|(_, assigned)| *assigned == value);
                let is_named = is_secret_name(called)
                    || given.is_some_and(|(name, _)| is_secret_name(cx.module.symbols.text(*name)));
                if is_named && todo.iter().skip(before).all(|&one| !carries(one)) && !says_token_only(cx, hit, value) {
                    return true;
                }
            }
            Op::Parameter(index) => {
                let name = function
                    .parameters
                    .get(index as usize)
                    .map_or("", |parameter| cx.module.symbols.text(parameter.name));
                // A token of a language is no secret, nor is one that is an object or a number.
                let is_text = function
                    .parameters
                    .get(index as usize)
                    .and_then(|parameter| parameter.annotation)
                    .is_none_or(|annotation| may_be_text(cx, hit, annotation));
                if is_text && !(name == "token" && reads_language(cx)) && is_secret_name(name) {
                    return true;
                }
            }
            Op::Name(name) => {
                if is_secret_name(cx.module.symbols.text(name)) {
                    return true;
                }
            }
            Op::Import(_) => {}
            Op::Refine { of, test, .. } => {
                todo.push(of);
                // `headers["Authorization"] = …`
                if let Op::StoreItem { index, value, .. } = function.op(test) {
                    if cx.module.constant_str(function, index).is_some_and(is_secret_name)
                        && !says_nothing(function, value)
                    {
                        return true;
                    }
                    todo.push(value);
                }
            }
            Op::Element(of) | Op::Item { of, .. } => {
                if !says_token_only(cx, hit, value) && !carries(of) {
                    return true;
                }
                todo.push(of);
            }
            _ => todo.extend(function.operands_of(value)),
        }
    }
    false
}

/// Whether a function puts something else in the place of secrets by their keys: `shown[key] = "REDACTED"`.
fn blanks_out(module: &Module, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::StoreItem { value, .. } => module.constant_str(function, value).is_some_and(|text| {
            text.contains("***")
                || matches!(
                    text.to_ascii_lowercase().as_str(),
                    "redacted" | "[redacted]" | "<redacted>" | "[filtered]" | "masked" | "hidden"
                )
        }),
        _ => false,
    })
}

/// Whether a value of such a type may be a text, by what the annotation says.
fn may_be_text(cx: &Context<'_>, hit: &Hit, annotation: Value) -> bool {
    let around = cx.module.function(hit.function).and_then(|function| function.parent);
    let Some(around) = around.and_then(|parent| cx.module.function(parent)) else { return true };
    let written = cx.module.slice(around.span_of(annotation));
    let mut parts = written
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|part| !matches!(*part, "" | "Optional" | "Union" | "None" | "Final" | "typing" | "t"))
        .peekable();
    // `int`, `StreamToken`
    let is_object = |part: &str| matches!(part, "int" | "float" | "bool") || part.ends_with("Token") && part != "Token";
    parts.peek().is_none() || !parts.all(is_object)
}

/// Whether a value is written out, as what stands for a secret is: `"***"`.
fn says_nothing(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::Str(_) | Constant::None))
}

fn is_environment(cx: &Context<'_>, hit: &Hit, of: Value) -> bool {
    cx.facts.path(hit.function, of) == Some("os.environ")
}

fn is_secret_name(name: &str) -> bool {
    // `path_or_token`, `permit_create_token`: about tokens, or not only one.
    let about = |word: &String| {
        matches!(
            word.as_str(),
            "or" | "by"
                | "per"
                | "cost"
                | "permit"
                | "create"
                | "allow"
                | "allowed"
                | "has"
                | "is"
                | "use"
                | "uses"
                | "enable"
                | "enabled"
                | "require"
                | "required"
                | "max"
                | "min"
                | "partial"
                | "no"
                | "invalid"
                | "update"
                | "change"
                | "reset"
                | "check"
                | "public"
                | "default"
                | "csrf"
                | "xsrf"
        )
    };
    let words = words(name);
    let holds = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // A signature proves something and opens nothing; the hash of a long token does not lead back to it.
    if words.iter().any(about)
        || words.last().is_some_and(|word| word == "signature")
        || holds(&["hash", "hashed", "digest"]) && !is_password(name) && !holds(&["password", "passwd", "pwd"])
    {
        return false;
    }
    let lower = name.to_lowercase();
    matches!(name, "Authorization" | "Proxy-Authorization")
        || is_password(name)
        || is_secret(name)
        || is_password(&lower)
        || is_secret(&lower)
}

/// Whether a value is called `token` and the module takes languages apart.
fn says_token_only(cx: &Context<'_>, hit: &Hit, value: Value) -> bool {
    let Some(function) = cx.module.function(hit.function) else { return false };
    let name = function
        .assigned
        .iter()
        .find(|(_, assigned)| *assigned == value)
        .map(|(name, _)| cx.module.symbols.text(*name));
    name.is_some_and(|name| name == "token" || name == "tok") && reads_language(cx)
}

/// Whether a module has to do with the tokens of a language.
fn reads_language(cx: &Context<'_>) -> bool {
    let path = cx.module.path.to_lowercase();
    ["lex", "pars", "token", "grammar", "syntax", "compil", "nlp", "ast"].iter().any(|word| path.contains(word))
        || cx.imports_any(&["pygments", "prompt_toolkit", "cli_helpers", "sqlparse", "ply", "lark", "pyparsing"])
        || ["tokenize", "tokenizer", "lexer", "Lexer", "Tokenizer", "parser", "next_token", "nlp"]
            .iter()
            .any(|name| cx.module.symbols.find(name).is_some())
}

/// Whether a value is used as an object and not as a text: it has other attributes, is a row that a session deletes, or
/// has its place in an order. What is logged of it is what it says of itself.
fn is_object(module: &Module, function: &Function, value: Value) -> bool {
    let value = function.plain(value);
    let is_attribute = matches!(function.op(value), Op::Attribute { .. });
    let written = module.slice(function.span_of(value));
    let same = |other: Value| {
        let other = function.plain(other);
        other == value
            || is_attribute
                && matches!(function.op(other), Op::Attribute { .. })
                && module.slice(function.span_of(other)) == written
    };
    function.values().any(|(_, op)| match op {
        Op::Attribute { of, name } => same(of) && !is_of_text(module.symbols.text(name)),
        Op::StoreAttribute { of, .. } => same(of),
        Op::Compare {
            op: CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual,
            left,
            right,
        } => same(left) || same(right),
        Op::Call { callee, arguments } => {
            matches!(
                function.op(callee),
                Op::Attribute { name, .. }
                    if matches!(module.symbols.text(name), "delete" | "add" | "refresh" | "merge" | "expunge")
            ) && matches!(function.call_arguments(arguments), [only] if same(only.value))
        }
        _ => false,
    })
}

/// Whether texts and bytes have a method called so.
fn is_of_text(name: &str) -> bool {
    name.starts_with("is") && !name.contains('_')
        || matches!(
            name,
            "encode"
                | "decode"
                | "strip"
                | "lstrip"
                | "rstrip"
                | "split"
                | "rsplit"
                | "splitlines"
                | "startswith"
                | "endswith"
                | "lower"
                | "upper"
                | "title"
                | "capitalize"
                | "casefold"
                | "swapcase"
                | "replace"
                | "translate"
                | "format"
                | "format_map"
                | "join"
                | "find"
                | "rfind"
                | "index"
                | "rindex"
                | "count"
                | "hex"
                | "partition"
                | "rpartition"
                | "zfill"
                | "ljust"
                | "rjust"
                | "center"
                | "expandtabs"
                | "removeprefix"
                | "removesuffix"
                // What numbers, lists and mappings have says nothing against what is in them.
                | "get"
                | "items"
                | "keys"
                | "values"
                | "pop"
                | "append"
                | "extend"
                | "update"
                | "copy"
                | "setdefault"
                | "read"
                | "get_secret_value"
        )
}
