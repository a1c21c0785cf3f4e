//! Untrusted data in the environment of this or another program.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Passing, Value};

use super::scene::{Scene, hit_at};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `environment-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ114",
    name: "environment-injection",
    summary: "Untrusted data becomes a variable of the environment that programs obey",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[454],
    owasp_2021: "A03",
    owasp_2025: "A06",
    asvs: "13.2.4",
    page: include_str!("environment_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["environment"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of the environment",
    message: "{call} sets variables of the environment from outside: {source}",
    missing: "a fixed list of variables",
    remedy: "Set the variables by names of your own, and take from outside only values of those that do not decide which code runs.",
    judge: Some(judge),
};

/// Variables that decide which code a program runs.
const OBEYED: &[&str] = &[
    "PATH",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "BASH_ENV",
    "ENV",
    "IFS",
    "SHELL",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYOPT",
    "RUBYLIB",
    "NODE_OPTIONS",
    "NODE_PATH",
    "JAVA_TOOL_OPTIONS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG_GLOBAL",
    "GIT_PROXY_COMMAND",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "PIP_INDEX_URL",
    "OPENSSL_CONF",
];

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    // `os.putenv(name, value)`
    if matches!(scene.called(hit.reach.call), "os.putenv" | "os.environ.setdefault") {
        let arguments = scene.arguments(hit.reach.call);
        let names = arguments.first().is_some_and(|first| first.value == value || is_obeyed(&scene, first.value));
        return Verdict::only_if(names);
    }
    Verdict::only_if(is_chosen(&scene, value, 0))
}

/// Whether the data in question chooses a name in a mapping, or the value of a name that is obeyed.
fn is_chosen(scene: &Scene<'_>, mapping: Value, depth: u32) -> bool {
    let entries = scene.entries(mapping);
    if entries.is_empty() {
        return match scene.function.op(scene.bare(mapping)) {
            Op::Binary { left, right, .. } if depth < 8 => {
                is_chosen(scene, left, depth + 1) || is_chosen(scene, right, depth + 1)
            }
            // `dict(os.environ, LABEL=label)`
            Op::Call { .. } if scene.called(mapping) == "dict" => scene.arguments(mapping).iter().any(|one| match one
                .passing
            {
                Passing::Keyword(name) => OBEYED.contains(&scene.source.symbols.text(name)) && scene.carries(one.value),
                _ => scene.carries(one.value),
            }),
            _ => scene.carries(mapping),
        };
    }
    entries.iter().any(|&(key, value)| match key {
        Some(key) => {
            (scene.carries(key) && !scene.is_clean(key, "environment"))
                || (scene.carries(value) && is_obeyed(scene, key))
        }
        None => {
            let value = match scene.function.op(value) {
                Op::Spread(of) => of,
                _ => value,
            };
            scene.carries(value)
        }
    })
}

fn is_obeyed(scene: &Scene<'_>, name: Value) -> bool {
    scene.constant(name).is_some_and(|name| OBEYED.contains(&name))
}

/// `os.environ[name] = value`
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut hits: Vec<Hit> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreItem { of, index, value } = op else { continue };
            if cx.facts.path(id, of) != Some("os.environ") {
                continue;
            }
            let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { continue };
            if scene.carries(index) && !scene.is_clean(index, "environment") {
                hits.push(hit_at(cx, id, at, index));
            } else if scene.carries(value) && !scene.is_clean(value, "environment") && is_obeyed(&scene, index) {
                hits.push(hit_at(cx, id, at, value));
            }
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
}
