//! Settings: what files say, who wins, and errors that name the key.

use casemate_audit::settings::{Layer, Origin, Resolved, SettingsError, parse_gate};
use casemate_audit::{
    Confidence, DependencyDetail, Detail, Finding, Gate, Kind, Persona, Place, Position, Rule, Settings, Severity,
};
use casemate_packages::manifest::{Platform, PythonVersion, Target};

static SQL: Rule = rule("INJ103", "sqlalchemy-text-injection", Persona::Default);
static PEDANTIC: Rule = rule("INJ102", "sql-string-built", Persona::Pedantic);
static HASH: Rule = rule("AUT410", "password-weak-hash", Persona::Default);
static RULES: [&Rule; 3] = [&SQL, &PEDANTIC, &HASH];

const fn rule(id: &'static str, name: &'static str, persona: Persona) -> Rule {
    Rule {
        id,
        name,
        summary: "",
        severity: Severity::High,
        kind: Kind::Pattern,
        persona,
        cwe: &[],
        owasp_2021: "",
        owasp_2025: "",
        asvs: "",
        page: "",
    }
}

fn error(text: &str) -> String {
    Layer::from_casemate_toml(text).expect_err("is refused").to_string()
}

#[test]
fn every_key_of_a_file_is_understood() {
    let text = r#"
        persona = "pedantic"
        select = ["INJ"]
        ignore = ["sql-string-built"]
        min-confidence = "medium"
        fail-on = "high"
        exclude = ["migrations/"]
        baseline = "known.json"
        python = "3.12"
        platform = "macos"
    "#;
    let layer = Layer::from_casemate_toml(text).expect("is fine");
    let settings = Resolved::from_layers([(Origin::CasemateToml, layer)]).settings;
    assert_eq!(
        settings,
        Settings {
            persona: Persona::Pedantic,
            select: vec!["INJ".into()],
            ignore: vec!["sql-string-built".into()],
            min_confidence: Some(Confidence::Medium),
            fail_on: Gate::at(Severity::High),
            exclude: vec!["migrations/".into()],
            baseline: "known.json".into(),
            target: Target { python: PythonVersion::parse("3.12"), platform: Some(Platform::Macos) },
            exceptions: vec![],
            models: vec![],
            library: false,
            today: None,
        }
    );
}

#[test]
fn a_pyproject_without_our_table_says_nothing() {
    assert_eq!(Layer::from_pyproject("[project]\nname = \"x\"\n[tool.ruff]\nline-length = 100\n"), Ok(None));
}

