//! Untrusted data as the beginning of a cell that a spreadsheet may take for a formula.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Value;

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `csv-formula-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ130",
    name: "csv-formula-injection",
    summary: "Untrusted data becomes a cell of a spreadsheet",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Pedantic,
    cwe: &[1236],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.10",
    page: include_str!("csv_formula_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["csv-cell"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes a cell",
    message: "{call} writes cells with data from outside: {source}",
    missing: "a sign before what may be a formula",
    remedy: "Put an apostrophe before cells that begin with `=`, `+`, `-`, `@`, a tab or a line break.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    Verdict::only_if(begins(&scene, value, 0))
}

/// Whether a cell of a row begins with what comes from outside.
fn begins(scene: &Scene<'_>, row: Value, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let entries = scene.entries(row);
    if !entries.is_empty() {
        return entries.iter().any(|&(_, value)| begins(scene, value, depth + 1));
    }
    match scene.items(row) {
        Some([]) | None => !scene.is_clean(row, "csv-cell") && scene.leads(row),
        Some(items) => items.iter().any(|&item| begins(scene, item, depth + 1)),
    }
}
