//! Files that are written in folders which everybody on the machine may write to.

use casemate_python::facts::{Entity, TextPart};
use casemate_python::syntax::{FunctionId, Op, Value};

use super::containment;
use crate::rules::Context;
use crate::rules::values::{called, written as followed};

/// What others can know about the name of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It is always the same.
    Fixed,
    /// It holds the process number, the time or the like.
    Foreseeable,
}

/// A file that is written.
#[derive(Clone, Copy)]
pub(super) struct TemporaryFile {
    pub(super) function: FunctionId,
    pub(super) call: Value,
    pub(super) name: Name,
}

/// Folders that everybody may write to.
const SHARED: [&str; 4] = ["/tmp/", "/var/tmp/", "/dev/shm/", "/usr/tmp/"];

/// What the module writes in such folders.
pub(super) fn written(cx: &Context<'_>) -> Vec<TemporaryFile> {
    let mut found = Vec::new();
    for (id, function, call, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        let target = match (path, last) {
            ("open" | "aiofiles.open" | "anyio.open_file", _)
                if containment::writes(cx.module, function, arguments) =>
            {
                arguments.first().map(|argument| argument.value)
            }
            ("os.makedirs" | "os.mkdir", _) => arguments.first().map(|argument| argument.value),
            (path, "write_text" | "write_bytes" | "touch") if path.is_empty() || path.starts_with("pathlib.") => {
                match function.op(callee) {
                    Op::Attribute { of, .. } => Some(of),
                    _ => None,
                }
            }
            (path, "open") if path.starts_with("pathlib.") && first_writes(cx, function, arguments) => {
                match function.op(callee) {
                    Op::Attribute { of, .. } => Some(of),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(target) = target
            && let Some(name) = name_of(cx, id, target).or_else(|| found_again(cx, id, target))
        {
            found.push(TemporaryFile { function: id, call, name });
        }
    }
    found
}

/// Folders of a fixed name in such a folder that a class keeps for what it writes: `self.location = join(gettempdir(), "x")`.
pub(super) fn kept(cx: &Context<'_>) -> Vec<(FunctionId, Value)> {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids().filter(|(_, function)| function.class.is_some()) {
        for (store, op) in function.values() {
            let Op::StoreAttribute { name, value, .. } = op else { continue };
            let value = function.plain(value);
            let choices: &[Value] = match function.op(value) {
                Op::Phi(list) | Op::Or(list) => function.list(list),
                _ => &[value],
            };
            let is_fixed = choices.iter().any(|&choice| {
                choice.0 <= value.0
                    && matches!(
                        function.op(function.plain(choice)),
                        Op::Call { .. } | Op::Binary { .. } | Op::Format(_)
                    )
                    && name_of(cx, id, choice) == Some(Name::Fixed)
            });
            if is_fixed && is_written_below(cx, cx.module.symbols.text(name)) {
                found.push((id, store));
            }
        }
    }
    found
}

/// Whether the module makes or opens what lies below an attribute of this name.
fn is_written_below(cx: &Context<'_>, attribute: &str) -> bool {
    cx.calls().any(|(_, function, _, callee, arguments)| {
        let makes = matches!(called(cx.module, function, callee), "makedirs" | "mkdir" | "open");
        makes
            && std::iter::once(callee)
                .chain(arguments.iter().map(|argument| argument.value))
                .any(|value| cx.module.slice(function.span_of(value)).contains(&format!("self.{attribute}")))
    })
}

fn first_writes(
    cx: &Context<'_>,
    function: &casemate_python::syntax::Function,
    arguments: &[casemate_python::syntax::Argument],
) -> bool {
    arguments
        .first()
        .and_then(|argument| cx.module.constant_str(function, argument.value))
        .is_some_and(|mode| mode.contains(['w', 'a', 'x']))
}

fn name_of(cx: &Context<'_>, id: FunctionId, target: Value) -> Option<Name> {
    let (begins, holes) = pieces_of(cx, id, target)?;
    if !is_shared(&begins) {
        return None;
    }
    if holes.is_empty() {
        return Some(Name::Fixed);
    }
    holes.iter().all(|&(id, hole)| is_foreseeable(cx, id, hole, 0)).then_some(Name::Foreseeable)
}

/// A file that the same function looks for and reads: whatever its name is made of, it comes out the same again, so others
/// can work it out, too.
fn found_again(cx: &Context<'_>, id: FunctionId, target: Value) -> Option<Name> {
    let function = cx.module.function(id)?;
    let (begins, holes) = pieces_of(cx, id, target)?;
    let target = function.bare(target);
    let is_read = cx.calls().any(|(at, body, _, callee, arguments)| {
        let reads = match cx.facts.path(at, callee) {
            Some("open" | "aiofiles.open") => !containment::writes(cx.module, body, arguments),
            _ => false,
        };
        at == id && reads && arguments.first().is_some_and(|first| body.bare(first.value) == target)
    });
    let is_random = || {
        let text = cx.module.slice(function.span);
        ["uuid", "random", "secrets", "token_hex", "token_urlsafe", "mkdtemp", "mkstemp"]
            .iter()
            .any(|word| text.contains(word))
    };
    (is_shared(&begins) && !holes.is_empty() && is_read && !is_random()).then_some(Name::Foreseeable)
}

type Holes = Vec<(FunctionId, Value)>;

/// What a path begins with, and what is filled into it after that.
fn pieces_of(cx: &Context<'_>, id: FunctionId, target: Value) -> Option<(String, Holes)> {
    let function = cx.module.function(id)?;
    let mut target = function.plain(target);
    // `Path("/tmp/x")`
    if let Op::Call { callee, arguments } = function.op(target)
        && called(cx.module, function, callee) == "Path"
        && let [only] = function.call_arguments(arguments)
    {
        target = function.plain(only.value);
    }
    if let Some(kept) = followed(cx, id, target) {
        if let Some(text) = kept.text() {
            return Some((text.to_owned(), Holes::new()));
        }
        // One that the module keeps under a name.
        let of_module = FunctionId(0);
        if id != of_module
            && kept.home == cx.facts.module
            && cx.module.function(of_module).is_some_and(|body| std::ptr::eq(body, kept.function))
        {
            return pieces_of(cx, of_module, kept.value);
        }
    }
    let mut pieces: Vec<TextPart> = Vec::new();
    match function.op(target) {
        Op::Call { callee, arguments } if cx.facts.path(id, callee) == Some("os.path.join") => {
            for argument in function.call_arguments(arguments) {
                pieces.extend(cx.facts.text_of(cx.program, id, argument.value));
                pieces.push(TextPart::Literal("/".to_owned()));
            }
        }
        _ => pieces = cx.facts.text_of(cx.program, id, target),
    }
    let mut begins = String::new();
    let mut holes = Vec::new();
    for (at, piece) in pieces.into_iter().enumerate() {
        match piece {
            TextPart::Literal(text) if holes.is_empty() => begins.push_str(&text),
            TextPart::Literal(_) => {}
            TextPart::Hole(hole) if at == 0 && is_temporary_folder(cx, id, hole) => begins.push_str("/tmp/"),
            TextPart::Hole(hole) => holes.push((id, hole)),
        }
    }
    Some((begins, holes))
}

fn is_shared(path: &str) -> bool {
    SHARED.iter().any(|folder| path.len() > folder.len() && path.starts_with(folder) || path == *folder)
}

fn is_temporary_folder(cx: &Context<'_>, id: FunctionId, value: Value) -> bool {
    cx.facts.path(id, value).is_some_and(|path| matches!(path, "tempfile.gettempdir()" | "tempfile.tempdir"))
}

/// The process number, the time, the user: what others can find out or try.
fn is_foreseeable(cx: &Context<'_>, id: FunctionId, value: Value, depth: u32) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    let value = function.plain(value);
    if depth > 6 {
        return false;
    }
    if let Entity::Path(_) = cx.facts.fact(id, value).entity
        && let Some(path) = cx.facts.path(id, value)
        && matches!(
            path,
            "os.getpid()"
                | "os.getuid()"
                | "time.time()"
                | "os.getlogin()"
                | "getpass.getuser()"
                | "datetime.datetime.now()"
                | "datetime.datetime.utcnow()"
                | "time.strftime()"
                | "socket.gethostname()"
                | "time.time_ns()"
                | "os.getppid()"
        )
    {
        return true;
    }
    match function.op(value) {
        Op::Constant(_) => true,
        Op::Call { callee, arguments } => {
            let of = match function.op(callee) {
                Op::Attribute { of, .. } => Some(of),
                _ => None,
            };
            let arguments = function.call_arguments(arguments);
            let is_form = matches!(
                called(cx.module, function, callee),
                "str" | "int" | "strftime" | "isoformat" | "timestamp" | "round"
            );
            is_form
                && arguments.iter().all(|argument| is_foreseeable(cx, id, argument.value, depth + 1))
                && of.is_none_or(|of| {
                    matches!(function.op(of), Op::Import(_) | Op::Name(_)) || is_foreseeable(cx, id, of, depth + 1)
                })
                && (!arguments.is_empty() || of.is_some())
        }
        _ => false,
    }
}
