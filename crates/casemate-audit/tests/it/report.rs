//! Reports: what people read, and what programs are promised.

use std::time::Duration;

use casemate_audit::report::{Report, html, json, sarif, text};
use casemate_audit::{
    Confidence, DependencyDetail, Detail, Finding, Gate, Kind, Liveness, Outcome, Persona, Place, Position, Problem,
    Rule, SecretDetail, SecretText, Settings, Severity, Source, SourceSet, Step,
};
use proptest::prelude::*;
use serde_json::Value;

static SQL: Rule = Rule {
    id: "INJ103",
    name: "sqlalchemy-text-injection",
    summary: "Whoever controls the text of a query controls the database",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: "# sqlalchemy-text-injection\n\n## Why it matters\n\nA quote in the value\nends the literal.\n\n## How to mend it\n\nBind.\n",
};

static LIMIT: Rule = Rule {
    id: "AUT408",
    name: "login-no-rate-limit",
    summary: "Passwords can be guessed as fast as the server answers",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[307, 770],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "",
    page: "# login-no-rate-limit\n",
};

const APP: &str = "\
from fastapi import FastAPI
from sqlalchemy import text
from db import run

app = FastAPI()


@app.post(\"/login\")
async def login(username: str, password: str, db=Depends(get_db)):
    query = f\"SELECT * FROM users WHERE username = '{username}'\"
    result = await run(db, query)
    user = result.fetchone()
    return user
";

const DB: &str = "from sqlalchemy import text\n\nasync def run(db, query):\n\treturn await db.execute(text(query))\n";

#[derive(Debug)]
struct Texts {
    sources: Vec<Source>,
    texts: Vec<Vec<u8>>,
}

impl Texts {
    fn new(texts: &[(&str, &[u8])]) -> Self {
        Self {
            sources: texts.iter().map(|(path, _)| Source::named(*path)).collect(),
            texts: texts.iter().map(|(_, text)| text.to_vec()).collect(),
        }
    }
}

impl SourceSet for Texts {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let index = self.sources.iter().position(|other| other == source).ok_or("gone")?;
        Ok(self.texts[index].clone())
    }
}

fn place(path: &str, start: (u32, u32), end: (u32, u32)) -> Place {
    let position = |(line, column)| Position { line, column };
    Place { path: path.into(), start: position(start), end: position(end) }
}

fn step(place: Place, note: &str) -> Step {
    Step { place, note: note.into(), snippet: String::new() }
}

fn sql() -> Finding {
    let sink = place("db.py", (4, 26), (4, 37));
    Finding {
        rule: &SQL,
        severity: Severity::Critical,
        confidence: Confidence::High,
        place: sink.clone(),
        function: "run".into(),
        message: "`username` becomes SQL text".into(),
        path: vec![
            step(place("app.py", (9, 17), (9, 30)), "`username` comes from the query string"),
            step(place("app.py", (10, 5), (10, 66)), "it is put into a text"),
            step(sink, "which the database runs"),
        ],
        missing_guard: Some("a bound parameter".into()),
        remedy: "write `:username` and pass the value beside the text".into(),
        statement: "db.execute(text(query))".into(),
        fingerprint: "0123456789abcdef0123456789abcdef".into(),
        detail: Detail::None,
        fix: None,
    }
}

fn limit() -> Finding {
    Finding {
        rule: &LIMIT,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        place: place("app.py", (8, 1), (9, 67)),
        function: "login".into(),
        message: "`/login` takes any number of guesses".into(),
        path: vec![],
        missing_guard: Some("a limiter on the route, its router or the application".into()),
        remedy: "put `@limiter.limit(\"5/minute\")` on `login`".into(),
        statement: "async def login(username: str, password: str, db=Depends(get_db)):".into(),
        fingerprint: "fedcba9876543210fedcba9876543210".into(),
        detail: Detail::None,
        fix: None,
    }
}

fn two_findings() -> Outcome {
    Outcome {
        findings: vec![sql(), limit()],
        suppressed: vec![(Finding { place: place("app.py", (11, 5), (11, 11)), ..limit() }, "behind the proxy".into())],
        problems: vec![Problem {
            place: place("my code/öld.py", (1, 1), (1, 1)), message: "could not be read".into()
        }],
        files: 3,
        lines: 1217,
        ..Outcome::default()
    }
}

