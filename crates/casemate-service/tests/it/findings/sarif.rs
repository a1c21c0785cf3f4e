//! Reading SARIF, ours and other tools'.

use casemate_model::case::CaseSeverity;
use casemate_service::findings::sarif::{NotSarif, Reported, Run, read};
use serde_json::{Value, json};

use super::{log, result};

fn runs(log: &Value) -> Vec<Run> {
    read(log.to_string().as_bytes()).unwrap()
}

fn only(log: &Value) -> Reported {
    let mut results = runs(log).remove(0).results;
    assert_eq!(results.len(), 1, "{results:?}");
    results.remove(0)
}

fn path(log: &Value) -> String {
    only(log).occurrence.0.path
}

fn refused(text: &[u8]) -> String {
    match read(text) {
        Err(NotSarif::Form(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// A run of one result with these members added.
fn with(members: Value) -> Value {
    let Value::Object(members) = members else { panic!("not members: {members}") };
    let mut one = result("what");
    for (name, value) in members {
        one[name] = value;
    }
    log(&[one])
}

#[test]
fn our_own_report_is_read_whole() {
    let log = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "casemate", "version": "0.1.0", "rules": [{
            "id": "INJ103", "name": "sqlalchemy-text-injection",
            "help": { "text": "Bind the value." },
            "properties": { "security-severity": "8.0", "tags": ["security", "external/cwe/cwe-89"] }
        }] } },
        "automationDetails": { "id": "casemate/audit/" },
        "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "here" } } },
        "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": [] }],
        "properties": { "casemate/complete": true, "casemate/paths": ["src/api", "src"] },
        "versionControlProvenance": [{ "branch": "main", "revisionId": "abc123" }],
        "results": [{
            "ruleId": "INJ103", "ruleIndex": 0, "level": "error",
            "message": { "text": "`username` becomes SQL text" },
            "locations": [{
                "logicalLocations": [{ "fullyQualifiedName": "db.run", "kind": "function", "name": "run" }],
                "physicalLocation": {
                    "artifactLocation": { "uri": "my%20code/db.py", "uriBaseId": "%SRCROOT%" },
                    "region": { "startLine": 4, "startColumn": 26, "endLine": 4, "endColumn": 37,
                                "snippet": { "text": "text(query)" } },
                    "contextRegion": { "startLine": 2, "endLine": 4,
                                       "snippet": { "text": "\nasync def run(db, query):\n\treturn text(query)" } }
                }
            }],
            "codeFlows": [{ "threadFlows": [{ "locations": [{ "location": {
                "message": { "text": "it comes from the query string" },
                "physicalLocation": { "artifactLocation": { "uri": "app.py" },
                                      "region": { "startLine": 9, "snippet": { "text": "username: str" } } }
            } }] }] }],
            "partialFingerprints": { "casemate/v1": "0123456789abcdef0123456789abcdef" },
            "properties": { "severity": "critical", "remedy": "write `:username`", "statement": "db.execute(text(query))" }
        }]
    }] });
    let run = runs(&log).remove(0);
    assert_eq!(
        (run.tool.as_str(), run.category.as_str(), run.target.as_str()),
        ("casemate", "casemate/audit", "src src/api")
    );
    assert_eq!((run.branch.as_str(), run.commit.as_str(), run.is_complete), ("main", "abc123", true));
    let found = only(&log);
    assert_eq!((found.rule.as_str(), found.rule_name.as_str()), ("INJ103", "sqlalchemy-text-injection"));
    assert_eq!((found.severity, found.remedy.as_str()), (CaseSeverity::Critical, "write `:username`"));
    assert_eq!((found.tags, found.code.as_str()), (vec!["cwe-89".to_owned()], "text(query)"));
    assert!(found.fingerprint.unwrap().contains("0123456789abcdef"));
    let at = found.occurrence.0;
    assert_eq!((at.path.as_str(), at.line, at.column, at.end_column), ("my code/db.py", 4, Some(26), Some(37)));
    assert_eq!((at.function.as_str(), at.snippet_line), ("db.run", 2));
    assert_eq!(at.snippet, "\nasync def run(db, query):\n\treturn text(query)");
    assert_eq!(
        (at.flow[0].path.as_str(), at.flow[0].line, at.flow[0].snippet.as_str()),
        ("app.py", 9, "username: str")
    );
}

