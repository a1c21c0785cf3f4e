//! A notebook that installs what is newest, or runs what it fetches.

use casemate_secrets::Format;

use super::{shell, unverified_download};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `notebook-shell-magic`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1609",
    name: "notebook-shell-magic",
    summary: "A notebook installs packages without a version, or runs what it fetches",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[494],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("notebook_shell_magic.md"),
};

/// Notebooks beyond this are output, not code.
const LARGEST: usize = 32 << 20;

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if cx.format != Format::Notebook
        || cx.text.len() > LARGEST
        || !["\"!", "\"%", "\\n!", "\\n%", "\" "].iter().any(|magic| cx.text.contains(magic))
    {
        return;
    }
    let Ok(notebook) = serde_json::from_str::<serde_json::Value>(cx.text) else { return };
    let cells = notebook.get("cells").and_then(serde_json::Value::as_array);
    let mut at = 0;
    for cell in cells.into_iter().flatten() {
        if cell.get("cell_type").and_then(serde_json::Value::as_str) != Some("code") {
            continue;
        }
        let source: String = match cell.get("source") {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Array(lines)) => lines.iter().filter_map(serde_json::Value::as_str).collect(),
            _ => continue,
        };
        let mut is_shell = false;
        for (number, line) in source.lines().enumerate() {
            let trimmed = line.trim();
            if number == 0
                && ["%%bash", "%%sh", "%%script bash", "%%script sh", "%%!"]
                    .iter()
                    .any(|magic| trimmed.starts_with(magic))
            {
                is_shell = true;
                continue;
            }
            let command =
                trimmed.strip_prefix('!').or_else(|| trimmed.strip_prefix('%')).or(is_shell.then_some(trimmed));
            let Some(command) = command else { continue };
            let Some((message, remedy)) = judge(command) else { continue };
            let span = place(cx.text, line, &mut at);
            let finding = cx.report(&RULE, span, message);
            finding.remedy = remedy;
        }
    }
}

/// Where a line of a cell stands in the notebook's text.
fn place(text: &str, line: &str, at: &mut usize) -> std::ops::Range<usize> {
    let written = serde_json::to_string(line).unwrap_or_default();
    let written = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    match text.get(*at..).and_then(|rest| rest.find(written)) {
        Some(found) => {
            let start = *at + found;
            *at = start + written.len();
            start..*at
        }
        None => *at..*at,
    }
}

fn judge(command: &str) -> Option<(String, String)> {
    let pipelines = shell::read(command, 0);
    if let Some((message, remedy)) = unverified_download::first(&pipelines) {
        return Some((message, remedy.to_owned()));
    }
    let words: Vec<&str> = pipelines
        .iter()
        .flat_map(|pipeline| &pipeline.commands)
        .flat_map(|command| &command.words)
        .map(|word| word.text.as_str())
        .collect();
    let install = words.iter().position(|word| *word == "install")?;
    let is_pip = words.get(..install)?.iter().any(|word| matches!(*word, "pip" | "pip3" | "uv"));
    if !is_pip {
        return None;
    }
    let mut skip = false;
    let loose = words.get(install + 1..)?.iter().find(|word| {
        if std::mem::take(&mut skip) {
            return false;
        }
        if word.starts_with('-') {
            skip = matches!(
                **word,
                "-r" | "--requirement"
                    | "-c"
                    | "--constraint"
                    | "-i"
                    | "--index-url"
                    | "--extra-index-url"
                    | "-f"
                    | "--find-links"
                    | "-e"
                    | "--editable"
                    | "-t"
                    | "--target"
            );
            return false;
        }
        let is_name = word.starts_with(|first: char| first.is_ascii_alphanumeric());
        is_name
            && !word.contains("==")
            && !word.contains("://")
            && !word.contains('/')
            && !word.ends_with(".whl")
            && !word.contains(" @ ")
            && !word.contains('{')
    })?;
    Some((
        format!("`{loose}` is installed in whatever version is newest that day"),
        format!("Name the version (`%pip install {loose}==…`), or install from a file with versions and hashes."),
    ))
}
