//! Text that is declared to be safe HTML although somebody outside wrote it.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Op;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::FROM_OUTSIDE;
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `markup-unescaped`
pub(crate) static RULE: Rule = Rule {
    id: "XSS202",
    name: "markup-unescaped",
    summary: "Untrusted data is declared to be safe HTML",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("markup_unescaped.md"),
};

/// Who names another host in a request of its own shows itself its own page.
const CHOSEN: Labels = Labels(FROM_OUTSIDE.0 & !label::HOST.0);

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["markup"],
    from: CHOSEN,
    without: Labels::NONE,
    arrives: "is declared to be safe HTML",
    message: "{call} declares data from outside to be safe HTML: {source}",
    missing: "escaping, or a sanitizer with a list of what is allowed (nh3)",
    remedy: "Let the library put the value in: `format_html(\"<b>{}</b>\", value)`, `Markup(\"<b>{}</b>\").format(value)`. Where people may write HTML, clean it first: `mark_safe(nh3.clean(value))`.",
    judge: Some(judge),
};

/// Text that is made plain again at once is no HTML: `Markup(text).unescape()`.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let dismissed = cx.function(reach.module, reach.function).is_some_and(|(module, function)| {
        function.values().any(|(_, op)| match op {
            Op::Attribute { of, name } => {
                of == reach.call && matches!(module.symbols.text(name), "unescape" | "striptags")
            }
            _ => false,
        })
    });
    Verdict { dismissed, ..Verdict::default() }
}
