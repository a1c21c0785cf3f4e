//! Text from pages, files, mails or databases in the prompt of a model that has tools.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Constant, Op};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::injection::scene::Scene;
use crate::rules::{Context, Taint, Verdict};

/// `indirect-prompt-injection`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1303",
    name: "indirect-prompt-injection",
    summary: "Text of strangers is given to a language model that may use tools",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1427],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.3",
    page: include_str!("indirect_prompt_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["prompt", "agent-prompt"],
    from: Labels(label::FILE.0 | label::NETWORK.0 | label::ANSWER.0 | label::MESSAGE.0 | label::STORED.0),
    without: Labels::NONE,
    arrives: "becomes part of a prompt",
    message: "{call} gives a model with tools text that others wrote: {source}",
    missing: "a model without tools for foreign text",
    remedy: "Let a model without tools read foreign text, and ask the user before a tool changes or sends something.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    if cx.knowledge.kind("agent-prompt") == Some(hit.reach.kind) {
        return Verdict::default();
    }
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let tools = ["tools", "functions"].iter().find_map(|name| scene.keyword(hit.reach.call, name));
    let none = tools.is_some_and(|tools| {
        matches!(scene.function.op(scene.bare(tools)), Op::Constant(Constant::None))
            || scene.items(tools).is_some_and(<[_]>::is_empty)
    });
    Verdict::only_if(tools.is_some() && !none)
}