fn report<'a>(outcome: &'a Outcome, sources: &'a Texts, settings: &'a Settings, paths: &'a [String]) -> Report<'a> {
    Report {
        outcome,
        sources,
        settings,
        paths,
        category: "audit",
        is_complete: outcome.problems.is_empty(),
        advisories: None,
        baseline: None,
    }
}

const PLAIN: text::Look<'static> = text::Look {
    is_coloured: false,
    width: 120,
    wraps: false,
    prefix: "",
    statistics_only: false,
    took: Some(Duration::from_millis(40)),
    phases: &[],
};

fn in_text(outcome: &Outcome, sources: &Texts, look: &text::Look<'_>) -> String {
    in_text_with(outcome, sources, look, &Settings::default())
}

fn in_text_with(outcome: &Outcome, sources: &Texts, look: &text::Look<'_>, settings: &Settings) -> String {
    let mut out = Vec::new();
    text::write(&report(outcome, sources, settings, &[".".into()]), look, &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("is UTF-8")
}

fn in_sarif(outcome: &Outcome, sources: &Texts) -> Value {
    let mut out = Vec::new();
    let settings = Settings::default();
    sarif::write(&report(outcome, sources, &settings, &[".".into()]), &mut out).expect("writing to memory works");
    serde_json::from_slice(&out).expect("is JSON")
}

fn in_json(outcome: &Outcome, sources: &Texts) -> Value {
    let mut out = Vec::new();
    let settings = Settings::default();
    json::write(&report(outcome, sources, &settings, &[".".into()]), &mut out).expect("writing to memory works");
    serde_json::from_slice(&out).expect("is JSON")
}

fn in_html(outcome: &Outcome, sources: &Texts) -> String {
    let mut out = Vec::new();
    let settings = Settings::default();
    html::write(&report(outcome, sources, &settings, &[".".into()]), &mut out).expect("writing to memory works");
    String::from_utf8(out).expect("is UTF-8")
}

fn example() -> Texts {
    Texts::new(&[("app.py", APP.as_bytes()), ("db.py", DB.as_bytes())])
}

pub(crate) fn sarif_schema() -> jsonschema::Validator {
    let schema = include_str!("../schema/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    // The published pattern has a stray `]`, which strict readers refuse; we never write a language.
    for holder in ["run", "toolComponent"] {
        schema["definitions"][holder]["properties"]["language"] = Value::Bool(true);
    }
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema")
}

pub(crate) fn assert_valid(schema: &jsonschema::Validator, log: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(log).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn text_shows_the_lines_the_path_and_the_remedy() {
    insta::assert_snapshot!(in_text(&two_findings(), &example(), &PLAIN));
}

/// JSON objects have no order; the one in memory depends on what else the workspace builds `serde_json` for.
macro_rules! matches_snapshot {
    ($document:expr) => {
        insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!($document) })
    };
}

#[test]
fn text_in_colour_has_the_same_words() {
    let coloured = in_text(&two_findings(), &example(), &text::Look { is_coloured: true, ..PLAIN });
    assert!(coloured.contains("\x1b["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').expect("colours only").1;
    }
    plain.push_str(rest);
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let expected = in_text(&two_findings(), &example(), &PLAIN);
    assert_eq!(trimmed, expected.lines().collect::<Vec<_>>());
}

#[test]
fn json_has_everything() {
    let mut document = in_json(&two_findings(), &example());
    document["tool"]["version"] = "[version]".into();
    matches_snapshot!(document);
}

#[test]
fn sarif_has_everything_and_fits_the_public_schema() {
    let log = in_sarif(&two_findings(), &example());
    assert_valid(&sarif_schema(), &log);
    // The version and the catalogue grow; only the rules of these findings are of interest here.
    let mut log = log;
    for result in log["runs"][0]["results"].as_array_mut().expect("is a list") {
        result["ruleIndex"] = "[index]".into();
    }
    let driver = &mut log["runs"][0]["tool"]["driver"];
    driver["version"] = "[version]".into();
    driver["semanticVersion"] = "[version]".into();
    let rules = driver["rules"].as_array().expect("is a list").clone();
    let ours: Vec<Value> = rules.into_iter().filter(|rule| rule["id"] == "INJ103" || rule["id"] == "AUT408").collect();
    driver["rules"] = ours.into();
    matches_snapshot!(log);
}

#[test]
fn a_rule_index_points_at_its_rule() {
    let log = in_sarif(&two_findings(), &example());
    let run = &log["runs"][0];
    for result in run["results"].as_array().expect("is a list") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("is a number")).expect("is small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn a_clean_run_says_so_in_one_line() {
    let clean = Outcome { files: 12, lines: 3456, ..Outcome::default() };
    assert_eq!(in_text(&clean, &example(), &PLAIN), "No findings in 12 files and 3,456 lines of Python in 40 ms.\n");
    assert_valid(&sarif_schema(), &in_sarif(&clean, &example()));
}

#[test]
fn a_run_without_anything_says_so() {
    assert_eq!(in_text(&Outcome::default(), &example(), &PLAIN), "Nothing to audit found in `.`.\n");
}

#[test]
fn the_summary_says_what_the_gate_decided() {
    let outcome = Outcome { problems: vec![], suppressed: vec![], ..two_findings() };
    let last_line = |fail_on| {
        let settings = Settings { fail_on, ..Settings::default() };
        let text = in_text_with(&outcome, &example(), &PLAIN, &settings);
        text.lines().last().map(str::to_owned).expect("has lines")
    };
    assert_eq!(last_line(Gate::at(Severity::Low)), "Failed: 2 findings are low or worse (fail-on = low).");
    assert_eq!(last_line(Gate::at(Severity::Critical)), "Failed: 1 finding is critical (fail-on = critical).");
    assert_eq!(last_line(Gate::OPEN), "Passed: the gate is open (fail-on = none).");
    let outcome = Outcome { findings: vec![limit()], ..outcome };
    let text = in_text_with(
        &outcome,
        &example(),
        &PLAIN,
        &Settings { fail_on: Gate::at(Severity::High), ..Settings::default() },
    );
    assert!(text.ends_with("Passed: no finding is high or worse (fail-on = high).\n"), "{text}");
}

static TOKEN: Rule = Rule {
    id: "SEC1001",
    name: "provider-token",
    summary: "A token stands in the text",
    severity: Severity::Critical,
    kind: Kind::Secret,
    page: "# provider-token\n\n## Why it matters\n\nWho reads the text has the token.\n",
    ..LIMIT
};

static HOLE: Rule = Rule {
    id: "DEP1501",
    name: "vulnerable-dependency",
    summary: "A package has a known hole",
    severity: Severity::High,
    kind: Kind::Dependency,
    page: "# vulnerable-dependency\n",
    ..LIMIT
};

/// SECURITY: what no output may hold.
const CANARY: &str = "canary-0f3b9d6c";

fn token(line: u32, liveness: Option<Liveness>) -> Finding {
    let detail = SecretDetail {
        detector: "github-token",
        what: "GitHub personal access token".into(),
        name: "TOKEN".into(),
        value: SecretText::new(CANARY),
        commit: None,
        liveness,
    };
    Finding {
        rule: &TOKEN,
        severity: Severity::Critical,
        confidence: Confidence::High,
        place: place("settings.env", (line, 7), (line, 22)),
        message: "a GitHub personal access token stands in the text".into(),
        remedy: "revoke it and read a new one from the environment".into(),
        missing_guard: None,
        function: String::new(),
        statement: "TOKEN=***************".into(),
        detail: Detail::Secret(Box::new(detail)),
        ..limit()
    }
}

fn hole(package: &str, id: &str, severity: Severity, score: f32, fixed: &[&str]) -> Finding {
    let line = if package == "jinja2" { 1 } else { 2 };
    let detail = DependencyDetail {
        package: package.into(),
        version: "2.10".into(),
        advisories: vec![id.into(), format!("GHSA-{id}")],
        summary: "templates run code".into(),
        is_rated: id != "CVE-2019-1",
        fixed: fixed.iter().map(|version| (*version).to_owned()).collect(),
        score: Some(score),
        vector: Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into()),
        required_by: vec!["flask".into()],
        is_reachable: None,
        is_unused: false,
        url: Some("https://osv.dev/vulnerability/x".into()),
    };
    Finding {
        rule: &HOLE,
        severity,
        confidence: Confidence::High,
        place: place("requirements.txt", (line, 1), (line, 7)),
        message: format!("`{package}` 2.10 has the known hole {id}: templates run code"),
        remedy: format!("upgrade `{package}`"),
        missing_guard: None,
        function: String::new(),
        statement: format!("{package}==2.10"),
        detail: Detail::Dependency(Box::new(detail)),
        ..limit()
    }
}

fn everything() -> (Outcome, Texts) {
    let mut outcome = Outcome {
        findings: vec![
            limit(),
            hole("werkzeug", "CVE-2023-9", Severity::Medium, 5.0, &[]),
            hole("jinja2", "CVE-2019-1", Severity::High, 8.6, &["2.10.1"]),
            token(2, None),
            hole("jinja2", "CVE-2024-2", Severity::Critical, 9.8, &["3.1.6", "4.0"]),
            sql(),
            hole("jinja2", "CVE-2020-3", Severity::Medium, 5.3, &["2.11.3"]),
            token(1, Some(Liveness::Live)),
        ],
        files: 2,
        lines: 40,
        texts: 2,
        packages: 2,
        ..Outcome::default()
    };
    outcome.arrange();
    let texts = Texts::new(&[
        ("app.py", APP.as_bytes()),
        ("db.py", DB.as_bytes()),
        ("settings.env", b"TOKEN=***************\nOTHER=***************\n"),
        ("requirements.txt", b"jinja2==2.10\nwerkzeug==2.10\n"),
    ]);
    (outcome, texts)
}

#[test]
fn secrets_code_and_dependencies_are_told_in_one_report() {
    let (outcome, texts) = everything();
    insta::assert_snapshot!(in_text(&outcome, &texts, &PLAIN));
}

#[test]
fn a_package_of_several_files_is_one_block_with_a_line_for_each_hole() {
    let elsewhere = |finding: Finding| Finding { place: place("poetry.lock", (7, 1), (7, 7)), ..finding };
    let mut outcome = Outcome {
        findings: vec![
            hole("jinja2", "CVE-2024-2", Severity::Critical, 9.8, &["3.1.6", "4.0"]),
            hole("jinja2", "CVE-2020-3", Severity::Medium, 5.3, &[]),
            elsewhere(hole("jinja2", "CVE-2024-2", Severity::Critical, 9.8, &["3.1.6", "4.0"])),
            elsewhere(hole("jinja2", "CVE-2020-3", Severity::Medium, 5.3, &[])),
            elsewhere(hole("werkzeug", "CVE-2024-2", Severity::Low, 2.0, &[])),
        ],
        ..Outcome::default()
    };
    outcome.arrange();
    let text = in_text(&outcome, &Texts::new(&[("requirements.txt", b"jinja2==2.10\n")]), &PLAIN);
    let count = |part: &str| text.matches(part).count();
    assert_eq!((count("[DEP1501]: "), count("`jinja2` 2.10 has 2 known vulnerabilities\n")), (2, 1), "{text}");
    for line in [
        "= also in: requirements.txt:1\n",
        "= critical: CVE-2024-2 (GHSA-CVE-2024-2), score 9.8; mended in 3.1.6, 4.0: templates run code\n",
        "= medium: CVE-2020-3 (GHSA-CVE-2020-3), score 5.3; no version mends it: templates run code\n",
        "= mend: upgrade `jinja2` to 3.1.6 or later, which mends 1 of 2\n",
    ] {
        assert_eq!(count(line), 1, "{line}{text}");
    }
    assert_eq!(in_json(&outcome, &Texts::new(&[]))["findings"].as_array().map(Vec::len), Some(5));
}

#[test]
fn what_to_mend_first_comes_first_in_every_format() {
    let (outcome, texts) = everything();
    let order: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let advisory = finding.dependency().and_then(|detail| detail.advisories.first());
            let line = finding.place.start.line;
            advisory.cloned().unwrap_or_else(|| format!("{}:{line}", finding.rule.id))
        })
        .collect();
    assert_eq!(
        order,
        ["SEC1001:1", "SEC1001:2", "INJ103:4", "CVE-2024-2", "CVE-2019-1", "CVE-2020-3", "CVE-2023-9", "AUT408:8"]
            .map(str::to_owned)
    );
    let mut shuffled = Outcome { findings: outcome.findings.iter().rev().cloned().collect(), ..Outcome::default() };
    shuffled.arrange();
    assert_eq!(format!("{:?}", shuffled.findings), format!("{:?}", outcome.findings));

    let rules = |list: &Value, key: &str| -> Vec<String> {
        let list = list.as_array().expect("is a list").iter();
        list.map(|one| one[key].as_str().expect("is a text").to_owned()).collect()
    };
    let ids: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules(&in_json(&outcome, &texts)["findings"], "rule"), ids);
    assert_eq!(rules(&in_sarif(&outcome, &texts)["runs"][0]["results"], "ruleId"), ids);
}

