//! Untrusted data as the source of a template.

use casemate_python::facts::{Hit, Labels};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::pattern::tell;
use crate::rules::suspicion::dynamic;
use crate::rules::{Context, Taint, Verdict};

/// `template-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ120",
    name: "template-injection",
    summary: "Untrusted data becomes the source of a template",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1336, 94],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.7",
    page: include_str!("template_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["template"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as a template",
    message: "{call} takes data from outside for the source of a template: {source}",
    missing: "a template of your own with values passed to it",
    remedy: "Write the template yourself and pass the data to it as a value: `render_template_string(\"Hello {{ name }}\", name=name)`.",
    judge: Some(judge),
};

/// A method that is only called `from_string` reads anything, unless it is one of an environment.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::default() };
    if scene.called(hit.reach.call).contains("()") {
        return Verdict::default();
    }
    match scene.method(hit.reach.call) {
        Some((of, "from_string")) => {
            let object = scene.source.slice(scene.function.span_of(of)).to_ascii_lowercase();
            Verdict::only_if(["env", "jinja", "template", "engine"].iter().any(|word| object.contains(word)))
        }
        _ => Verdict::default(),
    }
}

/// Only who asks for suspicions hears of every source that is not a constant.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "template", &RULE) {
        let filled = Context::written(at.module, at.function, at.value);
        let message =
            format!("`{}` takes `{filled}` for the source of a template, which is not a constant", site.called());
        found.push(site.found(message, TAINT.remedy).severity(Severity::Medium).suspicion().missing(TAINT.missing));
    }
    tell(cx, &RULE, found);
}
