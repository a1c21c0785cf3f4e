//! The forms of CI services: what they show, and that nothing of a hostile project breaks out of them.

use casemate_audit::report::{Report, github, gitlab, junit, markdown};
use casemate_audit::{Gate, Outcome, Place, Position, Problem, Settings, Severity};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use crate::support::{Texts, audit};

const APP: &str = "\
import hashlib

from flask import request


def hash_password(password):
    return hashlib.sha256(password.encode()).hexdigest()


def find(cursor):
    name = request.args[\"name\"]
    cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")
";

type Write = fn(&Report<'_>, &mut dyn std::io::Write) -> std::io::Result<()>;

fn written(write: Write, outcome: &Outcome, files: &[(&str, &str)], settings: &Settings) -> String {
    let sources = Texts::new(files);
    let report = Report {
        outcome,
        sources: &sources,
        settings,
        paths: &[".".to_owned()],
        category: "audit",
        is_complete: true,
        advisories: None,
        baseline: None,
    };
    let mut out = Vec::new();
    write(&report, &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("is UTF-8")
}

fn of_app(write: Write) -> String {
    let mut outcome = audit(&[("app.py", APP)]);
    outcome.problems.push(problem("old.py", "could not be read"));
    written(
        write,
        &outcome,
        &[("app.py", APP)],
        &Settings { fail_on: Gate::at(Severity::Critical), ..Settings::default() },
    )
}

fn problem(path: &str, message: &str) -> Problem {
    let start = Position { line: 1, column: 1 };
    Problem { place: Place { path: path.to_owned(), start, end: start }, message: message.to_owned() }
}

/// An outcome in which every text is this one.
fn hostile(text: &str) -> Outcome {
    let mut outcome = audit(&[("app.py", APP)]);
    for finding in &mut outcome.findings {
        finding.place.path = text.to_owned();
        finding.message = text.to_owned();
        finding.remedy = text.to_owned();
        finding.missing_guard = Some(text.to_owned());
        for step in &mut finding.path {
            step.place.path = text.to_owned();
            step.note = text.to_owned();
        }
    }
    outcome.problems.push(problem(text, text));
    assert!(outcome.findings.len() >= 2);
    outcome
}

fn told(write: Write, text: &str) -> String {
    written(write, &hostile(text), &[(text, text)], &Settings::default())
}

#[test]
fn each_form_shows_the_findings() {
    insta::assert_snapshot!("github", of_app(github::write));
    insta::assert_snapshot!("gitlab", of_app(gitlab::write));
    insta::assert_snapshot!("junit", of_app(junit::write));
    insta::assert_snapshot!("markdown", of_app(markdown::write));
}

#[test]
fn nothing_found_is_told_as_such() {
    let none = Outcome::default();
    let of = |write| written(write, &none, &[], &Settings::default());
    assert_eq!(of(gitlab::write), "[]\n");
    assert_eq!(of(github::write), "casemate: 0 findings, 0 at or above the gate\n");
    assert!(
        of(junit::write).contains("tests=\"1\" failures=\"0\"") && of(junit::write).contains("name=\"no findings\"")
    );
    assert!(of(markdown::write).starts_with("## Casemate: no findings\n"));
}

#[test]
fn the_gate_decides_which_test_cases_fail() {
    let text = of_app(junit::write);
    let failing = text.matches("<failure ").count();
    assert!(text.contains(&format!("failures=\"{failing}\" errors=\"1\"")), "{text}");
    assert!(failing >= 1 && text.matches("<system-out>").count() >= 1, "{text}");
}

/// What GitHub's runner would take for a command of its own.
fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect()
}

#[test]
fn no_text_becomes_a_command_of_github() {
    let text = "x\n::stop-commands::y\r::add-mask::z,title=:%0A%25 ##[error]";
    let told = told(github::write, text);
    let of_ours = hostile(text).findings.len() + 1;
    assert_eq!(told.lines().count(), of_ours + 1, "{told}");
    for line in commands(&told) {
        assert!(["::error file=", "::warning file=", "::notice file="].iter().any(|start| line.starts_with(start)));
        let (properties, _) = line[2..].split_once("::").unwrap();
        assert_eq!(properties.matches(",title=").count(), 1, "{line}");
    }
    assert!(told.contains("%0A%3A%3Astop-commands") && told.contains("%2525"), "{told}");
}

/// Reads XML to its end; the texts and values of attributes in it.
fn read_xml(text: &str) -> Result<Vec<String>, String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut seen = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(seen),
            Event::Start(start) | Event::Empty(start) => {
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|error| error.to_string())?;
                    seen.push(attribute.value.into_owned());
                }
                seen.push(format!("<{}>", start.name().as_ref()));
            }
            _ => {}
        }
    }
}

