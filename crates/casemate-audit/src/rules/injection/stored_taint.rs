//! Data read from a database or cache that becomes part of a statement, command, code or template.

use casemate_python::facts::Hit;
use casemate_python::syntax::Op;

use super::is_sql;
use super::scene::Scene;
use casemate_secrets::Surroundings;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `stored-taint`
pub(crate) static RULE: Rule = Rule {
    id: "INJ135",
    name: "stored-taint",
    summary: "Data that was stored earlier becomes code of an interpreter",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[89, 79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("stored_taint.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["command", "code", "template", "sql", "sqlalchemy-text", "django-sql"],
    from: label::STORED,
    without: label::UNTRUSTED,
    arrives: "becomes code of an interpreter",
    message: "{call} takes what was stored earlier for code: {source}",
    missing: "placeholders, or a check against a fixed list",
    remedy: "Treat stored data like data from a request: bound parameters in SQL, lists of arguments for programs, fixed templates.",
    judge: Some(judge),
};

/// Packages whose users store what strangers send.
const WEB: &[&str] = &[
    "flask",
    "django",
    "fastapi",
    "starlette",
    "quart",
    "aiohttp",
    "tornado",
    "sanic",
    "bottle",
    "falcon",
    "pyramid",
    "litestar",
];

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::STORED) else { return Verdict::DISMISSED };
    let serves = cx.any_module(&RULE, WEB, |module| {
        cx.scope.surroundings(&module.path) == Surroundings::Product
            && module.imports.iter().any(|import| {
                import.level == 0 && import.module.split('.').next().is_some_and(|root| WEB.contains(&root))
            })
    });
    // A method that is only called `execute` may run anything.
    let sql = cx.knowledge.kind("sql") == Some(hit.reach.kind);
    if !serves || (sql && !is_sql(cx.program, &hit.reach, Some(hit), cx.facts.module)) {
        return Verdict::DISMISSED;
    }
    // Keys are numbers or made by the database.
    let is_key = scene.made_from(value).iter().any(|&from| {
        let name = match scene.function.op(from) {
            Op::Attribute { name, .. } => Some(scene.source.symbols.text(name)),
            Op::Subscript { index, .. } => scene.constant(index),
            _ => None,
        };
        name.is_some_and(|name| matches!(name, "id" | "pk" | "uuid" | "count") || name.ends_with("_id"))
    });
    Verdict { confidence: Some(Confidence::Medium), ..Verdict::only_if(!is_key) }
}
