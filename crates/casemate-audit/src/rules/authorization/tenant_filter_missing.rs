//! A query without the tenant that the other queries of the model name.

use rustc_hash::FxHashMap;

use casemate_python::facts::Entity;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{ClassId, Function, FunctionId, FunctionKind, Module, Op, Passing, Span, Value};

use super::acts::{class_name, is_model, tenant_column};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `tenant-filter-missing`
pub(crate) static RULE: Rule = Rule {
    id: "AZN452",
    name: "tenant-filter-missing",
    summary: "A query lacks the condition on the tenant that others have",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[639],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.4.1",
    page: include_str!("tenant_filter_missing.md"),
};

/// A query on a model with a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    module: ModuleId,
    function: FunctionId,
    span: Span,
    model: (ModuleId, ClassId),
    column: String,
    is_scoped: bool,
}

impl Query {
    /// The function it stands in.
    pub(crate) fn home(&self) -> (ModuleId, FunctionId) {
        (self.module, self.function)
    }

    /// Whether it names the tenant.
    pub(crate) fn is_scoped(&self) -> bool {
        self.is_scoped
    }
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let queries = cx.tenant_queries();
    if queries.is_empty() {
        return;
    }
    let mut scoped: FxHashMap<(ModuleId, ClassId), (usize, usize)> = FxHashMap::default();
    for query in queries {
        let known = scoped.entry(query.model).or_default();
        known.0 += usize::from(query.is_scoped);
        known.1 += 1;
    }
    let mine = cx.facts.module;
    for query in queries.iter().filter(|query| query.module == mine && !query.is_scoped) {
        let (with, all) = scoped.get(&query.model).copied().unwrap_or_default();
        // Two queries that name the tenant show that it matters; more than half show that it is the rule.
        let is_clear = with >= 2 && with * 2 >= all;
        // Half of them leave the question open, and so does a query that works for nobody in particular.
        let is_open = with * 3 < all * 2 || is_for_all(cx, query) || asks_rights(cx, query);
        if (!is_clear || is_open) && (cx.persona == Persona::Default || with == 0) {
            continue;
        }
        let (model, column) = (class_name(cx, query.model), &query.column);
        let finding = cx.report(
            &RULE,
            (query.module, query.function),
            query.span,
            format!("this query on `{model}` says nothing about `{column}`, and {with} of {all} queries on it do"),
        );
        finding.confidence = if is_clear { Confidence::High } else { Confidence::Low };
        finding.missing_guard = Some(format!("a condition on `{column}`"));
        finding.remedy =
            format!("Add the condition on `{column}` of the caller, or query through one helper that always adds it.");
    }
}

/// Whether a query stands in what works for the whole installation: a task, a command.
fn is_for_all(cx: &Context<'_>, query: &Query) -> bool {
    let Some((module, function)) = cx.function(query.module, query.function) else { return false };
    let is_place = module.path.split('/').any(|part| {
        matches!(
            part,
            "management" | "commands" | "tasks" | "tasks.py" | "jobs" | "jobs.py" | "cron.py" | "celery.py" | "scripts"
        )
    });
    let around = function.parent.and_then(|parent| module.function(parent));
    is_place
        || around.is_some_and(|around| {
            function.decorators.iter().any(|&decorator| {
                words(module.slice(around.span_of(decorator)))
                    .iter()
                    .any(|word| matches!(word.as_str(), "task" | "job" | "command" | "periodic" | "cron" | "scheduled"))
            })
        })
}

/// Whether the function of a query, or what stands before it, asks what the caller may do with what was found.
fn asks_rights(cx: &Context<'_>, query: &Query) -> bool {
    let Some((module, function)) = cx.function(query.module, query.function) else { return false };
    let says = |written: &str| {
        words(written).iter().any(|word| {
            matches!(
                word.as_str(),
                "perm"
                    | "perms"
                    | "permission"
                    | "permissions"
                    | "access"
                    | "can"
                    | "allowed"
                    | "authorize"
                    | "authorized"
                    | "superuser"
                    | "staff"
                    | "admin"
                    | "restrict"
                    | "restricted"
            )
        })
    };
    let around = function.parent.and_then(|parent| module.function(parent));
    around.is_some_and(|around| function.decorators.iter().any(|&one| says(module.slice(around.span_of(one)))))
        || function.values().any(|(_, op)| match op {
            Op::Call { callee, .. } => match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => says(module.symbols.text(name)),
                _ => false,
            },
            _ => false,
        })
}

