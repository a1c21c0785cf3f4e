//! Archives that write outside of the folder they are unpacked to.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Collection, Constant, Function, FunctionId, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::text;
use crate::rules::files::containment;
use crate::rules::pattern::tell;
use crate::rules::suspicion::is_dynamic;
use crate::rules::taint::Verdict;
use crate::rules::values::{Given, called, given, python_at_least};
use crate::rules::{Context, Taint, caller};

/// `archive-slip`
pub(crate) static RULE: Rule = Rule {
    id: "DES709",
    name: "archive-slip",
    summary: "A member of an archive is written where its name says",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[22],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "5.3.3",
    page: include_str!("archive_slip.md"),
};

const REMEDY: &str = "Unpack with `filter=\"data\"` (Python 3.12, and the last releases of 3.8 to 3.11): `archive.extractall(folder, filter=\"data\")`. Where you write members yourself, resolve each path and refuse what is not below the folder.";

/// Tar archives, whose members may be absolute, hold `..` or be links.
pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["archive"],
    from: label::MEMBER,
    without: Labels::NONE,
    arrives: "is unpacked",
    message: "{call} writes members of a tar archive where their names say: {source}; `../` in a name, or a link, leads out of the folder",
    missing: "`filter=\"data\"`, or a check of every member",
    remedy: REMEDY,
    judge: Some(judge_tar),
};

/// Archives of a kind that is only known from their name.
pub(crate) static NAMED: Taint = Taint {
    from: label::UNTRUSTED,
    without: label::MEMBER,
    message: "{call} unpacks an archive from outside: {source}; members of a tar archive are written where their names say",
    ..TAINT
};

/// Members that the program writes itself.
pub(crate) static WRITTEN: Taint = Taint {
    sinks: &["path"],
    arrives: "names the file that is written",
    message: "{call} takes the name of a member of an archive for the path of a file: {source}; `../` in the name leads out of the folder",
    missing: "a check that the resolved path lies below the folder",
    judge: Some(judge_path),
    ..TAINT
};

fn judge_tar(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let dismissed = Verdict { dismissed: true, ..Verdict::default() };
    let reach = hit.reach;
    // From 3.14 on the safe filter is the default.
    if python_at_least(cx.manifests, [3, 14]) {
        return dismissed;
    }
    let own_reach = (reach.module == cx.facts.module).then_some(reach.function);
    for id in std::iter::once(hit.function).chain(own_reach) {
        let Some(function) = cx.module.function(id) else { continue };
        if checks_members(cx, id, function) {
            return dismissed;
        }
    }
    if let Some(id) = own_reach
        && let Some(function) = cx.module.function(id)
        && let Op::Call { callee, arguments } = function.op(reach.call)
        && called(cx.module, function, callee) == "extractall"
        && let Given::Value(members) = given(cx, id, function.call_arguments(arguments), Some(1), "members")
        && !members.is_none()
    {
        // A list chosen by a function is checked there; the list of all is not.
        let is_whole = matches!(members.op(), Op::Call { callee, .. } if called(members.module, members.function, callee) == "getmembers");
        if !is_whole {
            return dismissed;
        }
    }
    if is_without_filter(cx, hit) {
        return dismissed;
    }
    let is_from_outside = hit.labels.meets(label::UNTRUSTED);
    if is_from_outside {
        return Verdict::default();
    }
    // What builds and tests a project unpacks its own archives.
    if cx.persona == Persona::Default && !caller::is_product(&cx.module.path, cx) {
        return dismissed;
    }
    Verdict { severity: Some(Severity::Medium), confidence: Some(Confidence::Medium), ..Verdict::default() }
}

/// Whether this is what is left to do where the filter is asked for and Python is too old to have it.
fn is_without_filter(cx: &Context<'_>, hit: &Hit) -> bool {
    let reach = hit.reach;
    if reach.module != cx.facts.module {
        return false;
    }
    let Some(function) = cx.module.function(reach.function) else { return false };
    let asks = function.conditions.iter().any(|&(_, test, _)| {
        let written = cx.module.slice(function.span_of(test));
        written.contains("data_filter")
            || written.contains("extraction_filter")
            || written.contains("version_info")
            || written.contains("\"filter\" in")
    });
    asks && function.values().any(|(value, op)| match op {
        Op::Call { callee, arguments } => {
            value != reach.call
                && called(cx.module, function, callee) == "extractall"
                && !given(cx, reach.function, function.call_arguments(arguments), None, "filter").is_nothing()
        }
        _ => false,
    })
}

