//! Every rule's page is its test: lines marked `# finding` are found, all others are not.

use casemate_audit::rules::{ALL, find};
use casemate_audit::{Kind, Persona, Rule, Settings};

use crate::support::audit_with;

struct Block<'p> {
    section: &'p str,
    line: usize,
    code: String,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut section = "";
    let mut open: Option<Block<'_>> = None;
    for (number, line) in page.lines().enumerate() {
        match &mut open {
            Some(_) if line.starts_with("```") => blocks.extend(open.take()),
            Some(block) => {
                block.code.push_str(line);
                block.code.push('\n');
            }
            None if line.starts_with("```python") => {
                open = Some(Block { section, line: number + 1, code: String::new() });
            }
            None => section = line.strip_prefix("## ").unwrap_or(section),
        }
    }
    blocks
}

fn check_page(rule: &'static Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    // A rule alone, so that a page needs to be free of nothing else.
    let settings = Settings {
        persona: Persona::Pedantic,
        select: vec![rule.id.to_owned()],
        today: Some((2026, 11, 22)),
        ..Settings::default()
    };
    let examples = blocks(rule.page);
    for block in &examples {
        let outcome = audit_with(&settings, &[("example.py", block.code.as_bytes())]);
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
        let found: Vec<usize> = outcome
            .findings
            .iter()
            .filter(|finding| finding.rule.id == rule.id)
            .map(|finding| finding.place.start.line as usize)
            .collect();
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
