//! A number of rows from outside that reaches a query without an upper bound.

use casemate_python::syntax::{Op, Passing};

use super::numbers::{passed, unbounded};
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, speaks_of};

/// `unbounded-pagination`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1203",
    name: "unbounded-pagination",
    summary: "A page may be as long as the caller likes",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "2.2.1",
    page: include_str!("unbounded_pagination.md"),
};

const REMEDY: &str = "Give it an upper bound: `limit: int = Query(50, le=200)`, or `min(limit, 200)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(
        cx,
        &[
            "limit",
            "fetchmany",
            "to_list",
            "paginate",
            "Paginator",
            "islice",
            "size",
            "Limit",
            "MaxKeys",
            "page_size",
            "per_page",
        ],
    ) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let last = called(cx.module, function, callee);
        let is_method = matches!(function.op(callee), Op::Attribute { .. });
        let size = match last {
            "limit" | "fetchmany" | "to_list" if is_method => passed(cx, arguments, 0, &["limit", "size", "length"]),
            "paginate" => passed(cx, arguments, 9, &["per_page", "page_size", "limit"]),
            "Paginator" => passed(cx, arguments, 1, &["per_page"]),
            "islice" => passed(cx, arguments, 2, &[]).or_else(|| passed(cx, arguments, 1, &[])),
            "find" | "scan" | "search" | "list_objects_v2" | "query" | "find_all" => {
                passed(cx, arguments, 99, &["limit", "size", "Limit", "MaxKeys", "page_size"])
            }
            _ => arguments.iter().find_map(|argument| match argument.passing {
                // Functions of the project that pass it on to a query.
                Passing::Keyword(name)
                    if matches!(cx.module.symbols.text(name), "limit" | "page_size" | "per_page") && is_query(last) =>
                {
                    Some(argument.value)
                }
                _ => None,
            }),
        };
        let Some(source) = size.and_then(|size| unbounded(cx, id, size)) else { continue };
        let what = cx.module.slice(source.span);
        let message = format!(
            "`{last}` returns as many rows as the caller asks for (`{}`): one request reads the whole table",
            super::shown(what)
        );
        let path = vec![
            cx.step(cx.facts.module, source.span, "is chosen by the caller".to_owned()),
            cx.step(cx.facts.module, function.span_of(value), format!("limits the rows by `{last}`")),
        ];
        found.push(Told::new(id, function.span_of(value), message, REMEDY).path(path).missing("an upper bound"));
    }
    told::report(cx, &RULE, found);
}

fn is_query(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "find" | "query" | "fetch" | "select" | "paginate"))
}
