//! Formats that a project takes apart itself: the name of an entry becomes the path of the file it is unpacked to.
//!
//! Nothing says of such an entry what it is, so its form has to: a function that unpacks joins a folder and the name that an
//! entry holds, and writes there.

use casemate_python::syntax::{Argument, BinaryOp, Constant, List, Op, Piece, Value};

use super::archive_slip::RULE;
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rules::Context;
use crate::rules::caller::is_product;
use crate::rules::constant::{At, origins, path};
use crate::rules::pattern::{Found, Site, tell};

/// Forms inside forms that are looked at.
const MAX_DEPTH: u32 = 12;

const REMEDY: &str = "Resolve the whole path and refuse what does not lie below the folder: `target = (folder / name).resolve()`, `target.is_relative_to(folder.resolve())`; or keep the last part of the name alone (`os.path.basename`).";

/// What a function that looks at the names speaks of.
const CHECKS: &[&str] = &[
    "commonpath",
    "is_relative_to",
    "relative_to(",
    "basename(",
    "startswith(",
    "\"..\"",
    "'..'",
    "../",
    "isabs(",
    "is_absolute(",
    "safe",
    "sanit",
    "valid",
    "travers",
    "secure",
    "clean",
    "slugify",
    "normalize",
    "escape",
    "uuid",
    "PureWindowsPath",
];

pub(crate) fn check(cx: &mut Context<'_>) {
    let found = found(cx);
    tell(cx, &RULE, found);
}

fn found(cx: &Context<'_>) -> Vec<Found> {
    if !is_product(&cx.module.path, cx) {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    for site in cx.sites() {
        let Some(target) = written_to(cx, site).filter(|_| is_unpacking(site.at) && !is_followed(cx, site)) else {
            continue;
        };
        let Some(name) = entry_name(cx, target, 0) else { continue };
        // One place of a function is enough to see it.
        if found.iter().any(|one| one.at == (site.at.home, site.at.id)) {
            continue;
        }
        let message = format!(
            "`{}` writes where `{}` says, a name out of what is unpacked; `../` in it, or a path from the root, leads out of the folder",
            site.called(),
            name.written()
        );
        let steps = vec![
            cx.step(name.home, name.span(), "is named by what is unpacked".to_owned()),
            cx.step(site.at.home, site.at.span(), "names the file that is written".to_owned()),
        ];
        let one = site.found(message, REMEDY).severity(Severity::Medium).confidence(Confidence::Medium);
        found.push(Found { path: steps, ..one.missing("a check that the resolved path lies below the folder") });
    }
    found
}

/// The path of what a call makes or fills.
fn written_to<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<At<'a>> {
    let is_filling = |mode: Option<At<'a>>| {
        mode.and_then(|mode| mode.module.constant_str(mode.function, mode.function.plain(mode.value)))
            .is_some_and(|mode| mode.starts_with(['w', 'x', 'a']))
    };
    match (site.path, site.name()) {
        ("os.mkdir" | "os.makedirs" | "os.mknod" | "os.mkfifo", _) => site.position(0),
        ("os.symlink" | "os.link", _) => site.position(1),
        (_, "write_bytes" | "write_text") => site.receiver(),
        (_, "open") if is_filling(site.argument(cx, 1, "mode")) => site.position(0),
        (_, "open") if is_filling(site.argument(cx, 0, "mode")) => site.receiver(),
        _ => None,
    }
}

/// Whether a function says that it unpacks, and nothing in it looks at names.
fn is_unpacking(at: At<'_>) -> bool {
    let says = words(at.function.name.as_str()).iter().any(|word| {
        matches!(
            word.as_str(),
            "extract" | "extracts" | "extractall" | "extracting" | "unpack" | "unpackall" | "unpacking" | "unarchive"
        )
    });
    says && {
        let body = at.module.slice(at.function.span);
        !CHECKS.iter().any(|word| body.contains(word))
    }
}

