//! What whoever calls a function hands to it, where nothing else in the project takes anything from outside: in a library
//! it comes from an application that nobody sees here.
//!
//! Most of it is the caller's own choice: which file to open, which program to run. It counts where it is content by
//! nature, and where it is put into a text of the library's own that an interpreter reads.

use casemate_python::facts::{Entity, Hit, TextPart, text_of};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{BinaryOp, Function, FunctionId, Module, Op, Value};
use casemate_secrets::Surroundings;

use super::Context;
use super::evidence::{functions, is_reading};
use super::injection::scene::Scene;
use super::output::raw_markup;
use super::test_code::is_test;
use super::values::{called, written};
use crate::models::{label, words};
use crate::rule::{Persona, Rule};

/// Names of what is meant to be run as it is, whatever runs it.
const RUN: &[&str] = &["code", "script", "expr", "stmt", "statement", "shell", "program", "executable", "eval", "exec"];

/// Names of what goes to a program whole, which whoever gives it means to.
const ARGUMENTS: &[&str] = &["args", "argv", "command", "commands", "cmd", "cmds", "cmdline"];

/// The same for an interpreter.
const CODE: &[&[&str]] = &[
    RUN,
    ARGUMENTS,
    &["source", "src", "expression", "sql", "query", "formula", "lambda", "body", "cell", "block", "setup"],
];

/// The same for a shell, where `src` is a file.
const COMMAND: &[&[&str]] = &[
    RUN,
    ARGUMENTS,
    &["binary", "exe", "arguments", "options", "opts", "flags", "redirect", "pipe", "env", "environ", "environment"],
];

/// The same for HTML, where a `body` or a `query` is text.
const HTML: &[&[&str]] =
    &[&["html", "markup", "safe", "svg", "css", "js", "script", "attrs", "template", "widget", "rendered"]];

/// Whether what arrives there, and is nothing but what a caller gave, is told without being asked for.
pub(crate) fn counts(cx: &Context<'_>, rule: &Rule, hit: &Hit) -> bool {
    if !hit.labels.meets(label::CALLER) {
        return false;
    }
    let is_told = match rule.name {
        "path-traversal" => is_below_own_folder(cx, hit),
        "xxe" | "xml-bomb" => is_content(cx, hit),
        // `def git(*args)` runs what it is told to.
        "argument-injection" => !is_meant_to_be_run(cx, hit, &[ARGUMENTS]),
        "unsafe-deserialization" => !is_place(cx, hit) && !is_written_here(cx, hit) && !is_asked_for(cx, hit),
        "os-command-injection" => is_put_into_text(cx, hit, COMMAND),
        "markup-unescaped" => is_put_into_text(cx, hit, HTML) && raw_markup::shows(cx, hit) && !replaces_tags(cx, hit),
        "sql-injection" => is_put_into_text(cx, hit, CODE) && !names_place(cx, hit),
        "ldap-injection" | "django-raw-sql" => is_put_into_text(cx, hit, CODE),
        // Programs make code of names all the time, and whoever takes it for `exec` means to run it.
        "code-injection" => is_evaluated(cx, hit) && !is_meant_to_be_run(cx, hit, CODE),
        _ => false,
    };
    let whole = match rule.name {
        // A document is content whatever object it was kept in.
        "xxe" | "xml-bomb" => Whole::Content,
        // Each of the names, files or addresses that a caller gives becomes one argument.
        "os-command-injection" | "argument-injection" => Whole::Elements,
        _ => Whole::Itself,
    };
    is_told
        && is_product(&cx.module.path, cx)
        && !is_far(cx, rule, hit)
        && is_handed_over(cx, hit, whole)
        && !is_from_command_line(cx, hit)
        // Among a library's own files the name is looked up last, behind functions that hand it on.
        && (rule.name == "path-traversal" || whole == Whole::Content && kept(cx, hit).is_some() || is_entry(cx, hit))
}

/// Whether it goes through so many functions that what arrives is no longer what a caller chose: of such ways hardly one was
/// right in any reading. Where nothing but a document can arrive, it is one however it was handed on.
fn is_far(cx: &Context<'_>, rule: &Rule, hit: &Hit) -> bool {
    cx.persona == Persona::Default
        && !matches!(rule.name, "path-traversal" | "xxe")
        && functions(cx, hit, label::CALLER) > 2
}

/// Whether the text has its angle brackets replaced where it is put together.
fn replaces_tags(cx: &Context<'_>, hit: &Hit) -> bool {
    cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        let written = module.slice(function.span_of(hit.reach.argument));
        written.contains(".replace(\"<\"") || written.contains(".replace('<'")
    })
}

