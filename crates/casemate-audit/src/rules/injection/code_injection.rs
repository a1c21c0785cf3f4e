//! Untrusted data that is run as code.

use casemate_python::facts::Labels;
use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::{At, fact, last_name};
use crate::rules::pattern::{Found, tell};
use crate::rules::{Context, Taint, caller};

/// `code-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ115",
    name: "code-injection",
    summary: "Untrusted data is run as Python code",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[95, 94],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("code_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["code"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as code",
    message: "{call} runs data from outside as code: {source}",
    missing: "a parser that runs nothing, such as `ast.literal_eval`",
    remedy: "Read data with `json.loads` or `ast.literal_eval`, and choose actions from a dictionary of functions.",
    judge: None,
};

/// `eval(row["value"])`: a field of a document, which is data by its form and code by what is done with it.
pub(crate) fn documents(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if !matches!(site.path, "eval" | "exec" | "builtins.eval" | "builtins.exec") {
            continue;
        }
        let Some(at) = site.position(0).filter(|&at| is_of_document(cx, at)) else { continue };
        if !caller::is_product(&cx.module.path, cx) {
            continue;
        }
        let field = Context::written(at.module, at.function, at.value);
        let message = format!("`{}` runs `{field}` as code, which is a field of a document", site.called());
        let one = site.found(message, TAINT.remedy).severity(Severity::Medium).confidence(Confidence::Medium);
        let path = vec![
            cx.step(at.home, at.span(), "is read from a document".to_owned()),
            cx.step(site.at.home, site.at.span(), TAINT.arrives.to_owned()),
        ];
        found.push(Found { path, ..one.missing(TAINT.missing) });
    }
    tell(cx, &RULE, found);
}

/// Whether a value is part of what a parser made of a file, and not what a file holds as a whole.
pub(super) fn is_of_document(cx: &Context<'_>, at: At<'_>) -> bool {
    let known = fact(cx, at);
    let is_file = known.labels.meets(label::DISK) && !known.labels.meets(label::UNTRUSTED) && !known.constant;
    let is_part = match at.stripped().op() {
        Op::Subscript { .. } | Op::Item { .. } | Op::Element(_) => true,
        Op::Call { callee, .. } => last_name(at.with(callee)) == "get",
        _ => false,
    };
    is_file && is_part
}
