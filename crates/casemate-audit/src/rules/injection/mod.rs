//! Untrusted data that becomes code of an interpreter.

pub(crate) mod argument_injection;
mod argv;
pub(crate) mod cache_command_injection;
pub(crate) mod class_pollution;
pub(crate) mod cli_and_env_injection;
pub(crate) mod code_injection;
pub(crate) mod converter_injection;
pub(crate) mod csv_formula_injection;
pub(crate) mod django_raw_sql;
pub(crate) mod dynamic_eval;
pub(crate) mod dynamic_import;
pub(crate) mod environment_injection;
pub(crate) mod executable_from_input;
pub(crate) mod format_string_injection;
pub(crate) mod graph_query_injection;
pub(crate) mod header_injection;
pub(crate) mod ldap_injection;
mod lines;
pub(crate) mod log_injection;
pub(crate) mod mail_injection;
pub(crate) mod nosql_injection;
pub(crate) mod orm_lookup_key_injection;
pub(crate) mod os_command_injection;
mod places;
pub(crate) mod query_dsl_injection;
pub(crate) mod reflective_call;
pub(crate) mod regex_injection;
pub(crate) mod scene;
pub(crate) mod shell_true_dynamic;
pub(crate) mod sql_identifier_from_input;
pub(crate) mod sql_injection;
pub(crate) mod sql_string_built;
pub(crate) mod sqlalchemy_text_injection;
pub(crate) mod stored_taint;
pub(crate) mod template_injection;
pub(crate) mod template_sandbox_weak;
pub(crate) mod trust_boundary_violation;
pub(crate) mod xml_injection;
pub(crate) mod xpath_injection;
pub(crate) mod xslt_injection;

use casemate_python::facts::{Hit, Reach, TextPart, text_of};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{FunctionId, Value};

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&sql_injection::RULE, &[Check::Taint(&sql_injection::TAINT)]),
    (&sql_string_built::RULE, &[Check::Module(sql_string_built::check)]),
    (&sqlalchemy_text_injection::RULE, &[Check::Module(sqlalchemy_text_injection::check)]),
    (&django_raw_sql::RULE, &[Check::Taint(&django_raw_sql::TAINT)]),
    (&orm_lookup_key_injection::RULE, &[Check::Taint(&orm_lookup_key_injection::TAINT)]),
    (&sql_identifier_from_input::RULE, &[Check::Taint(&sql_identifier_from_input::TAINT)]),
    (&nosql_injection::RULE, &[Check::Taint(&nosql_injection::TAINT)]),
    (&query_dsl_injection::RULE, &[Check::Taint(&query_dsl_injection::TAINT)]),
    (&graph_query_injection::RULE, &[Check::Taint(&graph_query_injection::TAINT)]),
    (
        &os_command_injection::RULE,
        &[Check::Taint(&os_command_injection::TAINT), Check::Taint(&os_command_injection::LISTED)],
    ),
    (&shell_true_dynamic::RULE, &[Check::Module(shell_true_dynamic::check)]),
    (&argument_injection::RULE, &[Check::Taint(&argument_injection::TAINT)]),
    (
        &executable_from_input::RULE,
        &[Check::Taint(&executable_from_input::TAINT), Check::Taint(&executable_from_input::LISTED)],
    ),
    (
        &environment_injection::RULE,
        &[Check::Taint(&environment_injection::TAINT), Check::Module(environment_injection::check)],
    ),
    (&code_injection::RULE, &[Check::Taint(&code_injection::TAINT)]),
    (&dynamic_eval::RULE, &[Check::Module(dynamic_eval::check)]),
    (&dynamic_import::RULE, &[Check::Taint(&dynamic_import::TAINT), Check::Module(dynamic_import::check)]),
    (&reflective_call::RULE, &[Check::Taint(&reflective_call::TAINT), Check::Module(reflective_call::check)]),
    (&class_pollution::RULE, &[Check::Taint(&class_pollution::TAINT), Check::Taint(&class_pollution::PATHS)]),
    (&template_injection::RULE, &[Check::Taint(&template_injection::TAINT), Check::Module(template_injection::check)]),
    (&template_sandbox_weak::RULE, &[Check::Taint(&template_sandbox_weak::TAINT)]),
    (&format_string_injection::RULE, &[Check::Taint(&format_string_injection::TAINT)]),
    (&ldap_injection::RULE, &[Check::Taint(&ldap_injection::TAINT), Check::Taint(&ldap_injection::NAMES)]),
    (&xpath_injection::RULE, &[Check::Taint(&xpath_injection::TAINT)]),
    (&xslt_injection::RULE, &[Check::Taint(&xslt_injection::TAINT), Check::Taint(&xslt_injection::PARAMETERS)]),
    (&xml_injection::RULE, &[Check::Taint(&xml_injection::TAINT)]),
    (
        &header_injection::RULE,
        &[
            Check::Taint(&header_injection::TAINT),
            Check::Module(header_injection::check),
            Check::Module(header_injection::writers),
        ],
    ),
    (&mail_injection::RULE, &[Check::Taint(&mail_injection::TAINT), Check::Module(mail_injection::check)]),
    (&log_injection::RULE, &[Check::Taint(&log_injection::TAINT)]),
    (&csv_formula_injection::RULE, &[Check::Taint(&csv_formula_injection::TAINT)]),
    (&regex_injection::RULE, &[Check::Taint(&regex_injection::TAINT)]),
    (&cache_command_injection::RULE, &[Check::Taint(&cache_command_injection::TAINT)]),
    (
        &converter_injection::RULE,
        &[Check::Taint(&converter_injection::TAINT), Check::Module(converter_injection::includes)],
    ),
    (&trust_boundary_violation::RULE, &[Check::Module(trust_boundary_violation::check)]),
    (&stored_taint::RULE, &[Check::Taint(&stored_taint::TAINT)]),
    (&cli_and_env_injection::RULE, &[Check::Taint(&cli_and_env_injection::TAINT)]),
];

/// Whether what arrives at a sink reads like SQL.
pub(crate) fn is_sql(program: &Program, reach: &Reach, passed: Option<&Hit>, passed_in: ModuleId) -> bool {
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
