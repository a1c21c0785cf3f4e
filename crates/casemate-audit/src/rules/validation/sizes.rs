//! Whether the length of a text is limited before it is used.

use casemate_python::syntax::{Function, FunctionId, Op, Value};

use crate::rules::Context;
use crate::rules::values::{called, is_order};

/// Whether a function compares the length of a value before a call, or cuts it.
pub(super) fn is_limited(cx: &Context<'_>, id: FunctionId, value: Value, before: Value) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    let root = function.plain(value);
    // `text[:200]`
    let is_cut = |value: Value| matches!(function.op(value), Op::Subscript { index, .. } if matches!(function.op(index), Op::Slice(_)));
    if is_cut(root) {
        return true;
    }
    function.values().take(before.0 as usize).any(|(_, op)| match op {
        Op::Compare { op, left, right } if is_order(op) => {
            [left, right].into_iter().any(|side| is_length(cx, function, side, root))
        }
        _ => false,
    })
}

fn is_length(cx: &Context<'_>, function: &Function, value: Value, root: Value) -> bool {
    let Op::Call { callee, arguments } = function.op(function.plain(value)) else { return false };
    called(cx.module, function, callee) == "len"
        && function.call_arguments(arguments).iter().any(|argument| function.plain(argument.value) == root)
}
