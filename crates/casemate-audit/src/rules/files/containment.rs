//! Whether a path stays in its folder: what the forms in which it is put together and tested say.

use casemate_python::facts::{Entity, Hit, Labels, ModuleFacts};
use casemate_python::names::ModuleId;
use casemate_python::syntax::{
    Argument, BinaryOp, CompareOp, Constant, Function, FunctionId, List, Module, Op, Passing, Piece, Value,
};

use crate::models::label;
use crate::rules::taint::Verdict;
use crate::rules::values::called;
use crate::rules::{Context, evidence};

/// Forms inside forms that are looked at.
const MAX_DEPTH: u32 = 24;

/// One end of a path of data: a value in its function.
#[derive(Clone, Copy)]
struct End<'a> {
    home: ModuleId,
    facts: &'a ModuleFacts,
    /// Labels of the hit, where they were seen in this function.
    seen: Option<Labels>,
    kind: u8,
    module: &'a Module,
    id: FunctionId,
    function: &'a Function,
    value: Value,
    call: Value,
}

fn ends<'a>(cx: &Context<'a>, hit: &Hit) -> Vec<End<'a>> {
    let reach = hit.reach;
    let own = cx.module.function(hit.function).map(|function| End {
        home: cx.facts.module,
        facts: cx.facts,
        seen: Some(hit.labels),
        kind: reach.kind,
        module: cx.module,
        id: hit.function,
        function,
        value: hit.argument,
        call: hit.call,
    });
    let is_same = reach.module == cx.facts.module && reach.function == hit.function && reach.call == hit.call;
    let facts = cx.all_facts.get(reach.module).filter(|_| !is_same);
    let far = facts.zip(cx.function(reach.module, reach.function)).map(|(facts, (module, function))| End {
        home: reach.module,
        facts,
        seen: None,
        kind: reach.kind,
        module,
        id: reach.function,
        function,
        value: reach.argument,
        call: reach.call,
    });
    own.into_iter().chain(far).collect()
}

/// Dismisses hits whose path cannot leave its folder, and what is no path at all.
pub(crate) fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let is_upload = hit.labels.meets(label::FILE) && !hit.labels.meets(label::UNTRUSTED.without(label::FILE));
    let is_upload_itself = is_upload && (!is_text(cx, hit) || evidence::is_upload_itself(cx, hit));
    let is_vague = cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        matches!(function.op(hit.reach.call), Op::Call { callee, .. } if called(module, function, callee) == "save")
    });
    let dismissed = is_upload_itself
        || evidence::is_file_object(cx, hit)
        || is_storage(cx, hit)
        || evidence::is_answer(cx, hit, label::UNTRUSTED) && !evidence::is_name_of_download(cx, hit)
        || is_vague && !names_path(cx, hit)
        || ends(cx, hit)
            .into_iter()
            .any(|end| is_buffer(end) || is_contained(end) || is_spelled_out(end) || is_harmless(end, end.value, 0));
    Verdict { dismissed, ..Verdict::default() }
}

/// Whether a storage is given a name and what to keep under it: it makes the name harmless, as those of Django do.
fn is_storage(cx: &Context<'_>, hit: &Hit) -> bool {
    cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        let Op::Call { callee, arguments } = function.op(hit.reach.call) else { return false };
        let arguments = function.call_arguments(arguments);
        called(module, function, callee) == "save"
            && matches!(arguments, [_, second, ..] if second.passing == Passing::Position
                && !matches!(function.op(function.plain(second.value)), Op::Constant(_)))
    })
}

/// Whether what arrives is visibly put together as a text or path.
pub(super) fn is_text(cx: &Context<'_>, hit: &Hit) -> bool {
    ends(cx, hit).into_iter().any(|end| text_like(end, end.value, 0))
}

