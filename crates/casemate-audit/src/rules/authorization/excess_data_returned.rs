//! A response with more of an object than anybody asked for.

use casemate_python::facts::Entity;
use casemate_python::syntax::{Function, Module, Op, Value};

use super::acts::{class_name, columns};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::endpoint_without_authentication::named;
use crate::rules::pattern::tell;
use crate::rules::told::{self, Told};
use crate::rules::values::held_by;

/// `excess-data-returned`
pub(crate) static RULE: Rule = Rule {
    id: "AZN454",
    name: "excess-data-returned",
    summary: "A response tells more of an object than it should",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[200],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "15.3.1",
    page: include_str!("excess_data_returned.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    scopes(cx);
    serializers(cx);
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let mut found = Vec::new();
        for &returned in &function.returns {
            if let Some(value) = whole_object(source, function, returned, 0) {
                let what = "every attribute of an object, with those that are added later".to_owned();
                found.push((function.span_of(value), what, Confidence::Medium));
            }
        }
        // The schema of the answer, where the framework keeps to it.
        if let Some(annotation) = function.returns_annotation
            && let Some(scope) = function.parent
            && let Entity::Class(module, class) = cx.facts.fact(scope, annotation).entity
            && let Some(column) = columns(cx, (module, class)).into_iter().find(|column| is_inside(column))
        {
            let what = format!("`{}`, which has `{column}`", class_name(cx, (module, class)));
            found.push((function.name_span, what, Confidence::Medium));
        }
        for (span, what, confidence) in found {
            let message = format!("{} answers with {what}", named(route, &standing.path));
            let finding = cx.report(&RULE, (route.module, route.handler), span, message);
            finding.confidence = confidence;
            finding.missing_guard = Some("a schema or a list of the fields that may be told".to_owned());
            finding.remedy = "Answer with a schema that names the fields (`response_model=UserOut`, a serializer with `fields`), one for each kind of reader.".to_owned();
        }
    }
}

/// `render(request, "page.html", locals())`: whatever the function holds is at hand in the template. Only who asks for
/// suspicions is told.
fn scopes(cx: &mut Context<'_>) {
    if cx.persona != Persona::Pedantic {
        return;
    }
    let mut found = Vec::new();
    for &site in cx.sites() {
        if !matches!(
            site.name(),
            "render"
                | "render_template"
                | "render_to_string"
                | "render_to_response"
                | "TemplateResponse"
                | "Context"
                | "RequestContext"
                | "render_template_string"
        ) {
            continue;
        }
        let scope = site.arguments.iter().find_map(|one| {
            let Op::Call { callee, arguments } = site.at.with(one.value).stripped().op() else { return None };
            let name = crate::rules::constant::last_name(site.at.with(callee));
            (matches!(name, "locals" | "globals") && arguments.len == 0).then_some(name)
        });
        if let Some(name) = scope {
            let message =
                format!("with `{name}()` the template gets whatever stands in that scope, with what is added later");
            let remedy = "Pass the values that the template shows, by name.";
            found.push(site.found(message, remedy).severity(Severity::Low).suspicion());
        }
    }
    tell(cx, &RULE, found);
}

/// `fields = ["name", "password"]` of a serializer, which also writes what it reads unless the field is for input alone.
fn serializers(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for meta in cx.module.classes.iter().filter(|class| class.name == "Meta") {
        let (Some(scope), Some(around)) = (cx.module.function(meta.body), cx.module.function(meta.parent)) else {
            continue;
        };
        let Some(outer) = around.class.and_then(|outer| cx.module.class(outer)) else { continue };
        let is_serializer = cx.module.function(outer.parent).is_some_and(|home| {
            outer.bases.iter().any(|&base| cx.module.slice(home.span_of(base)).ends_with("ModelSerializer"))
        });
        // Who signs up or changes a password sends one; how it is kept from the answer is said in the class.
        let code = cx.module.slice(around.span);
        let says = ["write_only", "to_representation", "pop(\"password", "pop('password", ".data"];
        let is_input = words(&outer.name).iter().any(|word| {
            matches!(
                word.as_str(),
                "create" | "register" | "registration" | "signup" | "login" | "input" | "write" | "change" | "reset"
            )
        });
        if !is_serializer || is_input || says.iter().any(|word| code.contains(word)) {
            continue;
        }
        let Some(fields) = held_by(cx.module, scope, "fields") else { continue };
        let Op::Build { items, .. } = scope.op(scope.plain(fields)) else { continue };
        for &item in scope.list(items) {
            let Some(name) = cx.module.constant_str(scope, item).filter(|name| is_inside(name)) else { continue };
            let message = format!("`{}` answers with `{name}` of the record", outer.name);
            let remedy = "Leave the field out, or say that it is for input alone: `extra_kwargs = {\"password\": {\"write_only\": True}}`.";
            found.push(Told::new(meta.body, scope.span_of(item), message, remedy).confidence(Confidence::Medium));
        }
    }
    told::report(cx, &RULE, found);
}

/// `obj.__dict__` or `vars(obj)` in what is returned.
fn whole_object(source: &Module, function: &Function, value: Value, depth: u32) -> Option<Value> {
    if depth > 6 {
        return None;
    }
    let again = |value| whole_object(source, function, value, depth + 1);
    match function.op(value) {
        Op::Attribute { of, name } => {
            let is_dict = source.symbols.text(name) == "__dict__";
            (is_dict && !matches!(function.op(of), Op::Parameter(0))).then_some(value)
        }
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            let name = source.slice(function.span_of(callee));
            if name == "vars" && !arguments.is_empty() {
                return Some(value);
            }
            let carries = [
                "jsonify",
                "JSONResponse",
                "JsonResponse",
                "Response",
                "dict",
                "json_response",
                "dumps",
                "json",
                "ORJSONResponse",
            ];
            let last = name.rsplit('.').next().unwrap_or(name);
            if carries.contains(&last) { arguments.iter().find_map(|argument| again(argument.value)) } else { None }
        }
        Op::Refine { of, .. } | Op::Await(of) | Op::Spread(of) => again(of),
        Op::Build { items, .. } => function
            .list(items)
            .iter()
            .filter(|item| **item != Value::NONE && item.0 < value.0)
            .find_map(|&item| again(item)),
        _ => None,
    }
}

/// Whether a field is for the inside only.
fn is_inside(name: &str) -> bool {
    let words = words(name);
    let has = |word: &str| words.iter().any(|known| known == word);
    matches!(
        name,
        "password"
            | "hashed_password"
            | "password_hash"
            | "passwd"
            | "salt"
            | "totp_secret"
            | "otp_secret"
            | "mfa_secret"
            | "secret_key"
    ) || (has("password") && (has("hash") || has("hashed")))
}
