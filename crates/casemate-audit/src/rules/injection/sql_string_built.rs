//! SQL put together from strings, where the values cannot be shown to come from outside.

use casemate_python::facts::{Entity, Reach, TextPart, text_of};

use casemate_python::syntax::Op;

use super::is_sql;
use super::places::stands_as_name;
use crate::finding::{Confidence, Severity};
use crate::models::{label, sink};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, items};
use crate::rules::pattern::tell;
use crate::rules::suspicion::{is_dynamic, is_number};

/// `sql-string-built`
pub(crate) static RULE: Rule = Rule {
    id: "INJ102",
    name: "sql-string-built",
    summary: "An SQL statement is put together from strings",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("sql_string_built.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let models = &cx.knowledge.models;
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, value, callee, arguments) in calls {
        let model = match cx.facts.fact(id, callee).entity {
            Entity::Path(_) => cx.facts.path(id, callee).and_then(|path| models.calls.get(path)),
            _ => None,
        };
        let name = cx.callee_name(id, function, callee);
        let last = name.rsplit('.').next().unwrap_or("");
        let is_of_nobody = model.is_none();
        let model = model.or_else(|| models.methods.get(last));
        let django = cx.knowledge.kind("django-sql");
        let of_sql = |kind: u8| matches!(kind, sink::SQL | sink::SQLALCHEMY_TEXT) || Some(kind) == django;
        // What is called so takes a statement, if its text reads like one.
        let is_called_so = is_of_nobody
            && matches!(last, "query" | "run_query" | "execute_query" | "raw_query" | "run_sql" | "execute_sql");
        if !is_called_so && !model.is_some_and(|model| model.sinks.iter().any(|one| of_sql(one.kind))) {
            continue;
        }
        let Some(first) = arguments.first() else { continue };
        let fact = cx.facts.fact(id, first.value);
        // `execute(text(…))`: the text itself has been asked about.
        let made = match function.op(first.value) {
            Op::Call { callee, .. } => cx.facts.path(id, callee).unwrap_or(""),
            _ => "",
        };
        if matches!(made, "sqlalchemy.text" | "sqlalchemy.literal_column") {
            continue;
        }
        // What is given there is a part of a statement, whatever it looks like.
        let is_part = matches!(cx.facts.path(id, callee), Some("sqlalchemy.text" | "sqlalchemy.literal_column"));
        // What is shown to come from outside is told by the rules about that.
        if fact.constant || fact.labels.meets(label::UNTRUSTED) {
            continue;
        }
        let parts = text_of(cx.program, cx.facts.module, id, first.value);
        let written = parts.iter().any(|part| matches!(part, TextPart::Literal(_)));
        let hole = parts.iter().find_map(|part| match part {
            TextPart::Hole(hole)
                if !cx.facts.fact(id, *hole).constant
                    && cx.facts.clean(id, *hole) & (1 << sink::SQL) == 0
                    && !cx.at(id, *hole).is_some_and(|at| is_number(cx, at)) =>
            {
                Some(*hole)
            }
            _ => None,
        });
        let reach =
            Reach { kind: sink::SQL, module: cx.facts.module, function: id, call: value, argument: first.value };
        let Some(hole) = hole else { continue };
        if !written || !is_part && !is_sql(cx.program, &reach, None, cx.facts.module) {
            continue;
        }
        let filled = Context::written(cx.module, function, hole);
        // A name cannot be a parameter.
        let text: String = parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text) => text.as_str(),
                TextPart::Hole(one) if *one == hole => "\u{1}",
                TextPart::Hole(_) => "\u{2}",
            })
            .collect();
        let is_name = stands_as_name(&text);
        let finding = cx.report(
            &RULE,
            (cx.facts.module, id),
            function.span_of(value),
            format!(
                "an SQL statement is put together with `{filled}`, {}",
                if is_name { "a name that is not a constant" } else { "which is not a constant" }
            ),
        );
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some(if is_name { "a fixed list of names" } else { "bound parameters" }.to_owned());
        finding.remedy = if is_name {
            "Look the name up in a dictionary that you wrote, or quote it with the driver (`psycopg.sql.Identifier`)."
        } else {
            "Write a placeholder into the statement and pass the value separately, so that it stays a value whoever calls this."
        }
        .to_owned();
    }
    parts_of_queries(cx);
}

/// `query.filter("name = '%s'" % name)`, `objects.extra(where=["name = '%s'" % name])`: parts of a statement that an ORM takes as text.
fn parts_of_queries(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let Some(receiver) = site.receiver() else { continue };
        let of = receiver.written();
        let is_built = |at: At<'_>| {
            let parts = text_of(cx.program, at.home, at.id, at.value);
            let has_text = parts.iter().any(|part| matches!(part, TextPart::Literal(text) if !text.trim().is_empty()));
            has_text && parts.iter().any(|part| matches!(part, TextPart::Hole(_))) && is_dynamic(cx, at)
        };
        let given: Vec<At<'_>> = match site.name() {
            "filter" | "having" | "order_by" | "group_by" | "where"
                if of.contains("query(") || of.contains("select(") =>
            {
                site.position(0).into_iter().filter(|&at| is_built(at)).collect()
            }
            "extra" if of.contains(".objects") || cx.imports_any(&["django"]) => {
                let mut all = Vec::new();
                for one in site.arguments {
                    let at = site.at.with(one.value);
                    let inner = items(cx, at).unwrap_or_default();
                    all.extend(inner.into_iter().chain([at]));
                }
                all.into_iter().filter(|&at| is_dynamic(cx, at)).collect()
            }
            _ => continue,
        };
        if let Some(at) = given.first() {
            let filled = Context::written(at.module, at.function, at.value);
            let message =
                format!("a part of an SQL statement is put together with `{filled}`, which is not a constant");
            let remedy = "Say it with columns and values (`filter(Model.name == name)`, `filter(name=name)`), or bind the value (`text(\"name = :name\").bindparams(name=name)`, `params=[name]`).";
            found.push(site.found(message, remedy).confidence(Confidence::Low).missing("bound parameters"));
        }
    }
    tell(cx, &RULE, found);
}
