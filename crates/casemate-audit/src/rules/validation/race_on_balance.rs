//! Something limited is read, compared and written back, with nothing that keeps a second request out.

use casemate_python::syntax::{BinaryOp, Function, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, is_order, speaks_of};

/// `race-on-balance`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1211",
    name: "race-on-balance",
    summary: "Two requests at once spend the same money",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[362, 367],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "2.3.4",
    page: include_str!("race_on_balance.md"),
};

const REMEDY: &str = "Let the database do it in one step (`filter(id=…, balance__gte=amount).update(balance=F(\"balance\") - amount)`, and look at how many rows that changed), or read with a lock (`select_for_update()`, `with_for_update()`) within the transaction.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["save", "commit", "flush", "asave", "merge"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let stored = function.values().find_map(|(value, op)| match op {
            Op::StoreAttribute { of, name, value: given } => {
                let name = cx.module.symbols.text(name);
                (is_limited(name) && changes_itself(cx, function, of, name, given)).then_some((value, of, name))
            }
            _ => None,
        });
        let Some((at, of, name)) = stored else { continue };
        if saves(cx, function) && is_compared(cx, function, at, of, name) && !is_kept_apart(cx, function) {
            let message = format!(
                "`{name}` is read, compared and written back in three steps: two requests at once both see the old value, and both pass"
            );
            found.push(
                Told::new(id, function.span_of(at), message, REMEDY)
                    .confidence(Confidence::Medium)
                    .missing("a lock, or one statement that compares and changes"),
            );
        }
    }
    told::report(cx, &RULE, found);
}

fn is_limited(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "balance"
                | "stock"
                | "quantity"
                | "credit"
                | "credits"
                | "points"
                | "seats"
                | "inventory"
                | "available"
                | "remaining"
                | "coins"
                | "tickets"
                | "uses"
                | "quota"
                | "budget"
        )
    })
}

/// `account.balance -= amount`, `account.balance = account.balance - amount`
fn changes_itself(cx: &Context<'_>, function: &Function, of: Value, name: &str, given: Value) -> bool {
    let Op::Binary { op: BinaryOp::Sub | BinaryOp::Add, left, right } = function.op(function.plain(given)) else {
        return false;
    };
    [left, right].into_iter().any(|side| is_field(cx, function, side, of, name))
}

fn is_field(cx: &Context<'_>, function: &Function, value: Value, of: Value, name: &str) -> bool {
    matches!(function.op(function.plain(value)), Op::Attribute { of: object, name: field } if cx.module.symbols.text(field) == name && function.plain(object) == function.plain(of))
}

fn is_compared(cx: &Context<'_>, function: &Function, before: Value, of: Value, name: &str) -> bool {
    function.values().take(before.0 as usize).any(|(_, op)| match op {
        Op::Compare { op, left, right } if is_order(op) => {
            [left, right].into_iter().any(|side| is_field(cx, function, side, of, name))
        }
        _ => false,
    })
}

fn saves(cx: &Context<'_>, function: &Function) -> bool {
    function.values().any(|(_, op)| matches!(op, Op::Call { callee, .. } if matches!(called(cx.module, function, callee), "save" | "commit" | "flush" | "asave" | "merge")))
}

/// Whether anything here speaks of a lock, or leaves the arithmetic to the database.
fn is_kept_apart(cx: &Context<'_>, function: &Function) -> bool {
    let code = cx.module.slice(function.span);
    [
        "select_for_update",
        "with_for_update",
        "F(",
        "lock",
        "Lock",
        "mutex",
        "semaphore",
        "serializable",
        "SERIALIZABLE",
        "version_id",
    ]
    .iter()
    .any(|sign| code.contains(sign))
}
