//! A secret compared with `==`, which stops at the first difference.

use casemate_python::flow::Kinds;
use casemate_python::syntax::{CompareOp, Constant, FunctionId, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, context};

/// `timing-unsafe-compare`
pub(crate) static RULE: Rule = Rule {
    id: "AUT412",
    name: "timing-unsafe-compare",
    summary: "A secret is compared in a time that depends on how much of it is right",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[208],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.2.4",
    page: include_str!("timing_unsafe_compare.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Compare { op: CompareOp::Eq | CompareOp::NotEq, left, right } = op else { continue };
            let secret = [(left, right), (right, left)]
                .into_iter()
                .find_map(|(one, other)| Some((one, compared_secret(cx, id, one, other)?)));
            if let Some((side, what)) = secret {
                found.push((id, value, side, what));
            }
        }
    }
    for (id, value, side, what) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let span = function.span_of(value);
        // Tests compare what they made themselves.
        if cx.module.slice(context::statement_at(cx.module, span)).starts_with("assert") {
            continue;
        }
        let written = Context::written(cx.module, function, side);
        let finding = cx.report(
            &RULE,
            (cx.facts.module, id),
            span,
            format!("`{written}` is {what}, and `==` takes longer the more of it is right, so it can be guessed piece by piece"),
        );
        finding.confidence = if what == "a secret" { Confidence::Medium } else { Confidence::High };
        finding.missing_guard =
            Some("a comparison that takes the same time whatever is compared (`hmac.compare_digest`)".to_owned());
        finding.remedy = if what == "the hash of a password" {
            "Let the password hashing library verify (`PasswordHasher().verify(hash, password)`); if digests must be compared, use `hmac.compare_digest(a, b)`.".to_owned()
        } else {
            "Compare with `hmac.compare_digest(a, b)`, both sides as bytes or both as ASCII text.".to_owned()
        };
    }
}

/// What secret `one` is, if comparing it with `other` gives it away.
fn compared_secret(cx: &Context<'_>, id: FunctionId, one: Value, other: Value) -> Option<&'static str> {
    let function = cx.module.function(id)?;
    let written = |value: Value| matches!(function.op(value), Op::Constant(_) | Op::Build { .. });
    if written(one) || written(other) || matches!(function.op(other), Op::Constant(Constant::None)) {
        return None;
    }
    let (secret, given) = (cx.facts.fact(id, one), cx.facts.fact(id, other));
    if secret.labels.meets(label::PASSWORD_DIGEST) {
        return Some("the hash of a password");
    }
    if secret.labels.meets(label::MAC) {
        return Some("a message authentication code");
    }
    let outside = |labels: casemate_python::flow::Labels| labels.meets(label::UNTRUSTED);
    // `password == confirmation` is fine: the caller sent both.
    // A parameter called `token` may just as well be what the caller sent; one called `expected_token` is not.
    let mut origin = one;
    while let Op::Refine { of, .. } = function.op(origin) {
        origin = of;
    }
    if let Op::Parameter(index) = function.op(origin) {
        let name =
            function.parameters.get(index as usize).map_or("", |parameter| cx.module.symbols.text(parameter.name));
        if !words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "expected" | "stored" | "correct" | "valid" | "real" | "server" | "secret" | "hash" | "known"
            )
        }) {
            return None;
        }
    }
    if secret.labels.meets(label::SECRET | label::PASSWORD)
        && !outside(secret.labels)
        && outside(given.labels)
        && cx.facts.clean(id, other) != Kinds::MAX
    {
        return Some("a secret");
    }
    None
}
