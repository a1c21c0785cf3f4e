//! A container whose program runs as root.

use std::ops::Range;

use parse_dockerfile::{Command, Instruction};

use super::dockerfile::{self, Dockerfile, Pair, Stage};
use super::files;
use super::image::{self, BaseUser, Image};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `container-root`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1601",
    name: "container-root",
    summary: "A container runs its program as root",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[250],
    owasp_2021: "A04",
    owasp_2025: "A02",
    asvs: "13.2.2",
    page: include_str!("container_root.md"),
};

/// Programs that give root up before the service starts, or that need it to supervise.
const GIVES_UP: [&str; 12] = [
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "chpst",
    "sudo -u",
    "--userspec",
    "s6-overlay",
    "s6-svscan",
    "supervisord",
    "systemd",
    "/sbin/init",
];

const REMEDY: &str = "Create a user in the last stage (`RUN useradd --system app`) and end with `USER app`; give it only the files it must write.";

enum User {
    Root(Range<usize>),
    Other,
    /// No `USER`: whoever the image runs as.
    OfImage(String, Range<usize>),
}

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if files::is_dockerfile(cx) {
        check_dockerfile(cx);
    } else if cx.text.contains("user") && files::is_compose(cx) {
        check_compose(cx);
    }
}

fn check_dockerfile(cx: &mut TextContext<'_>) {
    let file = cx.dockerfile();
    let Some(last) = file.stages.len().checked_sub(1) else { return };
    // What was not read may name the user.
    if file.problem.is_some() || !cx.is_pedantic() && files::is_for_development(cx.scope.within(cx.path)) {
        return;
    }
    let (starts, gives_up) = starts(&file, last);
    if gives_up || !starts && !cx.is_pedantic() {
        return;
    }
    match user(&file, last, 0) {
        User::Other => {}
        User::Root(span) => {
            let finding = cx.report(&RULE, span, "the last `USER` is root, so the program runs as root".to_owned());
            finding.remedy =
                "End the stage with the user the program needs: `USER app`; become root only for the steps that install."
                    .to_owned();
        }
        User::OfImage(written, span) => {
            let image = Image::parse(&written);
            match image::user_of(&image) {
                BaseUser::Other => return,
                BaseUser::Unknown if !cx.is_pedantic() => return,
                BaseUser::Root | BaseUser::Unknown => {}
            }
            let known = image::user_of(&image) == BaseUser::Root;
            let message = if known {
                format!("no `USER` is set and `{}` runs as root, so the program does too", image.name)
            } else {
                format!("no `USER` is set, and nothing says that `{}` names one", image.name)
            };
            let finding = cx.report(&RULE, span, message);
            finding.confidence = if known { Confidence::High } else { Confidence::Low };
            finding.missing_guard = Some("a `USER` other than root in the last stage".to_owned());
            finding.remedy = REMEDY.to_owned();
        }
    }
}

/// Whether the last stage says what to start, and whether what it starts gives root up by itself.
fn starts(file: &Dockerfile<'_>, last: usize) -> (bool, bool) {
    let (mut starts, mut gives_up) = (false, false);
    let mut at = Some(last);
    for _ in 0..=file.stages.len() {
        let Some(stage) = at.and_then(|at| file.stages.get(at)) else { break };
        for instruction in &stage.instructions {
            let command = match instruction {
                Instruction::Cmd(cmd) => Some(&cmd.arguments),
                Instruction::Entrypoint(entrypoint) => Some(&entrypoint.arguments),
                _ => None,
            };
            starts |= command.is_some();
            let words = match instruction {
                Instruction::Run(run) => Some(&run.arguments),
                _ => command,
            };
            let written = match words {
                Some(Command::Shell(text)) => text.value.to_owned(),
                Some(Command::Exec(words)) => {
                    let words: Vec<&str> = words.value.iter().map(|word| word.value.as_ref()).collect();
                    words.join(" ")
                }
                _ => match instruction {
                    Instruction::Copy(copy) => copy.dest.value.to_string(),
                    _ => String::new(),
                },
            };
            gives_up |= GIVES_UP.iter().any(|program| written.contains(program))
                || command.is_some() && written.split(' ').next() == Some("/init");
        }
        at = at.and_then(|at| base_stage(file, at));
    }
    (starts, gives_up)
}

/// The earlier stage that a stage is built on.
fn base_stage(file: &Dockerfile<'_>, at: usize) -> Option<usize> {
    let image = file.stages.get(at)?.from.image.value.as_ref();
    file.stages.get(..at)?.iter().position(|stage| stage.name().is_some_and(|name| name.eq_ignore_ascii_case(image)))
}

/// The image of a stage with its arguments filled in.
pub(super) fn image_of(file: &Dockerfile<'_>, stage: &Stage<'_>) -> String {
    dockerfile::expand(&stage.from.image.value, &global_arguments(file))
}

fn global_arguments(file: &Dockerfile<'_>) -> Vec<Pair> {
    let arguments = file.arguments.iter().map(|argument| &argument.arguments);
    arguments.flat_map(|written| dockerfile::pairs(&written.value, written.span.start, false)).collect()
}

fn user(file: &Dockerfile<'_>, at: usize, depth: usize) -> User {
    let Some(stage) = file.stages.get(at) else { return User::Other };
    let mut known = global_arguments(file);
    let mut found = None;
    for instruction in &stage.instructions {
        match instruction {
            Instruction::Arg(argument) => {
                let written = &argument.arguments;
                // `ARG NAME` alone takes the value of the one before `FROM`.
                let pairs = dockerfile::pairs(&written.value, written.span.start, false);
                known.extend(pairs.into_iter().filter(|pair| pair.value.is_some()));
            }
            Instruction::Env(env) => {
                let written = &env.arguments;
                known.extend(dockerfile::pairs(&written.value, written.span.start, true));
            }
            Instruction::User(user) => {
                let name = dockerfile::expand(&user.arguments.value, &known);
                let name = name.trim().trim_matches(['"', '\'']);
                let name = name.split(':').next().unwrap_or_default();
                found = Some(if matches!(name, "root" | "0") {
                    User::Root(user.user.span.start..user.arguments.span.end)
                } else {
                    User::Other
                });
            }
            _ => {}
        }
    }
    if let Some(found) = found {
        return found;
    }
    match base_stage(file, at) {
        Some(base) if depth < file.stages.len() => user(file, base, depth + 1),
        _ => User::OfImage(image_of(file, stage), stage.span()),
    }
}

fn check_compose(cx: &mut TextContext<'_>) {
    if !cx.is_pedantic() && files::is_for_development(cx.scope.within(cx.path)) {
        return;
    }
    let yaml = cx.yaml();
    let Some(services) = yaml.documents.first().and_then(|root| root.get("services")) else { return };
    for (name, service) in services.entries() {
        let Some((key, value)) = service.entry("user") else { continue };
        let user = value.text().unwrap_or_default();
        if matches!(user.split(':').next(), Some("root" | "0")) {
            let message = format!("the service `{}` runs as root", name.text().unwrap_or_default());
            let finding = cx.report(&RULE, key.span.start..value.span.end, message);
            finding.remedy =
                "Take `user: root` out, or name the user the image is made for (`user: \"1000:1000\"`).".to_owned();
        }
    }
}