#[test]
fn our_table_of_a_pyproject_is_read_and_others_are_left_alone() {
    let text = "[tool.ruff]\nselect = 1\n[tool.casemate]\nfail-on = \"none\"\n";
    let layer = Layer::from_pyproject(text).expect("is fine").expect("is there");
    assert_eq!(layer, Layer { fail_on: Some(Gate::OPEN), ..Layer::default() });
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_closest_one() {
    assert_eq!(
        error("persona = \"default\"\nfail_on = \"low\"\n"),
        "line 2: unknown key `fail_on`, did you mean `fail-on`?"
    );
    assert_eq!(error("colour = true\n"), "line 1: unknown key `colour`");
}

#[test]
fn a_bad_value_is_named_with_what_it_may_be() {
    assert_eq!(
        error("fail-on = \"severe\"\n"),
        "line 1: `fail-on`: `severe` is not a severity; use critical, high, medium, low, info or none"
    );
    assert_eq!(error("\nselect = \"INJ\"\n"), "line 2: `select`: is a list of strings, not a string");
    assert_eq!(error("ignore = [\"INJ\", 3]\n"), "line 1: `ignore`: holds strings and tables, not an integer");
    assert_eq!(error("ignore = [\"\"]\n"), "line 1: `ignore`: holds an empty string");
    assert_eq!(
        error("persona = \"strict\"\n"),
        "line 1: `persona`: `strict` is not a persona; use default or pedantic"
    );
    assert_eq!(error("persona = 3\n"), "line 1: `persona`: is a string, not an integer");
}

#[test]
fn exceptions_are_tables_with_a_reason() {
    let text = "[[tool.casemate.ignore]]\nrule = \"DEP1501\"\npackage = \"jinja2\"\nreason = \"not rendered\"\n";
    let layer = Layer::from_pyproject(text).expect("is fine").expect("is there");
    assert_eq!(layer.ignore, None);
    assert_eq!(layer.exceptions.len(), 1);
    assert_eq!(layer.exceptions[0].place.start.line, 1);
    let mixed = Layer::from_casemate_toml("ignore = [\"INJ\", { path = \"a/\", reason = \"generated\" }]\n").unwrap();
    assert_eq!((mixed.ignore, mixed.exceptions.len()), (Some(vec!["INJ".to_owned()]), 1));

    assert_eq!(
        error("[[ignore]]\nrule = \"INJ\"\n"),
        "line 1: `ignore.reason`: is missing; say why this does not count"
    );
    assert!(error("[[ignore]]\nreason = \"x\"\n").contains("name a rule, a package"));
    assert!(error("[[ignore]]\nrule = \"INJ\"\nuntil = \"soon\"\nreason = \"x\"\n").contains("`soon` is no date"));
    assert!(error("[[ignore]]\nrules = \"INJ\"\nreason = \"x\"\n").contains("did you mean `rule`?"));
    assert!(error("[[ignore]]\npath = \"a{\"\nreason = \"x\"\n").contains("is no glob"));
    assert!(error("[[ignore]]\nrule = 3\nreason = \"x\"\n").contains("is a string, not an integer"));
    let typo = Layer::from_casemate_toml("[[ignore]]\nrule = \"password-weak-hsah\"\nreason = \"x\"\n").unwrap();
    assert!(typo.check(&RULES).is_err(), "a typo is no silence");
}

#[test]
fn a_table_that_is_no_table_is_an_error() {
    let refused = Layer::from_pyproject("[tool]\ncasemate = true\n").expect_err("is refused");
    assert_eq!(refused.to_string(), "line 2: `tool.casemate`: is a table, not a boolean");
}

#[test]
fn text_that_is_no_toml_is_an_error_with_its_line() {
    let refused = Layer::from_casemate_toml("a = 1\n= 3\n").expect_err("is refused");
    assert!(matches!(refused, SettingsError::Syntax { line: 2, .. }), "{refused:?}");
}

#[test]
fn the_command_line_wins_over_casemate_toml_over_pyproject_over_the_default() {
    let says = |severity| Layer { fail_on: Some(Gate::at(severity)), ..Layer::default() };
    let pyproject = Layer { exclude: Some(vec!["a".into()]), ..says(Severity::Low) };
    let ours = Layer { persona: Some(Persona::Pedantic), ..says(Severity::Medium) };
    let resolved = Resolved::from_layers([
        (Origin::Pyproject, pyproject),
        (Origin::CasemateToml, ours),
        (Origin::CommandLine, says(Severity::Critical)),
    ]);
    let table: Vec<String> =
        resolved.table().iter().map(|(key, value, from)| format!("{key} = {value}  # {from}")).collect();
    assert_eq!(
        table,
        [
            "persona = \"pedantic\"  # casemate.toml",
            "select = []  # default",
            "ignore = []  # default",
            "min-confidence = \"low\"  # default",
            "fail-on = \"critical\"  # command line",
            "exclude = [\"a\"]  # pyproject.toml",
            "baseline = \"\"  # default",
            "python = \"any\"  # default",
            "platform = \"any\"  # default",
        ]
    );
}

#[test]
fn a_rule_is_selected_by_id_name_or_group_in_any_case() {
    for selector in ["INJ103", "inj103", "sqlalchemy-text-injection", "INJ", "inj"] {
        let settings = Settings { select: vec![selector.into()], ..Settings::default() };
        assert!(settings.wants(&SQL), "{selector}");
        assert!(!settings.wants(&HASH), "{selector}");
    }
}

#[test]
fn a_rule_of_the_pedantic_persona_runs_when_asked_for() {
    assert!(!Settings::default().wants(&PEDANTIC));
    assert!(Settings { persona: Persona::Pedantic, ..Settings::default() }.wants(&PEDANTIC));
    assert!(Settings { select: vec!["INJ102".into()], ..Settings::default() }.wants(&PEDANTIC));
}

#[test]
fn ignoring_wins_over_selecting() {
    let settings = Settings { select: vec!["INJ".into()], ignore: vec!["INJ103".into()], ..Settings::default() };
    assert!(!settings.wants(&SQL));
    assert!(settings.wants(&PEDANTIC));
}

#[test]
fn a_selector_that_names_no_rule_is_an_error_not_a_silence() {
    let layer = Layer { ignore: Some(vec!["password-weak-hsah".into()]), ..Layer::default() };
    let refused = layer.check(&RULES).expect_err("is refused");
    assert_eq!(
        refused.to_string(),
        "`ignore`: `password-weak-hsah` names no rule, did you mean `password-weak-hash`?; `casemate rule` lists them"
    );
    let layer = Layer { select: Some(vec!["IN".into()]), ..Layer::default() };
    assert!(layer.check(&RULES).is_err());
    let layer = Layer { select: Some(vec!["aut".into(), "INJ102".into()]), ..Layer::default() };
    assert_eq!(layer.check(&RULES), Ok(()));
}

fn finding(severity: Severity, detail: Detail) -> Finding {
    Finding {
        rule: &SQL,
        severity,
        confidence: Confidence::High,
        place: Place { path: "app.py".into(), start: Position::default(), end: Position::default() },
        function: String::new(),
        message: String::new(),
        path: Vec::new(),
        missing_guard: None,
        remedy: String::new(),
        statement: String::new(),
        fingerprint: String::new(),
        detail,
    }
}

fn hole(id: &str, fixed: &[&str], is_reachable: Option<bool>) -> Finding {
    let detail = DependencyDetail {
        package: "jinja2".into(),
        advisories: if id.is_empty() { vec![] } else { vec![id.into()] },
        fixed: fixed.iter().map(|version| (*version).to_owned()).collect(),
        is_reachable,
        ..DependencyDetail::default()
    };
    finding(Severity::High, Detail::Dependency(Box::new(detail)))
}

#[test]
fn by_default_every_severity_but_info_fails() {
    let settings = Settings::default();
    let fails = |severity: &Severity| settings.fails_on(&finding(*severity, Detail::None));
    let failing: Vec<Severity> = Severity::ALL.into_iter().filter(fails).collect();
    assert_eq!(failing, [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]);
    let open = Settings { fail_on: Gate::OPEN, ..settings };
    assert!(!open.fails_on(&finding(Severity::Critical, Detail::None)));
}

#[test]
fn a_gate_may_let_dependencies_pass_that_no_upgrade_mends() {
    let gate = parse_gate("high,fixable").expect("is a gate");
    assert!(gate.stops(&hole("CVE-2024-1", &["3.1.6"], None)));
    assert!(!gate.stops(&hole("CVE-2024-1", &[], None)));
    assert!(gate.stops(&hole("MAL-2024-1", &[], None)), "a malicious package is mended by removing it");
    assert!(gate.stops(&hole("", &[], None)), "an unpinned name is no known hole");
    assert!(gate.stops(&finding(Severity::High, Detail::None)), "code is not a dependency");
    assert!(!gate.stops(&finding(Severity::Medium, Detail::None)));
    assert!(parse_gate("high").expect("is a gate").stops(&hole("CVE-2024-1", &[], None)));
}

#[test]
fn a_gate_may_let_dependencies_pass_that_are_out_of_reach() {
    let gate = parse_gate("reachable, high").expect("is a gate");
    assert!(gate.stops(&hole("CVE-2024-1", &[], Some(true))));
    assert!(gate.stops(&hole("CVE-2024-1", &[], None)), "what nobody knows may be in reach");
    assert!(!gate.stops(&hole("CVE-2024-1", &[], Some(false))));
}

#[test]
fn a_gate_is_spelled_as_it_is_read() {
    for words in ["none", "info", "high,fixable", "high,reachable", "low,fixable,reachable"] {
        assert_eq!(parse_gate(words).expect("is a gate").to_string(), words);
    }
    assert_eq!(parse_gate("fixable").unwrap_err(), "`fixable` names no severity; write `high,fixable`, say");
    assert!(parse_gate("high,low").unwrap_err().contains("more than one severity"));
    assert!(parse_gate("high,fixed").unwrap_err().starts_with("`fixed` is not a severity"));
    assert!(parse_gate("").is_err());
}

#[test]
fn a_target_is_one_that_is_known_or_any() {
    let of = |text: &str| Layer::from_casemate_toml(text);
    assert_eq!(of("python = \"any\"\n").expect("is fine").python, Some(None));
    assert_eq!(of("platform = \"any\"\n").expect("is fine").platform, Some(None));
    for (text, why) in [
        ("python = \"3\"\n", "write 3.12, 3.12.4 or any"),
        ("python = \"3.12rc1\"\n", "write 3.12, 3.12.4 or any"),
        ("python = \">=3.8\"\n", "write 3.12, 3.12.4 or any"),
        ("python = 3.12\n", "is a string, not a float"),
        ("platform = \"win32\"\n", "use linux, macos, windows or any"),
    ] {
        let told = of(text).expect_err("is refused").to_string();
        assert!(told.contains(why), "{text}{told}");
    }
}

#[test]
fn a_closer_layer_may_open_what_a_file_has_chosen() {
    let of = |text: &str| Layer::from_casemate_toml(text).expect("is fine");
    let layers = [
        (Origin::Pyproject, of("python = \"3.9\"\nplatform = \"linux\"\n")),
        (Origin::CommandLine, of("python = \"any\"\n")),
    ];
    let resolved = Resolved::from_layers(layers);
    let table: Vec<_> = resolved.table().into_iter().skip(7).collect();
    assert_eq!(
        table,
        [
            ("python", "\"any\"".to_owned(), Origin::CommandLine),
            ("platform", "\"linux\"".to_owned(), Origin::Pyproject)
        ]
    );
}

#[test]
fn endpoints_are_a_table_of_addresses() {
    let layer =
        Layer::from_casemate_toml("[verify]\nendpoints = { a-token = \"https://x.example/\" }\n").expect("is fine");
    let told: Vec<_> = layer.endpoints.iter().map(|one| (one.detector.as_str(), one.url.as_str(), one.line)).collect();
    assert_eq!(told, [("a-token", "https://x.example/", 2)]);
    for (text, why) in [
        ("verify = 1\n", "line 1: `verify`: is a table, not an integer"),
        ("[verify]\nendpoint = {}\n", "line 2: unknown key `verify.endpoint`, did you mean `verify.endpoints`?"),
        ("[verify]\nendpoints = []\n", "line 2: `verify.endpoints`: is a table, not an array"),
        ("[verify.endpoints]\na = 1\n", "line 2: `verify.endpoints.a`: is a string, not an integer"),
    ] {
        assert_eq!(Layer::from_casemate_toml(text).expect_err("is refused").to_string(), why);
    }
}
