//! A decision about rights that rests on what the caller says of itself.

use std::sync::Arc;

use casemate_python::facts::{Entity, KeyName, Labels};
use casemate_python::names::ModuleId;
use casemate_python::routes::is_depends;
use casemate_python::syntax::{CompareOp, Constant, Function, FunctionId, FunctionKind, Op, Symbol, Value};

use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::context::short;
use crate::rules::{Context, beginning};

/// `identity-from-client`
pub(crate) static RULE: Rule = Rule {
    id: "AZN455",
    name: "identity-from-client",
    summary: "The caller says itself who it is or what it may do",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[807],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "8.3.1",
    page: include_str!("identity_from_client.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let mut found: Vec<(FunctionId, Value, Value)> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        // Where a decorator asks for a role, a field of that name is what is to be changed, not who changes it.
        if function.kind != FunctionKind::Def || has_role_guard(cx, function) {
            continue;
        }
        for &(_, test, _) in &function.conditions {
            if let Some(claim) = claim_within(cx, id, function, test, 0) {
                found.push((id, test, claim));
            }
        }
        for (value, op) in function.values() {
            // `is_admin = request.cookies.get("role") == "admin"` is tested later or elsewhere.
            if let Op::Compare { .. } = op
                && let Some(claim) = claim_within(cx, id, function, value, 0)
            {
                found.push((id, value, claim));
            }
        }
    }
    found.sort_by_key(|(id, _, claim)| (*id, *claim));
    found.dedup_by_key(|(id, _, claim)| (*id, *claim));
    let module = cx.facts.module;
    for (id, test, claim) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let (span, source) = (function.span_of(test), function.span_of(claim));
        let written = short(cx.module.slice(source));
        let steps = vec![
            cx.step(module, source, format!("`{written}` is what the caller says")),
            cx.step(module, span, format!("decides at `{}`", short(cx.module.slice(span)))),
        ];
        let finding = cx.report(
            &RULE,
            (module, id),
            span,
            format!("what the caller may do is decided by `{written}`, which the caller writes"),
        );
        finding.path = steps;
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("a role that comes from the session, a verified token or the database".to_owned());
        finding.remedy =
            "Look the role up for the authenticated caller on the server; never read it from the request.".to_owned();
    }
}

/// Whether a decorator of a function looks at roles or permissions.
fn has_role_guard(cx: &Context<'_>, function: &Function) -> bool {
    let around = function.parent.and_then(|parent| cx.module.function(parent));
    around.is_some_and(|around| {
        function.decorators.iter().any(|&decorator| {
            let written = cx.module.slice(around.span_of(decorator));
            let name = written.split('(').next().unwrap_or(written);
            words(name).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "scope" | "scopes" | "role" | "roles" | "permission" | "permissions" | "admin" | "staff" | "access"
                )
            })
        })
    })
}

/// The value in a test that is a role by its name and comes from the request.
fn claim_within(cx: &Context<'_>, id: FunctionId, function: &Function, test: Value, depth: u32) -> Option<Value> {
    if depth > 8 {
        return None;
    }
    let again = |value| claim_within(cx, id, function, value, depth + 1);
    match function.op(test) {
        Op::Not(of) | Op::Refine { of, .. } => again(of),
        Op::And(list) | Op::Or(list) => function.list(list).iter().find_map(|&operand| again(operand)),
        Op::Compare { op: CompareOp::Eq | CompareOp::NotEq | CompareOp::Is | CompareOp::IsNot, left, right } => {
            let decides = |value| match function.op(value) {
                Op::Constant(Constant::Str(text)) => is_powerful(cx.module.string(text)),
                Op::Constant(Constant::Bool(_)) => true,
                Op::Attribute { name, .. } => is_powerful(cx.module.symbols.text(name)),
                _ => false,
            };
            let claim = |value, other| (decides(other) && is_claim(cx, id, function, value)).then_some(value);
            claim(left, right).or_else(|| claim(right, left))
        }
        Op::Compare { .. } => None,
        _ => is_claim(cx, id, function, test).then_some(test).filter(|&value| says_yes_or_no(cx, function, value)),
    }
}

fn is_powerful(value: &str) -> bool {
    words(value).iter().any(|word| {
        matches!(
            word.as_str(),
            "admin"
                | "administrator"
                | "superuser"
                | "root"
                | "staff"
                | "manager"
                | "owner"
                | "true"
                | "1"
                | "yes"
                | "moderator"
        )
    })
}

/// Whether a value comes from the request under the name of a role.
fn is_claim(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    let told = label::QUERY | label::BODY | label::FORM | label::HEADER | label::COOKIE;
    let fact = cx.facts.fact(id, value);
    if !fact.labels.meets(told) || matches!(fact.entity, Entity::Class(..)) || is_of_caller(cx, function, value) {
        return false;
    }
    key_of(cx, function, value).is_some_and(|key| is_role(&key))
        // An attribute of an object is what the program made it, unless that is seen to come from the request.
        && (cx.persona == Persona::Pedantic
            || match function.op(function.bare(value)) {
                Op::Attribute { of, name } => {
                    given_by(cx, function, of, 0).is_none_or(|given| is_put_there(cx, given, name, told))
                        && beginning::comes_in(cx, id, value, told)
                }
                _ => true,
            })
}