/// Whether a function looks at members before it writes them.
fn checks_members(cx: &Context<'_>, id: FunctionId, function: &Function) -> bool {
    let mut raises = false;
    let mut looks = false;
    for (_, op) in function.values() {
        match op {
            Op::Raise(_) => raises = true,
            // `archive.extraction_filter = tarfile.data_filter`
            Op::StoreAttribute { name, .. } if cx.module.symbols.text(name) == "extraction_filter" => return true,
            Op::Call { callee, arguments } => {
                let name = called(cx.module, function, callee);
                let words = words(name);
                looks |= matches!(
                    name,
                    "commonpath"
                        | "commonprefix"
                        | "is_relative_to"
                        | "relative_to"
                        | "realpath"
                        | "resolve"
                        | "isabs"
                        | "is_absolute"
                ) || words.iter().any(|word| {
                    matches!(word.as_str(), "within" | "inside" | "safe" | "unsafe" | "traversal" | "sanitize")
                }) || name == "startswith" && about_member(cx, id, function, callee);
                // `**kwargs` with a filter, chosen by version.
                let is_filter = |value: Value| matches!(function.op(function.plain(value)), Op::Constant(Constant::Str(text)) if cx.module.string(text) == "data");
                if name == "extractall" && function.call_arguments(arguments).iter().any(|argument| {
                    matches!(argument.passing, casemate_python::syntax::Passing::Keyword(keyword) if cx.module.symbols.text(keyword) == "filter") && !is_filter(argument.value) && matches!(function.op(function.plain(argument.value)), Op::Function(_) | Op::Name(_))
                }) {
                    return true;
                }
            }
            Op::Compare { left, right, .. } => {
                looks |= [left, right].into_iter().any(|side| cx.facts.fact(id, side).labels.meets(label::MEMBER) && matches!(function.op(side), Op::Attribute { name, .. } if matches!(cx.module.symbols.text(name), "name" | "path" | "type")));
            }
            _ => {}
        }
    }
    // Members that are refused by `continue` rather than by an exception are written one by one.
    looks
        && (raises
            || function.values().any(
                |(_, op)| matches!(op, Op::Call { callee, .. } if called(cx.module, function, callee) == "extract"),
            ))
}

fn about_member(cx: &Context<'_>, id: FunctionId, function: &Function, callee: Value) -> bool {
    matches!(function.op(callee), Op::Attribute { of, .. } if cx.facts.fact(id, of).labels.meets(label::MEMBER | label::CANONICAL))
}

/// Programs told to write where the archive says: `tar -xP`, `unzip -:`, `7z x -spf`, `gpg --use-embedded-filename`.
pub(crate) fn check(cx: &mut Context<'_>) {
    unpacked(cx);
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Build { collection: Collection::List | Collection::Tuple, items } = op else { continue };
            let words: Vec<&str> = function
                .list(items)
                .iter()
                .map(|&item| cx.module.constant_str(function, item).unwrap_or_default())
                .collect();
            if let Some(option) = trusts_names(&words) {
                let at = function.list(items).iter().zip(&words).find(|(_, word)| **word == option);
                let told = at.map_or(value, |(&item, _)| item);
                found.push((id, function.span_of(value), function.span_of(told), option.to_owned()));
            }
        }
    }
    for (id, span, told, option) in found {
        let message = format!(
            "with `{option}` the program writes where the archive says: an absolute name, or one with `../` in it, leads out of the folder"
        );
        let steps = vec![
            cx.step(cx.facts.module, told, format!("`{option}` lets the archive say where its members go")),
            cx.step(cx.facts.module, span, "is given to the program".to_owned()),
        ];
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.path = steps;
        finding.severity = Severity::Medium;
        finding.remedy =
            "Leave the option out, and name the file or folder to write to (`--output`, `-C`, `-d`).".to_owned();
    }
}

