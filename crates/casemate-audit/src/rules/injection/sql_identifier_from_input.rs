//! Untrusted data where SQL has a name or keyword, which no placeholder can stand for.

use casemate_python::facts::{Hit, Labels};

use super::places::names_only;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `sql-identifier-from-input`
pub(crate) static RULE: Rule = Rule {
    id: "INJ106",
    name: "sql-identifier-from-input",
    summary: "Untrusted data becomes the name of a table or column, or the direction of a sort",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("sql_identifier_from_input.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["sql", "sqlalchemy-text", "django-sql"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes a name in SQL",
    message: "{call} runs SQL in which data from outside names a table, a column or an order: {source}",
    missing: "a fixed list of names",
    remedy: "Look the name up in a dictionary that you wrote, or quote it with the driver (`psycopg.sql.Identifier`, `connection.ops.quote_name`).",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(names_only(cx, hit))
}
