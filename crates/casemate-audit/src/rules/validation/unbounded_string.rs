//! Texts and lists of an API without a length.

use casemate_python::routes::Role;
use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};

/// `unbounded-string`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1202",
    name: "unbounded-string",
    summary: "A field accepts a text or list of any length",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "2.2.1",
    page: include_str!("unbounded_string.md"),
};

const REMEDY: &str = "Give it a length: `name: str = Field(max_length=200)`, `tags: list[str] = Field(max_length=20)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let bodies = super::models::of_requests(cx);
    for (_, definition) in bodies {
        let Some(body) = cx.module.function(definition.body) else { continue };
        for field in &definition.fields {
            let Some(annotation) = field.annotation else { continue };
            let written: String =
                cx.module.slice(body.span_of(annotation)).chars().filter(|c| !c.is_whitespace()).collect();
            let is_open = matches!(written.as_str(), "str" | "str|None" | "Optional[str]" | "bytes")
                || written.starts_with("list[")
                || written.starts_with("List[");
            let is_limited = written.contains("max_length")
                || field.default.is_some_and(|default| {
                    let code = cx.module.slice(body.span_of(default));
                    code.contains("max_length") || code.contains("pattern") || code.contains("regex")
                });
            if is_open && !is_limited && !matches!(field.default.map(|default| body.op(default)), Some(Op::Function(_)))
            {
                let name = cx.module.symbols.text(field.name);
                let message = format!("`{name}` of `{}` may be as long as its sender likes", definition.name);
                found.push(Told::new(definition.body, field.span, message, REMEDY).confidence(Confidence::Low));
            }
        }
    }
    let home = cx.facts.module;
    for route in cx.routes() {
        for input in route
            .inputs
            .iter()
            .filter(|input| input.role == Role::Query && input.taken_by.0 == home && input.taken_by.1 == route.handler)
        {
            let written: String = input.annotation.chars().filter(|c| !c.is_whitespace()).collect();
            if (written.starts_with("list[") || written.starts_with("List[")) && !written.contains("max_length") {
                let message = format!("`{}` may be repeated as often as the caller likes", input.name);
                found.push(Told::new(route.handler, input.span, message, REMEDY).confidence(Confidence::Low));
            }
        }
    }
    told::report(cx, &RULE, found);
}
