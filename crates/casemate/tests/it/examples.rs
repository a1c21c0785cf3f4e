//! The programs in `examples/`: seven holes in the one, none in the other, and both run.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use casemate_packages::advisories::{Collection, Provenance, build};
use serde_json::Value;

use crate::bench::{Bench, casemate, ended, repository};

fn rules_found(example: &str) -> Vec<String> {
    // Advisories that know nothing: the packages are looked up, so the report is complete.
    let bench = Bench::new();
    let empty = build(Collection::new(), Provenance::default()).expect("is built");
    fs::write(bench.path("empty.index"), empty).expect("is written");
    let mut command = casemate();
    command.current_dir(repository()).args(["audit", "--format", "json", &format!("examples/{example}")]);
    command.arg("--advisories").arg(bench.path("empty.index"));
    let ended = ended(command);
    let report: Value = serde_json::from_str(&ended.stdout).expect("is JSON");
    assert_eq!(report["problems"], Value::Array(vec![]));
    assert_eq!(report["complete"], true);
    let found = report["findings"].as_array().expect("is a list").clone();
    assert_eq!(ended.code, i32::from(!found.is_empty()));
    found.iter().map(|finding| finding["name"].as_str().expect("is a name").to_owned()).collect()
}

#[test]
fn the_vulnerable_example_has_its_seven_holes() {
    let found: BTreeSet<String> = rules_found("vulnerable").into_iter().collect();
    let expected = [
        "admin-route-unprotected",
        "bearer-token-unsigned",
        "credentials-in-query",
        "login-no-rate-limit",
        "password-weak-hash",
        "sqlalchemy-text-injection",
        "timing-unsafe-compare",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn the_mended_example_has_none() {
    assert_eq!(rules_found("mended"), Vec::<String>::new());
}

#[test]
fn the_sarif_of_the_vulnerable_example_fits_the_public_schema() {
    let mut command = casemate();
    command.current_dir(repository()).args(["audit", "--format", "sarif", "examples/vulnerable"]);
    let log: Value = serde_json::from_str(&ended(command).stdout).expect("is JSON");
    let schema = repository().join("crates/casemate-audit/tests/schema/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_slice(&fs::read(schema).expect("is there")).expect("is JSON");
    // The published pattern has a stray `]`, which strict readers refuse; we never write a language.
    for holder in ["run", "toolComponent"] {
        schema["definitions"][holder]["properties"]["language"] = Value::Bool(true);
    }
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("is a schema")
        .iter_errors(&log)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().expect("is a list");
    assert!(results.iter().any(|result| result["ruleId"] == "INJ103" && result["codeFlows"].is_array()));
    assert!(results.iter().all(|result| result["partialFingerprints"]["casemate/v1"].is_string()));
}

/// Runs the attacks that lie beside an example, in a copy of it.
fn attacks(example: &str) {
    // `cargo xtask ci` makes a Python with the requirements of the examples and names it here.
    let Some(python) = std::env::var_os("CASEMATE_TEST_PYTHON").filter(|python| !python.is_empty()) else {
        assert!(
            std::env::var_os("CASEMATE_REQUIRE_ALL").is_none_or(|value| value != "1"),
            "CASEMATE_TEST_PYTHON is not set"
        );
        println!("skipped: set CASEMATE_TEST_PYTHON to a Python with examples/{example}/requirements.txt");
        return;
    };
    let folder = repository().join("examples").join(example);
    let mut bench = Bench::new();
    for entry in fs::read_dir(folder).expect("is there") {
        let path = entry.expect("is readable").path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let name = path.file_name().and_then(|name| name.to_str()).expect("is a name").to_owned();
            bench = bench.with(&name, fs::read(&path).expect("is readable"));
        }
    }
    let output = Command::new(python)
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .current_dir(bench.path("."))
        .env_remove("DATABASE_URL")
        .env_remove("JWT_KEY_FILE")
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_attack_works_on_the_vulnerable_example() {
    attacks("vulnerable");
}

#[test]
fn no_attack_works_on_the_mended_example() {
    attacks("mended");
}
