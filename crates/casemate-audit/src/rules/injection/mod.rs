//! Untrusted data that becomes code of an interpreter.

pub(crate) mod sql_injection;
pub(crate) mod sql_string_built;
pub(crate) mod sqlalchemy_text_injection;

use casemate_python::flow::{Hit, Reach, TextPart, text_of};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{FunctionId, Value};

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&sql_injection::RULE, &[Check::Module(sql_injection::check)]),
    (&sql_string_built::RULE, &[Check::Module(sql_string_built::check)]),
    (&sqlalchemy_text_injection::RULE, &[Check::Module(sqlalchemy_text_injection::check)]),
];

/// Whether what arrives at a sink reads like SQL.
fn is_sql(program: &Program, reach: &Reach, passed: Option<&Hit>, passed_in: ModuleId) -> bool {
    let reads = |module: ModuleId, function: FunctionId, value: Value| {
        let text: String = text_of(program, module, function, value)
            .into_iter()
            .map(|part| match part {
                TextPart::Literal(text) => text,
                TextPart::Hole(_) => " ? ".to_owned(),
            })
            .collect();
        reads_as_sql(&text)
    };
    reads(reach.module, reach.function, reach.argument)
        || passed.is_some_and(|hit| reads(passed_in, hit.function, hit.argument))
}

/// Whether a text begins like a statement of SQL or has one of its clauses.
fn reads_as_sql(text: &str) -> bool {
    let lower = text.to_lowercase();
    let start = lower.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    let first = start.split(|c: char| c.is_whitespace()).next().unwrap_or("");
    let rest = &start[first.len()..];
    let has = |word: &str| rest.contains(word);
    match first {
        "select" => has("from") || has("?") || has("*"),
        "insert" | "replace" | "merge" => has("into"),
        "update" => has("set"),
        "delete" => has("from"),
        "create" | "drop" | "alter" | "truncate" => {
            ["table", "index", "view", "database", "schema", "user", "role", "trigger", "column", "sequence"]
                .iter()
                .any(|word| has(word))
        }
        "with" => has("select"),
        "exec" | "call" | "grant" | "revoke" | "pragma" | "use" | "attach" => !rest.trim().is_empty(),
        _ => {
            [" where ", " order by ", " from ", " union select ", " values (", " join "]
                .iter()
                .filter(|word| lower.contains(**word))
                .count()
                >= 2
        }
    }
}