/// Every query of the project on a model that has a tenant.
pub(crate) fn queries(cx: &Context<'_>) -> Vec<Query> {
    let mut columns: FxHashMap<(ModuleId, ClassId), Option<String>> = FxHashMap::default();
    let mut found = Vec::new();
    for (id, module) in cx.program.module_ids() {
        if is_aside(&module.path) {
            continue;
        }
        let Some(facts) = cx.all_facts.get(id) else { continue };
        for (function_id, function) in module.function_ids() {
            if function.kind != FunctionKind::Def {
                continue;
            }
            for (value, op) in function.values() {
                if !matches!(op, Op::Name(_) | Op::Import(_) | Op::Class(_) | Op::Attribute { .. }) {
                    continue;
                }
                let Entity::Class(home, class) = facts.fact(function_id, value).entity else { continue };
                let model = (home, class);
                let column = columns
                    .entry(model)
                    .or_insert_with(|| if is_model(cx, model) { tenant_column(cx, model) } else { None });
                let Some(column) = column.clone() else { continue };
                let Some(start) = begins_query(module, function, value) else { continue };
                let is_scoped = names_tenant(module, function, start, &column);
                let span = function.span_of(start);
                found.push(Query { module: id, function: function_id, span, model, column, is_scoped });
            }
        }
    }
    found.sort_by_key(|query| (query.module, query.function, query.span.start, query.span.end));
    found.dedup_by_key(|query| (query.module, query.function, query.span.start));
    found
}

/// The value at which a query on a model begins: `Model.objects`, `Model.query`, `select(Model)`, `session.query(Model)`.
fn begins_query(module: &Module, function: &Function, model: Value) -> Option<Value> {
    function.values().skip(model.0 as usize + 1).take(40).find_map(|(value, op)| match op {
        Op::Attribute { of, name } if of == model => {
            matches!(module.symbols.text(name), "objects" | "query" | "_default_manager").then_some(value)
        }
        Op::Call { callee, arguments } => {
            let first = function.call_arguments(arguments).first()?;
            if first.value != model || first.passing != Passing::Position {
                return None;
            }
            let name = match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => module.symbols.text(name),
                Op::Import(import) => {
                    module.imports.get(import as usize).and_then(|import| import.name.as_deref()).unwrap_or("")
                }
                _ => "",
            };
            matches!(name, "query" | "select" | "get" | "get_object_or_404" | "get_list_or_404").then_some(value)
        }
        _ => None,
    })
}

/// Whether what is made of a query names the tenant, or something that goes by it, or creates instead of asking.
fn names_tenant(module: &Module, function: &Function, start: Value, column: &str) -> bool {
    let stem = column.strip_suffix("_id").unwrap_or(column);
    let speaks = |name: &str| {
        name == stem
            || name.starts_with(column)
            || name.starts_with(&format!("{stem}_"))
            || name.ends_with(&format!("_{stem}"))
    };
    let mut values = Context::uses(function, start);
    values.push(start);
    values.into_iter().any(|value| {
        let mut operands = function.operands_of(value);
        operands.push(value);
        let by_keyword = match function.op(value) {
            Op::Call { callee, arguments } => {
                let creates = matches!(function.op(callee), Op::Attribute { name, .. }
                    if matches!(module.symbols.text(name), "create" | "bulk_create" | "get_or_create" | "update_or_create" | "for_tenant" | "none")
                        || module.symbols.text(name).starts_with("for_user"));
                creates
                    || function.call_arguments(arguments).iter().any(|argument| {
                        matches!(argument.passing, Passing::Keyword(name) if speaks(module.symbols.text(name)))
                            || argument.passing == Passing::DoubleStar
                    })
            }
            _ => false,
        };
        by_keyword || names_within(module, function, &operands, &speaks, 3)
    })
}

fn names_within(
    module: &Module,
    function: &Function,
    values: &[Value],
    speaks: &dyn Fn(&str) -> bool,
    depth: u32,
) -> bool {
    values.iter().any(|&value| match function.op(value) {
        Op::Attribute { of, name } => {
            speaks(module.symbols.text(name)) || (depth > 0 && names_within(module, function, &[of], speaks, depth - 1))
        }
        Op::Compare { left, right, .. } => {
            depth > 0 && names_within(module, function, &[left, right], speaks, depth - 1)
        }
        _ => false,
    })
}
