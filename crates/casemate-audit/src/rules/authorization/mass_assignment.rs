//! Fields of a stored object that the caller names.

use casemate_python::facts::Entity;
use casemate_python::syntax::{Constant, Function, FunctionId, Module, Op, Passing, Value};

use super::acts::is_model;
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::context::short;
use crate::rules::values::called;
use crate::rules::{Context, beginning};

/// `mass-assignment`
pub(crate) static RULE: Rule = Rule {
    id: "AZN453",
    name: "mass-assignment",
    summary: "A request decides which fields of an object are set",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[915],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.3.3",
    page: include_str!("mass_assignment.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Value, Value, &'static str)> = Vec::new();
    for (id, function, call, callee, arguments) in cx.calls() {
        let is_setter = matches!(function.op(callee), Op::Name(name) if cx.module.symbols.text(name) == "setattr")
            || cx.facts.path(id, callee) == Some("setattr");
        if is_setter {
            let [object, key, _] = arguments else { continue };
            let is_own = matches!(function.op(object.value), Op::Parameter(0)) && function.class.is_some();
            if !is_own && from_request(cx, id, key.value) && !is_picked(cx, function, key.value, 0) {
                found.push((id, call, key.value, "sets whatever attribute the request names"));
            }
            continue;
        }
        let Some(spread) = arguments.iter().find(|argument| argument.passing == Passing::DoubleStar) else { continue };
        // `request.GET = {"mail": request.user.mail}`: what the function put there itself.
        let is_own = function.values().any(|(_, op)| match op {
            Op::StoreAttribute { name, .. } => matches!(cx.module.symbols.text(name), "GET" | "POST"),
            _ => false,
        });
        if from_request(cx, id, spread.value)
            && !is_own
            && !is_picked(cx, function, spread.value, 0)
            && stores(cx, id, function, callee)
        {
            found.push((id, call, spread.value, "takes every field that the request brings"));
        }
    }
    let module = cx.facts.module;
    for (id, call, value, what) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let (span, source) = (function.span_of(call), function.span_of(value));
        let written = short(cx.module.slice(source));
        let called = short(cx.module.slice(span));
        let steps = vec![
            cx.step(module, source, format!("`{written}` comes from the request")),
            cx.step(module, span, format!("{what} by `{called}`")),
        ];
        let finding = cx.report(
            &RULE,
            (module, id),
            span,
            format!("`{called}` {what}: a caller adds `is_admin` or `owner_id` and it is stored"),
        );
        finding.path = steps;
        finding.confidence = Confidence::High;
        finding.missing_guard = Some(
            "a schema, form or serializer that names the fields, or a comparison of each key with a fixed list"
                .to_owned(),
        );
        finding.remedy = "Name the fields: take what a schema with only the fields a caller may set has validated, and set each by its name.".to_owned();
    }
}

fn from_request(cx: &Context<'_>, id: FunctionId, value: Value) -> bool {
    let told = label::BODY | label::FORM | label::QUERY;
    cx.facts.fact(id, value).labels.meets(told)
        && (cx.persona == Persona::Pedantic
            || !is_of_serializer(cx.module, id) && beginning::comes_in(cx, id, value, told))
}

/// Whether a method is what Django REST framework calls with the fields of a serializer, when it has looked at each.
fn is_of_serializer(module: &Module, id: FunctionId) -> bool {
    let Some(function) = module.function(id).filter(|function| function.name == "validate") else { return false };
    let Some(class) = function.class.and_then(|class| module.class(class)) else { return false };
    let around = module.function(class.parent);
    function.parameters.len() == 2
        && std::iter::once(class.name.as_str())
            .chain(class.bases.iter().filter_map(|&base| Some(module.slice(around?.span_of(base)))))
            .any(|name| words(name).iter().any(|word| word == "serializer"))
}

