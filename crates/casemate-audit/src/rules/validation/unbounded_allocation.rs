//! A number from outside that decides how much is allocated, repeated or waited.

use casemate_python::syntax::{BinaryOp, Collection, Constant, Function, FunctionId, Op, Value};

use super::numbers::{passed, unbounded};
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, hears_callers};

/// `unbounded-allocation`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1204",
    name: "unbounded-allocation",
    summary: "A number from outside decides how much memory or time is used",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[789, 770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "15.2.2",
    page: include_str!("unbounded_allocation.md"),
};

const REMEDY: &str = "Refuse numbers above what the largest honest caller needs, before anything is made of them.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !hears_callers(cx) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let (number, what) = match op {
                Op::Call { callee, arguments } => {
                    let arguments = function.call_arguments(arguments);
                    let path = cx.facts.path(id, callee).unwrap_or_default();
                    let first = || passed(cx, arguments, 0, &[]);
                    match path {
                        "range" => {
                            (if arguments.len() == 1 { first() } else { passed(cx, arguments, 1, &[]) }, "repeats")
                        }
                        "bytes" | "bytearray" => {
                            (first().filter(|&size| is_number(cx, id, function, size)), "allocates")
                        }
                        "time.sleep" | "asyncio.sleep" | "trio.sleep" | "anyio.sleep" | "gevent.sleep" => {
                            (first(), "waits")
                        }
                        "os.urandom"
                        | "secrets.token_bytes"
                        | "secrets.token_hex"
                        | "secrets.token_urlsafe"
                        | "random.randbytes" => (first(), "allocates"),
                        "numpy.zeros" | "numpy.ones" | "numpy.empty" | "numpy.arange" | "numpy.full"
                        | "numpy.random.rand" | "numpy.linspace" => (first(), "allocates"),
                        "PIL.Image.new" => (passed(cx, arguments, 1, &["size"]), "allocates"),
                        _ if matches!(called(cx.module, function, callee), "resize" | "thumbnail")
                            && path.starts_with("PIL.") =>
                        {
                            (passed(cx, arguments, 0, &["size"]), "allocates")
                        }
                        _ if matches!(called(cx.module, function, callee), "ljust" | "rjust" | "zfill" | "center") => {
                            (first(), "allocates")
                        }
                        _ => (None, ""),
                    }
                }
                // `"x" * n`, `[0] * n`
                Op::Binary { op: BinaryOp::Mult, left, right } => {
                    let is_sequence = |side| match function.op(function.plain(side)) {
                        Op::Constant(Constant::Str(_) | Constant::Bytes(_)) => true,
                        Op::Build { collection, .. } => matches!(collection, Collection::List | Collection::Tuple),
                        _ => false,
                    };
                    match (is_sequence(left), is_sequence(right)) {
                        (true, false) => (Some(right), "allocates"),
                        (false, true) => (Some(left), "allocates"),
                        _ => (None, ""),
                    }
                }
                _ => (None, ""),
            };
            let Some(number) = number else { continue };
            let sides: Vec<_> = match function.op(function.plain(number)) {
                Op::Build { items, .. } => function.list(items).to_vec(),
                _ => vec![number],
            };
            let Some(source) = sides.into_iter().find_map(|side| unbounded(cx, id, side)) else { continue };
            if what == "repeats" && cx.persona == Persona::Default && takes_from_same(cx, function, value, number) {
                continue;
            }
            let message = format!(
                "the program {what} as much as the caller says (`{}`)",
                super::shown(cx.module.slice(source.span))
            );
            let path = vec![
                cx.step(cx.facts.module, source.span, "is chosen by the caller".to_owned()),
                cx.step(cx.facts.module, function.span_of(value), format!("{what} as much")),
            ];
            found.push(Told::new(id, function.span_of(value), message, REMEDY).path(path).missing("an upper bound"));
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether each round takes the next piece of the very message that told the number: `for _ in range(packet.get_uint32())`
/// around `packet.get_string()`. It ends where the message does. A value that is asked for by its name is no such piece.
fn takes_from_same(cx: &Context<'_>, function: &Function, rounds: Value, number: Value) -> bool {
    let Op::Call { callee, arguments } = function.op(function.plain(number)) else { return false };
    let Some((message, piece)) = cx.module.slice(function.span_of(callee)).rsplit_once('.') else { return false };
    let says = words(piece);
    let is_piece = says.len() > 1 && says.iter().any(|word| matches!(word.as_str(), "get" | "read" | "unpack"));
    let is_named =
        function.call_arguments(arguments).iter().any(|one| cx.module.constant_str(function, one.value).is_some());
    if !is_piece || is_named {
        return false;
    }
    let asked = format!("{message}.");
    let handed_on = [format!("({message},"), format!("({message})")];
    // What is not taken in the rounds comes before them.
    function.values().skip_while(|(value, _)| *value != rounds).skip(1).any(|(value, op)| {
        let Op::Call { callee, .. } = op else { return false };
        let written = cx.module.slice(function.span_of(value));
        cx.module.slice(function.span_of(callee)).starts_with(&asked)
            || handed_on.iter().any(|one| written.contains(one.as_str()))
    })
}

/// `bytes(request.data)` copies, `bytes(int(…))` allocates.
fn is_number(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    match function.op(function.plain(value)) {
        Op::Call { callee, .. } => cx.facts.path(id, callee) == Some("int"),
        Op::Binary { op: BinaryOp::Mult, .. } => true,
        Op::Parameter(_) => cx.facts.clean(id, value) == casemate_python::facts::Kinds::MAX,
        _ => false,
    }
}
