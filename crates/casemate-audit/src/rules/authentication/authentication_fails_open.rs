//! A check that lets pass when it fails.

use casemate_python::syntax::{FunctionId, FunctionKind, Span, Value};

use super::authentication_stub::is_check;
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::layout::Layout;
use crate::rules::pattern::{Found, tell};

/// `authentication-fails-open`
pub(crate) static RULE: Rule = Rule {
    id: "AUT404",
    name: "authentication-fails-open",
    summary: "A check lets the caller pass when it cannot be made",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[636],
    owasp_2021: "A04",
    owasp_2025: "A10",
    asvs: "16.5.3",
    page: include_str!("authentication_fails_open.md"),
};

const REMEDY: &str =
    "Refuse whenever the check cannot be made: return False or raise, and let the program not start without its keys.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let mut layout = None;
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def || !decides(&function.name) {
            continue;
        }
        let layout = layout.get_or_insert_with(|| Layout::of(cx.module));
        for handler in layout.handlers(function.span) {
            if let Some(&at) = handler.body.iter().find(|one| lets_pass(cx.module.slice(**one))) {
                found.extend(told(cx, id, at, "when the check fails with an error, the caller passes"));
            }
        }
        for number in layout.within(function.span) {
            let head = cx.module.slice(layout.span(number));
            if !asks_for_nothing(head) {
                continue;
            }
            if let Some(&first) = layout.under(number).first()
                && lets_pass(cx.module.slice(layout.span(first)))
            {
                found.extend(told(cx, id, layout.span(first), "when there is nothing to check, the caller passes"));
            }
        }
    }
    tell(cx, &RULE, found);
}

fn told(cx: &Context<'_>, id: FunctionId, span: Span, what: &str) -> Option<Found> {
    let mut one = Found::new(cx.at(id, Value(0))?, what.to_owned(), REMEDY);
    one.span = span;
    Some(one)
}

fn decides(name: &str) -> bool {
    // Where an answer is wanted whether something has to be asked, yes is the safe one.
    let asks_whether = words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "required" | "needed" | "needs" | "expired" | "locked" | "blocked" | "denied" | "invalid"
        )
    });
    if asks_whether {
        return false;
    }
    is_check(name)
        || words(name).iter().any(|word| {
            matches!(word.as_str(), "authenticate" | "authorize" | "authenticated" | "authorized" | "permitted")
        })
        || words(name).windows(2).any(|pair| {
            matches!(
                [pair[0].as_str(), pair[1].as_str()],
                ["valid", "token" | "signature" | "password" | "user"]
                    | ["token", "valid"]
                    | ["check", "auth"]
                    | ["verify", "request"]
            )
        })
}

/// `return True`, also as the first of several things.
fn lets_pass(statement: &str) -> bool {
    let text: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    text == "return True"
        || text.starts_with("return True,")
        || text.contains("verify_signature\": False")
        || text.contains("verify=False")
}

/// `if not token:`, `if secret is None:`
fn asks_for_nothing(head: &str) -> bool {
    let Some(test) = head.strip_prefix("if ").or_else(|| head.strip_prefix("elif ")) else { return false };
    let test = test.trim();
    let asked = if let Some(rest) = test.strip_prefix("not ") {
        rest
    } else if let Some(rest) =
        test.strip_suffix(" is None").or_else(|| test.strip_suffix("== \"\"")).or_else(|| test.strip_suffix("== None"))
    {
        rest
    } else {
        return false;
    };
    // One thing that is missing, not one condition of several.
    if asked.contains(" and ") || asked.contains(" or ") || asked.contains(" in ") || asked.contains("==") {
        return false;
    }
    let words = words(asked);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&[
        "token",
        "key",
        "secret",
        "password",
        "signature",
        "credentials",
        "apikey",
        "authorization",
        "hash",
        "user",
        "session",
        "header",
        "jwt",
        "hmac",
        "role",
        "auth",
    ]) && !has(&[
        "required", "enabled", "enable", "needs", "need", "requires", "must", "expired", "revoked", "blocked",
        "banned", "locked", "is",
    ])
}
