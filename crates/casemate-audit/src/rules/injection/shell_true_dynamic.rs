//! A command for a shell that is put together while the program runs, where nothing shows that a part of it comes from outside.

use casemate_python::syntax::{Collection, Op};

use super::argv::base_name;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, origin, text};
use crate::rules::pattern::{Found, Site, tell};
use crate::rules::suspicion::{dynamic, is_dynamic, truth};

/// `shell-true-dynamic`
pub(crate) static RULE: Rule = Rule {
    id: "INJ111",
    name: "shell-true-dynamic",
    summary: "A shell runs a command that is not a constant",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[78],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("shell_true_dynamic.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "command", &RULE) {
        let filled = Context::written(at.module, at.function, at.value);
        found.push(shell(&site, format!("a shell runs `{filled}`, which is not a constant")));
    }
    // Where the arguments are given one by one, the program stands first.
    let first = cx.sites().iter().filter(|site| {
        matches!(
            site.path,
            "asyncio.create_subprocess_exec" | "asyncio.subprocess.create_subprocess_exec" | "pty.spawn"
        )
    });
    let first = first.filter_map(|site| Some((*site, site.position(0).filter(|&at| is_dynamic(cx, at))?)));
    let programs: Vec<(Site<'_>, At<'_>)> = dynamic(cx, "executable", &RULE).into_iter().chain(first).collect();
    for (site, at) in programs {
        let filled = Context::written(at.module, at.function, at.value);
        let message = format!("the program that is run is `{filled}`, which is not a constant");
        let remedy = "Write the program into the call, or look it up in a dictionary that you wrote.";
        found.push(site.found(message, remedy).confidence(Confidence::Medium).missing("a fixed list of programs"));
    }
    for &site in cx.sites() {
        found.extend(through_shell(cx, &site).or_else(|| airflow(cx, &site)).or_else(|| wildcard(cx, &site)));
    }
    tell(cx, &RULE, found);
}

fn shell(site: &Site<'_>, message: String) -> Found {
    let remedy =
        "Pass a list of arguments and leave out the shell, so that a value stays one argument whatever it holds.";
    site.found(message, remedy)
        .confidence(Confidence::Medium)
        .missing("a list of arguments without a shell, or `shlex.quote`")
}

/// `["sh", "-c", command]`, in a list or one by one.
fn through_shell(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let starts = ["subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "asyncio.create_subprocess_exec", "sh."];
    if !starts.iter().any(|start| site.path.starts_with(start)) {
        return None;
    }
    let mut words: Vec<At<'_>> = Vec::new();
    for argument in site.arguments {
        let at = site.at.with(argument.value);
        match origin(cx, at).map(|at| (at, at.op())) {
            Some((at, Op::Build { collection: Collection::List | Collection::Tuple, items })) => {
                words.extend(at.list(items).iter().map(|&item| at.with(item)));
            }
            _ => words.push(at),
        }
    }
    let is_shell = |word: &str| matches!(base_name(word), "sh" | "bash" | "zsh" | "dash" | "ksh");
    let of_module = site.path.strip_prefix("sh.").is_some_and(is_shell);
    let is_shell_named = of_module || words.iter().any(|&word| text(cx, word).is_some_and(|word| is_shell(&word)));
    // `-c`, `-lc`, `-ec`
    let is_flag = |word: &str| word.len() <= 4 && word.starts_with('-') && word.ends_with('c');
    let flag = words.iter().position(|&word| text(cx, word).is_some_and(|word| is_flag(&word)))?;
    let command = words.get(flag + 1).copied().filter(|&at| is_shell_named && is_dynamic(cx, at))?;
    let filled = Context::written(command.module, command.function, command.value);
    Some(shell(site, format!("a shell runs `{filled}`, which is not a constant")))
}

/// `BashOperator(bash_command=f"…")`: Airflow gives the text to a shell.
fn airflow(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let class = site.path.rsplit('.').next().unwrap_or_default();
    if !site.path.starts_with("airflow.") || !matches!(class, "BashOperator" | "SSHOperator") {
        return None;
    }
    let command = site.keyword(cx, "bash_command").or_else(|| site.keyword(cx, "command"))?;
    let command = is_dynamic(cx, command).then_some(command)?;
    let filled = Context::written(command.module, command.function, command.value);
    Some(shell(site, format!("a shell runs `{filled}`, which is not a constant")))
}

/// `os.system("chown root *")`: whoever may name a file there names an option.
fn wildcard(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let is_shell =
        matches!(site.path, "os.system" | "os.popen" | "subprocess.getoutput" | "subprocess.getstatusoutput")
            || site.path.starts_with("subprocess.")
                && site.keyword(cx, "shell").and_then(|at| truth(cx, at)) == Some(true);
    let command = is_shell.then(|| site.argument(cx, 0, "args").and_then(|at| text(cx, at)))??;
    let words: Vec<&str> = command.split_whitespace().collect();
    let program = words.first().map(|word| base_name(word))?;
    let takes_options = matches!(program, "chown" | "chmod" | "tar" | "rsync" | "chgrp" | "zip");
    let is_bare = words.iter().skip(1).any(|word| word.starts_with('*')) && !words.contains(&"--");
    (takes_options && is_bare).then(|| {
        site.found(
            format!("the shell puts names of files in the place of `*`, and one that begins with `-` is an option of `{program}`"),
            "Write `./*`, or list the files in Python and pass them behind `--`.",
        )
        .confidence(Confidence::Medium)
        .missing("`--` or `./` before the wildcard")
    })
}
