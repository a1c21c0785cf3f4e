//! How sure it is where data comes from: what is only likely is told to those who want to hear everything.

use casemate_python::facts::{Entity, Hit, KeyName, Labels};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::routes;
use casemate_python::syntax::{ClassId, Function, FunctionId, Module, Op, Outcome, Passing, Value};

use super::{Context, beginning, between};
use crate::models::{label, words};
use crate::rule::Persona;

/// Whether the evidence of a hit has a gap in it that only somebody who knows the program can close.
pub(crate) fn is_thin(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    let labels = hit.labels & from;
    if labels.without(label::TASK).is_empty() {
        return !is_task_fed(cx, hit, from);
    }
    if labels.meets(label::MEMBER) && labels.without(label::MEMBER | label::CANONICAL).is_empty() {
        return is_thin_member(cx, hit);
    }
    // What goes through more than three functions as a whole has become one of many things.
    if labels == label::REQUEST {
        return functions(cx, hit, labels) > 3 || !beginning::is_shown(cx, hit, labels);
    }
    // What is known of libraries is known of their attributes too.
    if !labels.without(label::UNTRUSTED | label::PASSWORD | label::SECRET).is_empty() {
        return false;
    }
    if labels.meets(label::UNTRUSTED) && is_of_object(cx, hit, labels) {
        return true;
    }
    labels.meets(label::UNTRUSTED) && (is_far(cx, hit, labels) || between::is_watched(cx, hit, labels))
        || !beginning::is_shown(cx, hit, labels)
}

/// Whether the name of a member of an archive comes from far away, or was looked at: who unpacks an archive writes its
/// members where the names are read, or in the next function.
fn is_thin_member(cx: &Context<'_>, hit: &Hit) -> bool {
    functions(cx, hit, label::MEMBER) > 2
        || between::is_watched(cx, hit, label::MEMBER)
        || !beginning::is_shown(cx, hit, label::MEMBER)
}

/// Ends at which it takes more than that data is there: a name of something that exists, a form that fits.
const NAMED: &[&str] = &["attribute-name", "import", "format", "converter", "orm-keys", "argv"];

/// Whether so many functions lie between the beginning and the end that each of them may have seen to it: of the ways through
/// five functions and more, hardly one was right in any reading, nor of those through four that only name something.
fn is_far(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    let is_named = NAMED.iter().any(|name| cx.knowledge.kind(name) == Some(hit.reach.kind));
    functions(cx, hit, labels) >= if is_named { 4 } else { 5 }
}

/// Through how many functions data goes from its beginning to the end of a hit.
pub(crate) fn functions(cx: &Context<'_>, hit: &Hit, labels: Labels) -> usize {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    let mut functions: Vec<(ModuleId, FunctionId)> = way.into_iter().map(|(module, id, _)| (module, id)).collect();
    functions.sort_unstable();
    functions.dedup();
    functions.len()
}

