//! Where a module uses regular expressions, and what they say.

use casemate_python::facts::Entity;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{FunctionId, Op, Passing, Span, Value};

use super::automaton::Flags;
use crate::rules::Context;
use crate::rules::secrets::Rebuilder;
use crate::rules::values::{Given, Written, called, given, written};

/// A pattern where it is given to a function.
pub(super) struct Pattern {
    pub(super) function: FunctionId,
    /// The call that takes it.
    pub(super) call: Value,
    /// Where it is written, if that is in this module, or where it is used.
    pub(super) span: Span,
    pub(super) text: String,
    pub(super) flags: Flags,
    /// The function that takes it: `match`, `compile`.
    pub(super) by: String,
}

/// Every constant pattern of the module.
pub(super) fn of(cx: &Context<'_>) -> Vec<Pattern> {
    let mut found = Vec::new();
    if !cx
        .module
        .imports
        .iter()
        .any(|import| matches!(import.module.split('.').next(), Some("re" | "regex" | "django")))
    {
        return found;
    }
    for (id, function, call, callee, _) in cx.calls() {
        let Some(path) = cx.facts.path(id, callee) else {
            found.extend(handed_on(cx, id, call));
            continue;
        };
        let by = match path.split_once('.') {
            Some((
                "re" | "regex",
                by @ ("compile" | "match" | "search" | "fullmatch" | "sub" | "subn" | "split" | "findall" | "finditer"),
            )) => by,
            _ if path == "django.core.validators.RegexValidator" => "search",
            _ if matches!(path, "django.urls.re_path" | "django.conf.urls.url" | "django.urls.conf.re_path") => "match",
            _ => continue,
        };
        let Op::Call { arguments, .. } = function.op(call) else { continue };
        let arguments = function.call_arguments(arguments);
        let keyword = if path.starts_with("django") { "regex" } else { "pattern" };
        let Given::Value(value) = given(cx, id, arguments, Some(0), keyword) else { continue };
        let Some((text, span)) = constant(cx, value, function.span_of(call)) else { continue };
        let flags = Flags { is_full: by == "fullmatch", ..flags(cx.module.slice(function.span_of(call))) };
        found.push(Pattern { function: id, call, span, text, flags, by: by.to_owned() });
    }
    found
}

/// The flags that a call is given.
fn flags(code: &str) -> Flags {
    let rest = code.get(code.len().saturating_sub(120)..).unwrap_or(code);
    let has = |names: &[&str]| names.iter().any(|name| rest.contains(name));
    Flags {
        ignores_case: has(&["IGNORECASE", "re.I"]),
        dot_is_all: has(&["DOTALL", "re.S"]),
        is_verbose: has(&["VERBOSE", "re.X"]),
        is_full: false,
    }
}

/// A pattern that is passed to a function of the project, which gives it to `re`: `self.match(r"…")`.
fn handed_on(cx: &Context<'_>, id: FunctionId, call: Value) -> Option<Pattern> {
    let function = cx.module.function(id)?;
    let Op::Call { callee, arguments } = function.op(call) else { return None };
    let (home, taker, bound) = match cx.facts.fact(id, callee).entity {
        Entity::Function(home, taker) => (home, taker, 0),
        Entity::Method(home, taker) => (home, taker, 1),
        // `Matching(r"…")`: an object that compiles what it is made with.
        Entity::Class(home, class) => (home, cx.program.module(home)?.method(class, "__init__")?, 1),
        _ => return None,
    };
    for (at, argument) in function.call_arguments(arguments).iter().enumerate() {
        if argument.passing != Passing::Position {
            break;
        }
        let Some(value) = written(cx, id, argument.value) else { continue };
        let Some((text, span)) = constant(cx, value, function.span_of(call)) else { continue };
        if !text.contains(['*', '+']) || !text.contains('(') || !compiles(cx, (home, taker), at + bound) {
            continue;
        }
        let flags = flags(cx.module.slice(function.span_of(call)));
        return Some(Pattern { function: id, call, span, text, flags, by: "match".to_owned() });
    }
    None
}

/// Whether a function gives one of its parameters to `re` as the pattern.
fn compiles(cx: &Context<'_>, (home, id): (ModuleId, FunctionId), parameter: usize) -> bool {
    let (Some((_, function)), Some(facts)) = (cx.function(home, id), cx.all_facts.get(home)) else {
        return false;
    };
    function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let is_engine = facts.path(id, callee).is_some_and(|path| {
            matches!(
                path.split_once('.'),
                Some((
                    "re" | "regex",
                    "compile" | "match" | "search" | "fullmatch" | "sub" | "split" | "findall" | "finditer"
                ))
            )
        });
        is_engine
            && function.call_arguments(arguments).first().is_some_and(|first| {
                first.passing == Passing::Position
                    && matches!(function.op(function.plain(first.value)), Op::Parameter(at) if at as usize == parameter)
            })
    })
}

/// Functions that make bytes of a text, or the other way, and go by such names everywhere.
const ENCODERS: &[&str] = &[
    "b",
    "u",
    "bytes",
    "to_bytes",
    "tobytes",
    "to_str",
    "force_bytes",
    "smart_bytes",
    "ensure_binary",
    "ensure_str",
    "ensure_text",
    "asbytes",
    "as_bytes",
    "bytes_",
    "native_",
    "native_str",
    "to_unicode",
    "force_text",
];

fn constant(cx: &Context<'_>, value: Written<'_>, used: Span) -> Option<(String, Span)> {
    let span = if value.home == cx.facts.module { value.function.span_of(value.value) } else { used };
    let text = match value.op() {
        // `re.compile(PATTERN.encode())`, or through a helper for two versions of Python.
        Op::Call { callee, arguments } => {
            let first = value.function.call_arguments(arguments).first();
            let name = called(value.module, value.function, callee);
            let inner = match value.function.op(value.function.plain(callee)) {
                Op::Attribute { of, .. } if name == "encode" => Some(of),
                _ if ENCODERS.contains(&name) => first.map(|first| first.value),
                _ => None,
            }?;
            Rebuilder::new(value.module).text(value.function, inner)?.text
        }
        Op::Constant(_) | Op::Binary { .. } => Rebuilder::new(value.module).text(value.function, value.value)?.text,
        _ => return None,
    };
    Some((text, span))
}

/// The pattern that a call matches a text with: its own, or that of the compiled pattern it is a method of.
pub(super) fn used_by<'p>(
    cx: &Context<'_>,
    patterns: &'p [Pattern],
    id: FunctionId,
    call: Value,
) -> Option<(&'p Pattern, String)> {
    if let Some(own) = patterns.iter().find(|pattern| pattern.function == id && pattern.call == call) {
        return Some((own, own.by.clone()));
    }
    let function = cx.module.function(id)?;
    let Op::Call { callee, .. } = function.op(call) else { return None };
    let Op::Attribute { of, .. } = function.op(function.plain(callee)) else { return None };
    let by = called(cx.module, function, callee).to_owned();
    let made = written(cx, id, of)?;
    if made.home != cx.facts.module || !matches!(made.op(), Op::Call { .. }) {
        return None;
    }
    let found = patterns.iter().find(|pattern| {
        pattern.call == made.value
            && cx.module.function(pattern.function).is_some_and(|function| std::ptr::eq(function, made.function))
    })?;
    Some((found, by))
}
