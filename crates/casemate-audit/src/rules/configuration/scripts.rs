//! The shell scripts inside configuration files, each where it stands.

use casemate_secrets::Format;
use parse_dockerfile::{Command, Instruction};

use super::files;
use super::shell::{self, Pipeline};
use super::yaml::{Node, Value};
use crate::rules::TextContext;

/// Larger scripts are made by programs. Their beginning is enough.
const LARGEST: usize = 2 << 20;

/// Keys of YAML whose values are scripts, whatever runs them.
const KEYS: [&str; 22] = [
    "run",
    "script",
    "scripts",
    "before_script",
    "after_script",
    "before_install",
    "install",
    "after_success",
    "command",
    "commands",
    "cmd",
    "cmds",
    "bash",
    "sh",
    "shell",
    "inline",
    "inlineScript",
    "pre_build",
    "post_install",
    "pre_install",
    "before-build",
    "on-create-command",
];

/// Every script of the file, read.
pub(super) fn of(cx: &mut TextContext<'_>) -> Vec<Pipeline> {
    if cx.text.len() > LARGEST {
        return Vec::new();
    }
    if files::is_dockerfile(cx) {
        return of_dockerfile(cx);
    }
    let name = cx.name();
    let lower = name.to_ascii_lowercase();
    let is_make = lower == "makefile" || lower == "gnumakefile" || lower.ends_with(".mk") || lower.ends_with(".mak");
    if is_make {
        return of_makefile(cx.text);
    }
    match cx.format {
        Format::Shell => shell::read(cx.text, 0),
        Format::Yaml => of_yaml(cx),
        _ if starts_shell(cx.text) => shell::read(cx.text, 0),
        _ => Vec::new(),
    }
}

fn starts_shell(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first
        .strip_prefix("#!")
        .and_then(|line| line.split_whitespace().find(|word| !word.ends_with("/env") && !word.starts_with('-')))
        .is_some_and(|program| shell::is_shell(program.rsplit('/').next().unwrap_or_default()))
}

fn of_dockerfile(cx: &TextContext<'_>) -> Vec<Pipeline> {
    let file = cx.dockerfile();
    let mut pipelines = Vec::new();
    for instruction in file.stages.iter().flat_map(|stage| &stage.instructions) {
        let (command, documents) = match instruction {
            Instruction::Run(run) => (&run.arguments, run.here_docs.as_slice()),
            Instruction::Cmd(cmd) => (&cmd.arguments, &[][..]),
            Instruction::Entrypoint(entrypoint) => (&entrypoint.arguments, &[][..]),
            _ => continue,
        };
        match command {
            Command::Shell(written) => {
                let text = cx.text.get(written.span.clone()).unwrap_or_default();
                pipelines.extend(shell::read(text, written.span.start));
            }
            Command::Exec(words) => {
                let words = &words.value;
                let command = shell::Command {
                    words: words
                        .iter()
                        .enumerate()
                        .map(|(at, word)| {
                            let runs =
                                words.first().is_some_and(|first| {
                                    shell::is_shell(first.value.rsplit('/').next().unwrap_or_default())
                                }) && words.get(at.wrapping_sub(1)).is_some_and(|flag| flag.value.ends_with('c'));
                            let inner = if runs { shell::read(&word.value, word.span.start + 1) } else { Vec::new() };
                            shell::Word { text: word.value.to_string(), span: word.span.clone(), inner }
                        })
                        .collect(),
                };
                pipelines.push(Pipeline { commands: vec![command] });
            }
            _ => {}
        }
        for document in documents {
            let text = cx.text.get(document.span.clone()).unwrap_or_default();
            pipelines.extend(shell::read(text, document.span.start));
        }
    }
    pipelines
}

/// The recipes of a Makefile: lines that begin with a tab.
fn of_makefile(text: &str) -> Vec<Pipeline> {
    let mut pipelines = Vec::new();
    let mut at = 0;
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let begins = open.or_else(|| line.starts_with('\t').then_some(at));
        if let Some(start) = begins {
            if line.trim_end_matches(['\n', '\r']).ends_with('\\') {
                open = Some(start);
            } else {
                pipelines.extend(shell::read(text.get(start..end).unwrap_or_default(), start));
                open = None;
            }
        }
        at = end;
    }
    if let Some(start) = open {
        pipelines.extend(shell::read(text.get(start..).unwrap_or_default(), start));
    }
    pipelines
}

fn of_yaml(cx: &TextContext<'_>) -> Vec<Pipeline> {
    let yaml = cx.yaml();
    let mut pipelines = Vec::new();
    for document in &yaml.documents {
        document.walk(&mut |node| {
            for (key, value) in node.entries() {
                if !key.text().is_some_and(|key| KEYS.contains(&key)) {
                    continue;
                }
                match &value.value {
                    Value::Scalar(_) => pipelines.extend(read(cx.text, value)),
                    Value::List(items) => {
                        // `command: [sh, -c, "…"]` is one command, anything else one script a line.
                        let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
                        let is_argv = texts
                            .first()
                            .is_some_and(|first| shell::is_shell(first.rsplit('/').next().unwrap_or_default()));
                        for item in items.iter().skip(if is_argv { 2 } else { 0 }) {
                            pipelines.extend(read(cx.text, item));
                        }
                    }
                    Value::Map(_) => {}
                }
            }
        });
    }
    pipelines
}

fn read(text: &str, node: &Node) -> Vec<Pipeline> {
    let (base, script) = written(text, node);
    shell::read(script, base)
}

/// A scalar as it is written, quotes or the mark of a block taken off, and where that begins.
pub(super) fn written<'t>(text: &'t str, node: &Node) -> (usize, &'t str) {
    let start = node.span.start;
    let raw = text.get(node.span.clone()).unwrap_or_default();
    match raw.as_bytes().first() {
        Some(b'"' | b'\'') if raw.len() >= 2 => (start + 1, raw.get(1..raw.len() - 1).unwrap_or_default()),
        Some(b'|' | b'>') => {
            let line = raw.find('\n').map_or(raw.len(), |end| end + 1);
            (start + line, raw.get(line..).unwrap_or_default())
        }
        _ => (start, raw),
    }
}