#[test]
fn no_format_tells_a_secret_but_all_tell_what_it_is() {
    let (outcome, texts) = everything();
    for told in [
        in_text(&outcome, &texts, &PLAIN),
        in_json(&outcome, &texts).to_string(),
        in_sarif(&outcome, &texts).to_string(),
        in_html(&outcome, &texts),
        format!("{outcome:?}"),
    ] {
        assert!(!told.contains(CANARY), "{told}");
        assert!(told.contains("GitHub personal access token"), "{told}");
    }
}

#[test]
fn programs_get_what_is_known_of_secrets_and_dependencies() {
    let (outcome, texts) = everything();
    let json = in_json(&outcome, &texts);
    assert_eq!(json["findings"][0]["secret"]["liveness"], "live");
    assert_eq!(json["findings"][0]["secret"]["detector"], "github-token");
    let dependency = &json["findings"][3]["dependency"];
    assert_eq!(dependency["package"], "jinja2");
    assert_eq!(dependency["fixed"], serde_json::json!(["3.1.6", "4.0"]));
    assert_eq!(dependency["score"], 9.8);
    assert_eq!(json["summary"]["advisories"], Value::Null);
    assert_eq!(json["summary"]["topics"][2]["topic"], "dependencies");
    assert_eq!(json["summary"]["topics"][2]["critical"], 1);

    let sarif = in_sarif(&outcome, &texts);
    assert_valid(&sarif_schema(), &sarif);
    let result = &sarif["runs"][0]["results"][3];
    assert_eq!(result["rank"], 98.0);
    assert_eq!(result["properties"]["security-severity"], "9.8");
    assert_eq!(result["properties"]["dependency"]["advisories"][0], "CVE-2024-2");
}