/// The function whose answer FastAPI puts into a parameter, `user=Depends(current_user)`.
fn given_by(cx: &Context<'_>, function: &Function, value: Value, depth: u32) -> Option<(ModuleId, FunctionId)> {
    let index = match function.op(function.bare(value)) {
        Op::Parameter(index) => index,
        // Behind a branch it is one of several that are the same.
        Op::Phi(list) if depth < 4 => {
            return function.list(list).iter().find_map(|&one| given_by(cx, function, one, depth + 1));
        }
        _ => return None,
    };
    let parent = function.parent?;
    let around = cx.module.function(parent)?;
    let parameter = function.parameters.get(index as usize)?;
    let marks = parameter.annotation.into_iter().chain(parameter.default).flat_map(|mark| match around.op(mark) {
        Op::Subscript { index, .. } => match around.op(index) {
            Op::Build { items, .. } => around.list(items).to_vec(),
            _ => Vec::new(),
        },
        _ => vec![mark],
    });
    marks.into_iter().find_map(|mark| {
        let Op::Call { callee, arguments } = around.op(mark) else { return None };
        let path = cx.facts.path(parent, callee)?;
        let first = around.call_arguments(arguments).first()?;
        match cx.facts.fact(parent, first.value).entity {
            Entity::Function(module, given) if is_depends(path) => Some((module, given)),
            _ => None,
        }
    })
}

/// Whether a function answers an object that it makes with such data under this attribute. Whoever was looked up by what the
/// caller sent is what the program knows, not what the caller says.
fn is_put_there(cx: &Context<'_>, (module, id): (ModuleId, FunctionId), name: Symbol, told: Labels) -> bool {
    let (Some(facts), Some((_, body))) = (cx.all_facts.get(module), cx.function(module, id)) else { return false };
    let key = KeyName::Attribute(Arc::from(cx.module.symbols.text(name)));
    let is_made = |value: Value| {
        matches!(body.op(body.bare(value)), Op::Call { callee, .. }
            if matches!(facts.fact(id, callee).entity, Entity::Class(..)))
    };
    body.values().any(|(_, op)| match op {
        Op::Return(value) | Op::Yield(value) => {
            is_made(value) && facts.part(facts.fact(id, value), &key).is_some_and(|part| part.labels.meets(told))
        }
        _ => false,
    })
}

/// Whether a value is an attribute of whom the session or a token stands for, `request.user.is_staff`: that was found out,
/// whatever else the program put into its requests.
fn is_of_caller(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let Op::Attribute { of, .. } = function.op(function.bare(value)) else { return false };
    let written = cx.module.slice(function.span_of(function.bare(of)));
    let assigned = function.assigned.iter().any(|(_, assigned)| *assigned == function.bare(of));
    ["request.user", "req.user", "current_user", "self.user", "g.user"].iter().any(|user| match assigned {
        // `user = cast("User", request.user)`
        true => written.contains(user),
        false => written == *user || written.strip_suffix(user).is_some_and(|before| before.ends_with('.')),
    })
}

/// A bare value that is a test by itself: `is_admin`, not `role`.
fn says_yes_or_no(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    key_of(cx, function, value).is_some_and(|key| {
        let words = words(&key);
        words.iter().any(|word| matches!(word.as_str(), "is" | "admin" | "superuser"))
            && !words.iter().any(|word| word == "role" || word == "roles")
    })
}

fn is_role(name: &str) -> bool {
    let words = words(name);
    let name = words.join("_");
    let name = name.strip_prefix("x_").unwrap_or(&name);
    matches!(
        name,
        "is_admin"
            | "admin"
            | "isadmin"
            | "is_superuser"
            | "is_staff"
            | "role"
            | "user_role"
            | "userrole"
            | "roles"
            | "is_owner"
            | "is_manager"
            | "superuser"
            | "privilege"
            | "access_level"
            | "is_moderator"
            | "current_role"
            | "my_role"
    )
}

/// The key or name under which a value was read.
fn key_of(cx: &Context<'_>, function: &Function, value: Value) -> Option<String> {
    let mut value = value;
    for _ in 0..8 {
        match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => value = of,
            Op::Subscript { index, .. } => return cx.module.constant_str(function, index).map(str::to_owned),
            Op::Attribute { name, .. } => return Some(cx.module.symbols.text(name).to_owned()),
            Op::Parameter(index) => {
                return function
                    .parameters
                    .get(index as usize)
                    .map(|parameter| cx.module.symbols.text(parameter.name).to_owned());
            }
            Op::Call { callee, arguments } => {
                let Op::Attribute { of, name } = function.op(callee) else { return None };
                let name = cx.module.symbols.text(name);
                let arguments = function.call_arguments(arguments);
                if matches!(name, "lower" | "strip" | "upper" | "casefold" | "decode") {
                    value = of;
                    continue;
                }
                if name.starts_with("get") {
                    return cx.module.constant_str(function, arguments.first()?.value).map(str::to_owned);
                }
                return None;
            }
            _ => return None,
        }
    }
    None
}