#[test]
fn bandit_is_read() {
    let log = json!({ "$schema": "x", "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "Bandit", "organization": "PyCQA", "semanticVersion": "1.8.0", "version": "1.8.0",
            "rules": [{ "id": "B608", "name": "hardcoded_sql_expressions",
                        "properties": { "tags": ["security", "external/cwe/cwe-89"], "precision": "low" },
                        "helpUri": "https://bandit.readthedocs.io/" }] } },
        "invocations": [{ "executionSuccessful": true, "endTimeUtc": "2026-11-22T07:00:00Z" }],
        "properties": { "metrics": { "_totals": { "loc": 11 } } },
        "results": [{ "message": { "text": "Possible SQL injection vector." }, "level": "warning",
            "locations": [{ "physicalLocation": {
                "region": { "snippet": { "text": "    query = f\"SELECT {x}\"\n" }, "endColumn": 29, "endLine": 10,
                            "startColumn": 13, "startLine": 10 },
                "artifactLocation": { "uri": "file:///srv/build/app.py" },
                "contextRegion": { "snippet": { "text": "def f(x):\n    query = f\"SELECT {x}\"\n" }, "endLine": 11, "startLine": 9 }
            } }],
            "properties": { "issue_confidence": "LOW", "issue_severity": "MEDIUM" },
            "hostedViewerUri": "x", "ruleId": "B608", "ruleIndex": 0 }]
    }] });
    let found = only(&log);
    assert_eq!((found.rule_name.as_str(), found.severity), ("hardcoded_sql_expressions", CaseSeverity::Medium));
    assert_eq!(
        (found.occurrence.0.path.as_str(), found.code.as_str()),
        ("srv/build/app.py", "query = f\"SELECT {x}\"")
    );
    assert!(runs(&log)[0].is_complete);
}

#[test]
fn semgrep_is_read_and_its_refusal_is_no_fingerprint() {
    let log = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "Semgrep OSS", "semanticVersion": "1.99.0", "rules": [{
            "id": "python.lang.eval", "name": "python.lang.eval", "defaultConfiguration": { "level": "warning" },
            "help": { "text": "Do not.", "markdown": "Do **not**." }, "properties": { "tags": ["CWE-95: Eval Injection"] } }] } },
        "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": [
            { "level": "warning", "message": { "text": "Syntax error" } }] }],
        "results": [{ "fingerprints": { "matchBasedId/v1": "requires login" }, "message": { "text": "eval" }, "properties": {},
            "ruleId": "python.lang.eval", "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "src/a.py", "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": 3, "endLine": 3, "startColumn": 1, "endColumn": 9, "snippet": { "text": "eval(x)" } } } }] }]
    }] });
    let found = only(&log);
    assert_eq!((found.severity, found.fingerprint, found.remedy.as_str()), (CaseSeverity::Medium, None, "Do not."));
    assert_eq!(found.tags, ["cwe-95"]);
    assert!(runs(&log)[0].is_complete, "a warning does not make it incomplete");
}

#[test]
fn codeql_is_read_with_rules_in_extensions_artifacts_by_index_and_links_in_messages() {
    let log = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "CodeQL", "semanticVersion": "2.20.0", "rules": [] }, "extensions": [
            { "name": "other", "rules": [{ "id": "wrong" }] },
            { "name": "codeql/python-queries", "rules": [{ "id": "py/sql-injection", "name": "py/sql-injection",
                "shortDescription": { "text": "SQL query built from user-controlled sources" },
                "properties": { "security-severity": "8.8", "tags": ["external/cwe/cwe-089"] } }] }] },
        "artifacts": [{ "location": { "uri": "app/views.py", "uriBaseId": "%SRCROOT%", "index": 0 } }],
        "columnKind": "utf16CodeUnits",
        "results": [{ "ruleId": "py/sql-injection", "rule": { "id": "py/sql-injection", "index": 0, "toolComponent": { "index": 1 } },
            "message": { "text": "This depends on a [user-provided value](1) and [another](2). See [docs](https://x)." },
            "locations": [{ "physicalLocation": { "artifactLocation": { "index": 0 }, "region": { "startLine": 12 } } }],
            "partialFingerprints": { "primaryLocationLineHash": "39fa2ee980eb94b0:1", "primaryLocationStartColumnFingerprint": "4" } }]
    }] });
    let found = only(&log);
    assert_eq!(found.message, "This depends on a user-provided value and another. See [docs](https://x).");
    assert_eq!((found.severity, found.occurrence.0.path.as_str()), (CaseSeverity::High, "app/views.py"));
    assert_eq!(found.fingerprint.as_deref(), Some("primaryLocationLineHash=39fa2ee980eb94b0:1"));
    assert_eq!(found.code, found.message, "no code quoted");
}

