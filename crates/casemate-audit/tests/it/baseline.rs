//! Baselines: what is known stays known, what is new is new, and no secret is kept.

use casemate_audit::baseline::{Anchor, Baseline, Scope};
use casemate_audit::{
    Commit, Confidence, DependencyDetail, Detail, Finding, Outcome, Place, Position, Problem, Rule, SecretDetail,
    SecretText, Settings, rules,
};
use proptest::prelude::*;

use crate::support::audit;

fn rule(id: &str) -> &'static Rule {
    rules::find(id).expect("is in the catalogue")
}

fn finding(rule: &'static Rule, path: &str, line: u32, statement: &str, detail: Detail) -> Finding {
    let at = Position { line, column: 1 };
    Finding {
        rule,
        severity: rule.severity,
        confidence: Confidence::High,
        place: Place { path: path.into(), start: at, end: at },
        function: "f".into(),
        message: "wrong".into(),
        path: Vec::new(),
        missing_guard: None,
        remedy: "mend".into(),
        statement: statement.into(),
        fingerprint: String::new(),
        detail,
        fix: None,
    }
}

fn code(path: &str, line: u32, statement: &str) -> Finding {
    finding(rule("AUT410"), path, line, statement, Detail::None)
}

fn secret(path: &str, line: u32, value: &str) -> Finding {
    let detail = SecretDetail {
        detector: "password",
        what: "password".into(),
        name: String::new(),
        value: SecretText::new(value),
        commit: None,
        liveness: None,
    };
    finding(rule("AUT410"), path, line, "password = ***", Detail::Secret(Box::new(detail)))
}

fn in_history(path: &str, value: &str) -> Finding {
    let mut found = secret(path, 1, value);
    if let Detail::Secret(detail) = &mut found.detail {
        detail.commit = Some(Commit { id: "ab".repeat(20), author: "A".into(), date: "2024-05-31".into() });
    }
    found
}

fn hole(path: &str, version: &str, ids: &[&str]) -> Finding {
    let detail = DependencyDetail {
        package: "jinja2".into(),
        version: version.into(),
        advisories: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..DependencyDetail::default()
    };
    finding(rule("AUT410"), path, 1, &format!("jinja2=={version}"), Detail::Dependency(Box::new(detail)))
}

const KEY: [u8; 32] = [7; 32];

