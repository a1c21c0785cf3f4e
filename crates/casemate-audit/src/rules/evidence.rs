//! How sure it is where data comes from: what is only likely is told to those who want to hear everything.

use std::sync::Arc;

use casemate_python::facts::{Entity, Hit, KeyName, Labels, ModuleFacts};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{ClassId, Function, Module, Op, Symbol, Value};

use super::Context;
use crate::models::{by_name, label, words};
use crate::rule::Persona;

/// Whether the evidence of a hit has a gap in it that only somebody who knows the program can close.
pub(crate) fn is_thin(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    let labels = hit.labels & from;
    if labels.without(label::TASK).is_empty() {
        return !is_task_fed(cx, hit, from);
    }
    // What is known of libraries is known of their attributes too: the name of a member of an archive.
    if !labels.without(label::UNTRUSTED | label::PASSWORD | label::SECRET).is_empty() {
        return false;
    }
    let Some((module, function, value, _)) =
        (Tracer { program: cx.program, modules: cx.all_facts }).origin(cx.facts.module, hit, labels)
    else {
        return false;
    };
    let (Some(facts), Some((source, body))) = (cx.all_facts.get(module.0 as usize), cx.function(module, function))
    else {
        return false;
    };
    let Op::Attribute { of, name } = body.op(body.bare(value)) else { return false };
    if facts.fact(function, of).labels.meets(labels) {
        return false;
    }
    // What was put into this very object.
    let held = KeyName::Attribute(Arc::from(source.symbols.text(name)));
    if facts.part(facts.fact(function, of), &held).is_some_and(|part| part.labels.meets(labels)) {
        return false;
    }
    // What a library gives, and what is called like it.
    let is_known = facts.path(function, value).is_some_and(|path| cx.knowledge.models.sources.contains_key(path))
        || by_name(source.symbols.text(name)).meets(labels)
        || is_of_request(&Context::written(source, body, of), source.symbols.text(name));
    let owner = match facts.fact(function, of).entity {
        Entity::Instance(home, class) => Some((home, class)),
        _ => body.class.map(|class| (facts.module, class)),
    };
    !is_known && !is_kept_here(cx, facts, source, owner, name, labels)
}

/// Whether an attribute is one that requests have in some framework, rather than one that a program gave to its requests:
/// `request.path` came with the request, `request.team` was looked up.
fn is_of_request(base: &str, name: &str) -> bool {
    let is_request = words(base).last().is_some_and(|word| matches!(word.as_str(), "request" | "req" | "environ"));
    match name {
        "request" | "req" | "_request" | "args" | "kwargs" | "form" | "cleaned_data" | "params" | "query_params"
        | "match_info" | "matchdict" | "path_params" | "view_args" => true,
        "path" | "path_info" | "path_qs" | "raw_path" | "full_path" | "subpath" | "url" | "rel_url" | "base_url"
        | "uri" | "host" | "host_url" | "url_root" | "headers" | "cookies" | "body" | "raw_body" | "files"
        | "environ" | "META" | "remote_addr" | "referrer" | "referer" | "user_agent" | "content_type"
        | "authorization" | "media" | "stream" | "bounded_stream" | "scope" | "values" | "data" | "json"
        | "json_body" | "text" | "content" | "query" | "query_string" | "query_arguments" | "body_arguments"
        | "arguments" => is_request,
        _ => false,
    }
}

/// Whether nothing but the answer of a server arrives that the program chose to ask: for those who trust nobody.
pub(crate) fn is_answer(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    cx.persona == Persona::Default
        && hit.labels.meets(label::ANSWER)
        && (hit.labels & from).without(label::ANSWER).is_empty()
}

/// Whether the module of a function itself puts such data under the name of an attribute of these objects: then it is
/// known when it is there.
fn is_kept_here(
    cx: &Context<'_>,
    facts: &ModuleFacts,
    module: &Module,
    owner: Option<(ModuleId, ClassId)>,
    wanted: Symbol,
    labels: Labels,
) -> bool {
    module.function_ids().any(|(id, function)| {
        let carries = |value: Value| facts.fact(id, value).labels.meets(labels);
        function.values().any(|(_, op)| match op {
            Op::StoreAttribute { name, value, .. } => name == wanted && carries(value),
            // The class is given it where one of its objects is made, by its name or by a method that makes them.
            Op::Call { callee, arguments } => {
                let maker = match facts.fact(id, callee).entity {
                    Entity::Class(home, class) => Some((home, class)),
                    Entity::Function(home, made) | Entity::Method(home, made) => {
                        cx.function(home, made).and_then(|(_, made)| made.class).map(|class| (home, class))
                    }
                    _ => None,
                };
                maker.is_some()
                    && maker == owner
                    && function.call_arguments(arguments).iter().any(|argument| carries(argument.value))
            }
            _ => false,
        })
    })
}

/// Whether somebody hands data from outside to the task whose argument a hit begins with.
fn is_task_fed(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    let Some(task) = cx.module.function(hit.function) else { return true };
    let outside = from.without(label::TASK);
    cx.program.module_ids().any(|(home, module)| {
        module.symbols.find(&task.name).is_some()
            && cx.all_facts.get(home.0 as usize).is_some_and(|facts| {
                module.function_ids().any(|(id, function)| {
                    function.values().any(|(_, op)| {
                        let Op::Call { callee, arguments } = op else { return false };
                        let arguments = function.call_arguments(arguments);
                        arguments.iter().any(|argument| facts.fact(id, argument.value).labels.meets(outside))
                            && puts(module, function, callee, &task.name, arguments.first().map(|first| first.value))
                    })
                })
            })
    })
}

/// Whether a call puts a task into a queue: `task.delay(x)`, `queue.enqueue(task, x)`, `task.s(x)`.
fn puts(module: &Module, function: &Function, callee: Value, task: &str, first: Option<Value>) -> bool {
    let Op::Attribute { of, name } = function.op(callee) else { return false };
    let is_task = |value: Value| {
        let written = module.slice(function.span_of(function.bare(value)));
        written.rsplit('.').next() == Some(task)
    };
    match module.symbols.text(name) {
        "delay" | "apply_async" | "send" | "send_with_options" | "s" | "si" | "signature" | "schedule" | "message" => {
            is_task(of)
        }
        "enqueue" | "enqueue_call" | "enqueue_in" | "enqueue_at" => first.is_some_and(is_task),
        _ => false,
    }
}
