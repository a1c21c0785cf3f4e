//! Language models, and the tools they may use.

pub(crate) mod agent_tool_unauthorized;
pub(crate) mod dangerous_agent_tool;
pub(crate) mod indirect_prompt_injection;
pub(crate) mod model_output_executed;
pub(crate) mod secret_or_pii_in_prompt;
pub(crate) mod system_prompt_injection;
pub(crate) mod tool_parameter_injection;
pub(crate) mod unbounded_model_use;
pub(crate) mod unpinned_remote_model;
pub(crate) mod vector_store_deserialization;

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Value};

use super::injection::scene::Scene;
use super::{Check, Context, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (
        &model_output_executed::RULE,
        &[Check::Taint(&model_output_executed::TAINT), Check::Module(model_output_executed::named)],
    ),
    (&system_prompt_injection::RULE, &[Check::Taint(&system_prompt_injection::TAINT)]),
    (&indirect_prompt_injection::RULE, &[Check::Taint(&indirect_prompt_injection::TAINT)]),
    (&dangerous_agent_tool::RULE, &[Check::Module(dangerous_agent_tool::check)]),
    (&agent_tool_unauthorized::RULE, &[Check::Module(agent_tool_unauthorized::check)]),
    (&tool_parameter_injection::RULE, &[Check::Taint(&tool_parameter_injection::TAINT)]),
    (&unpinned_remote_model::RULE, &[Check::Module(unpinned_remote_model::check)]),
    (&vector_store_deserialization::RULE, &[Check::Module(vector_store_deserialization::check)]),
    (&secret_or_pii_in_prompt::RULE, &[Check::Taint(&secret_or_pii_in_prompt::TAINT)]),
    (&unbounded_model_use::RULE, &[Check::Module(unbounded_model_use::check)]),
];

/// Whether what arrives is run, and not a value among others: a text of SQL, a whole command, the program itself.
fn is_run(cx: &Context<'_>, hit: &Hit, wanted: Labels) -> bool {
    let kind = hit.reach.kind;
    let is = |name: &str| cx.knowledge.kind(name) == Some(kind);
    let Some(scene) = Scene::of(cx, hit, wanted) else { return false };
    if is("command") {
        return !super::injection::os_command_injection::is_vague(cx, hit);
    }
    if is("argv") {
        let Some((scene, value)) = Scene::of_text(cx, hit, wanted) else { return false };
        return match scene.items(value) {
            Some(items) => runs_shell(&scene, items),
            None => scene.leads(value),
        };
    }
    if is("sql") {
        // A method that is only called `execute` may run anything.
        let known =
            reaches_known(cx, hit) || super::injection::is_sql(cx.program, &hit.reach, Some(hit), cx.facts.module);
        let named = scene.method(hit.reach.call).is_some_and(|(of, _)| {
            let object = scene.source.slice(scene.function.span_of(of)).to_ascii_lowercase();
            ["cursor", "conn", "db", "engine", "session", "database"].iter().any(|word| object.contains(word))
        });
        return known || named;
    }
    true
}

fn reaches_known(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some((_, function)) = cx.function(hit.reach.module, hit.reach.function) else { return false };
    let Op::Call { callee, .. } = function.op(hit.reach.call) else { return false };
    hit.reach.module == cx.facts.module
        && cx.facts.path(hit.reach.function, callee).is_some_and(|path| cx.knowledge.models.calls.contains_key(path))
}

/// A program named by what is followed, or a shell that is given it.
fn runs_shell(scene: &Scene<'_>, items: &[Value]) -> bool {
    let shells = ["sh", "bash", "zsh", "dash", "cmd", "powershell", "python", "python3", "node", "perl", "ruby"];
    let first = items.first().copied();
    first.is_some_and(|first| scene.carries(first))
        || (first
            .and_then(|first| scene.constant(first))
            .is_some_and(|name| shells.contains(&name.rsplit(['/', '\\']).next().unwrap_or(name)))
            && items.iter().skip(1).any(|&item| scene.carries(item)))
}

/// The contents of the messages that are instructions.
fn system_messages(scene: &Scene<'_>, messages: Value) -> Vec<Value> {
    let mut found = Vec::new();
    for &message in scene.items(messages).unwrap_or_default() {
        let entries = scene.entries(message);
        let said = |wanted: &str| {
            entries
                .iter()
                .find(|(key, _)| key.and_then(|key| scene.constant(key)) == Some(wanted))
                .map(|&(_, value)| value)
        };
        let role = said("role").and_then(|role| scene.constant(role));
        if matches!(role, Some("system" | "developer")) {
            found.extend(said("content"));
        }
        // `("system", "…")`
        if let Some(&[role, content]) = scene.items(message)
            && matches!(scene.constant(role), Some("system" | "developer"))
        {
            found.push(content);
        }
    }
    found
}
