//! Untrusted data in SQL that the ORM of Django takes as it stands.

use casemate_python::facts::{Hit, Labels};

use super::is_sql;
use super::places::names_only;
use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `django-raw-sql`
pub(crate) static RULE: Rule = Rule {
    id: "INJ104",
    name: "django-raw-sql",
    summary: "Untrusted data becomes part of SQL that Django runs as it stands",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("django_raw_sql.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["django-sql"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as SQL",
    message: "{call} takes SQL with data from outside: {source}",
    missing: "parameters, or a check of the value against a fixed list",
    remedy: "Write `%s` into the SQL and pass the value in `params` (of a cursor, as the second argument), or say it with `filter()`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::default() };
    // Names of tables and columns have a rule of their own.
    if names_only(cx, hit) {
        return Verdict::DISMISSED;
    }
    // A method that is only called `raw` may do anything; its text must say that it is SQL.
    let called = scene.called(hit.reach.call);
    let vague = matches!(scene.method(hit.reach.call), Some((_, "raw"))) && !called.starts_with("django.");
    Verdict::only_if(!vague || is_sql(cx.program, &hit.reach, Some(hit), cx.facts.module))
}
