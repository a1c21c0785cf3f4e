//! What scans report and what follows.

mod decide_finding;
mod list_findings;
mod matching;
mod read_finding;
mod sarif;
mod submit_scan;

use serde_json::{Value, json};

/// A result of rule `X100` in `src/app.py`, told apart from others by its message and code.
pub(crate) fn result(what: &str) -> Value {
    json!({
        "ruleId": "X100",
        "level": "error",
        "message": { "text": what },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": "src/app.py" },
            "region": { "startLine": 10, "snippet": { "text": format!("run({what})") } }
        } }]
    })
}

/// A complete report of the tool `scanner` with these results.
pub(crate) fn report(results: &[Value]) -> String {
    log(results).to_string()
}

pub(crate) fn log(results: &[Value]) -> Value {
    json!({
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "scanner", "version": "1.2", "rules": [
                { "id": "X100", "name": "x-rule", "properties": { "tags": ["security", "external/cwe/cwe-089"] } }
            ] } },
            "invocations": [{ "executionSuccessful": true }],
            "results": results
        }]
    })
}