const ELEMENTS: [&str; 6] = ["<testsuites>", "<testsuite>", "<testcase>", "<failure>", "<error>", "<system-out>"];

#[test]
fn no_text_becomes_an_element_of_junit() {
    let text = "\"/><testcase name='x'>]]>&lol; \u{0} \u{1b}[31m \u{ffff} <!--";
    let told = told(junit::write, text);
    let seen = read_xml(&told).unwrap_or_else(|error| panic!("{error}: {told}"));
    assert!(seen.iter().filter(|one| one.starts_with('<')).all(|one| ELEMENTS.contains(&one.as_str())), "{seen:?}");
    assert!(!told.contains(['\u{0}', '\u{1b}', '\u{ffff}']));
}

/// Whether Markdown holds anything that is not ours.
fn foreign(text: &str) -> Vec<String> {
    let is_foreign = |event: &Event<'_>| {
        matches!(
            event,
            Event::Html(_)
                | Event::InlineHtml(_)
                | Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::BlockQuote(_))
        )
    };
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
        .filter(is_foreign)
        .map(|event| format!("{event:?}"))
        .collect()
}

/// Its text outside of code.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => is_code = false,
            Event::Text(text) if !is_code => prose.push_str(&text),
            _ => {}
        }
    }
    prose
}

#[test]
fn no_text_becomes_markup_or_calls_somebody() {
    for text in [
        "<img src=x onerror=alert(1)> [a](javascript:x) ![b](http://e.x/) @team https://e.example `<b>` ``` \n# h\n> q",
        "```\n</script>\n~~~\n<b>",
        "`@team` and `` and ` <b>",
        "| a | b |\n|---|---|\n<details>",
    ] {
        let told = told(markdown::write, text);
        assert_eq!(foreign(&told), [""; 0], "{told}");
        let prose = prose(&told);
        assert!(!prose.contains("@team") && !prose.contains("https://"), "{prose}");
    }
}

#[test]
fn gitlab_gets_what_its_form_asks_for() {
    let told = told(gitlab::write, "a\u{1b}[31m\n\"b\"");
    let issues: Value = serde_json::from_str(&told).unwrap();
    for issue in issues.as_array().unwrap() {
        assert!(!issue["description"].as_str().unwrap().contains(['\u{1b}', '\n']));
        assert_eq!(issue["fingerprint"].as_str().unwrap().len(), 32);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever texts say, each form stays what it is.
    #[test]
    fn every_form_holds_every_text(text in "(\\PC|[<>&\"'`:,%\\n\\r\\t\\x00\\x1b@\\[\\]()#!|*_~ ]){0,40}") {
        let github = told(github::write, &text);
        prop_assert_eq!(github.lines().count(), hostile(&text).findings.len() + 2);
        prop_assert!(read_xml(&told(junit::write, &text)).is_ok());
        let markdown = told(markdown::write, &text);
        prop_assert_eq!(foreign(&markdown), Vec::<String>::new(), "{}", markdown);
        prop_assert!(serde_json::from_str::<Value>(&told(gitlab::write, &text)).is_ok());
    }
}
