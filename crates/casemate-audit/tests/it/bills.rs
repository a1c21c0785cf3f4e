//! Bills of materials and VEX documents: what goes out fits the published schemas, what comes in settles.

use casemate_audit::report::{Report, sbom, vex};
use casemate_audit::{Outcome, Settings, VexDocument};
use serde_json::{Value, json};

use crate::support::{Texts, audit, audit_with};

const LOCK: &str = r#"
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "web" }]

[[package]]
name = "web"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "shop" }]
sdist = { url = "https://files.pythonhosted.org/web.tar.gz", hash = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", size = 1 }

[[package]]
name = "shop"
version = "1.4.2+local"
source = { git = "https://ada:s3cretvalue@git.example/shop.git?rev=main#0123456789012345678901234567890123456789" }
"#;

const ADVISORY: &str = r#"{"id": "GHSA-1111-2222-3333", "aliases": ["CVE-2026-1001"], "summary": "SQL injection in the search",
 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
 "affected": [{"package": {"ecosystem": "PyPI", "name": "shop"},
   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.4.3"}]}],
   "ecosystem_specific": {"affected_functions": ["shop.search"]}}]}"#;

fn written(outcome: &Outcome, write: impl FnOnce(&Report<'_>, &mut Vec<u8>)) -> Value {
    let (settings, sources) = (Settings::default(), Texts::new::<&str>(&[]));
    let report = Report {
        outcome,
        sources: &sources,
        settings: &settings,
        paths: &[],
        category: "audit",
        is_complete: true,
        advisories: None,
        baseline: None,
    };
    let mut out = Vec::new();
    write(&report, &mut out);
    serde_json::from_slice(&out).expect("is JSON")
}

fn bill(files: &[(&str, &str)]) -> Value {
    let outcome = audit(files);
    written(&outcome, |report, out| sbom::write(report, Some("2026-11-22T12:00:00Z"), out).expect("is written"))
}

fn statements(files: &[(&str, &str)]) -> Vec<Value> {
    let outcome = audit(files);
    let document =
        written(&outcome, |report, out| vex::write(report, "2026-11-22T12:00:00Z", out).expect("is written"));
    // What goes out can come in again.
    VexDocument::read("out.json", &document.to_string()).expect("is OpenVEX");
    document["statements"].as_array().expect("is a list").clone()
}

/// The three schemas as one: references to the others lead into definitions of the first.
fn schema() -> jsonschema::Validator {
    let text = include_str!("../schema/bom-1.6.SNAPSHOT.schema.json")
        .replace("\"spdx.SNAPSHOT.schema.json\"", "\"#/definitions/spdx\"")
        .replace("\"jsf-0.82.SNAPSHOT.schema.json#/definitions/", "\"#/definitions/jsf/definitions/");
    let mut schema: Value = serde_json::from_str(&text).expect("is JSON");
    let other = |text: &str| serde_json::from_str::<Value>(text).expect("is JSON");
    let mut spdx = other(include_str!("../schema/spdx.SNAPSHOT.schema.json"));
    spdx.as_object_mut().expect("is an object").remove("$id");
    schema["definitions"]["spdx"] = spdx;
    let jsf = include_str!("../schema/jsf-0.82.SNAPSHOT.schema.json");
    let mut jsf = other(&jsf.replace("\"#/definitions/", "\"#/definitions/jsf/definitions/"));
    jsf.as_object_mut().expect("is an object").remove("$id");
    schema["definitions"]["jsf"] = jsf;
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema")
}

fn assert_valid(document: &Value) {
    let schema = schema();
    let errors: Vec<String> =
        schema.iter_errors(document).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_bill_names_packages_hashes_and_who_asks_for_what() {
    let bill = bill(&[("uv.lock", LOCK), ("advisories/a.json", ADVISORY)]);

    assert_valid(&bill);
    let purls: Vec<&str> =
        bill["components"].as_array().unwrap().iter().map(|one| one["purl"].as_str().unwrap()).collect();
    assert_eq!(purls.len(), 2, "{purls:?}");
    assert!(
        purls[0].starts_with("pkg:pypi/shop@1.4.2%2Blocal?vcs_url=git%2Bhttps://git.example/shop.git"),
        "{purls:?}"
    );
    assert_eq!(purls[1], "pkg:pypi/web@2.0.0");
    let graph = bill["dependencies"].as_array().unwrap();
    let of = |name: &str| graph.iter().find(|one| one["ref"] == name).unwrap()["dependsOn"].clone();
    assert_eq!((of("project"), of(purls[1])), (json!([purls[1]]), json!([purls[0]])));
    let vulnerability = &bill["vulnerabilities"][0];
    assert_eq!(vulnerability["id"], "CVE-2026-1001");
    assert_eq!(vulnerability["affects"], json!([{"ref": purls[0]}]));
    assert_eq!(vulnerability["ratings"][0]["score"], 9.8);
    assert!(bill.to_string().contains("SHA-256"));
    assert!(!bill.to_string().contains("s3cretvalue"), "credentials of an address are told");
}

#[test]
fn a_bill_of_nothing_is_a_bill() {
    assert_valid(&bill(&[]));
    let open = bill(&[("requirements.txt", "shop>=1\nweb[extra]==2.0 ; python_version > '3'\n")]);
    assert_valid(&open);
    assert_eq!(open["components"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_project_has_the_same_number() {
    assert_eq!(bill(&[("uv.lock", LOCK)])["serialNumber"], bill(&[("uv.lock", LOCK)])["serialNumber"]);
    assert_ne!(bill(&[("uv.lock", LOCK)])["serialNumber"], bill(&[])["serialNumber"]);
}

const PINNED: (&str, &str) = ("requirements.txt", "shop==1.4.2\n");

#[test]
fn what_the_code_does_with_a_hole_decides_its_status() {
    let with = |code: &str| statements(&[PINNED, ("advisories/a.json", ADVISORY), ("app.py", code)]);

    let used = with("from shop import search\nsearch('x')\n");
    assert_eq!((used.len(), &used[0]["status"]), (1, &json!("affected")));
    assert!(used[0]["action_statement"].as_str().is_some_and(|text| text.contains("1.4.3")));
    assert_eq!(used[0]["products"], json!([{"@id": "pkg:pypi/shop@1.4.2"}]));

    let unused = with("from shop import sell\nsell('x')\n");
    assert_eq!(unused[0]["status"], "not_affected");
    assert_eq!(unused[0]["justification"], "vulnerable_code_not_in_execute_path");

    // Who imports everything, or nothing, has shown nothing.
    for code in ["from shop import *\nsell('x')\n", "x = 1\n"] {
        assert_eq!(with(code)[0]["status"], "under_investigation", "{code}");
    }
}

#[test]
fn what_comes_in_by_another_package_may_be_used_by_that() {
    let lock = LOCK.replace("1.4.2+local", "1.4.2").replace(
        "git = \"https://ada:s3cretvalue@git.example/shop.git?rev=main#0123456789012345678901234567890123456789\"",
        "registry = \"https://pypi.org/simple\"",
    );
    let told =
        statements(&[("uv.lock", &lock), ("advisories/a.json", ADVISORY), ("app.py", "from shop import sell\n")]);
    assert_eq!(told[0]["status"], "under_investigation");
}

fn decision(status: &Value) -> String {
    let mut statement =
        json!({"vulnerability": {"name": "GHSA-1111-2222-3333"}, "products": [{"@id": "pkg:pypi/shop"}]});
    for (key, value) in status.as_object().unwrap() {
        statement[key] = value.clone();
    }
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": "t", "version": 1,
           "statements": [statement]})
    .to_string()
}

#[test]
fn a_decision_silences_a_finding_with_its_reason() {
    let vex = decision(&json!({"status": "not_affected", "justification": "inline_mitigations_already_exist",
        "impact_statement": "The proxy refuses it."}));
    let outcome = audit(&[PINNED, ("advisories/a.json", ADVISORY), ("vex/d.json", &vex)]);

    assert!(outcome.findings.iter().all(|finding| finding.rule.id != "DEP1501"));
    let [(finding, reason)] = &outcome.suppressed[..] else { panic!("{:?}", outcome.suppressed) };
    assert_eq!(finding.rule.name, "vulnerable-dependency");
    assert_eq!(reason, "vex/d.json says not_affected, inline_mitigations_already_exist: The proxy refuses it.");
}

#[test]
fn only_what_settles_silences() {
    for status in [
        json!({"status": "affected", "action_statement": "wait"}),
        json!({"status": "under_investigation"}),
        json!({"status": "not_affected"}),
        json!({"status": "fixed", "products": [{"@id": "pkg:pypi/shop@1.4.1"}]}),
        json!({"status": "fixed", "vulnerability": "CVE-2026-9"}),
    ] {
        let outcome = audit(&[PINNED, ("advisories/a.json", ADVISORY), ("vex/d.json", &decision(&status))]);
        let found = outcome.findings.iter().filter(|finding| finding.rule.id == "DEP1501").count();
        assert_eq!((found, outcome.suppressed.len()), (1, 0), "{status}");
    }
}

#[test]
fn without_advisories_no_statement_is_called_stale() {
    let vex = decision(&json!({"status": "fixed"}));
    let settings = Settings { select: vec!["DEP1515".to_owned()], ..Settings::default() };
    let found = |files: &[(&str, &str)]| audit_with(&settings, files).findings.len();
    assert_eq!(found(&[("vex/d.json", &vex)]), 0);
    let other = ADVISORY.replace("\"shop\"", "\"other\"");
    assert_eq!(found(&[("vex/d.json", &vex), ("advisories/a.json", &other)]), 1);
}

const METADATA: &str =
    "Metadata-Version: 2.1\nName: shop\nVersion: 1.4.2\nLicense-Expression: MIT\nRequires-Dist: cart\n\nText.\n";

#[test]
fn a_bill_of_what_is_installed_knows_licences_and_who_needs_whom() {
    let cart = "Name: cart\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\nClassifier: License :: Public Domain\n";
    let bill = bill(&[
        (".venv/site-packages/shop-1.4.2.dist-info/METADATA", METADATA),
        (".venv/site-packages/cart-1.dist-info/METADATA", cart),
        (".venv/site-packages/cart-1.dist-info/top_level.txt", "cart\n"),
    ]);
    assert_valid(&bill);
    let of = |name: &str| {
        let all = bill["components"].as_array().expect("is a list").clone();
        all.into_iter().find(|one| one["name"] == name).expect("is there")
    };
    assert_eq!(of("shop")["licenses"], json!([{"expression": "MIT"}]));
    assert_eq!(
        of("cart")["licenses"],
        json!([{"license": {"name": "MIT License"}}, {"license": {"name": "Public Domain"}}])
    );
    assert_eq!(bill["metadata"]["component"]["name"], "project");
    let asks = |name: &str| {
        let all = bill["dependencies"].as_array().expect("is a list").clone();
        all.into_iter().find(|one| one["ref"] == name).expect("is there")["dependsOn"].clone()
    };
    assert_eq!(asks("project"), json!(["pkg:pypi/shop@1.4.2"]));
    assert_eq!(asks("pkg:pypi/shop@1.4.2"), json!(["pkg:pypi/cart@1"]));
}

#[test]
fn what_is_installed_is_looked_up_and_its_prose_is_not_searched() {
    let way = "Name: web\nVersion: 2\nRequires-Dist: shop\n";
    let token = ["ghp_", &"a1B2".repeat(9)].concat();
    let prose = format!("{METADATA}\ntoken = \"{token}\"\npassword = \"{token}\"\n");
    let outcome = audit(&[
        ("advisories/a.json", ADVISORY),
        (".venv/site-packages/shop-1.4.2.dist-info/METADATA", &prose),
        (".venv/site-packages/web-2.dist-info/METADATA", way),
    ]);
    let told: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(told, ["DEP1501"], "{:?}", outcome.findings);
    let finding = &outcome.findings[0];
    assert_eq!(finding.place.path, ".venv/site-packages/shop-1.4.2.dist-info/METADATA");
    assert_eq!(finding.place.start.line, 2);
    assert_eq!(finding.dependency().expect("is one").required_by, ["web"]);
    assert!(finding.remedy.contains("pip install \"shop>=1.4.3\""), "{}", finding.remedy);
    assert_eq!((outcome.packages, outcome.problems.len()), (2, 0));
}
