//! Untrusted data as a stylesheet of XSLT or as a parameter of one.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Passing;

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `xslt-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ125",
    name: "xslt-injection",
    summary: "Untrusted data becomes a stylesheet or an expression for one",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[91],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.5",
    page: include_str!("xslt_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["xslt"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as a stylesheet",
    message: "{call} runs a stylesheet from outside: {source}",
    missing: "a stylesheet of your own",
    remedy: "Keep stylesheets in files of your own, and give the processor `access_control=etree.XSLTAccessControl.DENY_ALL`.",
    judge: None,
};

pub(crate) static PARAMETERS: Taint = Taint {
    rule: &RULE,
    sinks: &["xslt-parameter"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes an expression for a stylesheet",
    message: "{call} passes data from outside as an XPath expression: {source}",
    missing: "`etree.XSLT.strparam`",
    remedy: "Pass the value with `etree.XSLT.strparam(value)`.",
    judge: Some(judge),
};

/// The first argument is the document.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    Verdict::only_if(matches!(scene.passing(hit.reach.call, hit.reach.argument), Some(Passing::Keyword(_))))
}
