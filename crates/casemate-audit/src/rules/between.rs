//! What stands on the way of data in the project's own words: a function that says it checks, allows or mends is believed
//! until somebody who knows the program looks.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{Function, FunctionId, Module, Op, Value};

use super::Context;
use super::values::called;
use crate::models::words;

/// Ends at which it is a matter of which one is named, and where programs have rules of their own about that.
const NAMED: &[&str] = &[
    "path",
    "file-response",
    "archive",
    "url",
    "redirect",
    "import",
    "attribute-name",
    "format",
    "orm-keys",
    "cookie",
];

/// Whether a function of the project makes a token of it, which nobody else can make.
fn is_signing(cx: &Context<'_>, module: &Module, function: &Function, hit: &Hit, value: Value) -> bool {
    let Op::Call { callee, .. } = function.op(value) else { return false };
    cx.knowledge.kind("cookie") == Some(hit.reach.kind)
        && words(called(module, function, callee)).iter().any(|word| {
            matches!(
                word.as_str(),
                "token" | "jwt" | "sign" | "signed" | "serialize" | "encrypt" | "encrypted" | "seal"
            )
        })
}

/// Whether a function of the project that says it checks such things has been asked on the way, or hands it on mended.
pub(super) fn is_watched(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    if !NAMED.iter().any(|name| cx.knowledge.kind(name) == Some(hit.reach.kind)) {
        return false;
    }
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    let is_place =
        ["path", "file-response", "archive"].iter().any(|name| cx.knowledge.kind(name) == Some(hit.reach.kind));
    let mut asked: Option<(ModuleId, FunctionId)> = None;
    if way.first().is_some_and(|&(home, id, value)| is_kept_mended(cx, (home, id), value)) {
        return true;
    }
    way.into_iter().any(|(home, id, value)| {
        let Some((module, function)) = cx.function(home, id) else { return false };
        // The first value of a function is where the data is in it; all else there is made from it.
        let is_first = asked.replace((home, id)) != Some((home, id));
        is_signing(cx, module, function, hit, value)
            || is_mending(cx, (home, id), module, function, value)
            || is_first
                && (says_mended(&function.name) || is_asked(cx, (home, id), (module, function), value, is_place))
    })
}

/// Whether a value is the answer of a function of the project that says it mends what it is given.
fn is_mending(
    cx: &Context<'_>,
    at: (ModuleId, FunctionId),
    module: &Module,
    function: &Function,
    value: Value,
) -> bool {
    let Op::Call { callee, .. } = function.op(value) else { return false };
    let name = called(module, function, callee);
    is_own(cx, at, callee) && (says_mended(name) || says_asked(name) || hands_to_mender(cx, at, callee))
        || is_flat(module, function, value)
}

/// Whether a function of the project hands what it is given to one that says it makes such things safe.
fn hands_to_mender(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), callee: Value) -> bool {
    let Some(facts) = cx.all_facts.get(home) else { return false };
    let (Entity::Function(there, one) | Entity::Method(there, one)) = facts.fact(id, callee).entity else {
        return false;
    };
    cx.function(there, one).is_some_and(|(module, function)| {
        // With several of them nobody knows which one it is about.
        let own = usize::from(function.class.is_some());
        function.parameters.len() == own + 1
            && function.values().any(|(_, op)| {
                let Op::Call { callee, arguments } = op else { return false };
                let is_given = |given: Value| {
                    matches!(function.op(function.bare(given)), Op::Parameter(index) if index as usize == own)
                };
                says_mended(called(module, function, callee))
                    && is_own(cx, (there, one), callee)
                    && function.call_arguments(arguments).iter().any(|argument| is_given(argument.value))
            })
    })
}

/// Whether a text is put together again without what separates folders: `"_".join(path.split("/"))`.
fn is_flat(module: &Module, function: &Function, value: Value) -> bool {
    let method = |value: Value| match function.op(function.bare(value)) {
        Op::Call { callee, arguments } => match function.op(callee) {
            Op::Attribute { of, name } => Some((of, module.symbols.text(name), function.call_arguments(arguments))),
            _ => None,
        },
        _ => None,
    };
    let Some((joint, "join", [parts])) = method(value) else { return false };
    let Some((_, "split", [by])) = method(parts.value) else { return false };
    module.constant_str(function, by.value) == Some("/")
        && module.constant_str(function, joint).is_some_and(|joint| !joint.contains(['/', '.']))
}

/// Whether what is made from a value is handed to a function that says it is asked whether something is allowed.
fn is_asked(
    cx: &Context<'_>,
    at: (ModuleId, FunctionId),
    (module, function): (&Module, &Function),
    value: Value,
    is_place: bool,
) -> bool {
    let mut made = Context::uses(function, value);
    made.push(value);
    made.iter().any(|&one| {
        let Op::Call { callee, arguments } = function.op(one) else { return false };
        let name = called(module, function, callee);
        (says_asked(name) && is_own(cx, at, callee) || is_place && places(cx, at, callee))
            && function.call_arguments(arguments).iter().any(|argument| made.contains(&argument.value))
    })
}

