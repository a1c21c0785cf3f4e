//! Untrusted data in the text of an SQL statement that a DB-API cursor or connection runs.

use casemate_python::syntax::Op;

use super::is_sql;
use crate::finding::{Confidence, Severity};
use crate::models::{label, sink};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

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

pub(crate) fn check(cx: &mut Context<'_>) {
    let facts = cx.facts;
    for hit in facts.hits.iter().filter(|hit| hit.reach.kind == sink::SQL && hit.labels.meets(label::UNTRUSTED)) {
        let reach = hit.reach;
        let Some((module, function)) = cx.function(reach.module, reach.function) else { continue };
        let Op::Call { callee, .. } = function.op(reach.call) else { continue };
        // A method that is only called `execute` may run anything; its text must say that it is SQL.
        let known = reach.module == facts.module
            && facts
                .path(reach.function, callee)
                .is_some_and(|path| path.starts_with("dbapi.") || path.starts_with("asyncpg."));
        let reads = is_sql(cx.program, &reach, Some(hit), facts.module);
        if !known && !reads {
            continue;
        }
        let span = function.span_of(reach.call);
        let name = module.slice(function.span_of(callee)).to_owned();
        let path = cx.path(hit, label::UNTRUSTED, "is run as SQL");
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let finding = cx.report(
            &RULE,
            (reach.module, reach.function),
            span,
            format!("SQL run by `{}` contains data from outside: {source}", super::super::context::short(&name)),
        );
        finding.path = path;
        finding.confidence = if known || reads { Confidence::High } else { Confidence::Medium };
        finding.missing_guard = Some("bound parameters, or a check of the value against a fixed list".to_owned());
        finding.remedy =
            "Write a placeholder (`?` or `%s`) into the statement and pass the value as the second argument. For names of tables or columns, look the name up in a fixed dictionary.".to_owned();
    }
}
