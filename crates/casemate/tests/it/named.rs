//! What is audited by name is audited as a program, whatever the folders above it are called.

use std::collections::BTreeSet;

use crate::bench::Bench;

const PROGRAM: &str = "import os
import subprocess

from Crypto.Cipher import DES
from flask import Flask, request

app = Flask(__name__)


@app.get(\"/\")
def run():
    subprocess.run(request.args[\"command\"], shell=True)
    os.chmod(\"/etc/shop.conf\", 0o777)
    return DES.new(os.urandom(8), DES.MODE_CBC).encrypt(b\"12345678\")


if __name__ == \"__main__\":
    app.run(debug=True)
";

const RULES: [&str; 4] =
    ["broken-cipher", "debug-server-in-production", "os-command-injection", "weak-file-permissions"];

fn rules(bench: &Bench, arguments: &[&str]) -> BTreeSet<String> {
    let ended = bench.run(&[&["audit", "--format", "json"], arguments].concat());
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn folders_above_what_is_asked_for_say_nothing() {
    for folder in ["tests", "t", "benchmark/cases", "examples/shop", "docs", "contrib", "third_party/x", "templates"] {
        let bench = Bench::new().with(&format!("{folder}/app.py"), PROGRAM);

        let found = rules(&bench, &[folder]);

        for rule in RULES {
            assert!(found.contains(rule), "{rule} in {folder}: {found:?}");
        }
    }
}

#[test]
fn a_folder_is_no_test_for_its_name_alone() {
    for file in ["tests/app.py", "benchmarks/app.py", "suite/test_app.py"] {
        let bench = Bench::new().with(file, PROGRAM);

        let found = rules(&bench, &["."]);

        for rule in ["broken-cipher", "os-command-injection", "weak-file-permissions"] {
            assert!(found.contains(rule), "{rule} in {file}: {found:?}");
        }
    }
}

#[test]
fn what_tests_and_others_do_stays_theirs() {
    let bench = Bench::new()
        .with("shop/__init__.py", "")
        .with("shop/_vendor/app.py", "from Crypto.Cipher import DES\ncipher = DES.new(b'12345678', DES.MODE_CBC)\n")
        .with("tests/test_app.py", format!("import pytest\n{PROGRAM}"))
        .with("examples/app.py", PROGRAM);

    assert_eq!(rules(&bench, &["."]), BTreeSet::new());
    assert!(rules(&bench, &["shop/_vendor"]).contains("broken-cipher"));
    assert!(rules(&bench, &["shop", "examples"]).contains("os-command-injection"));
}
