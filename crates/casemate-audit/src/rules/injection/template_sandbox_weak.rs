//! An untrusted template in a sandbox with a door in it.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `template-sandbox-weak`
pub(crate) static RULE: Rule = Rule {
    id: "INJ121",
    name: "template-sandbox-weak",
    summary: "An untrusted template runs in a sandbox that was given dangerous things",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1336],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.7",
    page: include_str!("template_sandbox_weak.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["sandboxed-template"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as a template",
    message: "{call} runs a template from outside in a sandbox that was given dangerous things: {source}",
    missing: "a sandbox with plain values only",
    remedy: "Give the sandbox plain values only, and take `ImmutableSandboxedEnvironment`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, _: &Hit) -> Verdict {
    let given = cx.module.function_ids().any(|(id, _)| {
        Scene::here(cx, id, label::UNTRUSTED)
            .is_some_and(|scene| scene.function.values().any(|(value, op)| hands_out(&scene, value, op)))
    });
    Verdict::only_if(given)
}

/// Whether something dangerous is made a global, filter or test of an environment, or passed to a template.
fn hands_out(scene: &Scene<'_>, value: Value, op: Op) -> bool {
    match op {
        Op::StoreItem { of, value: given, .. } => is_register(scene, of) && is_dangerous(scene, given),
        Op::Call { .. } => match scene.method(value) {
            Some((of, "update")) if is_register(scene, of) => scene.arguments(value).iter().any(|one| {
                is_dangerous(scene, one.value)
                    || scene.entries(one.value).iter().any(|&(_, held)| is_dangerous(scene, held))
            }),
            Some((_, "render")) => scene.arguments(value).iter().any(|one| is_dangerous(scene, one.value)),
            _ => false,
        },
        _ => false,
    }
}

fn is_register(scene: &Scene<'_>, value: Value) -> bool {
    match scene.function.op(scene.bare(value)) {
        Op::Attribute { name, .. } => matches!(scene.source.symbols.text(name), "globals" | "filters" | "tests"),
        _ => false,
    }
}

fn is_dangerous(scene: &Scene<'_>, value: Value) -> bool {
    let path = scene.path(scene.bare(value));
    let root = path.split('.').next().unwrap_or(path);
    matches!(root, "os" | "sys" | "subprocess" | "shutil" | "importlib" | "builtins" | "socket" | "inspect" | "ctypes")
        || matches!(
            path,
            "open" | "getattr" | "setattr" | "eval" | "exec" | "compile" | "__import__" | "globals" | "vars"
        )
        || path.starts_with("flask.current_app")
        || path.starts_with("flask.Flask()")
        || matches!(path, "flask.request" | "flask.g" | "django.conf.settings" | "django.HttpRequest()")
}
