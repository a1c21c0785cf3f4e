//! Fields that only administrators may set, taken from everybody.

use casemate_python::routes::{Role, Route};
use casemate_python::syntax::{Function, Module, Op, Passing, Value};

use super::acts::asks_permission;
use super::standing::{authorizes, is_aside, may_change};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::endpoint_without_authentication::named;

/// `field-level-authorization`
pub(crate) static RULE: Rule = Rule {
    id: "AZN464",
    name: "field-level-authorization",
    summary: "An ordinary caller may set a field that grants rights",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[639],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.2.3",
    page: include_str!("field_level_authorization.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        if !may_change(route) || standing.guards.iter().any(authorizes) || standing.path.contains("admin") {
            continue;
        }
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let Some((index, field)) = privileged(route) else { continue };
        if asks_permission_beyond(source, function, &field) || excludes(source, function, &field) {
            continue;
        }
        let Some(at) = takes_over(source, function, index, &field) else { continue };
        let span = function.span_of(at);
        let message = format!("{} lets every caller set `{field}`", named(route, &standing.path));
        let finding = cx.report(&RULE, (route.module, route.handler), span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard =
            Some(format!("a schema without `{field}`, or a check of the caller's role before it is set"));
        finding.remedy = format!(
            "Take `{field}` out of the schema that ordinary callers send, and set it in a route of its own for those who may."
        );
    }
}

/// A field of the body that grants rights, and the parameter it comes with.
fn privileged(route: &Route) -> Option<(usize, String)> {
    const FIELDS: &[&str] = &[
        "is_admin",
        "is_superuser",
        "is_staff",
        "role",
        "roles",
        "permissions",
        "is_verified",
        "balance",
        "credits",
        "is_owner",
        "owner_id",
        "tenant_id",
    ];
    route.inputs.iter().find_map(|input| {
        let (module, id, index) = input.taken_by;
        if (module, id) != (route.module, route.handler) || input.role != Role::Body {
            return None;
        }
        FIELDS
            .iter()
            .find(|field| input.fields.iter().any(|known| known == *field))
            .map(|field| (index, (*field).to_owned()))
    })
}

fn parameter_behind(function: &Function, value: Value) -> Option<usize> {
    let mut value = value;
    for _ in 0..10 {
        value = match function.op(value) {
            Op::Refine { of, .. }
            | Op::Await(of)
            | Op::Element(of)
            | Op::Item { of, .. }
            | Op::Attribute { of, .. } => of,
            Op::Call { callee, .. } => match function.op(callee) {
                Op::Attribute { of, .. } => of,
                _ => return None,
            },
            Op::Parameter(index) => return Some(index as usize),
            _ => return None,
        };
    }
    None
}

/// Where the whole body, or the field of it, is stored.
fn takes_over(source: &Module, function: &Function, index: usize, field: &str) -> Option<Value> {
    let is_it = |value: Value| parameter_behind(function, value) == Some(index);
    function.values().find_map(|(value, op)| match op {
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            let is_setattr = source.slice(function.span_of(callee)) == "setattr"
                && arguments.get(1).is_some_and(|key| is_it(key.value));
            let spreads = arguments.iter().any(|argument| argument.passing == Passing::DoubleStar && is_it(argument.value));
            let by_name = arguments.iter().any(|argument| {
                matches!(argument.passing, Passing::Keyword(name) if source.symbols.text(name) == field)
                    && is_it(argument.value)
                    && matches!(function.op(argument.value), Op::Attribute { name, .. } if source.symbols.text(name) == field)
            });
            (is_setattr || spreads || by_name).then_some(value)
        }
        Op::StoreAttribute { name, value: stored, .. } if source.symbols.text(name) == field => is_it(stored).then_some(value),
        _ => None,
    })
}

/// Whether the field is left out when the body is taken over.
fn excludes(source: &Module, function: &Function, field: &str) -> bool {
    let code = source.slice(function.span);
    code.contains("exclude=") && (code.contains(&format!("\"{field}\"")) || code.contains(&format!("'{field}'")))
}

/// Whether the handler asks for a role, other than by reading the field itself.
fn asks_permission_beyond(source: &Module, function: &Function, field: &str) -> bool {
    let reads_only_field = function.values().all(|(_, op)| match op {
        Op::Attribute { of, name } => {
            source.symbols.text(name) != field || !source.slice(function.span_of(of)).contains("user")
        }
        _ => true,
    });
    let asks = asks_permission(source, function);
    if !asks {
        return false;
    }
    // `payload.role` is the field, not a question.
    !reads_only_field || function.values().any(|(_, op)| matches!(op, Op::Raise(_)))
}