/// Whether data on its way is read from an attribute of an object that a function made with it, and nothing says that it
/// is this attribute it went into: of a record with the name of an upload, the number is the database's.
fn is_of_object(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    let mut made: Option<Option<(ModuleId, ClassId)>> = None;
    let mut is_holder = false;
    let mut of_library = false;
    let (way, is_whole) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    // Nobody can follow a way whose middle cannot be told.
    if !is_whole {
        return true;
    }
    let mut last = None;
    for (module, id, value) in way {
        let (Some(facts), Some((source, body))) = (cx.all_facts.get(module), cx.function(module, id)) else {
            continue;
        };
        let before = last.replace((module, id, value));
        match body.op(value) {
            Op::Refine { test, outcome: Outcome::Done, .. } => {
                is_holder |= matches!(body.op(test), Op::StoreAttribute { .. })
                    && facts.fact(id, value).entity == Entity::Unknown;
            }
            Op::Refine { .. } | Op::Phi(_) | Op::Parameter(_) => {}
            Op::Call { callee, arguments } => {
                is_holder = false;
                // What a method says of an object that a function of the project made with data, its class decides.
                if made.is_some()
                    && matches!(body.op(callee), Op::Attribute { of, .. } if facts.carries_itself(facts.fact(id, of), labels))
                    && matches!(facts.fact(id, callee).entity, Entity::Method(..))
                    && matches!(body.op(callee), Op::Attribute { of, .. }
                        if is_before(before, (module, id, of), body) || is_before(before, (module, id, callee), body))
                {
                    return true;
                }
                let is_own_affair = of_library
                    && matches!(body.op(callee), Op::Attribute { of, name }
                        if !is_reading(source.symbols.text(name)) && is_before(before, (module, id, of), body));
                if is_own_affair && !is_described(cx, facts.path(id, callee)) {
                    return true;
                }
                // What is run is somebody else's, and so is what it takes.
                if matches!(body.op(body.bare(callee)), Op::Parameter(_))
                    && facts.fact(id, callee).entity == Entity::Unknown
                    && body.call_arguments(arguments).iter().any(|one| matches!(one.passing, Passing::Star))
                {
                    return true;
                }
                match facts.fact(id, callee).entity {
                    Entity::Function(..) | Entity::Method(..) => made = Some(None),
                    // An object that is a text or list is what it was made with.
                    Entity::Class(home, class) if is_data(cx, home, class) => made = None,
                    Entity::Class(home, class) => made = Some(Some((home, class))),
                    // `form = form_class(request.form)`
                    _ => {
                        of_library =
                            is_unknown_class(cx, facts.path(id, callee)) || is_class_by_name(source, body, callee);
                    }
                }
            }
            Op::Format(_) | Op::Binary { .. } | Op::Build { .. } | Op::Subscript { .. } => {
                (made, is_holder, of_library) = (None, false, false);
            }
            Op::Attribute { of, name } => {
                is_holder = false;
                let text = source.symbols.text(name);
                // What is in a temporary file does not name it.
                if text == "name" && facts.path(id, of).is_some_and(|path| path.starts_with("tempfile.")) {
                    return true;
                }
                // What an object of a library does that nobody has described, and what it says of itself, is its own affair.
                if of_library && !is_described(cx, facts.path(id, value)) && !is_content(text) && !is_reading(text) {
                    return true;
                }
                if let Some(class) = made
                    && facts.carries_itself(facts.fact(id, of), labels)
                    && facts.part(facts.fact(id, of), &KeyName::Attribute(text.into())).is_none()
                    && facts.path(id, value).is_none()
                    && !is_content(text)
                    && !class.is_some_and(|class| declares(cx, class, text))
                    && !matches!(facts.fact(id, value).entity, Entity::Function(..) | Entity::Method(..))
                {
                    return true;
                }
            }
            _ => is_holder = false,
        }
    }
    is_holder
}

/// Whether objects of a class are texts, lists or dictionaries.
fn is_data(cx: &Context<'_>, home: ModuleId, class: ClassId) -> bool {
    routes::project_classes(cx.program, home, class).into_iter().any(|(home, class)| {
        let found = cx.program.module(home).and_then(|source| Some((source, source.class(class)?)));
        found.is_some_and(|(source, class)| {
            source.function(class.parent).is_some_and(|around| {
                class.bases.iter().any(|&base| {
                    let written = source.slice(around.span_of(base));
                    matches!(
                        written.rsplit('.').next(),
                        Some(
                            "str"
                                | "bytes"
                                | "list"
                                | "tuple"
                                | "dict"
                                | "UserString"
                                | "UserDict"
                                | "UserList"
                                | "OrderedDict"
                        )
                    )
                })
            })
        })
    })
}

/// Whether a pack says what comes out there.
fn is_described(cx: &Context<'_>, path: Option<&str>) -> bool {
    let models = &cx.knowledge.models;
    path.is_some_and(|path| models.calls.contains_key(path) || models.sources.contains_key(path))
}

/// Whether a path is that of a class of a library of which no pack knows anything.
fn is_unknown_class(cx: &Context<'_>, path: Option<&str>) -> bool {
    let Some(path) = path else { return false };
    let last = path.rsplit('.').next().unwrap_or_default();
    let Some((root, _)) = path.split_once('.') else { return false };
    let begins = format!("{root}.");
    let models = &cx.knowledge.models;
    last.starts_with(|c: char| c.is_ascii_uppercase())
        && last.contains(|c: char| c.is_ascii_lowercase())
        && !last.ends_with(')')
        && !is_standard(root)
        && !models.calls.keys().chain(models.sources.keys()).any(|known| known.starts_with(&begins))
}