#[test]
fn one_upgrade_is_one_task_whatever_it_closes() {
    let (outcome, texts) = everything();
    let tasks = in_json(&outcome, &texts)["summary"]["tasks"].clone();
    let told: Vec<(&str, u64)> = tasks
        .as_array()
        .expect("is a list")
        .iter()
        .map(|task| (task["task"].as_str().expect("is a text"), task["closes"].as_u64().expect("is a number")))
        .collect();
    assert_eq!(
        told,
        [
            ("revoke and replace 1 secret (1 alive): GitHub personal access token", 2),
            ("mend sqlalchemy-text-injection in db.py", 1),
            ("upgrade jinja2 2.10 to 3.1.6 or later", 3),
            ("replace werkzeug 2.10, which no version mends, or keep what is dangerous out of its reach", 1),
            ("mend login-no-rate-limit in app.py", 1),
        ]
    );
}

#[test]
fn a_problem_that_a_finding_tells_is_not_told_twice() {
    static INCOMPLETE: Rule = Rule { kind: Kind::Run, id: "CFG1615", name: "analysis-incomplete", cwe: &[], ..SQL };
    let place = place("app.py", (1, 1), (1, 5));
    let finding =
        Finding { rule: &INCOMPLETE, place: place.clone(), message: "half of it".into(), path: vec![], ..sql() };
    let problem = Problem { place, message: "half of it".into() };
    let outcome =
        Outcome { findings: vec![finding], problems: vec![problem], files: 1, lines: 1, ..Outcome::default() };
    let text = in_text(&outcome, &example(), &PLAIN);
    assert_eq!(text.matches("half of it").count(), 1, "{text}");
    assert!(text.contains("1 problem: what"), "{text}");
}

