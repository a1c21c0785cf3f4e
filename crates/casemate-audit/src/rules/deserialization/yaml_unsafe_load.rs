//! A YAML loader that makes objects of whatever class the document names.

use casemate_python::facts::{Entity, Kinds};
use casemate_python::syntax::{FunctionId, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, given, has_at_least, mentions};

/// `yaml-unsafe-load`
pub(crate) static RULE: Rule = Rule {
    id: "DES703",
    name: "yaml-unsafe-load",
    summary: "YAML is loaded in a way that makes objects of any kind",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("yaml_unsafe_load.md"),
};

const REMEDY: &str = "Use `yaml.safe_load(text)` (or `Loader=yaml.SafeLoader`); with ruamel.yaml `YAML(typ=\"safe\")`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["yaml"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let Some(path) = cx.facts.path(id, callee) else { continue };
        if is_full(cx, id, path, arguments) {
            let message = format!(
                "`{path}` makes more than plain data, and ways to run code with it were found before PyYAML 5.4"
            );
            found.push(
                Told::new(id, function.span_of(value), message, REMEDY)
                    .severity(Severity::Low)
                    .confidence(Confidence::Low),
            );
            continue;
        }
        let message = match path {
            "yaml.unsafe_load" | "yaml.unsafe_load_all" => Some("makes objects of whatever class the document names, which runs code".to_owned()),
            "yaml.load" | "yaml.load_all" | "ruamel.yaml.load" | "ruamel.yaml.load_all" => match given(cx, id, arguments, Some(1), "Loader") {
                Given::Nothing if path.starts_with("yaml.") && has_at_least(cx.manifests, "pyyaml", [5, 4]) => None,
                Given::Nothing => Some("makes objects of whatever class the document names where no loader is given (PyYAML before 5.1), which runs code".to_owned()),
                Given::Value(_) => loader(cx, id, arguments).map(|name| format!("uses `{name}`, which makes objects of whatever class the document names and so runs code")),
                Given::Unknown | Given::Bool(_) => None,
            },
            "ruamel.yaml.YAML" => {
                let typ = given(cx, id, arguments, None, "typ").text();
                (typ == Some("unsafe")).then(|| "makes objects of whatever class the document names, which runs code".to_owned())
            }
            path if path.starts_with("yaml.") && path.ends_with("Loader") => {
                // `yaml.Loader(stream).get_data()`
                is_unsafe(path).then(|| "makes objects of whatever class the document names, which runs code".to_owned())
            }
            _ => None,
        };
        let Some(message) = message else { continue };
        let first = arguments.first().map(|argument| function.plain(argument.value));
        if path != "ruamel.yaml.YAML" && first.is_some_and(|first| matches!(function.op(first), Op::Constant(_))) {
            continue;
        }
        // What came in was replaced by something of the program's own, or tested letter by letter.
        let is_harmless = path != "ruamel.yaml.YAML"
            && arguments.first().is_some_and(|first| {
                let fact = cx.facts.fact(id, first.value);
                fact.constant
                    || cx.facts.constant(id, first.value).is_some()
                    || fact.labels.meets(label::UNTRUSTED) && cx.facts.clean_of(fact) == Kinds::MAX
            });
        if is_harmless {
            continue;
        }
        let is_from_outside = first.is_some_and(|first| cx.facts.fact(id, first).labels.meets(label::UNTRUSTED));
        let mut told = Told::new(id, function.span_of(value), format!("`{path}` {message}"), REMEDY);
        if is_from_outside {
            told = told.severity(Severity::Critical);
        } else if path.ends_with(".load") && given(cx, id, arguments, Some(1), "Loader").is_nothing() {
            told = told.confidence(Confidence::Medium);
        }
        found.push(told);
    }
    told::report(cx, &RULE, found);
}

/// The name of the loader a call uses, if it is one that makes objects.
fn loader(cx: &Context<'_>, id: FunctionId, arguments: &[casemate_python::syntax::Argument]) -> Option<String> {
    let value = crate::rules::secrets::argument(cx, arguments, 1, "Loader")?;
    match cx.facts.fact(id, value).entity {
        Entity::Class(module, class) => {
            // A loader of the project is what it is derived from.
            let source = cx.program.module(module)?;
            let definition = source.class(class)?;
            let around = source.function(definition.parent)?;
            let base = definition.bases.first()?;
            let written = source.slice(around.span_of(*base));
            is_unsafe_name(written.rsplit('.').next()?).then(|| definition.name.clone())
        }
        _ => one_of(cx, id, value, 0),
    }
}

fn one_of(cx: &Context<'_>, id: FunctionId, value: Value, depth: u32) -> Option<String> {
    if let Some(path) = cx.facts.path(id, value)
        && is_unsafe(path)
    {
        return Some(path.to_owned());
    }
    let function = cx.module.function(id)?;
    match function.op(value) {
        Op::Phi(list) | Op::Or(list) if depth < 4 => {
            function.list(list).iter().find_map(|&one| one_of(cx, id, one, depth + 1))
        }
        _ => None,
    }
}

fn is_unsafe(path: &str) -> bool {
    (path.starts_with("yaml.") || path.starts_with("ruamel.yaml."))
        && path.rsplit('.').next().is_some_and(is_unsafe_name)
}

fn is_unsafe_name(name: &str) -> bool {
    matches!(name, "Loader" | "UnsafeLoader" | "CLoader" | "CUnsafeLoader")
}

/// `FullLoader` makes few kinds of objects, and ways around that were found more than once.
fn is_full(cx: &Context<'_>, id: FunctionId, path: &str, arguments: &[casemate_python::syntax::Argument]) -> bool {
    let is_loader = || {
        crate::rules::secrets::argument(cx, arguments, 1, "Loader")
            .and_then(|value| cx.facts.path(id, value))
            .is_some_and(|path| matches!(path, "yaml.FullLoader" | "yaml.CFullLoader"))
    };
    cx.persona == Persona::Pedantic
        && (matches!(path, "yaml.full_load" | "yaml.full_load_all")
            || matches!(path, "yaml.load" | "yaml.load_all") && is_loader())
}