/// Whether what arrives is a path by its form, or by the name of the function that made it: anything can be saved.
fn names_path(cx: &Context<'_>, hit: &Hit) -> bool {
    ends(cx, hit).into_iter().any(|end| {
        let value = end.function.plain(end.value);
        let made_by = match end.function.op(value) {
            Op::Call { callee, .. }
                if matches!(end.facts.fact(end.id, callee).entity, Entity::Function(..) | Entity::Method(..)) =>
            {
                Some(called(end.module, end.function, callee))
            }
            _ => None,
        };
        text_like(end, end.value, 0)
            && made_by.is_none_or(|name| {
                ["path", "file", "name", "dest", "target", "folder", "location"]
                    .iter()
                    .any(|part| name.to_ascii_lowercase().contains(part))
            })
    })
}

fn text_like(end: End<'_>, value: Value, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let function = end.function;
    let any = |list: List| function.list(list).iter().any(|&one| one.0 < value.0 && text_like(end, one, depth + 1));
    match function.op(value) {
        Op::Format(_) | Op::Binary { .. } => true,
        Op::Refine { of, .. } | Op::Await(of) => text_like(end, of, depth + 1),
        Op::Phi(list) | Op::Or(list) => any(list),
        Op::Choice { yes, no, .. } => text_like(end, yes, depth + 1) || text_like(end, no, depth + 1),
        Op::Attribute { name, .. } => {
            matches!(end.module.symbols.text(name), "filename" | "name" | "raw_filename" | "stem" | "suffix")
        }
        Op::Call { callee, .. } => {
            let is_own = matches!(end.facts.fact(end.id, callee).entity, Entity::Function(..) | Entity::Method(..));
            is_own
                || is_path_call(called(end.module, function, callee))
                || narrows(called(end.module, function, callee))
        }
        _ => false,
    }
}

/// Whether the name of an upload, rather than only the upload, is part of what arrives.
pub(super) fn mentions_name(cx: &Context<'_>, hit: &Hit) -> bool {
    let says = |module: &Module, function: &Function| {
        function.values().any(|(_, op)| match op {
            Op::Attribute { name, .. } => matches!(module.symbols.text(name), "filename" | "name" | "raw_filename"),
            _ => false,
        })
    };
    ends(cx, hit).into_iter().any(|end| says(end.module, end.function))
}

/// Whether a call that opens something says that it writes.
pub(crate) fn writes(module: &Module, function: &Function, arguments: &[Argument]) -> bool {
    arguments.iter().skip(1).any(|argument| {
        let is_mode = match argument.passing {
            Passing::Position => true,
            Passing::Keyword(name) => module.symbols.text(name) == "mode",
            _ => false,
        };
        is_mode
            && module
                .constant_str(function, argument.value)
                .is_some_and(|mode| mode.len() <= 4 && mode.contains(['w', 'a', 'x', '+']))
    })
}

/// Functions that keep the way to a file, in another form.
fn is_path_call(name: &str) -> bool {
    matches!(
        name,
        "join"
            | "joinpath"
            | "Path"
            | "PurePath"
            | "PosixPath"
            | "str"
            | "fspath"
            | "resolve"
            | "realpath"
            | "abspath"
            | "absolute"
            | "normpath"
            | "expanduser"
            | "as_posix"
            | "with_suffix"
            | "format"
            | "strip"
            | "lstrip"
            | "rstrip"
            | "lower"
            | "replace"
            | "unquote"
    )
}

/// Functions that leave a single harmless name.
fn narrows(name: &str) -> bool {
    matches!(
        name,
        "basename" | "secure_filename" | "safe_join" | "get_valid_filename" | "slugify" | "sanitize_filename"
    )
}

/// `re.sub(r"[^a-z0-9]", "", name)`: what is left holds no separator.
fn keeps_plain_letters(module: &Module, function: &Function, callee: Value, arguments: &[Argument]) -> bool {
    let text = |at: usize| arguments.get(at).and_then(|argument| module.constant_str(function, argument.value));
    called(module, function, callee) == "sub"
        && text(0).is_some_and(|pattern| {
            let inside =
                pattern.trim_end_matches(['+', '*']).strip_prefix("[^").and_then(|rest| rest.strip_suffix(']'));
            inside.is_some_and(|inside| {
                !inside.contains(['/', '[', ']'])
                    && !inside.contains("\\\\")
                    && !inside.contains("\\S")
                    && !inside.contains("\\W")
            })
        })
        && text(1).is_some_and(|put| !put.contains(['/', '\\']))
}