/// Whether a function of the project is seen to ask whether a path lies below a folder, whatever it is called: it makes it
/// whole and compares its beginning.
fn places(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), callee: Value) -> bool {
    let Some(facts) = cx.all_facts.get(home) else { return false };
    let (Entity::Function(there, one) | Entity::Method(there, one)) = facts.fact(id, callee).entity else {
        return false;
    };
    cx.function(there, one).is_some_and(|(module, function)| {
        let code = module.slice(function.span);
        let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
        has(&["realpath(", ".resolve("])
            && has(&["relative_to(", "commonpath(", ".startswith("])
            && has(&["raise ", "abort(", "return "])
    })
}

/// Whether an attribute of an object only ever holds what a function mended: `self.next = checked_address(request)`.
fn is_kept_mended(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), value: Value) -> bool {
    let Some((module, function)) = cx.function(home, id) else { return false };
    let Op::Attribute { of, name } = function.op(function.plain(value)) else { return false };
    if function.class.is_none() || !matches!(function.op(function.plain(of)), Op::Parameter(0)) {
        return false;
    }
    let mut stored = module.function_ids().flat_map(|(id, function)| {
        function.values().filter_map(move |(_, op)| match op {
            Op::StoreAttribute { name: to, value, .. } if to == name => Some((id, function, function.bare(value))),
            _ => None,
        })
    });
    let mends = |(id, function, value): (FunctionId, &Function, Value)| {
        let choices = match function.op(value) {
            Op::Phi(list) | Op::Or(list) => function.list(list).to_vec(),
            _ => vec![value],
        };
        choices.into_iter().map(|choice| function.plain(choice)).all(|choice| match function.op(choice) {
            Op::Constant(_) => true,
            // Where the browser is already.
            Op::Attribute { of, name } => {
                module.symbols.text(name) == "path" && Context::written(module, function, of).ends_with("request")
            }
            _ => is_mending(cx, (home, id), module, function, choice),
        })
    };
    let mut stored = stored.by_ref().peekable();
    stored.peek().is_some() && stored.all(mends)
}

/// Whether a function is the project's own, or one of a library of which nothing is known.
fn is_own(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), callee: Value) -> bool {
    let Some(facts) = cx.all_facts.get(home) else { return false };
    match facts.fact(id, callee).entity {
        // What is seen to look at the beginning of an address alone has not looked at where it leads.
        Entity::Function(there, one) | Entity::Method(there, one) => {
            cx.function(there, one).is_none_or(|(module, function)| {
                let code = module.slice(function.span).to_ascii_lowercase();
                let looks_at_scheme = code.contains("startswith") && code.contains("http");
                !looks_at_scheme || ["host", "netloc", "domain", "allow"].iter().any(|word| code.contains(word))
            })
        }
        Entity::Unknown => true,
        Entity::Path(_) => facts.path(id, callee).is_some_and(|path| {
            let root = path.split('.').next().unwrap_or_default();
            let begins = format!("{root}.");
            let models = &cx.knowledge.models;
            path.contains('.')
                && !models.calls.keys().chain(models.sources.keys()).any(|known| known.starts_with(&begins))
        }),
        _ => false,
    }
}

/// Whether a name says that what comes out is harmless.
fn says_mended(name: &str) -> bool {
    let words = words(name);
    // `path_in_document_folder(folder, name)`
    let is_placed = words.iter().any(|word| word == "in" || word == "below" || word == "under")
        && words.last().is_some_and(|last| matches!(last.as_str(), "folder" | "directory" | "dir" | "root"));
    // `get_valid_next_url_from_request(request)`
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_checked = has(&["valid", "checked", "allowed"])
        && has(&["url", "uri", "path", "next", "redirect", "address", "target", "filename", "folder"]);
    is_placed
        || is_checked
        || words.iter().any(|word| {
            matches!(
                word.as_str(),
                "safe"
                    | "safely"
                    | "secure"
                    | "secured"
                    | "sanitize"
                    | "sanitized"
                    | "sanitise"
                    | "sanitised"
                    | "slug"
                    | "slugify"
                    | "slugified"
                    | "validated"
                    | "confined"
            )
        })
}

/// Whether a name says that it is asked whether something may be.
fn says_asked(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&[
        "safe",
        "secure",
        "sanitize",
        "sanitise",
        "validate",
        "validated",
        "valid",
        "check",
        "verify",
        "ensure",
        "allowed",
        "allow",
        "permitted",
        "forbidden",
        "blocked",
        "disallowed",
        "denied",
        "allowlist",
        "allowlisted",
        "whitelist",
        "whitelisted",
        "blacklisted",
        "restrict",
        "confine",
        "within",
        "inside",
        "outside",
        "contained",
        "contains",
        "child",
        "subpath",
        "traversal",
        "ssrf",
        "child",
    ])
    // About who asks, or what else came with it.
    && !has(&[
        "csrf",
        "xsrf",
        "password",
        "token",
        "login",
        "auth",
        "authenticated",
        "user",
        "role",
        "permission",
        "permissions",
        "access",
        "credentials",
        "signature",
        "session",
        "captcha",
        "form",
        "schema",
        "payload",
        "body",
        "request",
        "email",
        "size",
        "length",
        "version",
        "type",
        "output",
        "call",
    ])
    && !matches!(name, "is_valid" | "validate" | "check" | "verify" | "valid")
}