/// Whether what is called is a class by the name it has in the program: nobody sees which one.
fn is_class_by_name(source: &Module, body: &Function, callee: Value) -> bool {
    let is_class =
        |name: &str| words(name).last().is_some_and(|word| matches!(word.as_str(), "class" | "cls" | "klass"));
    let called = body.bare(callee);
    match body.op(called) {
        Op::Attribute { name, .. } | Op::Name(name) if is_class(source.symbols.text(name)) => true,
        _ => {
            body.assigned.iter().any(|&(name, value)| body.bare(value) == called && is_class(source.symbols.text(name)))
        }
    }
}

/// Packages of the standard library whose objects hold what they were given.
fn is_standard(root: &str) -> bool {
    matches!(
        root,
        "io" | "pathlib"
            | "urllib"
            | "http"
            | "email"
            | "string"
            | "collections"
            | "types"
            | "typing"
            | "dataclasses"
            | "functools"
            | "itertools"
            | "re"
            | "os"
            | "builtins"
            | "tempfile"
            | "queue"
            | "socket"
            | "ssl"
            | "xml"
            | "zipfile"
            | "tarfile"
            | "json"
            | "csv"
            | "decimal"
            | "datetime"
            | "asyncio"
            | "contextlib"
    )
}

/// Methods that give what an object holds, or a part or another form of it.
pub(super) fn is_reading(name: &str) -> bool {
    matches!(
        name,
        "strip"
            | "lstrip"
            | "rstrip"
            | "lower"
            | "upper"
            | "title"
            | "split"
            | "rsplit"
            | "splitlines"
            | "partition"
            | "rpartition"
            | "format"
            | "replace"
            | "encode"
            | "decode"
            | "join"
            | "read"
            | "readline"
            | "readlines"
            | "getvalue"
            | "get"
            | "getlist"
            | "pop"
            | "items"
            | "keys"
            | "copy"
            | "as_string"
            | "as_bytes"
            | "to_string"
            | "tostring"
            | "to_dict"
            | "as_dict"
            | "dict"
            | "model_dump"
            | "geturl"
            | "joinpath"
            | "resolve"
            | "absolute"
            | "as_posix"
            | "open"
            | "render"
            | "substitute"
            | "safe_substitute"
            | "group"
            | "groups"
            | "load"
            | "loads"
            | "parse"
            | "get_payload"
            | "get_content"
            | "get_filename"
    )
}

/// Whether a step on the way is this value, as it is.
fn is_before(
    step: Option<(ModuleId, FunctionId, Value)>,
    (module, id, value): (ModuleId, FunctionId, Value),
    body: &Function,
) -> bool {
    step.is_some_and(|(home, at, one)| home == module && at == id && body.bare(one) == body.bare(value))
}

/// Whether nothing of an upload but the upload itself is on the way: neither its name nor what is in it was read.
pub(crate) fn is_upload_itself(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, label::FILE);
    cx.persona == Persona::Default
        && !way.into_iter().any(|(module, id, value)| {
            let Some((source, body)) = cx.function(module, id) else { return false };
            let name = |value: Value| match body.op(body.bare(value)) {
                Op::Attribute { name, .. } => source.symbols.text(name),
                _ => "",
            };
            match body.op(value) {
                Op::Attribute { .. } => matches!(name(value), "filename" | "name" | "raw_filename" | "content_type"),
                Op::Call { callee, .. } => matches!(
                    name(callee),
                    "read" | "readline" | "readlines" | "getvalue" | "decode" | "load" | "loads" | "json" | "text"
                ),
                _ => false,
            }
        })
}