#[test]
fn on_a_terminal_what_is_told_is_broken_between_words() {
    let remedy =
        "write `:username` into the text and pass the value beside it, or build the statement with `select`".into();
    let message = "`username` comes from the query string and becomes SQL text that the database runs".into();
    let finding = Finding { remedy, message, path: vec![], ..sql() };
    let outcome = Outcome { findings: vec![finding], files: 1, lines: 1, ..Outcome::default() };
    let text = in_text(&outcome, &example(), &text::Look { width: 60, wraps: true, ..PLAIN });
    insta::assert_snapshot!(text);
    assert!(text.lines().take(12).all(|line| line.chars().count() <= 60), "{text}");
    assert!(
        in_text(&outcome, &example(), &text::Look { width: 60, ..PLAIN })
            .contains("or build the statement with `select`\n")
    );
}

#[test]
fn a_rule_is_explained_at_its_first_finding() {
    let outcome = Outcome { findings: vec![sql(), sql(), limit()], files: 1, lines: 1, ..Outcome::default() };
    let text = in_text(&outcome, &example(), &PLAIN);
    assert_eq!(text.matches("= why: A quote in the value ends the literal.\n").count(), 1, "{text}");
    assert_eq!(text.matches("= why: Passwords can be guessed").count(), 1, "{text}");
}

