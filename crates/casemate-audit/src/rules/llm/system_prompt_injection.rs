//! Untrusted data in the system prompt of a language model.

use casemate_python::facts::{Hit, Labels};

use super::system_messages;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::injection::scene::Scene;
use crate::rules::{Context, Taint, Verdict, evidence};

/// `system-prompt-injection`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1302",
    name: "system-prompt-injection",
    summary: "Untrusted text becomes part of the instructions of a language model",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1427],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.3",
    page: include_str!("system_prompt_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["prompt", "system-prompt"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of the instructions",
    message: "{call} gives a language model instructions with data from outside: {source}",
    missing: "constant instructions",
    remedy: "Keep the instructions constant and put the text of the user into a message of the role `user`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // What a service answers that the program chose, a client of models makes messages of.
    if evidence::is_answer(cx, hit, label::UNTRUSTED) {
        return Verdict::DISMISSED;
    }
    if cx.knowledge.kind("system-prompt") == Some(hit.reach.kind) {
        return Verdict::default();
    }
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    Verdict::only_if(system_messages(&scene, value).iter().any(|&content| scene.carries(content)))
}