#[test]
fn ruff_and_trivy_are_read() {
    let ruff = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "ruff", "version": "0.14.0", "rules": [{ "id": "S307", "properties": { "id": "S307", "kind": "x",
            "name": "suspicious-eval-usage", "problem.severity": "error" }, "shortDescription": { "text": "No eval" } }] } },
        "results": [{ "level": "error", "ruleId": "S307", "message": { "text": "Use of possibly insecure function" }, "fixes": [],
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "file:///srv/a.py" },
                "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 9 } } }] }] }] });
    let found = only(&ruff);
    assert_eq!((found.rule_name.as_str(), found.severity), ("S307", CaseSeverity::High));
    assert!(runs(&ruff)[0].is_complete, "no word of failure");
    let trivy = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "Trivy", "version": "0.57.0", "rules": [{ "id": "CVE-2024-1", "name": "LanguageSpecificPackageVulnerability",
            "properties": { "security-severity": "9.8", "tags": ["vulnerability", "security", "CRITICAL"] }, "help": { "text": "Upgrade." } }] } },
        "originalUriBaseIds": { "ROOTPATH": { "uri": "file:///srv/" } },
        "results": [{ "ruleId": "CVE-2024-1", "ruleIndex": 0, "level": "error", "message": { "text": "Package: jinja2\nInstalled: 3.0" },
            "locations": [{ "message": { "text": "x" }, "physicalLocation": { "artifactLocation": { "uri": "requirements.txt",
                "uriBaseId": "ROOTPATH" }, "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 } } }] }] }] });
    let found = only(&trivy);
    assert_eq!((found.severity, found.remedy.as_str()), (CaseSeverity::Critical, "Upgrade."));
    assert_eq!(found.message, "Package: jinja2\nInstalled: 3.0");
}

#[test]
fn severity_comes_from_the_score_then_the_word_then_the_level() {
    let severity = |members| only(&with(members)).severity;
    assert_eq!(
        severity(json!({ "properties": { "security-severity": 9.1, "severity": "low" } })),
        CaseSeverity::Critical
    );
    assert_eq!(severity(json!({ "properties": { "security-severity": "0.0" } })), CaseSeverity::Info);
    assert_eq!(severity(json!({ "properties": { "security-severity": "99", "severity": "LOW" } })), CaseSeverity::Low);
    assert_eq!(severity(json!({ "level": "note" })), CaseSeverity::Low);
    assert_eq!(severity(json!({ "level": "none" })), CaseSeverity::Info);
    assert_eq!(severity(json!({ "level": Value::Null })), CaseSeverity::Medium);
}

#[test]
fn only_failures_that_are_there_now_count() {
    for kind in ["pass", "open", "review", "notApplicable", "informational"] {
        assert!(runs(&with(json!({ "kind": kind })))[0].results.is_empty(), "{kind}");
    }
    assert!(runs(&with(json!({ "baselineState": "absent" })))[0].results.is_empty());
    for members in [json!({ "kind": "fail" }), json!({ "baselineState": "unchanged" })] {
        only(&with(members));
    }
}

#[test]
fn a_suppression_that_somebody_doubts_suppresses_nothing() {
    let is_suppressed = |suppressions: Value| only(&with(json!({ "suppressions": suppressions }))).is_suppressed;
    assert!(!is_suppressed(json!([])));
    assert!(is_suppressed(json!([{ "kind": "inSource" }])));
    assert!(is_suppressed(json!([{ "kind": "external", "status": "accepted" }])));
    assert!(!is_suppressed(json!([{ "kind": "inSource" }, { "kind": "external", "status": "rejected" }])));
    assert!(!is_suppressed(json!([{ "kind": "external", "status": "underReview" }])));
}

#[test]
fn messages_by_id_get_their_arguments() {
    let mut log = with(json!({ "message": { "id": "default", "arguments": ["`x`", "{1}"] } }));
    log["runs"][0]["tool"]["driver"]["rules"][0]["messageStrings"] =
        json!({ "default": { "text": "{0} and {1} in {{braces}}, {2} {x" } });
    assert_eq!(only(&log).message, "`x` and {1} in {braces}, {2} {x");
    assert_eq!(only(&with(json!({ "message": {} }))).message, "X100", "no message, no summary: the rule");
}

#[test]
fn paths_are_relative_and_harmless() {
    let at = |artifact: Value| {
        let location = json!({ "physicalLocation": { "artifactLocation": artifact, "region": { "startLine": 1 } } });
        let mut log = with(json!({ "locations": [location] }));
        log["runs"][0]["originalUriBaseIds"] = json!({
            "ROOT": { "uri": "file:///srv/build/" },
            "API": { "uri": "services/api", "uriBaseId": "ROOT" },
            "ONE": { "uri": "one/", "uriBaseId": "TWO" },
            "TWO": { "uri": "two/", "uriBaseId": "ONE" },
        });
        path(&log)
    };
    assert_eq!(at(json!({ "uri": "a%20b/%C3%B6.py" })), "a b/ö.py");
    assert_eq!(at(json!({ "uri": "app.py", "uriBaseId": "ROOT" })), "app.py");
    assert_eq!(at(json!({ "uri": "app.py", "uriBaseId": "API" })), "services/api/app.py");
    assert_eq!(at(json!({ "uri": "file:///srv/build/src/app.py" })), "src/app.py");
    assert_eq!(at(json!({ "uri": "../../etc/passwd" })), "etc/passwd");
    assert_eq!(at(json!({ "uri": "a/../../..%2f..%2Fetc/passwd" })), "etc/passwd");
    assert_eq!(at(json!({ "uri": "/etc/passwd" })), "etc/passwd");
    assert_eq!(at(json!({ "uri": "C:\\Users\\x\\app.py" })), "C:/Users/x/app.py");
    assert_eq!(at(json!({ "uri": "https://evil.example/%2e%2e" })), "https://evil.example/%2e%2e");
    assert_eq!(at(json!({ "uri": "a%00b\u{202E}c%0a%1b[2J.py%zz%" })), "abc [2J.py%zz%");
    assert!(at(json!({ "uri": "x.py", "uriBaseId": "ONE" })).ends_with("x.py"), "a circle ends");
    assert_eq!(at(json!({ "uri": 7, "uriBaseId": [] })), "7");
}

#[test]
fn what_is_shown_has_no_control_and_no_bidi_characters() {
    let log = with(json!({ "message": { "text": "a\u{202E}b\u{0000}c\u{001B}[31m\nd" }, "ruleId": "R\u{2066}1" }));
    let found = only(&log);
    assert_eq!((found.message.as_str(), found.rule.as_str()), ("abc[31m\nd", "R1"));
}

#[test]
fn texts_and_lists_are_cut_not_refused() {
    let steps: Vec<Value> =
        (0..500).map(|n| json!({ "location": { "physicalLocation": { "region": { "startLine": n + 1 } } } })).collect();
    let found = only(&with(json!({
        "message": { "text": "x".repeat(100_000) },
        "codeFlows": [{ "threadFlows": [{ "locations": steps }] }],
    })));
    assert_eq!((found.message.len(), found.occurrence.0.flow.len()), (4_000, 50));
}

#[test]
fn whatever_stands_in_the_wrong_place_is_overlooked() {
    let strange = [json!(null), json!(true), json!(-1.5), json!("text"), json!([[{}]]), json!({ "a": { "b": [] } })];
    let fields = [
        "ruleId",
        "ruleIndex",
        "rule",
        "kind",
        "level",
        "message",
        "locations",
        "codeFlows",
        "fingerprints",
        "partialFingerprints",
        "suppressions",
        "fixes",
        "properties",
        "baselineState",
    ];
    for value in &strange {
        for field in fields {
            read(with(json!({ (field): value })).to_string().as_bytes()).unwrap();
        }
        for field in
            ["tool", "invocations", "results", "artifacts", "originalUriBaseIds", "automationDetails", "properties"]
        {
            let mut log = log(&[result("what")]);
            log["runs"][0][field] = value.clone();
            read(log.to_string().as_bytes()).unwrap();
        }
    }
}

#[test]
fn what_is_no_sarif_is_refused_with_the_place() {
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend("{}".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(refused(&utf16).contains("UTF-16"));
    assert!(refused(b"{\0}\0").contains("UTF-16"));
    assert!(refused(b"{\"a\": \"\xFF\"}").contains("byte 7"));
    assert!(refused(b"{\"version\": \"2.1.0\",\n \"runs\": [}").contains("line 2"));
    assert!(refused(b"{\"version\": \"1.0.0\", \"runs\": []}").contains("`1.0.0`"));
    assert!(refused(b"{\"runs\": []}").contains("version"));
    assert!(refused(b"{\"version\": \"2.1.0\"}").contains("runs"));
    let mut with_mark = b"\xEF\xBB\xBF".to_vec();
    with_mark.extend(log(&[]).to_string().as_bytes());
    assert_eq!(read(&with_mark).unwrap().len(), 1);
}

#[test]
fn depth_and_numbers_are_bounded_before_anything_is_kept() {
    let deep = format!("{{\"version\":\"2.1.0\",\"runs\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refused(deep.as_bytes()).contains("deep"));
    assert!(!refused(format!("\"{}\"", "[".repeat(100)).as_bytes()).contains("deep"), "brackets in a text do not nest");
    let objects = format!("{{\"version\":\"2.1.0\",\"runs\":[{{\"x\":[{}{{}}]}}]}}", "{},".repeat(1_000_001));
    assert!(refused(objects.as_bytes()).contains("objects"));
    let many_runs = format!("{{\"version\":\"2.1.0\",\"runs\":[{}{{}}]}}", "{},".repeat(20));
    assert!(refused(many_runs.as_bytes()).contains("runs"));
    let half = format!("{{\"results\":[{}{{}}]}}", "{},".repeat(25_000));
    let two_runs = format!("{{\"version\":\"2.1.0\",\"runs\":[{half},{half}]}}");
    assert_eq!(read(two_runs.as_bytes()), Err(NotSarif::TooManyResults));
}

#[test]
fn one_id_is_a_category_and_the_last_of_several_is_a_runs_name() {
    let category = |id: &str| {
        let mut log = log(&[]);
        log["runs"][0]["automationDetails"] = json!({ "id": id });
        runs(&log).remove(0).category
    };
    assert_eq!(category("nightly/2026-11-22"), "nightly");
    assert_eq!(category("nightly/api/"), "nightly/api");
    assert_eq!(category("api"), "api");
}

#[test]
fn a_hole_in_a_package_is_known_by_package_and_advisory() {
    let hole = |version: &str, advisories: &[&str]| {
        let region = json!({ "startLine": 1, "snippet": { "text": format!("django=={version}") } });
        only(&with(json!({
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "requirements.txt" }, "region": region } }],
            "properties": {
                "statement": format!("django=={version}"),
                "dependency": { "package": "django", "version": version, "advisories": advisories },
            },
        })))
        .code
    };
    assert_eq!(hole("3.2.1", &["GHSA-b", "CVE-2021-1"]), "django CVE-2021-1");
    assert_eq!(hole("3.2.2", &["CVE-2021-1", "GHSA-b"]), hole("3.2.1", &["GHSA-b", "CVE-2021-1"]));
    assert_ne!(hole("3.2.1", &["CVE-2021-2"]), hole("3.2.1", &["CVE-2021-1"]));
    // What names no advisory, an abandoned package say, is known by its line.
    assert_eq!(hole("3.2.1", &[]), "django==3.2.1");
}
