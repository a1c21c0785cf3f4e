//! A merge that follows untrusted keys from object to object.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `class-pollution`
pub(crate) static RULE: Rule = Rule {
    id: "INJ119",
    name: "class-pollution",
    summary: "Untrusted keys are followed into the attributes of objects",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[915],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.3.3",
    page: include_str!("class_pollution.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["attribute-name"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names the attribute that is set",
    message: "{call} follows keys from outside from object to object: {source}",
    missing: "a check that turns down names with underscores",
    remedy: "Write down the fields that may be set, or turn down every key that begins with `_`.",
    judge: Some(judge),
};

pub(crate) static PATHS: Taint = Taint {
    rule: &RULE,
    sinks: &["attribute-path"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names the attribute that is set",
    message: "{call} follows a path from outside from object to object: {source}",
    missing: "a fixed list of fields",
    remedy: "Write down the fields that may be set and take only values from outside.",
    judge: None,
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let sets = scene.called(hit.reach.call) == "setattr";
    Verdict::only_if(sets && is_merge(&scene, hit.reach.argument) && !is_guarded(&scene, hit.reach.argument))
}

/// Whether the function calls itself with an attribute that this name is the name of.
pub(super) fn is_merge(scene: &Scene<'_>, name: Value) -> bool {
    let name = scene.bare(name);
    scene.function.values().any(|(value, op)| {
        let Op::Call { callee, .. } = op else { return false };
        let written = scene.source.slice(scene.function.span_of(callee));
        if scene.function.name.is_empty() || written.rsplit('.').next() != Some(scene.function.name.as_str()) {
            return false;
        }
        scene.arguments(value).iter().any(|argument| {
            let passed = scene.bare(argument.value);
            scene.called(passed) == "getattr"
                && scene.arguments(passed).get(1).is_some_and(|second| scene.bare(second.value) == name)
        })
    })
}

/// Whether names with underscores are turned down.
fn is_guarded(scene: &Scene<'_>, name: Value) -> bool {
    let name = scene.bare(name);
    scene.function.values().any(|(value, _)| {
        matches!(scene.method(value), Some((of, "startswith")) if scene.bare(of) == name)
            && scene
                .arguments(value)
                .first()
                .and_then(|first| scene.constant(first.value))
                .is_some_and(|start| start.starts_with('_'))
    })
}
