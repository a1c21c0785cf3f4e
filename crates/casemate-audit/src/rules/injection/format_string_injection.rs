//! Untrusted data as the template of `str.format`.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::routes::project_classes;
use casemate_python::syntax::{Op, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict, evidence};

/// `format-string-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ122",
    name: "format-string-injection",
    summary: "Untrusted data is used as a format string",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[134],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.10",
    page: include_str!("format_string_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["format"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is used as a format string",
    message: "{call} takes data from outside for a format string: {source}",
    missing: "a format string of your own",
    remedy: "Write the format string yourself and fill the data in; for texts that people write, use `string.Template` with plain values.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    if evidence::is_answer(cx, hit, label::UNTRUSTED) {
        return Verdict::DISMISSED;
    }
    let call = hit.reach.call;
    if scene.called(call) == "string.Template" {
        // It reads names only, which is the way out that is advised above.
        let severity = Some(Severity::Low);
        return Verdict { severity, ..Verdict::only_if(cx.persona == Persona::Pedantic) };
    }
    if looks_up_itself(cx, &scene, call) {
        return Verdict::DISMISSED;
    }
    // Objects of the project have methods of this name too.
    if !scene.called(call).starts_with("string.") && is_object(&scene, call) {
        return Verdict::DISMISSED;
    }
    let arguments = scene.arguments(call);
    let given = if scene.called(call) == "str.format" { arguments.len() > 1 } else { !arguments.is_empty() };
    // Only texts are formats; plain values have nothing to walk from.
    let plain = arguments.iter().all(|one| matches!(scene.function.op(scene.bare(one.value)), Op::Constant(_)));
    Verdict::only_if(given && !plain)
}

/// Whether a class of the project says itself what the fields of a format lead to.
fn looks_up_itself(cx: &Context<'_>, scene: &Scene<'_>, call: Value) -> bool {
    let Op::Call { callee, .. } = scene.function.op(call) else { return false };
    let Op::Attribute { of, .. } = scene.function.op(scene.bare(callee)) else { return false };
    let entity = cx.all_facts.get(scene.module).map(|facts| facts.fact(scene.id, of).entity);
    let Some(Entity::Instance(home, class)) = entity else { return false };
    project_classes(cx.program, home, class)
        .into_iter()
        .any(|(home, class)| cx.program.module(home).is_some_and(|module| module.method(class, "get_field").is_some()))
}

/// Whether the method of an object that the program made is called, not that of a text.
fn is_object(scene: &Scene<'_>, call: Value) -> bool {
    let Op::Call { callee, .. } = scene.function.op(call) else { return false };
    let Op::Attribute { of, .. } = scene.function.op(scene.bare(callee)) else { return false };
    match scene.function.op(scene.bare(of)) {
        Op::Call { callee, .. } => {
            let name = match scene.function.op(scene.bare(callee)) {
                Op::Name(name) | Op::Attribute { name, .. } => scene.source.symbols.text(name),
                _ => scene.source.slice(scene.function.span_of(callee)),
            };
            // `string.Formatter().format(text, …)` formats as a text does.
            name.starts_with(|c: char| c.is_uppercase())
                && name.contains(|c: char| c.is_lowercase())
                && name != "Formatter"
        }
        _ => false,
    }
}
