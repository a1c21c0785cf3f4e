//! Untrusted data in a command line that a shell takes apart.

use casemate_python::facts::{Hit, Labels};

use super::argv::{Argv, base_name};
use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `os-command-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ110",
    name: "os-command-injection",
    summary: "Untrusted data becomes part of a shell command",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[78],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("os_command_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["command"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as a command",
    message: "{call} gives a shell a command with data from outside: {source}",
    missing: "a list of arguments without a shell, or `shlex.quote`",
    remedy: "Pass a list of arguments and leave out `shell=True`, as in `subprocess.run([\"ping\", \"-c\", \"1\", host])`; where a shell must be, put the value through `shlex.quote`.",
    judge: Some(judge),
};

pub(crate) static LISTED: Taint = Taint {
    rule: &RULE,
    sinks: &["argv"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as a command",
    message: "{call} gives a shell a command with data from outside: {source}",
    missing: "a list of arguments without a shell, or `shlex.quote`",
    remedy: "Run the program itself with a list of arguments, without a shell in between; on another machine put every value through `shlex.quote`.",
    judge: Some(judge_list),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(!is_vague(cx, hit))
}

/// A method that is only called `run` runs anything, unless the module speaks to shells.
pub(crate) fn is_vague(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return false };
    let called = scene.called(hit.reach.call);
    matches!(scene.method(hit.reach.call), Some((_, "run" | "sudo" | "local")))
        && !called.contains("()")
        && !["subprocess.", "invoke.", "fabric.", "pexpect."].iter().any(|root| called.starts_with(root))
        && !scene.imports(&["invoke", "fabric", "asyncssh"])
}

/// `["sh", "-c", command]` and `["ssh", host, command]`.
fn judge_list(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(argv) = Argv::of(cx, hit, label::OUTSIDE) else { return Verdict::DISMISSED };
    let program = argv.program().map(base_name).unwrap_or_default();
    let taken_apart = match program {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" => argv
            .elements
            .iter()
            .position(|&one| argv.scene.constant(one).is_some_and(|word| word.starts_with('-') && word.ends_with('c')))
            .and_then(|flag| argv.elements.get(flag + 1)),
        "cmd" | "cmd.exe" | "powershell" | "powershell.exe" | "pwsh" => argv
            .elements
            .iter()
            .position(|&one| {
                argv.scene
                    .constant(one)
                    .is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "/c" | "/k" | "-command" | "-c"))
            })
            .and_then(|flag| argv.elements.get(flag + 1)),
        // What stands behind the host is joined and read by the shell over there.
        "ssh" => argv.elements.iter().skip(2).find(|&&one| argv.scene.carries(one) && argv.is_built(one)),
        _ => None,
    };
    let hits = taken_apart.is_some_and(|&one| argv.scene.carries(one) && !argv.scene.is_clean(one, "command"));
    Verdict::only_if(hits)
}