fn scope<'a>(settings: &'a Settings, paths: &[&'a str]) -> Scope<'a> {
    Scope { settings, paths: paths.to_vec(), is_whole: true, has_advisories: true, has_history: true }
}

fn of(findings: &[Finding]) -> Outcome {
    Outcome { findings: findings.to_vec(), ..Outcome::default() }
}

/// The baseline of these findings, as it comes back from its file.
fn baseline(findings: &[Finding]) -> Baseline {
    let written = Baseline::empty(KEY).renewed(&of(findings), Vec::new(), &Anchor::default()).render();
    Baseline::parse(&written).expect("what we write we read")
}

/// What is new, and how many are gone.
fn compared(before: &[Finding], now: &[Finding]) -> (Vec<String>, usize) {
    let mut outcome = of(now);
    let settings = Settings::default();
    baseline(before).apply(&mut outcome, &scope(&settings, &[]), &Anchor::default());
    let new = outcome.findings.iter().map(|finding| format!("{}:{}", finding.place.path, finding.place.start.line));
    (new.collect(), outcome.gone.iter().map(|entry| entry.count).sum())
}

#[test]
fn what_was_there_is_known_when_it_moves_and_counted_when_it_is_gone() {
    let nothing = (Vec::new(), 0);
    assert_eq!(compared(&[code("a.py", 1, "x")], &[code("a.py", 9, "x")]), nothing, "another line");
    assert_eq!(compared(&[code("a.py", 1, "x")], &[code("b.py", 9, "x")]), nothing, "a renamed file");
    assert_eq!(compared(&[code("a.py", 1, "x")], &[]), (vec![], 1));
}

#[test]
fn one_more_of_the_same_is_new() {
    let one = code("a.py", 1, "x");
    assert_eq!(compared(std::slice::from_ref(&one), &[one.clone(), code("a.py", 9, "x")]).0.len(), 1);
    assert_eq!(compared(std::slice::from_ref(&one), &[one.clone(), code("b.py", 9, "x")]).0, ["b.py:9"], "a copy");
    assert_eq!(compared(&[one], &[code("a.py", 1, "y")]), (vec!["a.py:1".into()], 1), "another statement");
}

#[test]
fn a_changed_secret_in_the_same_statement_is_new_and_a_moved_one_is_not() {
    let before = [secret("a.env", 3, "correct-horse")];
    assert_eq!(compared(&before, &[secret("a.env", 3, "battery-staple")]), (vec!["a.env:3".into()], 1));
    assert_eq!(compared(&before, &[secret("a.env", 8, "correct-horse")]), (vec![], 0));
    assert_eq!(compared(&before, &[secret("b.env", 8, "correct-horse")]), (vec![], 0));
    assert_eq!(
        compared(&before, &[secret("a.env", 3, "correct-horse"), secret("b.env", 1, "correct-horse")]).0.len(),
        1
    );
}

#[test]
fn a_known_hole_stays_known_under_its_other_names_and_in_other_versions() {
    let before = [hole("requirements.txt", "2.10", &["CVE-2024-1", "GHSA-1"])];
    assert_eq!(compared(&before, &[hole("requirements.txt", "2.11", &["PYSEC-1", "GHSA-1"])]), (vec![], 0));
    assert_eq!(compared(&before, &[hole("requirements.txt", "2.10", &["CVE-2024-2"])]).0.len(), 1);
}

#[test]
fn what_a_run_did_not_look_at_is_not_gone() {
    let before = [code("a.py", 1, "x"), hole("r.txt", "1", &["CVE-1"]), in_history("old.env", "hunter22")];
    let gone = |change: fn(&mut Scope<'_>), problems: Vec<Problem>| {
        let settings = Settings { ignore: vec!["SEC".into()], ..Settings::default() };
        let mut scope = scope(&settings, &[]);
        change(&mut scope);
        let mut outcome = Outcome { problems, ..Outcome::default() };
        let unseen = baseline(&before).apply(&mut outcome, &scope, &Anchor::default());
        assert_eq!(unseen.len() + outcome.gone.len(), 3);
        outcome.gone.len()
    };
    assert_eq!(gone(|_| (), vec![]), 3);
    assert_eq!(gone(|scope| scope.has_advisories = false, vec![]), 2);
    assert_eq!(gone(|scope| scope.has_history = false, vec![]), 2);
    assert_eq!(gone(|scope| scope.is_whole = false, vec![]), 0);
    assert_eq!(
        gone(
            |scope| {
                scope.is_whole = false;
                scope.paths = vec!["a.py"];
            },
            vec![]
        ),
        1
    );
    let unreadable = Problem { place: code("a.py", 1, "").place, message: "broken".into() };
    assert_eq!(gone(|_| (), vec![unreadable]), 2);
    let mut without_rule = Outcome::default();
    let settings = Settings { ignore: vec!["AUT".into()], ..Settings::default() };
    baseline(&before).apply(&mut without_rule, &scope(&settings, &[]), &Anchor::default());
    assert_eq!(without_rule.gone, []);
}

#[test]
fn a_copy_in_a_file_that_is_audited_alone_is_new() {
    let settings = Settings::default();
    let mut outcome = of(&[code("b.py", 1, "x")]);
    let part = Scope { is_whole: false, ..scope(&settings, &["b.py"]) };
    baseline(&[code("a.py", 1, "x")]).apply(&mut outcome, &part, &Anchor::default());
    assert_eq!(outcome.findings.len(), 1, "a.py was not looked at and may still hold it");
}

#[test]
fn pruning_takes_out_what_is_gone_and_nothing_else() {
    let before = baseline(&[code("a.py", 1, "x"), code("a.py", 2, "x"), code("b.py", 1, "y")]);
    let mut outcome = of(&[code("a.py", 1, "x")]);
    let settings = Settings::default();
    before.apply(&mut outcome, &scope(&settings, &[]), &Anchor::default());
    assert_eq!(before.pruned(&outcome.gone), baseline(&[code("a.py", 1, "x")]));
}

#[test]
fn writing_again_keeps_what_was_not_looked_at_and_the_key() {
    let before = baseline(&[code("a.py", 1, "x"), code("b.py", 1, "y"), secret("s.env", 1, "hunter22")]);
    let settings = Settings::default();
    let part = Scope { is_whole: false, ..scope(&settings, &["b.py"]) };
    let mut outcome = of(&[code("b.py", 1, "z")]);
    let unseen = before.apply(&mut outcome, &part, &Anchor::default());
    let renewed = before.renewed(&outcome, unseen, &Anchor::default());
    assert_eq!(renewed, baseline(&[code("a.py", 1, "x"), code("b.py", 1, "z"), secret("s.env", 1, "hunter22")]));
}

#[test]
fn a_baseline_holds_no_secret_and_no_digest_that_needs_no_key() {
    use sha2::{Digest, Sha256};
    let value = "correct-horse-battery";
    let text = baseline(&[secret("a.env", 3, value)]).render();
    let plain = Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(!text.contains(value) && !text.contains(&plain) && !text.contains(&plain[..16]), "{text}");
    let other = Baseline::empty([8; 32]).renewed(&of(&[secret("a.env", 3, value)]), vec![], &Anchor::default());
    let digest = |text: &str| text.split("\"hmac\":\"").nth(1).map(|rest| rest[..64].to_owned()).expect("has one");
    assert_ne!(digest(&text), digest(&other.render()), "another key, another digest");
    assert!(!format!("{:?}", baseline(&[])).contains('7'), "the key is not printed");
}

#[test]
fn a_baseline_is_one_line_for_each_finding_in_an_order_of_its_own() {
    let one = baseline(&[code("b.py", 1, "x"), code("a.py", 1, "y"), code("a.py", 5, "y")]).render();
    let two = baseline(&[code("a.py", 5, "y"), code("b.py", 1, "x"), code("a.py", 1, "y")]).render();
    assert_eq!(one, two);
    let lines: Vec<&str> = one.lines().filter(|line| line.contains("\"rule\"")).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("\"a.py\"") && lines[0].contains("\"count\":2"), "{one}");
}