fn is_buffer(end: End<'_>) -> bool {
    let value = end.function.plain(end.value);
    if end.facts.path(end.id, value).is_some_and(|path| {
        matches!(
            path,
            "io.BytesIO()" | "io.StringIO()" | "tempfile.NamedTemporaryFile()" | "tempfile.SpooledTemporaryFile()"
        )
    }) {
        return true;
    }
    matches!(end.function.op(value), Op::Call { callee, .. }
        if matches!(called(end.module, end.function, callee), "BytesIO" | "StringIO" | "open" | "ContentFile"))
}

/// Whether every part of a path that comes from outside is a single name.
fn is_harmless(end: End<'_>, value: Value, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let function = end.function;
    let inner = |value: Value| is_harmless(end, value, depth + 1);
    let is_known_clean = || {
        let fact = end.facts.fact(end.id, value);
        let wanted = end.seen.unwrap_or(label::OUTSIDE | label::MEMBER) & (label::OUTSIDE | label::MEMBER);
        // What a parameter carries is only known where it is passed.
        fact.constant
            || !fact.labels.meets(wanted) && (end.seen.is_some() || !comes_in(function, value, 0))
            || fact.labels.meets(wanted) && end.facts.clean(end.id, value) & (1 << end.kind) != 0
    };
    match function.op(value) {
        Op::Constant(_) => true,
        Op::Refine { of, .. } => is_known_clean() || inner(of),
        Op::Format(list) => function.format_pieces(list).iter().all(|piece| match piece {
            Piece::Hole(hole) => inner(*hole),
            Piece::Literal(_) => true,
        }),
        Op::Binary { left, right, .. } => inner(left) && inner(right),
        Op::Phi(list) | Op::Or(list) => function.list(list).iter().all(|&one| one.0 < value.0 && inner(one)),
        Op::Choice { yes, no, .. } => inner(yes) && inner(no),
        Op::Attribute { of, name } => {
            let name = end.module.symbols.text(name);
            let is_part = matches!(name, "name" | "stem" | "suffix");
            // Django leaves only the last part of the name of an upload.
            let is_django_upload = name == "name"
                && end.facts.fact(end.id, of).labels.meets(label::FILE)
                && end.module.imports.iter().any(|import| import.module.split('.').next() == Some("django"));
            is_part && is_path(end, of) || is_django_upload || is_known_clean()
        }
        Op::Call { callee, arguments } => {
            let name = called(end.module, function, callee);
            if narrows(name) || keeps_plain_letters(end.module, function, callee, function.call_arguments(arguments)) {
                return true;
            }
            let of = match function.op(callee) {
                Op::Attribute { of, .. } if !matches!(function.op(of), Op::Import(_)) => Some(of),
                _ => None,
            };
            // `normpath("/" + name).lstrip("/")`: nothing is above `/`, so no `..` is left.
            if matches!(name, "strip" | "lstrip") && of.is_some_and(|of| is_rooted(end, of)) {
                return true;
            }
            let mut parts = function.call_arguments(arguments).iter().map(|argument| argument.value).chain(of);
            is_known_clean() || is_path_call(name) && parts.all(inner)
        }
        Op::Subscript { of, index } if matches!(function.op(index), Op::Slice(_)) && is_rooted(end, of) => true,
        _ => is_known_clean(),
    }
}

