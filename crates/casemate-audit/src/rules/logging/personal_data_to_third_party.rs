//! What is told to others about people.

use casemate_python::syntax::{Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::context::short;
use crate::rules::network::calls::{self, Call};

/// `personal-data-to-third-party`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1106",
    name: "personal-data-to-third-party",
    summary: "Something about a person is told to a third party",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Pedantic,
    cwe: &[359],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "14.2.3",
    page: include_str!("personal_data_to_third_party.md"),
};

/// Sinks where others get to know.
pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("third-party") else { return };
    let mut found = Vec::new();
    for call in calls::calls(cx) {
        let known = cx.knowledge.models.calls.get(call.path);
        if !known.is_some_and(|model| model.sinks.iter().any(|sink| sink.kind == kind)) {
            continue;
        }
        for argument in call.arguments {
            if let Some((value, name)) = personal(cx, &call, argument.value, 0) {
                found.push((call, value, name));
                break;
            }
        }
    }
    for (call, value, name) in found {
        let home = cx.facts.module;
        let source = call.function.span_of(value);
        let written = short(cx.module.slice(call.function.span_of(call.callee)));
        let path = vec![
            cx.step(home, source, format!("`{name}` is about a person")),
            cx.step(home, call.span(), format!("is told to others by `{written}`")),
        ];
        let finding = calls::tell(
            cx,
            &RULE,
            call.id,
            call.span(),
            format!("`{written}` tells others about a person: `{name}`"),
            "Send an id that says nothing outside of your own system, or what was asked for and agreed to.",
            Confidence::Medium,
        );
        finding.path = path;
    }
}

/// A value about a person that becomes part of what is passed, and what it is called.
fn personal(cx: &Context<'_>, call: &Call<'_>, value: Value, depth: u32) -> Option<(Value, String)> {
    let function = call.function;
    if depth > 12 || value == Value::NONE {
        return None;
    }
    let named = match function.op(value) {
        Op::Attribute { name, .. } => Some(cx.module.symbols.text(name)),
        Op::Subscript { index, .. } => cx.module.constant_str(function, index),
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map(|parameter| cx.module.symbols.text(parameter.name))
        }
        _ => None,
    };
    if let Some(name) = named {
        return is_personal(name).then(|| (value, name.to_owned()));
    }
    match function.op(value) {
        // What a function of the project makes of it may be anything: a digest, a mask.
        Op::Call { callee, arguments } => match calls::name_of(cx.module, function, callee) {
            "str" | "format" | "join" | "lower" | "strip" | "dict" | "dumps" => {
                let mut inner: Vec<Value> =
                    function.call_arguments(arguments).iter().map(|argument| argument.value).collect();
                if let Op::Attribute { of, .. } = function.op(callee) {
                    inner.push(of);
                }
                inner.into_iter().find_map(|one| personal(cx, call, one, depth + 1))
            }
            "get" => {
                let name = function
                    .call_arguments(arguments)
                    .first()
                    .and_then(|key| cx.module.constant_str(function, key.value))?;
                is_personal(name).then(|| (value, name.to_owned()))
            }
            _ => None,
        },
        Op::Refine { of, .. } | Op::Spread(of) => personal(cx, call, of, depth + 1),
        Op::Build { .. } | Op::Format(_) | Op::Binary { .. } | Op::Phi(_) | Op::Or(_) => function
            .operands_of(value)
            .into_iter()
            .filter(|one| one.0 < value.0)
            .find_map(|one| personal(cx, call, one, depth + 1)),
        _ => None,
    }
}

/// Whether a name is that of something about a person.
fn is_personal(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    matches!(
        last,
        "email"
            | "mail"
            | "phone"
            | "ssn"
            | "dob"
            | "birthdate"
            | "birthday"
            | "iban"
            | "passport"
            | "firstname"
            | "lastname"
            | "surname"
            | "fullname"
            | "telephone"
            | "mobile"
    ) || matches!(
        (before, last),
        ("email", "address")
            | ("phone", "number")
            | ("first" | "last" | "full" | "real" | "birth", "name")
            | ("of", "birth")
            | ("birth", "date")
            | ("home" | "postal" | "street", "address")
            | ("passport" | "card" | "account" | "insurance" | "tax", "number")
            | ("credit", "card")
            | ("medical", "record")
    )
}