/// The option by which an archive decides where its members go.
fn trusts_names<'w>(words: &[&'w str]) -> Option<&'w str> {
    let (program, options) = words.split_first()?;
    let program = program.rsplit('/').next().unwrap_or(program);
    let has = |wanted: &[&str]| options.iter().copied().find(|option| wanted.contains(option));
    let letters = |option: &str| option.starts_with('-') && !option.starts_with("--");
    match program {
        "gpg" | "gpg2" => has(&["--use-embedded-filename"]),
        "unzip" => has(&["-:"]),
        "7z" | "7za" | "7zz" | "7zr" => has(&["x"]).and_then(|_| has(&["-spf", "-spf2"])),
        "tar" | "bsdtar" | "gtar" => {
            let takes_out = |option: &&str| {
                matches!(*option, "--extract" | "--get")
                    || (letters(option) || !option.starts_with('-') && option.len() < 8 && !option.contains('.'))
                        && option.contains('x')
            };
            options.iter().any(takes_out).then_some(())?;
            options
                .iter()
                .copied()
                .find(|option| *option == "--absolute-names" || letters(option) && option.contains('P'))
        }
        _ => None,
    }
}

/// Whether the module unpacks archives.
fn unpacks(cx: &Context<'_>) -> bool {
    cx.calls().any(|(_, function, _, callee, _)| {
        words(called(cx.module, function, callee))
            .iter()
            .any(|word| matches!(word.as_str(), "extract" | "extractall" | "unpack"))
    })
}

fn judge_path(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let is_archive = |id: FunctionId, value: Value| {
        cx.facts.path(id, value).is_some_and(|path| path.starts_with("tarfile.") || path.starts_with("zipfile."))
    };
    let dismissed = is_archive(hit.function, hit.argument)
        || containment::judge(cx, hit).dismissed
        || cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
            match function.op(hit.reach.call) {
                // Reading, listing and testing do not write; nor does what is copied change.
                Op::Call { callee, arguments } => {
                    let name = called(module, function, callee);
                    let is_open = matches!(
                        name,
                        "open"
                            | "async_open"
                            | "open_file"
                            | "ZipFile"
                            | "TarFile"
                            | "GzipFile"
                            | "BZ2File"
                            | "LZMAFile"
                            | "load_workbook"
                    );
                    // What was unpacked before may be tidied up by the same names; else they name anything.
                    let is_removal = matches!(name, "remove" | "unlink" | "rmtree") && !unpacks(cx);
                    !is_removal
                        && matches!(
                            name,
                            "chown"
                                | "chmod"
                                | "utime"
                                | "remove"
                                | "unlink"
                                | "rmtree"
                                | "rmdir"
                                | "makedirs"
                                | "mkdir"
                                | "read_text"
                                | "read_bytes"
                                | "iterdir"
                                | "listdir"
                                | "getline"
                                | "glob"
                                | "iglob"
                                | "walk"
                                | "scandir"
                        )
                        || is_open && !containment::writes(module, function, function.call_arguments(arguments))
                        || matches!(name, "copy" | "copy2" | "copyfile" | "copytree" | "move" | "rename" | "replace")
                            && function
                                .call_arguments(arguments)
                                .first()
                                .is_some_and(|first| first.value == hit.reach.argument)
                }
                _ => false,
            }
        });
    Verdict {
        dismissed,
        severity: (!hit.labels.meets(label::UNTRUSTED)).then_some(Severity::Medium),
        ..Verdict::default()
    }
}

/// `shutil.unpack_archive(path, folder)` without a filter, as `extractall` of an archive of unknown origin.
fn unpacked(cx: &mut Context<'_>) {
    if python_at_least(cx.manifests, [3, 14]) {
        return;
    }
    let mut found = Vec::new();
    for &site in cx.sites() {
        let is_told = cx.facts.hits.iter().any(|hit| {
            hit.reach.call == site.at.value && hit.reach.function == site.at.id && hit.labels.meets(label::UNTRUSTED)
        });
        let is_plain = site.path == "shutil.unpack_archive" && site.keyword(cx, "filter").is_none() && !site.is_open();
        if is_plain && !is_told && site.position(0).is_some_and(|at| is_dynamic(cx, at)) {
            let message = "members of a tar archive are written where their names say; `../` in a name, or a link, leads out of the folder".to_owned();
            let mut one = site.found(message, REMEDY).severity(Severity::Medium).confidence(Confidence::Medium);
            one.path = vec![
                cx.step(site.at.home, site.position(0).unwrap_or(site.at).span(), "is some archive".to_owned()),
                cx.step(site.at.home, site.at.span(), TAINT.arrives.to_owned()),
            ];
            // Of a zip file the names are made harmless.
            let is_zip =
                site.argument(cx, 2, "format").and_then(|at| text(cx, at)).is_some_and(|format| format == "zip");
            let is_product = caller::is_product(&cx.module.path, cx);
            found.push(if is_zip || !is_product { one.suspicion() } else { one });
        }
    }
    tell(cx, &RULE, found);
}