/// Whether a path is `normpath` of one that begins at `/`.
fn is_rooted(end: End<'_>, value: Value) -> bool {
    let function = end.function;
    let Op::Call { callee, arguments } = function.op(function.plain(value)) else { return false };
    let [only] = function.call_arguments(arguments) else { return false };
    let root = |value: Value| end.module.constant_str(function, value).is_some_and(|text| text.starts_with('/'));
    called(end.module, function, callee) == "normpath"
        && match function.op(function.plain(only.value)) {
            Op::Binary { left, .. } => root(left),
            Op::Format(list) => matches!(function.format_pieces(list).first(),
                Some(Piece::Literal(text)) if end.module.string(*text).starts_with('/')),
            Op::Call { callee, arguments } if called(end.module, function, callee) == "join" => {
                function.call_arguments(arguments).first().is_some_and(|first| root(first.value))
            }
            _ => false,
        }
}

/// Whether a value is made from a parameter.
fn comes_in(function: &Function, value: Value, depth: u32) -> bool {
    if depth > 8 || matches!(function.op(value), Op::Parameter(_)) {
        return true;
    }
    function.operands_of(value).into_iter().any(|one| one.0 < value.0 && comes_in(function, one, depth + 1))
}

/// Whether a value is a path object, so that its `name` is the last part of it.
fn is_path(end: End<'_>, value: Value) -> bool {
    let value = end.function.plain(value);
    let is_typed = end.facts.path(end.id, value).is_some_and(|path| path.starts_with("pathlib."));
    is_typed
        || matches!(end.function.op(value), Op::Call { callee, .. }
            if matches!(called(end.module, end.function, callee), "Path" | "PurePath" | "PurePosixPath" | "PureWindowsPath" | "PosixPath"))
}

/// Whether the function tests, before it uses a path, that the path lies in a folder.
fn is_contained(end: End<'_>) -> bool {
    let (root, _) = peeled(end, end.value);
    refuses_parents(end, root)
        || end
            .function
            .values()
            .take(end.call.0 as usize)
            .any(|(test, _)| matches!(tested(end, test, root), Some(Test::Strong)))
}

/// Whether the function asks of a name both for `..` and for whatever else leads out of the folder it is put behind:
/// a separator, or a first `/` where the name may replace the folder.
fn refuses_parents(end: End<'_>, whole: Value) -> bool {
    let function = end.function;
    let text = |value: Value| end.module.constant_str(function, value);
    roots(end, end.value, 0).into_iter().any(|root| {
        let asked = |wanted: &dyn Fn(&str) -> bool| {
            function.values().take(end.call.0 as usize).any(|(_, op)| match op {
                Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } => {
                    peeled(end, right).0 == root && text(left).is_some_and(wanted)
                }
                _ => false,
            })
        };
        let begins = function.values().take(end.call.0 as usize).any(|(_, op)| {
            let Op::Call { callee, arguments } = op else { return false };
            let first = function.call_arguments(arguments).first().map(|argument| argument.value);
            match (function.op(callee), called(end.module, function, callee)) {
                (Op::Attribute { of, .. }, "startswith") => {
                    peeled(end, of).0 == root && first.and_then(text) == Some("/")
                }
                (_, "isabs" | "is_absolute") => first.is_some_and(|first| peeled(end, first).0 == root),
                _ => false,
            }
        });
        // `"/srv/data/" + name` stays behind the folder, `join("/srv/data", name)` may not.
        let is_behind = match function.op(whole) {
            Op::Format(list) => matches!(function.format_pieces(list).first(), Some(Piece::Literal(_))),
            Op::Binary { left, .. } => peeled(end, left).0 != root && !is_path(end, left),
            _ => false,
        };
        asked(&|text| matches!(text, ".." | "../")) && (is_behind || begins || asked(&|text| text == "/"))
    })
}

