//! Every rule's page is its test: lines marked `# finding` are found, all others are not.

use casemate_audit::past::{PastSecret, secrets_of};
use casemate_audit::rules::{ALL, find};
use casemate_audit::{Commit, Kind, Persona, Rule, Settings};

use crate::support::audit_after;
use crate::synthetic::expand;

struct Block<'p> {
    section: &'p str,
    line: usize,
    /// What the first file of the block is called.
    path: &'p str,
    code: String,
}

impl Block<'_> {
    /// The files of the block, each as long as the block, so that lines hold: a line `# --- path` begins another one.
    /// In what is not Python the marks are taken out, for there a comment may be part of a value.
    fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![(self.path.to_owned(), String::new())];
        for (number, line) in self.code.lines().enumerate() {
            if let Some(path) = line.strip_prefix("# --- ") {
                files.push((path.trim().to_owned(), "\n".repeat(number)));
            }
            let (path, text) = files.last_mut().unwrap();
            let is_head = line.starts_with("# --- ");
            let line =
                if path.ends_with(".py") { line } else { line.trim_end().trim_end_matches("# finding").trim_end() };
            text.push_str(if is_head { "" } else { line });
            text.push('\n');
        }
        files.retain(|(path, text)| !text.trim().is_empty() || path != self.path);
        files
    }
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut section = "";
    let mut open: Option<Block<'_>> = None;
    for (number, line) in page.lines().enumerate() {
        match &mut open {
            Some(_) if line.starts_with("```") => blocks.extend(open.take()),
            Some(block) => {
                block.code.push_str(&expand(line));
                block.code.push('\n');
            }
            // "```yaml docker-compose.yml" names its file; a block without a name is Python or no test.
            None if line.starts_with("```python") || line.starts_with("```") && line.contains(' ') => {
                let path = line.split_once(' ').map_or("app.py", |(_, path)| path.trim());
                open = Some(Block { section, line: number + 1, path, code: String::new() });
            }
            None => section = line.strip_prefix("## ").unwrap_or(section),
        }
    }
    blocks
}

fn check_page(rule: &'static Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    // A rule alone, so that a page needs to be free of nothing else.
    let pedantic = Settings {
        persona: Persona::Pedantic,
        select: vec![rule.id.to_owned()],
        today: Some((2026, 11, 22)),
        ..Settings::default()
    };
    let examples = blocks(rule.page);
    let default = Settings { persona: Persona::Default, ..pedantic.clone() };
    for block in &examples {
        let settings = if block.code.contains("# in the default persona") { &default } else { &pedantic };
        let files = block.files();
        // `HEAD~2:settings.py` is an old version of a file.
        let (past, files): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| path.starts_with("HEAD~"));
        let past: Vec<PastSecret> = past
            .iter()
            .filter_map(|(path, text)| Some(secrets_of(path.split_once(':')?.1, text.as_bytes())))
            .flatten()
            .map(|mut secret| {
                let (id, date) = ("0123456789abcdef".repeat(3), "2026-01-31".to_owned());
                secret.came_with(Commit { id, author: "Ada".to_owned(), date });
                secret
            })
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        let outcome = audit_after(&past, settings, &files);
        if rule.kind != Kind::Run {
            wrong.extend(
                outcome
                    .problems
                    .iter()
                    .map(|problem| format!("{}, block at line {}: {}", rule.name, block.line, problem.message)),
            );
        }
        let expected: Vec<usize> = block
            .code
            .lines()
            .enumerate()
            .filter(|(_, line)| line.trim_end().ends_with("# finding"))
            .map(|(at, _)| at + 1)
            .collect();
        let mut found: Vec<usize> = outcome
            .findings
            .iter()
            .filter(|finding| finding.rule.id == rule.id)
            .map(|finding| finding.place.start.line as usize)
            .collect();
        found.sort_unstable();
        // Several findings of one line are one mark.
        found.dedup();
        if expected != found {
            let messages: Vec<&str> = outcome.findings.iter().map(|finding| finding.message.as_str()).collect();
            wrong.push(format!(
                "{}, block at line {}: expected findings in lines {expected:?}, found {found:?} {messages:?}",
                rule.name, block.line
            ));
        }
        match block.section {
            "Vulnerable" if expected.is_empty() => {
                wrong.push(format!("{}, block at line {}: vulnerable, but no line is marked", rule.name, block.line));
            }
            "Safe" if !expected.is_empty() => {
                wrong.push(format!("{}, block at line {}: safe, but a line is marked", rule.name, block.line));
            }
            _ => {}
        }
        for finding in outcome.findings.iter().filter(|finding| finding.rule.id == rule.id) {
            if finding.remedy.is_empty() || finding.statement.is_empty() || finding.fingerprint.len() != 32 {
                wrong.push(format!(
                    "{}, block at line {}: a finding lacks remedy, statement or fingerprint",
                    rule.name, block.line
                ));
            }
            if rule.kind == Kind::Taint
                && rule.name != "timing-unsafe-compare"
                && rule.name != "bearer-token-unsigned"
                && finding.path.len() < 2
            {
                wrong.push(format!("{}, block at line {}: a flow without its path", rule.name, block.line));
            }
        }
    }
    wrong
}

#[test]
fn every_page_holds() {
    let wrong: Vec<String> = ALL.iter().flat_map(|rule| check_page(rule)).collect();

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_is_complete() {
    for rule in ALL {
        assert_eq!(rule.page.lines().next(), Some(format!("# {}", rule.name).as_str()));
        let mut at = 0;
        for section in ["## What it finds", "## Why it matters", "## How to mend it", "## Vulnerable", "## Safe"] {
            let next = rule.page.find(section);
            assert!(next.is_some_and(|next| next > at), "{}: no section `{section}` in its place", rule.name);
            at = next.unwrap();
        }
        assert!(rule.kind == Kind::Run || !rule.cwe.is_empty(), "{} has no CWE", rule.name);
        assert!(
            rule.kind == Kind::Run || (!rule.owasp_2021.is_empty() && !rule.owasp_2025.is_empty()),
            "{} has no OWASP category",
            rule.name
        );
        assert!(!rule.asvs.is_empty() && !rule.summary.is_empty(), "{} lacks ASVS or summary", rule.name);
        // Data takes many ways, and so do routes: their rules show at least four of each.
        if matches!(rule.kind, Kind::Taint | Kind::Program) {
            for section in ["Vulnerable", "Safe"] {
                let count = blocks(rule.page).iter().filter(|block| block.section == section).count();
                assert!(count >= 4, "{} has {count} blocks under {section}", rule.name);
            }
        }
        assert_eq!(find(rule.id).map(|found| found.name), Some(rule.name));
        assert_eq!(find(rule.name).map(|found| found.id), Some(rule.id));
    }
}

#[test]
fn ids_and_names_are_unique_and_in_order() {
    for pair in ALL.windows(2) {
        assert!(pair[0].id < pair[1].id, "{} stands before {}", pair[0].id, pair[1].id);
    }
    let mut names: Vec<&str> = ALL.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}