/// Whether what is spread was picked: by a schema, a form, a display with named keys, or a test of the key.
fn is_picked(cx: &Context<'_>, function: &Function, value: Value, depth: u32) -> bool {
    if depth > 12 {
        return false;
    }
    let again = |value| is_picked(cx, function, value, depth + 1);
    match function.op(value) {
        Op::Call { callee, arguments } => {
            let name = match function.op(callee) {
                Op::Attribute { name, .. } => cx.module.symbols.text(name),
                Op::Name(_) | Op::Import(_) => {
                    return !matches!(
                        cx.module.slice(function.span_of(callee)),
                        "dict" | "list" | "sorted" | "json.loads"
                    ) || function
                        .call_arguments(arguments)
                        .first()
                        .is_some_and(|argument| again(argument.value));
                }
                _ => return false,
            };
            match name {
                // `request.POST.dict()` has whatever was sent.
                "dict" | "to_dict" if matches!(function.op(callee), Op::Attribute { of, .. } if is_parsed_request(cx, function, of)) => {
                    false
                }
                // What a schema has validated has only its fields.
                "model_dump" | "dict" | "load" | "validate" | "validated" | "parse_obj" | "model_validate" | "dump"
                | "pick" | "only" => true,
                "parse_args" => true,
                // A method of the serializer may mend it, as `super().validate(attrs)` does.
                _ if function.call_arguments(arguments).len() == 1
                    && function.call_arguments(arguments).iter().any(|one| again(one.value))
                    && cx.module.slice(function.span_of(callee)).starts_with("self.") =>
                {
                    true
                }
                "items" | "keys" | "copy" | "to_dict" | "get" | "pop" => match function.op(callee) {
                    Op::Attribute { of, .. } => again(of),
                    _ => false,
                },
                _ => false,
            }
        }
        Op::Attribute { of, name } => {
            let name = cx.module.symbols.text(name);
            matches!(name, "validated_data" | "cleaned_data" | "validated" | "data_validated") || again(of)
        }
        // What a serializer gives its own methods has its fields, and no others.
        Op::Parameter(index) => is_validated(cx.module, function, index),
        // A test of the key against what is allowed.
        Op::Refine { test, .. } if matches!(function.op(test), Op::Compare { .. }) => true,
        Op::Refine { of, .. }
        | Op::Element(of)
        | Op::Item { of, .. }
        | Op::Await(of)
        | Op::Spread(of)
        | Op::Subscript { of, .. } => again(of),
        Op::Build { items, .. } => {
            let items = function.list(items);
            // A comprehension, or a display with its keys written out.
            items.is_empty()
                || items
                    .chunks_exact(2)
                    .all(|pair| matches!(pair, [key, _] if *key != Value::NONE && matches!(function.op(*key), Op::Constant(Constant::Str(_)))))
                || items.iter().all(|&item| item == Value::NONE || again(item))
                // `{**message.model_dump(), "text": text}`
                || items.chunks_exact(2).all(|pair| match *pair {
                    [Value::NONE, spread] => again(spread),
                    [key, _] => matches!(function.op(key), Op::Constant(Constant::Str(_))),
                    _ => false,
                })
        }
        Op::Phi(list) | Op::Or(list) => {
            function.list(list).iter().filter(|choice| choice.0 < value.0).all(|&choice| again(choice))
        }
        _ => false,
    }
}

/// Whether a parameter takes what a serializer has validated, by the names that Django REST framework gives it.
pub(crate) fn is_validated(module: &Module, function: &Function, index: u32) -> bool {
    let name = function.parameters.get(index as usize).map_or("", |one| module.symbols.text(one.name));
    let is_method = function.class.is_some() && index > 0;
    is_checked_by_decorator(module, function, index)
        || is_method
            && (name == "validated_data"
                || matches!(name, "attrs" | "attributes")
                    && matches!(function.name.as_str(), "validate" | "create" | "update"))
}

/// Whether a decorator hands a function what a schema has let through, under the names that the schema declares:
/// `@use_args(CaseSchema)`, `@blueprint.arguments(CaseSchema)`.
fn is_checked_by_decorator(module: &Module, function: &Function, index: u32) -> bool {
    let Some(around) = function.parent.and_then(|parent| module.function(parent)) else { return false };
    let is_first = function
        .parameters
        .iter()
        .take(index as usize)
        .all(|before| matches!(module.symbols.text(before.name), "self" | "cls" | "request"));
    let is_optional = function.parameters.get(index as usize).is_some_and(|one| one.default.is_some());
    (is_first || is_optional)
        && function.decorators.iter().any(|&decorator| {
            let Op::Call { callee, arguments } = around.op(decorator) else { return false };
            let name = called(module, around, callee);
            let takes_schema = around
                .call_arguments(arguments)
                .iter()
                .any(|one| words(module.slice(around.span_of(one.value))).iter().any(|word| word == "schema"));
            takes_schema
                && (words(name).iter().any(|word| word == "schema") || matches!(name, "use_args" | "arguments"))
        })
}

/// Whether a value is a part of a request by its name: `request.POST`, `request.form`.
fn is_parsed_request(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Attribute { name, .. }
        if matches!(cx.module.symbols.text(name), "POST" | "GET" | "form" | "args" | "values" | "forms" | "params" | "query_params" | "data"))
}

/// Whether a call makes or changes something that is stored.
fn stores(cx: &Context<'_>, id: FunctionId, function: &Function, callee: Value) -> bool {
    if let Entity::Class(module, class) = cx.facts.fact(id, callee).entity {
        return is_model(cx, (module, class));
    }
    let Op::Attribute { of, name } = function.op(callee) else { return false };
    let on = cx.module.slice(function.span_of(of));
    match cx.module.symbols.text(name) {
        "create" | "get_or_create" | "update_or_create" | "acreate" => on.ends_with("objects"),
        "update" => on.contains(".objects") || on.contains(".query"),
        "values" => on.contains("insert(") || on.contains("update("),
        _ => false,
    }
}
