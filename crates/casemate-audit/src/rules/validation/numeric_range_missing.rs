//! Amounts and quantities of an API without bounds.

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};

/// `numeric-range-missing`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1210",
    name: "numeric-range-missing",
    summary: "An amount or number of things may be anything",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[20, 1284],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "2.2.1",
    page: include_str!("numeric_range_missing.md"),
};

const REMEDY: &str = "Give it bounds: `quantity: int = Field(gt=0, le=1000)`, `amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (_, definition) in super::models::of_requests(cx) {
        let Some(body) = cx.module.function(definition.body) else { continue };
        let methods = cx.module.slice(body.span);
        for field in &definition.fields {
            let name = cx.module.symbols.text(field.name);
            let Some(annotation) = field.annotation.filter(|_| is_amount(name)) else { continue };
            let written: String =
                cx.module.slice(body.span_of(annotation)).chars().filter(|c| !c.is_whitespace()).collect();
            let is_open = matches!(
                written.as_str(),
                "int"
                    | "float"
                    | "Decimal"
                    | "int|None"
                    | "float|None"
                    | "Decimal|None"
                    | "Optional[int]"
                    | "Optional[float]"
                    | "Optional[Decimal]"
            );
            let is_limited = field.default.is_some_and(|default| {
                let code: String =
                    cx.module.slice(body.span_of(default)).chars().filter(|c| !c.is_whitespace()).collect();
                ["gt=", "ge=", "le=", "lt="].iter().any(|bound| code.contains(bound))
            });
            // A validator of the class for this field.
            let is_checked = methods.contains(&format!("\"{name}\"")) || methods.contains(&format!("'{name}'"));
            if is_open && !is_limited && !is_checked {
                let message =
                    format!("`{name}` of `{}` may be negative, or larger than anything makes sense", definition.name);
                found.push(Told::new(definition.body, field.span, message, REMEDY).confidence(Confidence::Medium));
            }
        }
    }
    told::report(cx, &RULE, found);
}

fn is_amount(name: &str) -> bool {
    words(name).last().is_some_and(|word| {
        matches!(
            word.as_str(),
            "amount"
                | "price"
                | "quantity"
                | "qty"
                | "cost"
                | "age"
                | "discount"
                | "total"
                | "fee"
                | "balance"
                | "salary"
                | "percentage"
                | "percent"
                | "tip"
                | "refund"
                | "deposit"
                | "stake"
                | "bid"
        )
    })
}
