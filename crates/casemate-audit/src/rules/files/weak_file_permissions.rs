//! A file or folder that everybody on the machine may write to, or a secret everybody may read.

use casemate_python::syntax::{Argument, BinaryOp, Collection, Function, FunctionId, Op, Value};

use super::late_rights;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, Written, called, given, speaks_of};

/// `weak-file-permissions`
pub(crate) static RULE: Rule = Rule {
    id: "FIL808",
    name: "weak-file-permissions",
    summary: "A file is open to accounts that have no business with it",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[732],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.2.2",
    page: include_str!("weak_file_permissions.md"),
};

const REMEDY: &str = "Give rights to the owner, and to a group where that is needed: `0o600` or `0o640` for files, `0o700` or `0o750` for folders.";

const PRIVATE: &str = "Give the rights when the file is made: `os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)`, itself or as the `opener` of `open`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["chmod", "lchmod", "fchmod", "umask", "open", "mkfifo", "mknod", "touch"]) {
        return;
    }
    let mut found = late_rights::found(cx);
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        let span = function.span_of(value);
        let at = match (path, last) {
            ("os.chmod" | "os.lchmod" | "aiofiles.os.chmod", _) => 1,
            ("os.fchmod", _) => 1,
            (path, "chmod") if path.starts_with("pathlib.") || path.is_empty() => 0,
            (path, "touch") if path.starts_with("pathlib.") => 0,
            ("os.open", _) => 2,
            ("os.mkfifo" | "os.mknod", _) => 1,
            // A program that sets its mask gives every file its rights by it.
            ("open", _) if cx.any_module(&RULE, &["umask"], |module| module.symbols.find("umask").is_some()) => {
                continue;
            }
            ("open", _) => {
                if made_open(cx, id, function, value, arguments) {
                    found.push(
                        Told::new(id, span, "its name says that a secret is written to it, and with the usual rights everybody on the machine may read it", PRIVATE)
                            .confidence(Confidence::Medium),
                    );
                }
                continue;
            }
            ("os.umask", _) => {
                if let Given::Value(mask) = given(cx, id, arguments, Some(0), "mask")
                    && mask.number().is_some_and(|mask| mask & 0o002 == 0)
                    && !is_kept(function, value)
                {
                    found.push(Told::new(id, span, "with this mask every new file that does not say otherwise may be written by everybody on the machine", "Set `os.umask(0o077)`, or `0o027` where the group reads."));
                }
                continue;
            }
            _ => continue,
        };
        let Given::Value(mode) = given(cx, id, arguments, Some(at), "mode") else { continue };
        let Some(bits) = bits(mode, 0) else { continue };
        let target = arguments.first().map_or("", |argument| cx.module.slice(function.span_of(argument.value)));
        // What a file is made with is what the mask of the process leaves of these rights, as with `open`.
        let is_masked = matches!(path, "os.open" | "os.mkfifo" | "os.mknod") && cx.persona == Persona::Default;
        // Who wants everybody to run it, too, did not take over a default.
        if bits & 0o002 != 0 && bits & 0o001 == 0 && bits & 0o1000 == 0 && is_masked {
            continue;
        }
        if bits & 0o002 != 0 && bits & 0o1000 == 0 {
            let message = format!(
                "everybody on the machine may write it (mode {bits:#o}), so everybody decides what the program reads or runs"
            );
            found.push(Told::new(id, span, message, REMEDY));
        } else if bits & 0o004 != 0 && holds_secret(target) {
            let message = format!(
                "everybody on the machine may read it (mode {bits:#o}), and its name says that it holds a secret"
            );
            found.push(Told::new(id, span, message, REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether a file for a secret is made by `open`, in a module that never speaks of rights.
fn made_open(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value, arguments: &[Argument]) -> bool {
    let Given::Value(mode) = given(cx, id, arguments, Some(1), "mode") else { return false };
    let Some(first) = arguments.first() else { return false };
    let class = function.class.and_then(|class| cx.module.class(class)).map_or("", |class| class.name.as_str());
    // Of the path the last name counts: in `token / name` it is not the secret's.
    let target = cx.module.slice(function.span_of(first.value));
    let last = target.trim_end_matches(')').rsplit(['/', ',']).next().unwrap_or("");
    let names_secret = |name: &str| {
        holds_secret(name)
            && !words(name)
                .iter()
                .any(|word| matches!(word.as_str(), "hash" | "template" | "example" | "test" | "report"))
    };
    mode.text().is_some_and(|mode| mode.starts_with('w') || mode.starts_with('x'))
        && (names_secret(last)
            || names_secret(class) && target.starts_with("self.")
            || is_filled_with_key(cx, function, value))
        && !["chmod", "fchmod", "umask", "opener", "mkstemp"].iter().any(|name| cx.module.symbols.find(name).is_some())
}

/// Whether a private key is what is written to the file that a call opens.
fn is_filled_with_key(cx: &Context<'_>, function: &Function, opened: Value) -> bool {
    let is_file = |value: Value| {
        let value = function.plain(value);
        value == opened || matches!(function.op(value), Op::Enter(of) if function.plain(of) == opened)
    };
    function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let Op::Attribute { of, name } = function.op(callee) else { return false };
        // `json.dump({"token": token}, file)`
        if cx.module.symbols.text(name) == "dump"
            && let [what, file, ..] = function.call_arguments(arguments)
        {
            return is_file(file.value) && has_secret_entry(cx, function, what.value);
        }
        let Some(first) = function.call_arguments(arguments).first() else { return false };
        let written = cx.module.slice(function.span_of(function.plain(first.value)));
        cx.module.symbols.text(name) == "write"
            && is_file(of)
            && (holds_secret(written) && words(written).iter().any(|word| word == "key") && !written.contains('(')
                || written.contains(".private_bytes("))
    })
}

/// Whether a dictionary is written here with an entry for a secret that is no constant.
fn has_secret_entry(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let Op::Build { collection: Collection::Dict, items } = function.op(function.plain(value)) else { return false };
    function.list(items).chunks_exact(2).any(|pair| match pair {
        [key, held] if *key != Value::NONE => {
            cx.module.constant_str(function, *key).is_some_and(|key| {
                matches!(
                    key.to_ascii_lowercase().as_str(),
                    "password"
                        | "token"
                        | "access_token"
                        | "refresh_token"
                        | "secret"
                        | "client_secret"
                        | "api_key"
                        | "apikey"
                        | "private_key"
                )
            }) && !matches!(function.op(function.plain(*held)), Op::Constant(_))
        }
        _ => false,
    })
}

/// `old = os.umask(0)` is how the mask is asked for; it is put back afterwards.
fn is_kept(function: &Function, value: Value) -> bool {
    function.assigned.iter().any(|(_, assigned)| *assigned == value)
        || function.values().any(|(_, op)| match op {
            Op::Call { arguments, .. } => {
                function.call_arguments(arguments).iter().any(|argument| argument.value == value)
            }
            _ => false,
        })
}

/// The bits of a mode, `stat.S_IRWXU | stat.S_IROTH` included.
pub(super) fn bits(mode: Written<'_>, depth: u32) -> Option<i64> {
    if depth > 16 {
        return None;
    }
    match mode.op() {
        Op::Binary { op: BinaryOp::BitOr, left, right } => {
            // What is not known adds bits and takes none away.
            let (left, right) = (bits(mode.at(left), depth + 1), bits(mode.at(right), depth + 1));
            Some(left.unwrap_or(0) | right.unwrap_or(0)).filter(|_| left.is_some() || right.is_some())
        }
        Op::Attribute { name, .. } => stat(mode.module.symbols.text(name)),
        Op::Import(_) => stat(called(mode.module, mode.function, mode.value)),
        // `int("777", 8)`
        Op::Call { callee, arguments } => {
            let given = mode.function.call_arguments(arguments);
            let [digits, base] = given else { return mode.number() };
            // SECURITY: other bases than these end the program that parses with them.
            let radix = mode.at(base.value).number().and_then(|base| u32::try_from(base).ok());
            let radix = radix.filter(|radix| (2..=36).contains(radix))?;
            if called(mode.module, mode.function, callee) != "int" {
                return None;
            }
            i64::from_str_radix(mode.at(digits.value).text()?.trim_start_matches("0o"), radix).ok()
        }
        _ => mode.number(),
    }
}

fn stat(name: &str) -> Option<i64> {
    Some(match name {
        "S_IRWXO" => 0o007,
        "S_IROTH" => 0o004,
        "S_IWOTH" => 0o002,
        "S_IXOTH" => 0o001,
        "S_IRWXG" => 0o070,
        "S_IRGRP" => 0o040,
        "S_IWGRP" => 0o020,
        "S_IXGRP" => 0o010,
        "S_IRWXU" => 0o700,
        "S_IRUSR" | "S_IREAD" => 0o400,
        "S_IWUSR" | "S_IWRITE" => 0o200,
        "S_IXUSR" | "S_IEXEC" => 0o100,
        _ => return None,
    })
}

fn holds_secret(target: &str) -> bool {
    let is_public = words(target).iter().any(|word| word == "public" || word == "pub");
    !is_public
        && (words(target).iter().any(|word| {
            matches!(
                word.as_str(),
                "secret"
                    | "secrets"
                    | "password"
                    | "passwd"
                    | "credentials"
                    | "token"
                    | "htpasswd"
                    | "keyfile"
                    | "keytab"
                    | "keyring"
            )
        }) || words(target)
            .windows(2)
            .any(|pair| pair[1] == "key" && matches!(pair[0].as_str(), "private" | "secret" | "ssh" | "tls" | "api")))
}
