//! A check that lets everybody pass.

use casemate_python::syntax::{Collection, CompareOp, Constant, Function, FunctionKind, Op, Outcome, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, last_name};
use crate::rules::pattern::{Found, tell};

/// `authentication-stub`
pub(crate) static RULE: Rule = Rule {
    id: "AUT403",
    name: "authentication-stub",
    summary: "A function that should check who is calling lets everybody pass",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[287],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "8.2.1",
    page: include_str!("authentication_stub.md"),
};

const REMEDY: &str = "Write the check, and until then refuse: `raise NotImplementedError` or `return False`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def || function.is_generator {
            continue;
        }
        let Some(at) = cx.at(id, Value(0)) else { continue };
        let what = if is_check(&function.name) && !is_polymorphic(cx, function) {
            stub(at)
        } else if names_caller(&function.name) && function.class.is_none() && is_made_up(at) {
            Some(("returns the same user whoever is calling", Confidence::Medium))
        } else {
            None
        };
        let Some((what, confidence)) = what else { continue };
        let mut one = Found::new(at, format!("`{}` {what}", function.qualified), REMEDY).confidence(confidence);
        one.span = function.name_span;
        found.push(one);
    }
    tell(cx, &RULE, found);
}

/// Whether a function checks, going by its name, who somebody is or what somebody may do.
pub(super) fn is_check(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let Some(first) = words.first().map(String::as_str) else { return false };
    let thing = has(&[
        "token",
        "password",
        "signature",
        "permission",
        "permissions",
        "user",
        "admin",
        "auth",
        "authentication",
        "authorization",
        "authenticated",
        "authorized",
        "credentials",
        "session",
        "access",
        "role",
        "roles",
        "jwt",
        "apikey",
        "superuser",
        "owner",
        "webhook",
        "login",
        "otp",
        "hmac",
        "passcode",
        "staff",
        "scope",
        "scopes",
        "bearer",
    ]) || words.windows(2).any(|pair| pair[0] == "api" && pair[1] == "key");
    match first {
        "authenticate" | "authorize" | "authenticated" | "authorized" => true,
        "verify" | "check" | "validate" | "require" | "requires" | "ensure" => thing,
        "is" | "has" => {
            has(&[
                "admin",
                "authenticated",
                "authorized",
                "superuser",
                "permission",
                "permissions",
                "role",
                "access",
                "owner",
                "staff",
                "valid",
            ]) && thing
        }
        _ => false,
    }
}

/// Methods that say what objects of their kind are, or that other classes fill in.
fn is_polymorphic(cx: &Context<'_>, function: &Function) -> bool {
    let written = |value: Value| {
        function
            .parent
            .and_then(|parent| cx.module.function(parent))
            .map_or("", |around| cx.module.slice(around.span_of(value)))
    };
    if function.decorators.iter().any(|&one| {
        let name = written(one);
        ["abstract", "overload", "property", "fixture", "override", "patch"].iter().any(|word| name.contains(word))
    }) {
        return true;
    }
    let Some(class) = function.class.and_then(|class| cx.module.class(class)) else { return false };
    let around = cx.module.function(class.parent);
    let bases = class.bases.iter().map(|&base| around.map_or("", |around| cx.module.slice(around.span_of(base))));
    let own = words(&class.name);
    let speaks = |word: &String| {
        matches!(
            word.as_str(),
            "allow"
                | "any"
                | "public"
                | "open"
                | "null"
                | "dummy"
                | "fake"
                | "mock"
                | "test"
                | "base"
                | "abstract"
                | "noop"
                | "no"
                | "interface"
                | "default"
                | "admin"
                | "always"
                | "stub"
                | "inline"
                | "user"
                | "mixin"
                | "superuser"
                | "insecure"
                | "anonymous"
        )
    };
    // What a framework asks of a class of its own kind, `require_authentication`, is answered with yes to ask everybody.
    if function.name.starts_with("require") {
        return true;
    }
    // A class that others are made of leaves the check to them.
    let is_base = cx.is_base(&class.name);
    let others = class.methods.iter().any(|(name, _)| cx.module.symbols.text(*name) == "has_object_permission");
    own.iter().any(speaks)
        || is_base
        || others
        || function.parameters.len() < 2
        || bases.into_iter().any(|base| {
            base.contains("Protocol")
                || base.contains("ABC")
                || base.contains("Admin")
                || base.contains("Mixin")
                || base.contains("UserBase")
        })
}