/// Whether a path that comes from outside is tested for `..`, and cannot begin at the root: because that is tested, too, or
/// because a folder stands before it in one text. What is left are links.
fn is_spelled_out(end: End<'_>) -> bool {
    let function = end.function;
    let comes_from_outside = |root: Value| {
        let fact = end.facts.fact(end.id, root);
        !fact.constant
            && match end.seen {
                Some(seen) => fact.labels.meets(seen & (label::UNTRUSTED | label::MEMBER | label::CALLER)),
                None => comes_in(function, root, 0),
            }
    };
    let foreign: Vec<Value> = roots(end, end.value, 0)
        .into_iter()
        .filter(|&root| !matches!(function.op(root), Op::Binary { .. } | Op::Format(_)) && comes_from_outside(root))
        .filter(|&root| !matches!(function.op(root), Op::Call { callee, .. } if is_path_call(called(end.module, function, callee))))
        .collect();
    let before = || function.values().take(end.call.0 as usize).map(|(test, _)| test);
    !foreign.is_empty()
        && foreign.into_iter().all(|root| {
            let is_tested =
                |wanted: fn(&str) -> bool| before().any(|test| spelled(end, test, root).is_some_and(wanted));
            is_tested(|text| text.starts_with(".."))
                && (!may_lead(end, end.value, root, 0) || is_tested(|text| matches!(text, "/" | "\\")))
        })
}

/// What is looked for in a path, if a test looks for something in it: `".." in name`, `name.startswith("/")`.
fn spelled<'a>(end: End<'a>, test: Value, root: Value) -> Option<&'a str> {
    let function = end.function;
    let text = |value: Value| end.module.constant_str(function, value);
    let about = |value: Value| peeled(end, value).0 == root;
    match function.op(test) {
        Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } => {
            let right = match function.op(function.plain(right)) {
                Op::Attribute { of, name } if end.module.symbols.text(name) == "parts" => of,
                Op::Call { callee, .. } => match function.op(callee) {
                    Op::Attribute { of, name } if end.module.symbols.text(name) == "split" => of,
                    _ => right,
                },
                _ => right,
            };
            text(left).filter(|_| about(right))
        }
        Op::Call { callee, arguments } => {
            let first = function.call_arguments(arguments).first().map(|argument| argument.value);
            match (function.op(callee), called(end.module, function, callee)) {
                (Op::Attribute { of, .. }, "startswith") if about(of) => {
                    text(first?).filter(|text| !text.starts_with('.'))
                }
                (Op::Attribute { of, .. }, "is_absolute") if about(of) => Some("/"),
                (_, "isabs") if about(first?) => Some("/"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a part of a path may stand at its beginning, or at that of a part that makes those before it forgotten.
fn may_lead(end: End<'_>, value: Value, root: Value, depth: u32) -> bool {
    let (value, _) = peeled(end, value);
    if value == root || depth > 8 {
        return true;
    }
    let function = end.function;
    let again = |value: Value| may_lead(end, value, root, depth + 1);
    match function.op(value) {
        Op::Constant(_) => false,
        Op::Binary { op: BinaryOp::Div, left, right } => again(left) || again(right),
        Op::Binary { op: BinaryOp::Add, left, .. } => again(left),
        Op::Format(list) => match function.format_pieces(list).first() {
            Some(Piece::Hole(hole)) => again(*hole),
            _ => false,
        },
        Op::Call { callee, arguments }
            if matches!(called(end.module, function, callee), "join" | "joinpath" | "Path") =>
        {
            let receiver = match function.op(callee) {
                Op::Attribute { of, .. } if !matches!(function.op(of), Op::Import(_)) => Some(of),
                _ => None,
            };
            function.call_arguments(arguments).iter().map(|argument| argument.value).chain(receiver).any(again)
        }
        _ => roots(end, value, 0).contains(&root),
    }
}

/// How a test looks at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// It shows that the path lies in a folder.
    Strong,
    /// It compares the path as it was put together, with `..` and links in it.
    Unresolved,
    /// It looks for `..` or a first `/`.
    Character,
    /// It compares letter by letter.
    Prefix,
}

/// The value behind what only changes the form of a path, and whether that takes out `..` and links.
fn peeled(end: End<'_>, value: Value) -> (Value, bool) {
    let function = end.function;
    let mut value = value;
    let mut is_canonical = false;
    for _ in 0..MAX_DEPTH {
        is_canonical |= end.facts.fact(end.id, value).labels.meets(label::CANONICAL);
        value = match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => of,
            Op::Call { callee, arguments } => {
                let name = called(end.module, function, callee);
                is_canonical |= matches!(name, "resolve" | "realpath" | "abspath" | "normpath" | "absolute");
                let keeps = matches!(
                    name,
                    "str"
                        | "fspath"
                        | "Path"
                        | "PurePath"
                        | "resolve"
                        | "realpath"
                        | "abspath"
                        | "normpath"
                        | "absolute"
                        | "as_posix"
                        | "expanduser"
                        | "normcase"
                );
                match (keeps, function.op(callee), function.call_arguments(arguments)) {
                    (true, _, [only]) if only.passing == Passing::Position => only.value,
                    (true, Op::Attribute { of, .. }, []) => of,
                    (true, Op::Attribute { of, .. }, [_]) if name == "resolve" => of,
                    _ => return (value, is_canonical),
                }
            }
            _ => return (value, is_canonical),
        };
    }
    (value, is_canonical)
}

fn tested(end: End<'_>, test: Value, root: Value) -> Option<Test> {
    let function = end.function;
    let about = |value: Value| {
        let (tested, is_canonical) = peeled(end, value);
        (tested == root).then_some(if is_canonical { Test::Strong } else { Test::Unresolved })
    };
    let text = |value: Value| end.module.constant_str(function, value);
    match function.op(test) {
        Op::Call { callee, arguments } => {
            let Op::Attribute { of, name } = function.op(callee) else { return None };
            let first = function.call_arguments(arguments).first().map(|argument| argument.value)?;
            match end.module.symbols.text(name) {
                "startswith" => {
                    if let Op::Call { callee, arguments } = function.op(of)
                        && called(end.module, function, callee) == "relpath"
                        && text(first).is_some_and(|text| text.starts_with(".."))
                    {
                        return about(function.call_arguments(arguments).first()?.value).map(|_| Test::Strong);
                    }
                    match text(first) {
                        Some("/" | "." | ".." | "../" | "\\" | "~") => about(of).map(|_| Test::Character),
                        _ => about(of),
                    }
                }
                "is_relative_to" | "relative_to" => about(of),
                _ => None,
            }
        }
        Op::Compare { op: CompareOp::Eq | CompareOp::NotEq, left, right } => {
            [left, right].into_iter().find_map(|side| match function.op(function.plain(side)) {
                Op::Call { callee, arguments } => {
                    let given = function.call_arguments(arguments).first()?.value;
                    match called(end.module, function, callee) {
                        "commonpath" => parts(function, given).into_iter().find_map(about),
                        "commonprefix" => parts(function, given).into_iter().find_map(about).map(|_| Test::Prefix),
                        "dirname" => about(given),
                        _ => None,
                    }
                }
                Op::Attribute { of, name } if end.module.symbols.text(name) == "parent" => about(of),
                _ => None,
            })
        }
        Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } => match function.op(function.plain(right)) {
            Op::Attribute { of, name } if end.module.symbols.text(name) == "parents" => about(of),
            _ if matches!(text(left), Some(".." | "../" | "/" | "\\" | "..\\")) => {
                about(right).map(|_| Test::Character)
            }
            _ => None,
        },
        _ => None,
    }
}