#[test]
fn statistics_count_by_rule_instead_of_showing_each() {
    insta::assert_snapshot!(in_text(&two_findings(), &example(), &text::Look { statistics_only: true, ..PLAIN }));
}

#[test]
fn a_finding_whose_source_is_gone_is_still_told() {
    insta::assert_snapshot!(in_text(
        &Outcome { findings: vec![sql()], files: 1, lines: 1, ..Outcome::default() },
        &Texts::new(&[]),
        &PLAIN
    ));
}

/// A finding from one column to another on one line of a file.
fn at(path: &str, line: u32, columns: (u32, u32)) -> Outcome {
    let finding = Finding { place: place(path, (line, columns.0), (line, columns.1)), ..limit() };
    Outcome { findings: vec![finding], files: 1, lines: 9, ..Outcome::default() }
}

#[test]
fn tabs_wide_characters_and_dos_line_ends_are_marked_where_they_are() {
    let source = "x = 1\r\n\tname = '名前'; evil(名)\r\ny = 2\r\n";
    insta::assert_snapshot!(in_text(&at("t.py", 2, (15, 22)), &Texts::new(&[("t.py", source.as_bytes())]), &PLAIN));
}

#[test]
fn old_mac_line_ends_are_line_ends() {
    let text = in_text(&at("t.py", 2, (1, 5)), &Texts::new(&[("t.py", b"x = 1\revil()\ry = 2\r")]), &PLAIN);
    assert!(text.contains("\n2 | evil()\n  | ^^^^\n"), "{text}");
}

#[test]
fn a_very_long_line_is_cut_to_the_width() {
    let source = format!("a = '{}'; evil(b); c = '{}'\n", "x".repeat(5000), "y".repeat(5000));
    let text = in_text(&at("t.py", 1, (5009, 5016)), &Texts::new(&[("t.py", source.as_bytes())]), &PLAIN);
    assert!(text.contains("evil(b)"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 140), "{text}");
}

#[test]
fn a_place_of_many_lines_is_shown_by_its_first() {
    let source = (1..200).map(|n| format!("line{n}()\n")).collect::<String>();
    let finding = Finding { place: place("t.py", (10, 1), (150, 4)), ..limit() };
    let outcome = Outcome { findings: vec![finding], files: 1, lines: 199, ..Outcome::default() };
    let text = in_text(&outcome, &Texts::new(&[("t.py", source.as_bytes())]), &PLAIN);
    assert!(text.contains("10 | line10()\n") && !text.contains("line11()"), "{text}");
}

#[test]
fn control_sequences_in_names_and_sources_do_not_reach_the_terminal() {
    let evil = "\u{1b}[31m\u{9b}2J\u{202e}\u{7}";
    let source = format!("x = '{evil}'; y()\n");
    let path = format!("{evil}.py");
    let mut outcome = at(&path, 1, (1, 9));
    outcome.findings[0].message = evil.into();
    outcome.findings[0].remedy = evil.into();
    outcome.findings[0].missing_guard = Some(evil.into());
    outcome.findings[0].path =
        vec![step(place(&path, (1, 12), (1, 13)), evil), step(place(&path, (1, 14), (1, 15)), evil)];
    outcome.problems.push(Problem { place: place(&path, (1, 1), (1, 1)), message: evil.into() });
    let text = in_text(&outcome, &Texts::new(&[(&path, source.as_bytes())]), &PLAIN);
    let bad: Vec<char> = text.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
    assert!(bad.is_empty(), "{bad:?} in {text:?}");
}