/// Whether data that is known to be of an archive is followed there, so that the rule judges it by its way.
fn is_followed(cx: &Context<'_>, site: &Site<'_>) -> bool {
    let is_member = |value: Value| cx.facts.fact(site.at.id, value).labels.meets(label::MEMBER | label::UNTRUSTED);
    site.arguments.iter().any(|argument| is_member(argument.value))
        || site.receiver().is_some_and(|receiver| is_member(receiver.value))
}

/// The name of an entry that is joined with a folder before it.
fn entry_name<'a>(cx: &Context<'a>, target: At<'a>, depth: u32) -> Option<At<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    origins(cx, target).into_iter().find_map(|at| match at.op() {
        Op::Binary { op: BinaryOp::Div | BinaryOp::Add, left, right } => {
            named(cx, at.with(right), 0).or_else(|| entry_name(cx, at.with(left), depth + 1))
        }
        Op::Format(pieces) => holes(at, pieces).into_iter().skip(1).find_map(|hole| named(cx, hole, 0)),
        Op::Call { callee, arguments } => {
            let given = at.function.call_arguments(arguments);
            let first = || given.first().map(|one: &Argument| at.with(one.value));
            match path(cx, at.with(callee)).unwrap_or_default() {
                "os.path.join" | "posixpath.join" => {
                    given.iter().skip(1).find_map(|one| named(cx, at.with(one.value), 0))
                }
                "os.path.realpath" | "os.path.abspath" | "os.path.normpath" | "pathlib.Path" | "builtins.str"
                | "str" => entry_name(cx, first()?, depth + 1),
                _ => match at.function.op(callee) {
                    Op::Attribute { name, .. } if at.name(name) == "joinpath" => named(cx, first()?, 0),
                    _ => None,
                },
            }
        }
        _ => None,
    })
}

/// The holes of an f-string, in order.
fn holes<'a>(at: At<'a>, pieces: List) -> Vec<At<'a>> {
    let pieces = at.function.format_pieces(pieces).iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::Hole(value) => Some(at.with(*value)),
            Piece::Literal(_) => None,
        })
        .collect()
}

/// What an entry says it is called: `entry.name`, `entry["path"]`, in whatever form.
fn named<'a>(cx: &Context<'a>, name: At<'a>, depth: u32) -> Option<At<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    origins(cx, name).into_iter().find_map(|at| match at.op() {
        Op::Attribute { of, name } => (is_name(at.name(name)) && is_entry(cx, at.with(of))).then_some(at),
        Op::Subscript { of, index } => {
            let key = match at.function.op(at.function.plain(index)) {
                Op::Constant(Constant::Str(text)) => at.module.string(text),
                _ => "",
            };
            (is_name(key) && is_entry(cx, at.with(of))).then_some(at)
        }
        // `entry.name.decode()`, `entry.name.lstrip("/")`
        Op::Call { callee, .. } => match at.function.op(at.function.bare(callee)) {
            Op::Attribute { of, name }
                if matches!(at.name(name), "decode" | "strip" | "lstrip" | "rstrip" | "lower") =>
            {
                named(cx, at.with(of), depth + 1)
            }
            _ => None,
        },
        _ => None,
    })
}

fn is_name(name: &str) -> bool {
    matches!(name, "name" | "filename" | "file_name" | "path" | "file_path" | "filepath" | "pathname" | "full_path")
}

/// Whether an object is an entry of something: an element of a loop or what the function was given, not the object itself,
/// a module, or what a library is known to give.
fn is_entry(cx: &Context<'_>, of: At<'_>) -> bool {
    let of = of.with(of.function.plain(of.value));
    let is_given = match of.op() {
        Op::Parameter(index) => {
            let parameter = of.function.parameters.get(index as usize).map_or("", |one| of.name(one.name));
            !matches!(parameter, "self" | "cls" | "args" | "options" | "config" | "settings")
        }
        Op::Element(_) | Op::Item { .. } => true,
        _ => false,
    };
    is_given && path(cx, of).is_none()
}