fn parts(function: &Function, list: Value) -> Vec<Value> {
    match function.op(function.plain(list)) {
        Op::Build { items, .. } => function.list(items).to_vec(),
        Op::Call { arguments, .. } => {
            function.call_arguments(arguments).iter().map(|argument| argument.value).collect()
        }
        _ => vec![list],
    }
}

/// Tests of a path that arrives somewhere which do not show that it stays in its folder, nearest first.
pub(super) fn weak_tests(cx: &Context<'_>, hit: &Hit) -> Vec<(FunctionId, Value, Test)> {
    let mut found = Vec::new();
    for end in ends(cx, hit).into_iter().filter(|end| end.home == cx.facts.module) {
        for root in roots(end, end.value, 0) {
            for (test, _) in end.function.values().take(end.call.0 as usize) {
                if let Some(kind) = tested(end, test, root).filter(|kind| *kind != Test::Strong)
                    && !found.contains(&(end.id, test, kind))
                {
                    found.push((end.id, test, kind));
                }
            }
        }
    }
    found
}

/// The values a path is put together from, itself included.
fn roots(end: End<'_>, value: Value, depth: u32) -> Vec<Value> {
    let (root, _) = peeled(end, value);
    let mut found = vec![root];
    if depth > 3 {
        return found;
    }
    let function = end.function;
    let inner: Vec<Value> = match function.op(root) {
        Op::Binary { left, right, .. } => vec![left, right],
        Op::Format(list) => function
            .format_pieces(list)
            .iter()
            .filter_map(|piece| match piece {
                Piece::Hole(hole) => Some(*hole),
                Piece::Literal(_) => None,
            })
            .collect(),
        Op::Call { callee, arguments } if is_path_call(called(end.module, function, callee)) => {
            function.call_arguments(arguments).iter().map(|argument| argument.value).collect()
        }
        _ => Vec::new(),
    };
    for one in inner.into_iter().filter(|one| !matches!(function.op(*one), Op::Constant(Constant::Str(_)))).take(8) {
        found.extend(roots(end, one, depth + 1));
    }
    found
}