/// Whether the function that loads has a switch for it: `def read(file, allow_pickle=False)`.
fn is_asked_for(cx: &Context<'_>, hit: &Hit) -> bool {
    cx.function(hit.reach.module, hit.reach.function)
        .is_some_and(|(module, function)| switches_pickle(module, function))
}

/// Whether a function takes a switch for pickles.
pub(crate) fn switches_pickle(module: &Module, function: &Function) -> bool {
    function.parameters.iter().any(|parameter| {
        let words = words(module.symbols.text(parameter.name));
        words.iter().any(|word| word.starts_with("pickle"))
            && words.iter().any(|word| matches!(word.as_str(), "allow" | "enable" | "trust" | "use"))
    })
}

/// Whether the program itself made on the way what is read: `pickle.dumps` for another process, or to copy.
fn is_written_here(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::CALLER);
    let says = |name: &str| {
        words(name).iter().any(|word| matches!(word.as_str(), "dump" | "dumps" | "pickle" | "pickled" | "serialize"))
    };
    way.into_iter().any(|(home, id, value)| {
        cx.function(home, id).is_some_and(|(module, function)| match function.op(value) {
            Op::Call { callee, .. } => says(called(module, function, callee)),
            _ => false,
        })
    }) || cx
        .function(hit.reach.module, hit.reach.function)
        .is_some_and(|(module, function)| says(module.slice(function.span_of(function.bare(hit.reach.argument)))))
}

/// How much of what is handed over has to arrive.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// The very thing.
    Itself,
    /// It, or each of its elements.
    Elements,
    /// Whatever it holds.
    Content,
}

/// Whether an expression arrives, and not a program: `eval(text)`, `compile(text, name, "eval")`.
fn is_evaluated(cx: &Context<'_>, hit: &Hit) -> bool {
    called_at(cx, hit) == "eval"
        || called_at(cx, hit) == "compile"
            && cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
                let Op::Call { arguments, .. } = function.op(hit.reach.call) else { return false };
                let mode = function.call_arguments(arguments).get(2);
                mode.is_some_and(|mode| module.constant_str(function, mode.value) == Some("eval"))
            })
}

/// Whether it begins in a function that only others call: who calls one of the program's own is seen, and so is what
/// it is given there.
pub(crate) fn is_entry(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let Some((home, id, _, _)) = tracer.origin(cx.facts.module, hit, label::CALLER) else { return false };
    let Some((_, function)) = cx.function(home, id) else { return false };
    let name = function.name.as_str();
    let is_method = function.class.is_some();
    !cx.program.mentioning(&[name]).any(|(at, module)| {
        let Some(facts) = cx.all_facts.get(at).filter(|_| !is_test(module, cx.scope)) else { return false };
        module.function_ids().any(|(around, body)| {
            (at, around) != (home, id)
                && body.values().any(|(_, op)| {
                    let Op::Call { callee, .. } = op else { return false };
                    called(module, body, callee) == name
                        && match facts.fact(around, callee).entity {
                            Entity::Function(there, one) | Entity::Method(there, one) => (there, one) == (home, id),
                            // An object of which nothing is known has a method of this name.
                            Entity::Unknown => is_method && matches!(body.op(callee), Op::Attribute { .. }),
                            _ => false,
                        }
                })
        })
    })
}

/// Whether the name of the parameter speaks of what is read, and not of something by which it is found.
fn is_content(cx: &Context<'_>, hit: &Hit) -> bool {
    parameter(cx, hit).or_else(|| kept(cx, hit)).is_some_and(|name| {
        !words(&name).iter().any(|word| {
            matches!(
                word.as_str(),
                "name"
                    | "iconname"
                    | "fieldname"
                    | "key"
                    | "id"
                    | "view"
                    | "icon"
                    | "attr"
                    | "field"
                    | "node"
                    | "state"
                    | "self"
                    | "dir"
                    | "directory"
                    | "folder"
            )
        })
    })
}

/// Whether the parameter is an option or argument of a command: whoever starts it gives what he likes.
fn is_from_command_line(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let Some((module, id, _, _)) = tracer.origin(cx.facts.module, hit, label::CALLER) else { return false };
    let Some((source, function)) = cx.function(module, id) else { return false };
    let around = function.parent.and_then(|parent| source.function(parent));
    around.is_some_and(|around| {
        function.decorators.iter().any(|&one| {
            let written = source.slice(around.span_of(one));
            ["click.", "command(", "argument(", "option", "typer."].iter().any(|sign| written.contains(sign))
        })
    })
}