/// Why a function checks nothing, if it does not.
fn stub(at: At<'_>) -> Option<(&'static str, Confidence)> {
    let function = at.function;
    let acts = function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => {
            !matches!(last_name(at.with(callee)), "print" | "debug" | "info" | "warning" | "log" | "sleep")
        }
        Op::Compare { .. }
        | Op::Raise(_)
        | Op::Function(_)
        | Op::StoreAttribute { .. }
        | Op::StoreItem { .. }
        | Op::Await(_)
        | Op::Refine { outcome: Outcome::Held | Outcome::Failed, .. }
        | Op::Subscript { .. } => true,
        _ => false,
    });
    let yes = |value: &Value| matches!(function.op(*value), Op::Constant(Constant::Bool(true)));
    if !acts && !function.returns.is_empty() && function.returns.iter().all(yes) {
        return Some(("says yes to everybody", Confidence::High));
    }
    // A check that is still to come.
    let promises = at.module.comments.iter().filter(|comment| function.span.contains(comment.span)).any(|comment| {
        let text = at.module.slice(comment.span).to_ascii_lowercase();
        ["todo", "fixme", "xxx", "hack"].iter().any(|mark| text.contains(mark))
            && ["verif", "check", "validat", "auth", "signature", "permission", "implement"]
                .iter()
                .any(|word| text.contains(word))
    });
    let refuses = function.values().any(|(_, op)| matches!(op, Op::Raise(_) | Op::Constant(Constant::Bool(false))));
    // What verifies or opens a signed value is a check, whatever else is still to come.
    let checks = function.values().any(|(value, op)| match op {
        Op::Call { callee, .. } => {
            matches!(
                last_name(at.with(callee)),
                "loads" | "unsign" | "verify" | "compare_digest" | "decode" | "checkpw"
            )
        }
        Op::Compare { op: CompareOp::Eq | CompareOp::NotEq | CompareOp::In | CompareOp::NotIn, .. } => {
            function.conditions.iter().any(|&(_, test, _)| function.plain(test) == value)
        }
        _ => false,
    });
    if promises
        && !checks
        && !refuses
        && function.returns.iter().any(|value| !matches!(function.op(*value), Op::Constant(Constant::None)))
    {
        return Some(("promises a check in a comment and makes none", Confidence::Medium));
    }
    // `def verify_signature(body, signature): pass`: what should raise never does.
    let raises = matches!(
        words(&function.name).first().map(String::as_str),
        Some("verify" | "require" | "requires" | "ensure" | "check" | "validate")
    );
    let is_empty = !acts
        && function.returns.is_empty()
        && function.values().all(|(_, op)| matches!(op, Op::Parameter(_) | Op::Constant(_)));
    let body_passes = at.module.slice(function.span).trim_end().ends_with("pass");
    (raises && is_empty && body_passes && function.class.is_none() && !function.parameters.is_empty())
        .then_some(("does nothing", Confidence::Medium))
}

fn names_caller(name: &str) -> bool {
    matches!(
        name,
        "get_current_user"
            | "current_user"
            | "get_user"
            | "get_current_active_user"
            | "authenticate_user"
            | "get_user_from_token"
            | "load_user_from_request"
    )
}

/// `return {"id": 1, "role": "admin"}`, `return User(id=1)`
fn is_made_up(at: At<'_>) -> bool {
    let function = at.function;
    let is_fixed = |value: Value| matches!(function.op(value), Op::Constant(constant) if constant != Constant::None);
    let calls = function.values().filter(|(_, op)| matches!(op, Op::Call { .. })).count();
    !function.returns.is_empty()
        && function.returns.iter().all(|&value| match function.op(value) {
            Op::Build { collection: Collection::Dict, items } => {
                calls == 0
                    && !function.list(items).is_empty()
                    && function.list(items).iter().all(|&item| is_fixed(item))
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                calls == 1
                    && !arguments.is_empty()
                    && last_name(at.with(callee)).starts_with(char::is_uppercase)
                    && arguments.iter().all(|one| is_fixed(one.value))
            }
            _ => false,
        })
}
