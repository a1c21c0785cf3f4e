//! Every rule's findings go the whole way: into SARIF, into a baseline and out of the next report, and away by a comment.

use casemate_audit::baseline::{Anchor, Baseline, Scope};
use casemate_audit::report::{Report, sarif};
use casemate_audit::rules::ALL;
use casemate_audit::{Kind, Outcome, Persona, Rule, Settings};

use crate::fuzz::{Files, examples};
use crate::report::{assert_valid, sarif_schema};
use crate::support::audit_with;
use crate::synthetic::expand;

type Texts = Vec<(String, String)>;

/// The examples of a page that need no old versions, without the marks.
fn of_page(rule: &Rule) -> Vec<Texts> {
    let without_mark = |line: &str| line.trim_end().trim_end_matches("# finding").trim_end().to_owned() + "\n";
    let without_marks = |text: &str| expand(text).lines().map(without_mark).collect();
    examples(rule.page)
        .into_iter()
        .filter(|files| !files.iter().any(|(path, _)| path.starts_with("HEAD~") || path.starts_with("vex/")))
        .map(|files| files.into_iter().map(|(path, text)| (path, without_marks(&text))).collect())
        .collect()
}

fn settings(rule: &Rule) -> Settings {
    Settings {
        persona: Persona::Pedantic,
        select: vec![rule.id.to_owned()],
        today: Some((2026, 11, 22)),
        ..Settings::default()
    }
}

fn run(rule: &Rule, files: &Texts) -> Outcome {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    audit_with(&settings(rule), &files)
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied().filter(|rule| rule.kind != Kind::Run)
}

#[test]
fn the_findings_of_every_rule_fit_the_public_schema_of_sarif() {
    let schema = sarif_schema();
    for rule in rules() {
        for files in of_page(rule) {
            let outcome = run(rule, &files);
            let bytes: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
            let (sources, settings) = (Files::new(&bytes), settings(rule));
            let report = Report {
                outcome: &outcome,
                sources: &sources,
                settings: &settings,
                paths: &[],
                category: "audit",
                is_complete: true,
                advisories: None,
                baseline: None,
            };
            let mut out = Vec::new();
            sarif::write(&report, &mut out).unwrap();
            let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_valid(&schema, &log);
            assert_eq!(
                log["runs"][0]["results"].as_array().map(Vec::len),
                Some(outcome.findings.len()),
                "{}",
                rule.name
            );
        }
    }
}

#[test]
fn the_findings_of_every_rule_are_known_to_the_baseline_they_were_written_into() {
    let mut found = 0;
    for rule in rules() {
        let settings = settings(rule);
        for files in of_page(rule) {
            let first = run(rule, &files);
            found += first.findings.len();
            let written = Baseline::empty([7; 32]).renewed(&first, vec![], &Anchor::default()).render();
            let known = Baseline::parse(&written).unwrap();
            // Some lines were put before.
            let moved: Texts = files
                .iter()
                .map(|(path, text)| {
                    (path.clone(), if path.ends_with(".py") { format!("\n\n{text}") } else { text.clone() })
                })
                .collect();
            let mut again = run(rule, &moved);
            let paths = files.iter().map(|(path, _)| path.as_str()).collect();
            let scope = Scope { settings: &settings, paths, is_whole: true, has_advisories: true, has_history: true };
            known.apply(&mut again, &scope, &Anchor::default());
            let new: Vec<&str> = again.findings.iter().map(|finding| finding.message.as_str()).collect();
            assert!(new.is_empty() && again.gone.is_empty(), "{}: {new:?} {:?}", rule.name, again.gone);
            assert_eq!(again.baselined.len(), first.findings.len(), "{}", rule.name);
        }
    }
    assert!(found > 1000, "{found}");
}

/// A line of a file with a comment at its end, or above it where only whole lines are comments.
fn with_comment(path: &str, line: &str, rule: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let said = format!("casemate: ignore[{rule}] -- as it should be");
    let hash = |ending: &&str| name.ends_with(*ending);
    if name == "Dockerfile" {
        // Above an instruction, not amid one.
        let begins = line.starts_with(|c: char| c.is_ascii_uppercase());
        return begins.then(|| format!("# {said}\n{line}"));
    }
    let is_open = line.trim_end().ends_with(['\\', '|', '>']) || line.contains("\"\"\"") || line.contains("'''");
    if is_open || line.trim().is_empty() {
        return None;
    }
    let hashes = [".py", ".yml", ".yaml", ".toml", ".env", ".sh", ".tf", ".cfg", "requirements.txt", ".lock"];
    if hashes.iter().any(hash) && name != "Pipfile.lock" || name == ".env" {
        return Some(format!("{line}  # {said}"));
    }
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => Some(format!("{line} <!-- {said} -->")),
        "js" | "ts" => Some(format!("{line} // {said}")),
        "sql" => Some(format!("{line} -- {said}")),
        _ => None,
    }
}

#[test]
fn a_comment_silences_the_findings_of_every_rule() {
    let (mut silenced, mut kept) = (0, Vec::new());
    for rule in rules() {
        for files in of_page(rule) {
            for finding in run(rule, &files).findings {
                let (path, number) = (&finding.place.path, finding.place.start.line as usize - 1);
                let Some((at, text)) =
                    files.iter().enumerate().find_map(|(at, file)| (file.0 == *path).then_some((at, &file.1)))
                else {
                    continue;
                };
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let Some(said) = lines.get(number).and_then(|line| with_comment(path, line, rule.id)) else { continue };
                let line = finding.place.start.line + u32::from(said.contains('\n'));
                lines[number] = said;
                let mut said = files.clone();
                said[at].1 = lines.join("\n") + "\n";
                let outcome = run(rule, &said);
                let is_there = |one: &casemate_audit::Finding| one.place.path == *path && one.place.start.line == line;
                if outcome.findings.iter().any(is_there) || !outcome.suppressed.iter().any(|(one, _)| is_there(one)) {
                    kept.push(format!(
                        "{} {path}:{}: {}",
                        rule.name,
                        number + 1,
                        said[at].1.lines().nth(number).unwrap_or_default()
                    ));
                } else {
                    silenced += 1;
                }
            }
        }
    }
    assert!(kept.is_empty(), "{silenced} silenced, {} not:\n{}", kept.len(), kept.join("\n"));
    assert!(silenced > 1000, "{silenced}");
}