#[test]
fn sarif_paths_are_relative_references_with_odd_characters_encoded() {
    let log = in_sarif(&at("c:/my code/ö%#?.py", 1, (1, 2)), &example());
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "c%3A/my%20code/%C3%B6%25%23%3F.py");
    assert_eq!(location["uriBaseId"], "%SRCROOT%");
}

#[test]
fn a_report_with_problems_is_not_complete() {
    let complete =
        |outcome: &Outcome| in_sarif(outcome, &example())["runs"][0]["properties"]["casemate/complete"].clone();
    assert_eq!(complete(&two_findings()), false);
    assert_eq!(complete(&Outcome { problems: vec![], ..two_findings() }), true);
}

/// The tags of a page, as a browser reads them: everything between an unescaped `<` and the next `>`, without what
/// stands inside the style sheet and the script.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("every tag ends");
        let tag = &rest[start..=end];
        tags.push(tag);
        rest = &rest[end + 1..];
        for raw in ["style", "script"] {
            if tag == format!("<{raw}>") {
                rest = &rest[rest.find(&format!("</{raw}>")).expect("ends")..];
            }
        }
    }
    tags
}

/// What a page must be, whatever the project holds.
fn assert_inert(page: &str) {
    let known = [
        "!DOCTYPE",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "script",
        "body",
        "header",
        "main",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "span",
        "div",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "dl",
        "dt",
        "dd",
        "ol",
        "ul",
        "li",
        "a",
        "code",
        "pre",
        "mark",
        "figure",
        "figcaption",
        "form",
        "fieldset",
        "legend",
        "label",
        "input",
        "button",
        "output",
        "strong",
        "em",
        "br",
    ];
    let mut scripts = 0;
    for tag in tags(page) {
        let name = tag.trim_start_matches(['<', '/']).split([' ', '>', '/']).next().expect("has a name");
        assert!(known.contains(&name), "{tag}");
        scripts += usize::from(name == "script" && !tag.starts_with("</"));
        let lower = tag.to_ascii_lowercase();
        for bad in [" on", " src=", "javascript:", " style=", "srcset", "http:"] {
            assert!(!lower.contains(bad) || lower.contains("content-security-policy"), "{bad} in {tag}");
        }
        if let Some(address) = lower.split("href=\"").nth(1) {
            assert!(address.starts_with('#') || address.starts_with("https://"), "{tag}");
        }
    }
    assert_eq!(scripts, 1);
}

#[test]
fn the_page_tells_everything_and_loads_nothing() {
    let (mut outcome, texts) = everything();
    outcome.suppressed.push((limit(), "behind the proxy".into()));
    outcome.baselined.push(Finding { message: "known since long".into(), ..limit() });
    outcome.problems.push(Problem { place: place("odd.py", (1, 1), (1, 1)), message: "could not be read".into() });
    let page = in_html(&outcome, &texts);
    assert_inert(&page);
    for told in [
        "Failed: ",
        "What to do first",
        "upgrade jinja2 2.10 to 3.1.6 or later",
        "comes from the query string",
        "<mark>text(query)</mark>",
        "CVE-2024-2",
        "yes, its provider accepts it now",
        "behind the proxy",
        "known since long",
        "could not be read",
        "A quote in the value",
        "NOT looked up",
    ] {
        assert!(page.contains(told), "{told}");
    }
    for loads in ["<link", "<img", "<iframe", "@import", "url(", " src="] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn the_policy_of_the_page_allows_its_own_style_and_script_and_nothing_else() {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};
    let page = in_html(&Outcome::default(), &example());
    let within = |name: &str| {
        let after = page.split(&format!("<{name}>")).nth(1).expect("is there");
        let text = after.split(&format!("</{name}>")).next().expect("ends");
        format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
    };
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(
        policy.expect("is there"),
        format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            within("style"),
            within("script")
        )
    );
}