/// Whether what a form or body holds is given whole to something that reads open files as well as paths, pictures and
/// archives: a field of a form that is opened so is an upload.
pub(crate) fn is_file_object(cx: &Context<'_>, hit: &Hit) -> bool {
    let outside = hit.labels & label::UNTRUSTED;
    let takes_files = cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        let Op::Call { callee, .. } = function.op(hit.reach.call) else { return false };
        let written = module.slice(function.span_of(callee));
        matches!(written, "Image.open" | "PIL.Image.open" | "ZipFile" | "zipfile.ZipFile")
    });
    if cx.persona != Persona::Default
        || !takes_files
        || !outside.without(label::FORM | label::BODY | label::FILE).is_empty()
    {
        return false;
    }
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    // Fields of forms hold uploads; what a request itself is asked for by `form` and `values` is text.
    let is_of_form = tracer.origin(cx.facts.module, hit, outside).is_some_and(|(module, id, value, _)| {
        cx.function(module, id).is_some_and(|(source, body)| {
            let written = source.slice(body.span_of(value));
            written.contains("cleaned_data") || written.ends_with(".data") || written.ends_with("clean()")
        })
    });
    let (way, _) = tracer.way(cx.facts.module, hit, outside);
    is_of_form
        && !way.into_iter().any(|(module, id, value)| {
            let Some((source, body)) = cx.function(module, id) else { return false };
            match body.op(value) {
                Op::Format(_) | Op::Binary { .. } => true,
                Op::Call { callee, .. } => {
                    let written = source.slice(body.span_of(callee));
                    matches!(
                        written.rsplit('.').next(),
                        Some("join" | "joinpath" | "Path" | "strip" | "format" | "abspath" | "realpath")
                    )
                }
                _ => false,
            }
        })
}

/// Attributes under which frameworks and libraries keep what they were given.
fn is_content(name: &str) -> bool {
    is_of_request("", name)
        || matches!(
            name,
            "headers"
                | "cookies"
                | "body"
                | "files"
                | "data"
                | "json"
                | "text"
                | "content"
                | "query"
                | "values"
                | "filename"
                | "name"
                | "file"
                | "stream"
                | "payload"
                | "message"
                | "value"
                | "validated_data"
                | "raw"
                | "query_params"
                | "netloc"
                | "hostname"
                | "scheme"
                | "fragment"
                | "parts"
                | "parent"
                | "stem"
                | "suffix"
        )
}

/// Whether a class names an attribute among its fields, or works it out.
fn declares(cx: &Context<'_>, (module, class): (ModuleId, ClassId), name: &str) -> bool {
    cx.program.module(module).is_some_and(|source| {
        source.class(class).is_some_and(|definition| {
            definition.fields.iter().any(|field| source.symbols.text(field.name) == name)
                || source.method(class, name).is_some()
        })
    })
}

/// Whether an attribute is one that requests have in some framework, rather than one that a program gave to its requests:
/// `request.path` came with the request, `request.team` was looked up.
pub(crate) fn is_of_request(base: &str, name: &str) -> bool {
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

/// Whether it is the name that a server gives what it sends, which names a file by what it is for.
pub(crate) fn is_name_of_download(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::ANSWER);
    way.into_iter().any(|(module, id, value)| {
        cx.function(module, id).is_some_and(|(source, body)| {
            let written = source.slice(body.span_of(value));
            written.len() < 200 && written.to_ascii_lowercase().contains("content-disposition")
        })
    })
}

/// Whether nothing but the answer of a server arrives that the program chose to ask: for those who trust nobody.
pub(crate) fn is_answer(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    // Whoever says which server is asked says what it answers.
    let is_asked_by_caller = || {
        let tracer = Tracer { program: cx.program, modules: cx.all_facts };
        let (way, _) = tracer.way(cx.facts.module, hit, label::ANSWER);
        let chosen = label::UNTRUSTED.without(label::ANSWER | label::NETWORK);
        way.into_iter().any(|(module, id, value)| {
            let (Some(facts), Some((_, body))) = (cx.all_facts.get(module), cx.function(module, id)) else {
                return false;
            };
            let Op::Call { arguments, .. } = body.op(value) else { return false };
            body.call_arguments(arguments).iter().any(|argument| facts.fact(id, argument.value).labels.meets(chosen))
        })
    };
    cx.persona == Persona::Default
        && hit.labels.meets(label::ANSWER)
        && (hit.labels & from).without(label::ANSWER).is_empty()
        && !is_asked_by_caller()
}

/// Whether somebody hands data from outside to the task whose argument a hit begins with.
fn is_task_fed(cx: &Context<'_>, hit: &Hit, from: Labels) -> bool {
    let Some(task) = cx.module.function(hit.function) else { return true };
    let outside = from.without(label::TASK);
    cx.program.mentioning(&[task.name.as_str()]).any(|(home, module)| {
        module.symbols.find(&task.name).is_some()
            && cx.all_facts.get(home).is_some_and(|facts| {
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
