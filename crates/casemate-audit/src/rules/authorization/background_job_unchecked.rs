//! A background job that acts on whatever id it is given.

use casemate_python::syntax::{FunctionKind, Op};

use super::acts::{acts, asks_permission, class_name, is_model, model_within, owner_column, tenant_column};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `background-job-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "AZN458",
    name: "background-job-unchecked",
    summary: "A background job acts on an id and asks nobody",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.3.3",
    page: include_str!("background_job_unchecked.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let Some(scope) = function.parent.filter(|_| function.kind == FunctionKind::Def) else { continue };
        let Some(around) = cx.module.function(scope) else { continue };
        let is_job = function.decorators.iter().any(|&decorator| {
            let written = cx.module.slice(around.span_of(decorator));
            let name = written.split('(').next().unwrap_or(written);
            matches!(name.rsplit('.').next(), Some("shared_task" | "task" | "actor" | "job" | "periodic_task"))
        });
        let names: Vec<&str> =
            function.parameters.iter().map(|parameter| cx.module.symbols.text(parameter.name)).collect();
        let takes_id = names.iter().any(|name| name.ends_with("_id") || *name == "pk");
        // Who asked for it travels along: then the job can ask whether they may.
        let takes_caller = names.iter().any(|name| {
            matches!(
                *name,
                "user_id"
                    | "actor_id"
                    | "requested_by"
                    | "tenant_id"
                    | "user"
                    | "owner_id"
                    | "org_id"
                    | "organization_id"
            )
        });
        if !is_job || !takes_id || takes_caller || asks_permission(cx.module, function) {
            continue;
        }
        if acts(cx.module, function).is_empty() {
            continue;
        }
        for (value, op) in function.values() {
            let Op::Call { callee, .. } = op else { continue };
            let loads = matches!(function.op(callee), Op::Attribute { name, .. } if matches!(cx.module.symbols.text(name), "get" | "filter" | "filter_by" | "get_or_404"));
            if !loads {
                continue;
            }
            let model = model_within(cx.facts, id, function, value, &mut { 100 }).filter(|&model| is_model(cx, model));
            if let Some(model) = model
                && let Some(owner) = owner_column(cx, model).or_else(|| tenant_column(cx, model))
            {
                found.push((id, function.span_of(value), class_name(cx, model), owner));
                break;
            }
        }
    }
    for (id, span, model, owner) in found {
        let message =
            format!("this job changes any `{model}` by its id, whoever asked for it, and never looks at `{owner}`");
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.confidence = Confidence::Low;
        finding.missing_guard = Some(format!("the caller or tenant as an argument, and a condition on `{owner}`"));
        finding.remedy =
            "Pass who asked for it along with the id and load the object under both, as the route does.".to_owned();
    }
}
