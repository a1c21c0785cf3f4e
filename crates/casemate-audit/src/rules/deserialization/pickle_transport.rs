//! A queue, worker or connection that exchanges pickles.

use casemate_python::syntax::{FunctionId, FunctionKind, Op, Passing, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Written, given, mentions, written};

/// `pickle-transport`
pub(crate) static RULE: Rule = Rule {
    id: "DES705",
    name: "pickle-transport",
    summary: "Messages between processes are pickles",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("pickle_transport.md"),
};

const CELERY: &str =
    "Set `task_serializer = \"json\"`, `result_serializer = \"json\"` and `accept_content = [\"json\"]`.";
const CONNECTION: &str = "Give an `authkey` that both sides read from a secret, bind to 127.0.0.1 or a socket file, and exchange JSON with `send_bytes` and `recv_bytes`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(
        cx,
        &["serializer", "accept_content", "SERIALIZER", "ACCEPT_CONTENT", "Listener", "Client", "recv_pyobj"],
    ) {
        return;
    }
    let mut found = Vec::new();
    let mut tell = |id: FunctionId, span: Span| {
        found.push(Told::new(
            id,
            span,
            "messages are pickles: whoever can write to the queue runs code in every worker",
            CELERY,
        ));
    };
    for (id, function) in cx.module.function_ids() {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            for &(name, value) in &function.assigned {
                if is_setting(cx.module.symbols.text(name)) && is_pickle(written(cx, id, value)) {
                    tell(id, function.span_of(value));
                }
            }
        }
        for (_, op) in function.values() {
            match op {
                // `app.conf.task_serializer = "pickle"`
                Op::StoreAttribute { name, value, .. }
                    if is_setting(cx.module.symbols.text(name)) && is_pickle(written(cx, id, value)) =>
                {
                    tell(id, function.span_of(value));
                }
                Op::StoreItem { index, value, .. }
                    if cx.module.constant_str(function, index).is_some_and(is_setting)
                        && is_pickle(written(cx, id, value)) =>
                {
                    tell(id, function.span_of(value));
                }
                Op::Call { arguments, .. } => {
                    for argument in function.call_arguments(arguments) {
                        if let Passing::Keyword(name) = argument.passing
                            && (is_setting(cx.module.symbols.text(name))
                                || cx.module.symbols.text(name) == "serializer")
                            && is_pickle(written(cx, id, argument.value))
                        {
                            tell(id, function.span_of(argument.value));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let is_network = |value: Value| matches!(function.op(value), Op::Build { .. });
        if matches!(path, "multiprocessing.connection.Listener" | "multiprocessing.connection.Client")
            && arguments.first().is_some_and(|address| is_network(address.value))
            && given(cx, id, arguments, None, "authkey").is_nothing()
        {
            let message = "whoever reaches the port sends pickles, and receiving one runs what it says";
            found.push(Told::new(id, function.span_of(value), message, CONNECTION).confidence(Confidence::Medium));
        } else if path.starts_with("zmq.") && path.ends_with(".recv_pyobj") {
            let message = "a message is loaded as a pickle: whoever can send one runs code here";
            found.push(Told::new(id, function.span_of(value), message, "Exchange JSON: `send_json` and `recv_json`."));
        }
    }
    told::report(cx, &RULE, found);
}

fn is_setting(name: &str) -> bool {
    matches!(
        name,
        "task_serializer"
            | "result_serializer"
            | "accept_content"
            | "event_serializer"
            | "result_accept_content"
            | "CELERY_TASK_SERIALIZER"
            | "CELERY_RESULT_SERIALIZER"
            | "CELERY_ACCEPT_CONTENT"
            | "CELERY_RESULT_ACCEPT_CONTENT"
    )
}

fn is_pickle(setting: Option<Written<'_>>) -> bool {
    let says = |written: Written<'_>| matches!(written.text(), Some("pickle" | "application/x-python-serialize"));
    setting.is_some_and(|setting| says(setting) || setting.items().is_some_and(|items| items.into_iter().any(says)))
}
