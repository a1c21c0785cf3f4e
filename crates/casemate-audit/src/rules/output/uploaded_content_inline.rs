//! Files of users that browsers show as pages of the site.

use casemate_python::facts::{Hit, Labels};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::FROM_OUTSIDE;
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `uploaded-content-inline`
pub(crate) static RULE: Rule = Rule {
    id: "XSS207",
    name: "uploaded-content-inline",
    summary: "A file that a user uploaded is shown as a page of the site",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[79, 434],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "3.2.1",
    page: include_str!("uploaded_content_inline.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["inline-file", "content-type"],
    from: FROM_OUTSIDE,
    without: Labels::NONE,
    arrives: "decides what the browser shows",
    message: "{call} lets the browser show what a user sent, HTML and SVG with their scripts included: {source}",
    missing: "`Content-Disposition: attachment`, or a fixed list of types",
    remedy: "Send files of users as downloads (`as_attachment=True`, `Content-Disposition: attachment`), with a type from a fixed list, and from a host of their own.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let Some((module, function)) = cx.function(reach.module, reach.function) else { return Verdict::default() };
    let body = module.slice(function.span).to_lowercase();
    if body.contains("attachment") {
        return Verdict { dismissed: true, ..Verdict::default() };
    }
    let dismissed = if cx.knowledge.kind("content-type") == Some(reach.kind) {
        false
    } else {
        let call = module.slice(function.span_of(reach.call)).to_lowercase();
        let behind = ["upload", "attachment", "user_file", "user_content", "avatar"]
            .iter()
            .any(|word| call.contains(word) || function.name.to_lowercase().contains(word));
        !behind
    };
    Verdict { dismissed, confidence: Some(Confidence::Medium), ..Verdict::default() }
}
