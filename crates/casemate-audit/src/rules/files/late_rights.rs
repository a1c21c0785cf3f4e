//! A file that is made with the usual rights, written, and only then kept for its owner: until then everybody reads it.

use casemate_python::syntax::{Argument, Function, FunctionId, Op, Value};

use super::weak_file_permissions::bits;
use crate::finding::{Confidence, Severity};
use crate::rules::Context;
use crate::rules::caller::is_product;
use crate::rules::told::Told;
use crate::rules::values::{Given, called, given};

const MESSAGE: &str = "the file is there with the usual rights, and written, before they are taken away here: whoever opens it in between keeps reading it";

const REMEDY: &str = "Make the file with its rights: `os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)`, itself or as the `opener` of `open`; a database finds a file that was made so.";

/// Calls in whose company a file is made with its rights, or lies where nobody else looks.
const PRIVATE: &[&str] =
    &["umask", "opener", "mkstemp", "mkdtemp", "TemporaryDirectory", "NamedTemporaryFile", "O_CREAT"];

/// A call that makes a file, or takes rights of one away.
struct Touched<'a> {
    id: FunctionId,
    value: Value,
    /// The path as it is written.
    path: &'a str,
    does: Does,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Makes a file and fills it.
    Write,
    /// Opens a database, which makes the file.
    Connect,
    /// Leaves rights to its owner alone.
    Keep,
}

pub(super) fn found(cx: &Context<'_>) -> Vec<Told> {
    if PRIVATE.iter().any(|name| cx.module.symbols.find(name).is_some()) || !is_product(&cx.module.path, cx) {
        return Vec::new();
    }
    let touched: Vec<Touched<'_>> = cx
        .calls()
        .filter_map(|(id, function, value, callee, arguments)| touch(cx, id, function, (value, callee), arguments))
        .collect();
    let kept = touched.iter().filter(|one| one.does == Does::Keep);
    kept.filter(|kept| {
        let same = || touched.iter().filter(|one| one.path == kept.path);
        let before = |one: &Touched<'_>| one.id == kept.id && one.value.0 < kept.value.0;
        // What is kept first, and what is opened again to be filled, has its rights before anything is in it.
        let is_private = same().any(|one| one.does == Does::Keep && before(one))
            || same().any(|one| one.does == Does::Write && one.id == kept.id && one.value.0 > kept.value.0);
        let is_made = same().any(|one| match one.does {
            Does::Write => before(one),
            Does::Connect => true,
            Does::Keep => false,
        });
        is_made && !is_private
    })
    .filter_map(|kept| {
        let span = cx.module.function(kept.id)?.span_of(kept.value);
        Some(Told::new(kept.id, span, MESSAGE, REMEDY).severity(Severity::Low).confidence(Confidence::Medium))
    })
    .collect()
}

fn touch<'a>(
    cx: &Context<'a>,
    id: FunctionId,
    function: &'a Function,
    (value, callee): (Value, Value),
    arguments: &[Argument],
) -> Option<Touched<'a>> {
    let path = cx.facts.path(id, callee).unwrap_or_default();
    let name = called(cx.module, function, callee);
    let receiver = match function.op(callee) {
        Op::Attribute { of, .. } => Some(of),
        _ => None,
    };
    let at = |position: usize| arguments.get(position).map(|argument| argument.value);
    let is_filling = |position: usize| {
        matches!(given(cx, id, arguments, Some(position), "mode"), Given::Value(mode)
            if mode.text().is_some_and(|mode| mode.starts_with(['w', 'x', 'a'])))
    };
    let is_private = |position: usize| {
        matches!(given(cx, id, arguments, Some(position), "mode"), Given::Value(mode)
            if bits(mode, 0).is_some_and(|bits| bits & 0o177 == 0 && bits & 0o400 != 0))
    };
    let (target, does) = match (path, name) {
        ("os.chmod", _) if is_private(1) => (at(0)?, Does::Keep),
        ("sqlite3.connect", _) => (at(0)?, Does::Connect),
        ("shutil.copy" | "shutil.copyfile" | "shutil.copy2", _) => (at(1)?, Does::Write),
        (_, "chmod") if path != "os.chmod" && is_private(0) => (receiver?, Does::Keep),
        (_, "write_text" | "write_bytes") => (receiver?, Does::Write),
        (_, "open") if receiver.is_some() && is_filling(0) => (receiver?, Does::Write),
        (_, "open") if is_filling(1) => (at(0)?, Does::Write),
        _ => return None,
    };
    let path = cx.module.slice(function.span_of(function.plain(target)));
    let path = path.strip_prefix("str(").and_then(|path| path.strip_suffix(')')).unwrap_or(path);
    (!path.is_empty()).then_some(Touched { id, value, path, does })
}
