//! Untrusted data in a text that SQLAlchemy takes for SQL.

use casemate_python::syntax::{Function, Module, Op, Span, Value};

use super::places::names_only;
use crate::finding::Severity;
use crate::models::{label, sink};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, evidence};

/// `sqlalchemy-text-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ103",
    name: "sqlalchemy-text-injection",
    summary: "Untrusted data becomes part of a textual SQLAlchemy statement",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("sqlalchemy_text_injection.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let facts = cx.facts;
    for hit in
        facts.hits.iter().filter(|hit| hit.reach.kind == sink::SQLALCHEMY_TEXT && hit.labels.meets(label::UNTRUSTED))
    {
        let reach = hit.reach;
        let Some((module, function)) = cx.function(reach.module, reach.function) else { continue };
        let Op::Call { callee, .. } = function.op(reach.call) else { continue };
        // Names of tables and columns have a rule of their own.
        if names_only(cx, hit) || cx.persona == Persona::Default && evidence::is_thin(cx, hit, label::UNTRUSTED) {
            continue;
        }
        let span = function.span_of(reach.call);
        let name = module.slice(function.span_of(callee)).to_owned();
        let mut path = cx.path(hit, label::UNTRUSTED, "is taken for SQL");
        if let Some(run) = executed(module, function, reach.call) {
            let written = super::super::context::short(module.slice(run));
            path.push(cx.step(reach.module, run, format!("is run by `{written}`")));
        }
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let finding = cx.report(
            &RULE,
            (reach.module, reach.function),
            span,
            format!("the SQL text given to `{name}` contains data from outside: {source}"),
        );
        finding.path = path;
        finding.missing_guard = Some("bound parameters, or a check of the value against a fixed list".to_owned());
        finding.remedy =
            "Write `:name` into the text and pass the value when it is executed, as in `db.execute(text(\"… = :name\"), {\"name\": value})`, or use `select()` with `where()`.".to_owned();
    }
}

/// Where a text made here is run in the same function.
fn executed(module: &Module, function: &Function, text: Value) -> Option<Span> {
    let uses = Context::uses(function, text);
    uses.into_iter().find_map(|value| {
        let Op::Call { callee, arguments } = function.op(value) else { return None };
        let Op::Attribute { name, .. } = function.op(callee) else { return None };
        let runs = matches!(
            module.symbols.text(name),
            "execute"
                | "scalar"
                | "scalars"
                | "exec"
                | "stream"
                | "stream_scalars"
                | "from_statement"
                | "fetch_all"
                | "fetch_one"
        );
        (runs && arguments.len > 0).then(|| function.span_of(value))
    })
}
