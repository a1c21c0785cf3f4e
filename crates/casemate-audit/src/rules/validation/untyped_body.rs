//! A body that is stored or passed on without a schema.

use casemate_python::facts::Entity;
use casemate_python::routes::{Framework, Role};
use casemate_python::syntax::{Op, Passing};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::called;

/// `untyped-body`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1201",
    name: "untyped-body",
    summary: "The body of a request is used as it came",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[20, 915],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "2.2.1",
    page: include_str!("untyped_body.md"),
};

const REMEDY: &str = "Say which fields there are and of which kind: a Pydantic model, a marshmallow schema, a serializer. Take only those out of the body.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for route in
        cx.routes().into_iter().filter(|route| route.framework == Framework::FastApi && route.module == cx.facts.module)
    {
        let changes = route.methods.iter().any(|method| matches!(method.as_str(), "POST" | "PUT" | "PATCH"));
        for input in route
            .inputs
            .iter()
            .filter(|input| changes && input.role == Role::Body && input.taken_by.0 == cx.facts.module)
        {
            let written: String = input.annotation.chars().filter(|c| !c.is_whitespace()).collect();
            let is_open = matches!(
                written.as_str(),
                "dict"
                    | "Dict"
                    | "Any"
                    | "dict[str,Any]"
                    | "Dict[str,Any]"
                    | "dict[str,object]"
                    | "dict|None"
                    | "Optional[dict]"
                    | "typing.Any"
                    | "list[dict]"
                    | "List[dict]"
                    | "Annotated[dict,Body()]"
            );
            // A field whose author says what it is for, or that more may come, is meant to be any object.
            let is_meant = cx.persona == Persona::Default
                && cx.module.function(input.taken_by.1).is_some_and(|function| {
                    let around = function.parent.and_then(|parent| cx.module.function(parent));
                    let default = function.parameters.get(input.taken_by.2).and_then(|parameter| parameter.default);
                    around.zip(default).is_some_and(|(around, default)| {
                        let code = cx.module.slice(around.span_of(default));
                        code.contains("description=") || code.contains("additionalProperties")
                    })
                });
            if is_open && !is_meant {
                let message = format!(
                    "`{}` takes any object: fields nobody thought of come in, of any kind and size",
                    input.name
                );
                found.push(Told::new(input.taken_by.1, input.span, message, REMEDY));
            }
        }
    }
    for (id, function, value, callee, arguments) in cx.calls() {
        let last = called(cx.module, function, callee);
        for argument in arguments {
            let labels = cx.facts.fact(id, argument.value).labels;
            // What a schema gives back is a new value; what `json()` gives is the body.
            let is_body = labels.meets(label::BODY) && is_raw(cx, id, function, argument.value);
            let is_stored = matches!(last, "insert_one" | "insert_many" | "replace_one" | "put_item" | "add_document");
            let is_model = last.starts_with(|c: char| c.is_ascii_uppercase())
                || matches!(
                    last,
                    "create"
                        | "get_or_create"
                        | "update"
                        | "update_or_create"
                        | "from_dict"
                        | "bulk_create"
                        | "insert"
                        | "values"
                );
            if is_body
                && !has_schema(cx, id, function, callee)
                && (argument.passing == Passing::DoubleStar && is_model
                    || argument.passing == Passing::Position && is_stored)
            {
                let message =
                    format!("`{last}` takes the body as it came: its sender sets fields nobody meant him to set");
                found.push(Told::new(id, function.span_of(value), message, REMEDY).confidence(Confidence::Medium));
            }
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether what is called is a class that says of each field what it takes, and refuses the rest: a Pydantic model.
fn has_schema(
    cx: &Context<'_>,
    id: casemate_python::syntax::FunctionId,
    function: &casemate_python::syntax::Function,
    callee: casemate_python::syntax::Value,
) -> bool {
    let mut class = match cx.facts.fact(id, callee).entity {
        Entity::Class(home, class) => Some((home, class)),
        _ => None,
    };
    if class.is_none() {
        let named = words(called(cx.module, function, callee));
        return matches!(
            named.last().map(String::as_str),
            Some("request" | "schema" | "params" | "parameters" | "payload" | "input" | "query")
        );
    }
    for _ in 0..6 {
        let Some((home, at)) = class else { return false };
        let Some(source) = cx.program.module(home) else { return false };
        let Some(found) = source.class(at) else { return false };
        let Some(around) = source.function(found.parent) else { return false };
        let bases: Vec<&str> = found.bases.iter().map(|&base| source.slice(around.span_of(base))).collect();
        let is_schema = bases.iter().any(|base| {
            matches!(base.rsplit('.').next(), Some("BaseModel" | "Schema" | "Struct" | "SQLModel" | "Serializer"))
        });
        if is_schema {
            return true;
        }
        let facts = cx.all_facts.get(home);
        class = found.bases.iter().find_map(|&base| match facts?.fact(found.parent, base).entity {
            Entity::Class(home, class) => Some((home, class)),
            _ => None,
        });
    }
    false
}

/// Whether a value is the parsed body itself, not what a check made of it.
fn is_raw(
    cx: &Context<'_>,
    id: casemate_python::syntax::FunctionId,
    function: &casemate_python::syntax::Function,
    value: casemate_python::syntax::Value,
) -> bool {
    let mut value = value;
    for _ in 0..8 {
        value = match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => of,
            Op::Or(list) => match function.list(list).first() {
                Some(&first) => first,
                None => return false,
            },
            Op::Call { callee, .. } => {
                let path = cx.facts.path(id, callee).unwrap_or_default();
                return path.ends_with(".get_json")
                    || path.ends_with(".json")
                    || path == "json.loads"
                    || path.is_empty() && matches!(called(cx.module, function, callee), "get_json" | "json");
            }
            Op::Attribute { name, .. } => return matches!(cx.module.symbols.text(name), "json" | "data"),
            _ => return false,
        };
    }
    false
}
