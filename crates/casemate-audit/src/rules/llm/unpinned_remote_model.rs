//! Models and their code that are taken from a hub as they are at the moment.

use casemate_python::syntax::{Argument, Constant, Function, FunctionId, Op, Passing, Value};

use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `unpinned-remote-model`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1307",
    name: "unpinned-remote-model",
    summary: "A model whose code or weights can change is loaded from the network",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[494],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("unpinned_remote_model.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let pedantic = cx.persona == Persona::Pedantic;
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, call, callee, arguments) in calls {
        let name = cx.callee_name(id, function, callee);
        let last = name.rsplit('.').next().unwrap_or("").to_owned();
        let named = ["repo_id", "pretrained_model_name_or_path", "path", "model_id"]
            .iter()
            .find_map(|name| cx.keyword(arguments, name));
        let first = arguments.first().filter(|first| first.passing == Passing::Position).map(|first| first.value);
        let Some(first) = first.or(named) else { continue };
        let known = constant(cx, function, first);
        let revision = cx.keyword(arguments, "revision");
        let pinned = match revision {
            Some(revision) => constant(cx, function, revision).is_none_or(is_commit),
            None => false,
        };
        let trusts = cx
            .keyword(arguments, "trust_remote_code")
            .is_some_and(|value| matches!(function.op(value), Op::Constant(Constant::Bool(true))));
        let message = if name == "torch.hub.load" {
            let local = cx.keyword(arguments, "source").and_then(|source| cx.module.constant_str(function, source))
                == Some("local");
            match known {
                Some(repository) if !local && !repository.rsplit(':').next().is_some_and(is_commit) => {
                    format!("`{repository}` runs the code that its repository holds at the moment")
                }
                _ => continue,
            }
        } else if trusts
            && !pinned
            && known.is_none_or(|name| !is_path(name))
            && (pedantic || !is_local(cx, id, arguments))
        {
            "the code of a model is run as its repository holds it at the moment".to_owned()
        } else if pedantic && !pinned && fetches(&last, &name) && known.is_some_and(is_hub_name) {
            format!("`{}` is loaded as its repository holds it at the moment", known.unwrap_or_default())
        } else {
            continue;
        };
        let finding = cx.report(&RULE, (cx.facts.module, id), function.span_of(call), message);
        finding.missing_guard = Some("a revision that is a commit".to_owned());
        finding.remedy = "Give the full commit as `revision`, after reading the code at that commit.".to_owned();
    }
}

/// Whether a model is taken from a folder of this machine: the place is called one, or nothing else is looked at.
fn is_local(cx: &Context<'_>, id: FunctionId, arguments: &[Argument]) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    let names_folder = arguments.first().is_some_and(|first| {
        let value = function.bare(first.value);
        let given =
            function.assigned.iter().filter(|(_, held)| *held == value).map(|(name, _)| cx.module.symbols.text(*name));
        let names: Vec<String> =
            given.map(str::to_owned).chain([Context::written(cx.module, function, value)]).collect();
        names
            .iter()
            .flat_map(|name| words(name))
            .any(|word| matches!(word.as_str(), "dir" | "directory" | "folder" | "path"))
    });
    names_folder || cx.keyword(arguments, "local_files_only").is_some()
}

fn fetches(last: &str, name: &str) -> bool {
    last == "from_pretrained"
        || matches!(last, "load_dataset" | "hf_hub_download" | "snapshot_download") && name.contains('.')
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_path(name: &str) -> bool {
    name.starts_with(['.', '/', '~']) || name.contains('\\')
}

/// `owner/name`
fn is_hub_name(name: &str) -> bool {
    !is_path(name) && name.split('/').count() == 2 && !name.contains(' ')
}

fn constant<'c>(cx: &Context<'c>, function: &Function, value: Value) -> Option<&'c str> {
    match function.op(value) {
        Op::Refine { of, .. } => constant(cx, function, of),
        Op::Constant(_) => cx.module.constant_str(function, value),
        Op::Name(symbol) => {
            let body = cx.module.functions.first()?;
            let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
            cx.module.constant_str(body, body.exit.get(at)?.1)
        }
        _ => None,
    }
}
