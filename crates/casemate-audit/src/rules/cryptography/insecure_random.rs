//! A secret that can be foreseen.

use casemate_python::syntax::Op;

use super::secrecy::{Generator, Purpose, bindings, is_asked_by_another, made_of};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::last_name;
use crate::rules::network::calls;
use crate::rules::pattern::{Found, tell};

/// `insecure-random`
pub(crate) static RULE: Rule = Rule {
    id: "CRY909",
    name: "insecure-random",
    summary: "A secret is made with a generator whose numbers can be foreseen",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[338, 330],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.5.1",
    page: include_str!("insecure_random.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let found = foreseen(cx);
    tell(cx, &RULE, found);
}

/// Secrets made with `random` or NumPy. Those for the recovery of an account are told elsewhere.
pub(crate) fn foreseen(cx: &Context<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for binding in bindings(cx) {
        if binding.purpose == Purpose::Recovery {
            continue;
        }
        // What only stands for a password opens nothing.
        if words(&binding.name).iter().any(|word| matches!(word.as_str(), "dummy" | "fake" | "mock" | "sample")) {
            continue;
        }
        let made = made_of(cx, binding.value);
        if made.iter().any(|one| one.generator == Generator::Secure) {
            continue;
        }
        let Some(drawn) = made.iter().find(|one| one.generator == Generator::Simulation) else { continue };
        let span = drawn.at.span();
        if found.iter().any(|known| known.span == span && known.at.0 == drawn.at.home) {
            continue;
        }
        let mut one = Found::new(
            drawn.at,
            format!("`{}` is {}, and is made with a generator whose numbers follow from those before", binding.name, binding.purpose.words()),
            "Use `secrets`: `secrets.token_urlsafe(32)` for tokens, `secrets.choice(alphabet)` for passwords and codes, `secrets.token_bytes(32)` for keys.",
        )
        .missing("a generator that nobody can foresee (`secrets`, `os.urandom`)");
        one.path = vec![
            cx.step(drawn.at.home, span, format!("`{}` can be foreseen", called(drawn.at))),
            cx.step(binding.value.home, binding.value.span(), format!("becomes `{}`", binding.name)),
        ];
        // A whole number as it was drawn tells messages of a protocol apart; what lets somebody in is a text.
        let is_number = binding.purpose == Purpose::Bearer
            && words(&binding.name).last().is_some_and(|word| word == "token")
            && matches!(called(drawn.at).as_str(), "randint" | "randrange")
            && is_returned(drawn.at);
        // A name that a client gives itself, in a program that lets nobody in.
        let is_own_name = binding.purpose == Purpose::Bearer
            && matches!(called(drawn.at).as_str(), "randint" | "randrange")
            && !cx.imports_any(&["socket", "socketserver", "http", "xmlrpc"])
            && !cx.project_imports(calls::WEB);
        let is_sent = matches!(binding.purpose, Purpose::Bearer | Purpose::Key) && is_asked_by_another(cx);
        if is_number || is_own_name || is_sent {
            one = one.suspicion();
        }
        if binding.purpose == Purpose::Fresh {
            one = one.severity(Severity::Medium).confidence(Confidence::Medium);
            // What another's signature is made unique with is checked over there.
            if is_asked_by_another(cx) {
                one = one.suspicion();
            }
        }
        found.push(one);
    }
    found
}

/// Whether nothing is made of a value in its function: it is returned as it is.
fn is_returned(at: crate::rules::constant::At<'_>) -> bool {
    Context::uses(at.function, at.value).into_iter().all(|used| matches!(at.function.op(used), Op::Return(_)))
}

fn called(at: crate::rules::constant::At<'_>) -> String {
    match at.op() {
        Op::Call { callee, .. } => last_name(at.with(callee)).to_owned(),
        _ => crate::rules::context::short(at.written()),
    }
}
