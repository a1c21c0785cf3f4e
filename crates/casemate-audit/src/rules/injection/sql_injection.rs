//! Untrusted data in the text of an SQL statement that a DB-API cursor or connection runs.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Op;

use super::is_sql;
use super::places::names_only;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `sql-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ101",
    name: "sql-injection",
    summary: "Untrusted data becomes part of an SQL statement",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("sql_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["sql"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as SQL",
    message: "SQL run by {call} contains data from outside: {source}",
    missing: "bound parameters, or a check of the value against a fixed list",
    remedy: "Write a placeholder (`?` or `%s`) into the statement and pass the value as the second argument. For names of tables or columns, look the name up in a fixed dictionary.",
    judge: Some(judge),
};

/// A method that is only called `execute` may run anything; its text must say that it is SQL.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // Names of tables and columns have a rule of their own.
    if names_only(cx, hit) {
        return Verdict::DISMISSED;
    }
    Verdict::only_if(is_known(cx, hit) || is_sql(cx.program, &hit.reach, Some(hit), cx.facts.module))
}

/// Whether what is called is a function of a driver, and not only called like one.
fn is_known(cx: &Context<'_>, hit: &Hit) -> bool {
    let reach = hit.reach;
    let Some((_, function)) = cx.function(reach.module, reach.function) else { return false };
    let Op::Call { callee, .. } = function.op(reach.call) else { return false };
    reach.module == cx.facts.module
        && cx.facts.path(reach.function, callee).is_some_and(|path| cx.knowledge.models.calls.contains_key(path))
}