#[test]
fn what_is_no_baseline_is_told() {
    let refused = |text: &str| Baseline::parse(text).expect_err("is refused").to_string();
    assert!(refused("{").contains("is no baseline: EOF"), "{}", refused("{"));
    assert!(refused("{\"version\": \"1.5.0\", \"plugins_used\": []}").contains("detect-secrets"));
    assert!(refused("[]").contains("`tool` is not"));
    let good = baseline(&[code("a.py", 1, "x")]).render();
    assert!(refused(&good.replace("\"version\": 1", "\"version\": 2")).contains("version 2"));
    assert!(refused(&good.replace("\"salt\": \"07", "\"salt\": \"7")).contains("damaged"));
    assert!(refused(&good.replace("\"path\"", "\"pahts\"")).contains("line 6"), "a misspelt key is told with its line");
    for cut in 0..good.len() - 2 {
        assert!(Baseline::parse(&good[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn paths_are_named_from_the_top_of_the_project() {
    let below = Anchor { strip: String::new(), add: "src/".into() };
    let above = Anchor { strip: "clone/".into(), add: String::new() };
    assert_eq!(below.name("a.py"), "src/a.py");
    assert_eq!(above.name("clone/src/a.py"), "src/a.py");
    let settings = Settings::default();
    let known = Baseline::empty(KEY).renewed(&of(&[code("a.py", 1, "x")]), vec![], &below);
    let mut outcome = of(&[code("clone/src/a.py", 1, "x")]);
    known.apply(&mut outcome, &scope(&settings, &[]), &above);
    assert_eq!((outcome.findings.len(), outcome.baselined.len()), (0, 1));
}

#[test]
fn a_real_audit_compared_with_itself_finds_nothing_new() {
    let source =
        "import hashlib\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode()).hexdigest()\n";
    let first = audit(&[("app.py", source)]);
    let known = Baseline::empty(KEY).renewed(&first, vec![], &Anchor::default());
    let mut again = audit(&[("app.py", format!("\n\n{source}"))]);
    let settings = Settings::default();
    known.apply(&mut again, &scope(&settings, &["app.py"]), &Anchor::default());
    assert_eq!((again.findings.len(), again.baselined.len(), again.gone.len()), (0, 1, 0));
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let path = prop_oneof![Just("a"), Just("b"), Just("c")];
    (path, 0..4_u32, 1..9_u32).prop_map(|(path, kind, line)| match kind {
        0 => code(path, line, "x"),
        1 => code(path, line, "y"),
        2 => secret(path, line, "hunter22"),
        _ => hole(path, "1", &["CVE-1"]),
    })
}

proptest! {
    #[test]
    fn known_and_new_and_gone_add_up(
        before in proptest::collection::vec(any_finding(), 0..8),
        now in proptest::collection::vec(any_finding(), 0..8),
    ) {
        let known = baseline(&before);
        prop_assert_eq!(known.count(), before.len());
        let settings = Settings::default();
        let mut outcome = of(&now);
        let unseen = known.apply(&mut outcome, &scope(&settings, &[]), &Anchor::default());
        let gone: usize = outcome.gone.iter().map(|entry| entry.count).sum();
        prop_assert!(unseen.is_empty());
        prop_assert_eq!(outcome.findings.len() + outcome.baselined.len(), now.len());
        prop_assert_eq!(outcome.baselined.len() + gone, before.len());
        let renewed = known.renewed(&outcome, unseen, &Anchor::default());
        prop_assert_eq!(&renewed, &baseline(&now));
        let mut again = of(&now);
        renewed.apply(&mut again, &scope(&settings, &[]), &Anchor::default());
        prop_assert!(again.findings.is_empty() && again.gone.is_empty());
    }
}