/// Whether a file is part of what others use, and does not build or start it.
pub(crate) fn is_product(path: &str, cx: &Context<'_>) -> bool {
    let within = cx.scope.within(path);
    let mut parts = within.rsplit('/');
    let name = parts.next().unwrap_or_default();
    cx.scope.surroundings(path) == Surroundings::Product
        // Scripts have no ending, and nobody imports them.
        && name.ends_with(".py")
        && !matches!(
            name,
            "setup.py"
                | "conf.py"
                | "noxfile.py"
                | "tasks.py"
                | "fabfile.py"
                | "conftest.py"
                | "__main__.py"
                | "manage.py"
        )
        && !parts.any(|folder| {
            matches!(folder, "scripts" | "script" | "tools" | "bin" | "ci" | "management" | "_vendor" | "dev")
        })
}

/// Whether the function puts it into a text that says something already.
fn is_put_into_text(cx: &Context<'_>, hit: &Hit, meant: &[&[&str]]) -> bool {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::CALLER) else { return false };
    let marked = scene.marked(value);
    let is_here = marked.contains('\u{1}') && marked.contains(|c: char| c.is_ascii_alphanumeric());
    // Quotes are doubled on the way.
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::CALLER);
    let is_quoted = way.into_iter().any(|(home, id, value)| {
        cx.function(home, id).is_some_and(|(module, function)| {
            let written = module.slice(function.span_of(value));
            matches!(function.op(value), Op::Call { .. }) && written.contains("replace(") && written.contains("''")
        })
    });
    !is_quoted && (is_here || is_text_of_way(cx, hit)) && !is_meant_to_be_run(cx, hit, meant)
}

/// Whether it was put into a text before it came to where the whole is put together: `arguments.append("--key %s" % key)`.
fn is_text_of_way(cx: &Context<'_>, hit: &Hit) -> bool {
    // Where nobody says that it is a shell, a list of arguments stays one.
    let is_list = cx.knowledge.kind("command") == Some(hit.reach.kind);
    let is_shell = !is_list
        || cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
            let written = module.slice(function.span_of(hit.reach.call));
            written.contains("shell=True")
                || matches!(called_at(cx, hit), "system" | "popen" | "getoutput" | "getstatusoutput")
        });
    if !is_shell {
        return false;
    }
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::CALLER);
    way.iter().any(|&(home, id, value)| {
        let Some((module, function)) = cx.function(home, id) else { return false };
        let is_text = match function.op(value) {
            Op::Format(_) | Op::Binary { op: BinaryOp::Mod | BinaryOp::Add, .. } => true,
            Op::Call { callee, .. } => called(module, function, callee) == "format",
            _ => false,
        };
        is_text
            && text_of(cx.program, home, id, value).iter().any(|part| match part {
                TextPart::Literal(text) => text.contains(|c: char| c.is_ascii_alphanumeric()),
                TextPart::Hole(_) => false,
            })
    })
}

/// Whether the name of the parameter says that it tells where in a database to look, which its developer chooses.
fn names_place(cx: &Context<'_>, hit: &Hit) -> bool {
    parameter(cx, hit).is_none_or(|name| {
        words(&name).iter().any(|word| {
            matches!(
                word.as_str(),
                "schema"
                    | "table"
                    | "tablename"
                    | "column"
                    | "columns"
                    | "database"
                    | "db"
                    | "catalog"
                    | "keyspace"
                    | "index"
                    | "slot"
            )
        })
    })
}

/// Whether the name of the parameter says that what it takes is run.
fn is_meant_to_be_run(cx: &Context<'_>, hit: &Hit, meant: &[&[&str]]) -> bool {
    parameter(cx, hit)
        .is_none_or(|name| words(&name).iter().any(|word| meant.iter().any(|names| names.contains(&word.as_str()))))
}

/// Whether the name of the parameter says that it tells where something lies, which is the caller's to choose.
fn is_place(cx: &Context<'_>, hit: &Hit) -> bool {
    parameter(cx, hit).is_none_or(|name| {
        words(&name).iter().any(|word| {
            matches!(
                word.as_str(),
                "path"
                    | "file"
                    | "filename"
                    | "fname"
                    | "fn"
                    | "pattern"
                    | "dir"
                    | "directory"
                    | "folder"
                    | "home"
                    | "root"
                    | "location"
                    | "url"
                    | "uri"
                    | "name"
                    | "key"
            )
        })
    })
}

/// Whether a name is looked up among the library's own files: `join(dirname(__file__), "data", name)`. Whoever asks for one
/// of them does not expect to get another.
fn is_below_own_folder(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::CALLER);
    let is_named_path = parameter(cx, hit).is_none_or(|name| {
        words(&name)
            .iter()
            .any(|word| matches!(word.as_str(), "path" | "dir" | "directory" | "folder" | "root" | "dest" | "output"))
    });
    !is_named_path
        && way.iter().any(|&(home, id, value)| {
            let Some((module, function)) = cx.function(home, id) else { return false };
            let Op::Call { callee, arguments } = function.op(value) else { return false };
            let Some(first) = function.call_arguments(arguments).first() else { return false };
            if called(module, function, callee) != "join" || home != cx.facts.module {
                return false;
            }
            written(cx, id, first.value)
                .is_some_and(|base| base.module.slice(base.function.span_of(base.value)).contains("__file__"))
        })
}

