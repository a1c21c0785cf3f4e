//! Untrusted data that names a module or file to load as code.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::pattern::tell;
use crate::rules::suspicion::dynamic;
use crate::rules::{Context, Taint};

/// `dynamic-import`
pub(crate) static RULE: Rule = Rule {
    id: "INJ117",
    name: "dynamic-import",
    summary: "Untrusted data names the module that is loaded",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[470],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("dynamic_import.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["import"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names what is loaded",
    message: "{call} loads code that data from outside names: {source}",
    missing: "a fixed list of modules",
    remedy: "Look the module up in a dictionary that you wrote and take only its key from outside.",
    judge: None,
};

/// Only who asks for suspicions hears of every name that is not a constant.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "import", &RULE) {
        if !matches!(site.path, "importlib.import_module" | "__import__" | "importlib.__import__" | "runpy.run_module")
        {
            continue;
        }
        let filled = Context::written(at.module, at.function, at.value);
        let message = format!("`{}` loads what `{filled}` names, which is not a constant", site.called());
        found.push(site.found(message, TAINT.remedy).severity(Severity::Low).suspicion().missing(TAINT.missing));
    }
    tell(cx, &RULE, found);
}