#[test]
fn a_hostile_project_stays_text_in_the_page() {
    let evil = "</script></style><img src=x onerror=alert(1)><script>alert(2)</script>\"'><a href=javascript:alert(3)>\u{202e}";
    let path = format!("{evil}.py");
    let mut outcome = at(&path, 1, (1, 60));
    let finding = &mut outcome.findings[0];
    finding.message = format!("`{evil}` and {evil}");
    finding.remedy = evil.into();
    finding.function = evil.into();
    finding.missing_guard = Some(evil.into());
    finding.path = vec![step(place(&path, (1, 12), (1, 13)), evil), step(place(&path, (1, 14), (1, 15)), evil)];
    let mut hole = hole("jinja2", evil, Severity::High, 9.0, &[evil]);
    if let Detail::Dependency(detail) = &mut hole.detail {
        detail.package = evil.into();
        detail.version = evil.into();
        detail.required_by = vec![evil.into()];
        detail.url = Some("javascript:alert(4)".into());
    }
    outcome.findings.push(hole);
    outcome.suppressed.push((outcome.findings[0].clone(), evil.into()));
    outcome.problems.push(Problem { place: place(&path, (1, 1), (1, 1)), message: evil.into() });
    let page = in_html(&outcome, &Texts::new(&[(&path, format!("{evil}\n").as_bytes())]));
    assert_inert(&page);
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"), "it is told");
    assert!(!page.contains('\u{202e}'));
}

#[test]
fn a_report_of_twenty_thousand_findings_can_be_written_in_every_format() {
    struct Counted(usize);
    impl std::io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let findings = (0..20_000_u32).map(|n| Finding { fingerprint: format!("{n:032x}"), ..sql() });
    let outcome = Outcome { findings: findings.collect(), files: 2, lines: 40, ..Outcome::default() };
    let (texts, settings, paths) = (example(), Settings::default(), [".".to_owned()]);
    let report = report(&outcome, &texts, &settings, &paths);
    let size = |write: &dyn Fn(&mut Counted) -> std::io::Result<()>| {
        let mut out = Counted(0);
        write(&mut out).expect("is written");
        out.0
    };
    assert!(size(&|out| html::write(&report, out)) > 10_000_000);
    assert!(size(&|out| sarif::write(&report, out)) > 10_000_000);
    assert!(size(&|out| json::write(&report, out)) > 10_000_000);
    assert!(size(&|out| text::write(&report, &PLAIN, out)) > 10_000_000);
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x1f\u{7f}-\u{9f}\u{2028}\u{feff}\u{202e}a\"\\\\{}\\[\\]()%#?: ]{0,12}",]
}

prop_compose! {
    fn odd_place(path: String)(path in Just(path), a in 0u32..12, b in 0u32..40, c in 0u32..12, d in 0u32..40) -> Place {
        place(&path, (a, b), (c, d))
    }
}

prop_compose! {
    fn odd_finding(path: String)(
        at in odd_place(path.clone()), via in odd_place(path.clone()),
        message in odd_text(), note in odd_text(), function in odd_text(), statement in odd_text(), remedy in odd_text(),
        guard in proptest::option::of(odd_text()), which in any::<bool>(),
    ) -> Finding {
        Finding {
            rule: if which { &SQL } else { &LIMIT },
            place: at.clone(), function, message, missing_guard: guard, remedy, statement,
            path: vec![step(via, &note), step(at, &note)],
            ..limit()
        }
    }
}

prop_compose! {
    fn odd_run()(path in odd_text(), text in proptest::collection::vec(any::<u8>(), 0..200), lines in odd_text())(
        finding in odd_finding(path.clone()), silenced in odd_finding(path.clone()), because in odd_text(),
        problem in odd_text(), problem_at in odd_place(path.clone()),
        path in Just(path), text in Just(text), lines in Just(lines),
    ) -> (Outcome, Texts) {
        let text = [text, lines.into_bytes()].concat();
        let outcome = Outcome {
            findings: vec![finding],
            suppressed: vec![(silenced, because)],
            problems: vec![Problem { place: problem_at, message: problem }],
            files: 1,
            lines: 1,
            ..Outcome::default()
        };
        (outcome, Texts::new(&[(&path, &text)]))
    }
}

#[test]
fn any_odd_path_and_text_gives_valid_reports() {
    let schema = sarif_schema();
    proptest!(ProptestConfig::with_cases(400), |((outcome, sources) in odd_run())| {
        assert_valid(&schema, &in_sarif(&outcome, &sources));
        let json = in_json(&outcome, &sources);
        prop_assert_eq!(&json["findings"][0]["message"], &outcome.findings[0].message);
        assert_inert(&in_html(&outcome, &sources));
        let text = in_text(&outcome, &sources, &PLAIN);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", text);
    });
}
