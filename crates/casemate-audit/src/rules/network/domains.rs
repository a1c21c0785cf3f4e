//! Values that are domains by what they are called, and have no dot before them.

use casemate_python::syntax::{Function, FunctionId, FunctionKind, Op, Value};

use crate::models::words;
use crate::rules::Context;

/// Whether a value is called a domain, as it was given: nothing is put before it, and nobody asks whether it begins with a dot.
pub(super) fn is_bare(cx: &Context<'_>, id: FunctionId, value: Value) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    let code = cx.module.slice(around(cx, function).span);
    let minds_dots = ["\".\"", "'.'", "f\".{", "f'.{", "\".%s\"", "'.%s'"].iter().any(|dot| code.contains(dot));
    !minds_dots && is_domain(cx, id, function, value, 0)
}

fn is_domain(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value, depth: u32) -> bool {
    if depth > 4 {
        return false;
    }
    let value = function.plain(value);
    match function.op(value) {
        Op::Element(of) => is_domain(cx, id, function, of, depth + 1),
        // `any(map(lambda one: host.endswith(one), domains))`
        Op::Parameter(0) if function.kind == FunctionKind::Lambda => function.parent.is_some_and(|parent| {
            cx.module.function(parent).is_some_and(|outer| {
                outer.values().any(|(_, op)| match op {
                    Op::Call { arguments, .. } => {
                        let arguments = outer.call_arguments(arguments);
                        arguments
                            .iter()
                            .any(|one| matches!(outer.op(outer.bare(one.value)), Op::Function(one) if one == id))
                            && arguments.iter().any(|one| is_domain(cx, parent, outer, one.value, depth + 1))
                    }
                    _ => false,
                })
            })
        }),
        Op::Or(list) | Op::Phi(list) => function
            .list(list)
            .iter()
            .any(|&one| one != Value::NONE && one.0 < value.0 && is_domain(cx, id, function, one, depth + 1)),
        Op::Choice { yes, no, .. } => [yes, no].into_iter().any(|one| is_domain(cx, id, function, one, depth + 1)),
        Op::Parameter(_) | Op::Name(_) | Op::Attribute { .. } | Op::Subscript { .. } | Op::Call { .. } => {
            says_domain(&Context::written(cx.module, function, value))
        }
        _ => false,
    }
}

/// `allowed_domains`, `self._config["domain"]`, `settings.get("domains")`
fn says_domain(written: &str) -> bool {
    let last = written.trim_end_matches([']', ')', '"', '\'', '[', '(']);
    words(last).last().is_some_and(|word| word.ends_with("domain") || word.ends_with("domains"))
}

/// The function around a lambda, or the function itself.
pub(super) fn around<'a>(cx: &Context<'a>, function: &'a Function) -> &'a Function {
    let outer = function.parent.filter(|_| function.kind == FunctionKind::Lambda);
    outer.and_then(|outer| cx.module.function(outer)).unwrap_or(function)
}
