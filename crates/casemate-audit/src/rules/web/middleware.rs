//! Middleware as Starlette and FastAPI take it.

use casemate_python::syntax::{Function, FunctionId, Op, Value};

use crate::rules::Context;
use crate::rules::values::called;

/// Whether a call puts this middleware before an application: `app.add_middleware(X, …)`, `Middleware(X, …)`, `X(app, …)`.
pub(super) fn is_middleware(cx: &Context<'_>, id: FunctionId, function: &Function, call: Value, name: &str) -> bool {
    let Op::Call { callee, arguments } = function.op(call) else { return false };
    let is_one = |value: Value| match cx.facts.path(id, value) {
        Some(path) => path.rsplit('.').next() == Some(name),
        None => cx.module.slice(function.span_of(value)).rsplit('.').next() == Some(name),
    };
    match called(cx.module, function, callee) {
        "add_middleware" | "Middleware" => {
            function.call_arguments(arguments).first().is_some_and(|first| is_one(first.value))
        }
        // Django has classes of the same name.
        _ => {
            let is_asgi = |path: &str| path.starts_with("starlette.") || path.starts_with("fastapi.");
            cx.facts.path(id, callee).is_some_and(is_asgi) && is_one(callee)
        }
    }
}