/// Whether a path that has been resolved is compared with a folder that does not end in a separator.
pub(super) fn is_open_prefix(
    cx: &Context<'_>,
    id: FunctionId,
    function: &Function,
    callee: Value,
    first: Value,
) -> bool {
    let Op::Attribute { of, name } = function.op(callee) else { return false };
    if cx.module.symbols.text(name) != "startswith" {
        return false;
    }
    let end = End {
        home: cx.facts.module,
        facts: cx.facts,
        seen: None,
        kind: 0,
        module: cx.module,
        id,
        function,
        value: of,
        call: callee,
    };
    let (_, is_canonical) = peeled(end, of);
    if !is_canonical {
        return false;
    }
    match crate::rules::values::written(cx, id, first) {
        Some(written) => match written.text() {
            Some(text) => text.len() > 1 && text.starts_with('/') && !text.ends_with('/'),
            // What these return never ends in a separator.
            None => match written.op() {
                Op::Call { callee, arguments } => {
                    let name = called(written.module, written.function, callee);
                    let inner =
                        written.function.call_arguments(arguments).first().map(|argument| written.at(argument.value));
                    matches!(name, "realpath" | "abspath" | "normpath" | "resolve" | "getcwd")
                        || matches!(name, "str" | "fspath")
                            && inner.is_some_and(|inner| !matches!(inner.op(), Op::Binary { .. } | Op::Format(_)))
                }
                // `normpath(join(root, name)).startswith(root)`: whoever gives the folder leaves the separator out.
                _ => is_joined_to(cx, function, of, first),
            },
        },
        None => is_joined_to(cx, function, of, first),
    }
}

/// Whether a path was put together below this very folder and resolved after.
fn is_joined_to(cx: &Context<'_>, function: &Function, path: Value, folder: Value) -> bool {
    let folder = function.plain(folder);
    // `self.root`, which the constructor was given.
    let is_kept = matches!(function.op(folder), Op::Attribute { of, .. }
        if matches!(function.op(function.plain(of)), Op::Parameter(0)));
    if !is_kept && !matches!(function.op(folder), Op::Parameter(_)) {
        return false;
    }
    let is_folder = |value: Value| {
        let value = function.plain(value);
        value == folder
            || is_kept
                && matches!(function.op(value), Op::Attribute { .. })
                && cx.module.slice(function.span_of(value)) == cx.module.slice(function.span_of(folder))
    };
    let mut at = function.plain(path);
    for _ in 0..4 {
        let Op::Call { callee, arguments } = function.op(at) else { return false };
        let Some(first) = function.call_arguments(arguments).first() else { return false };
        match called(cx.module, function, callee) {
            "realpath" | "abspath" | "normpath" => at = function.plain(first.value),
            "join" => return is_folder(first.value),
            _ => return false,
        }
    }
    false
}