/// The last name of what is called in the end.
fn called_at<'c>(cx: &Context<'c>, hit: &Hit) -> &'c str {
    cx.function(hit.reach.module, hit.reach.function).map_or("", |(module, function)| {
        match function.op(hit.reach.call) {
            Op::Call { callee, .. } => called(module, function, callee),
            _ => "",
        }
    })
}

/// Whether it is the very thing that was handed over, and not what some part of it holds or what a file has in it that it
/// names: that may be anything.
fn is_handed_over(cx: &Context<'_>, hit: &Hit, whole: Whole) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, _) = tracer.way(cx.facts.module, hit, label::CALLER);
    let is_part = way.iter().enumerate().any(|(at, &(home, id, value))| {
        let Some((module, function)) = cx.function(home, id) else { return true };
        match function.op(value) {
            Op::Subscript { .. } | Op::Element(_) | Op::Item { .. } | Op::Attribute { .. }
                if whole == Whole::Content =>
            {
                false
            }
            Op::Element(_) if whole == Whole::Elements => false,
            Op::Subscript { index, .. } => !matches!(function.op(index), Op::Slice(_)),
            Op::Element(_) | Op::Item { .. } => true,
            // `title.strip()` is about all of it.
            Op::Attribute { .. } => !matches!(way.get(at + 1), Some(&(_, _, next))
                if matches!(function.op(next), Op::Call { callee, .. } if function.bare(callee) == value)),
            // What an object answers is its own, also if it is asked by what was given.
            Op::Call { callee, .. } if whole == Whole::Content => {
                let before =
                    at.checked_sub(1).and_then(|at| way.get(at)).filter(|before| (before.0, before.1) == (home, id));
                is_of_object(cx, (home, id), function, module, (callee, before.map(|before| before.2)))
            }
            Op::Call { callee, .. } => called(module, function, callee) == "open",
            _ => false,
        }
    });
    !is_part && (parameter(cx, hit).is_some() || whole == Whole::Content && kept(cx, hit).is_some())
}

/// Whether a call asks an object for something that is neither what was given nor a part of it.
fn is_of_object(
    cx: &Context<'_>,
    (home, id): (ModuleId, FunctionId),
    function: &Function,
    module: &Module,
    (callee, before): (Value, Option<Value>),
) -> bool {
    let Op::Attribute { of, name } = function.op(callee) else { return false };
    let Some(facts) = cx.all_facts.get(home) else { return true };
    let models = &cx.knowledge.models;
    let is_own = matches!(facts.fact(id, callee).entity, Entity::Function(..) | Entity::Method(..) | Entity::Class(..));
    let is_described = facts.path(id, callee).is_some_and(|path| models.calls.contains_key(path));
    let of = function.bare(of);
    let is_module = matches!(function.op(of), Op::Import(_) | Op::Name(_));
    let is_asked = before.is_some_and(|before| function.bare(before) == of || function.bare(before) == callee);
    !(is_own || is_described || is_module || is_asked && is_reading(module.symbols.text(name)))
}

/// The name under which it begins.
fn parameter(cx: &Context<'_>, hit: &Hit) -> Option<String> {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (module, id, value, _) = tracer.origin(cx.facts.module, hit, label::CALLER)?;
    let (source, function) = cx.function(module, id)?;
    let name = match function.op(function.bare(value)) {
        Op::Parameter(index) => function.parameters.get(index as usize)?.name,
        _ => return None,
    };
    Some(source.symbols.text(name).to_owned())
}

/// The name under which an object keeps what one of its methods was given.
fn kept(cx: &Context<'_>, hit: &Hit) -> Option<String> {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (module, id, value, _) = tracer.origin(cx.facts.module, hit, label::CALLER)?;
    let (source, function) = cx.function(module, id)?;
    let Op::Attribute { of, name } = function.op(function.bare(value)) else { return None };
    let name = source.symbols.text(name);
    let is_own = function.class.is_some() && matches!(function.op(function.bare(of)), Op::Parameter(0));
    // What lies somewhere was put there by who made the object.
    let is_place = words(name).iter().any(|word| {
        matches!(word.as_str(), "path" | "file" | "filename" | "dir" | "folder" | "url" | "uri" | "template" | "schema")
    });
    (is_own && !is_place).then(|| name.to_owned())
}
