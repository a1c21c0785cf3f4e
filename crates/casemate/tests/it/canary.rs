//! No secret of an audited project reaches anything that is told about it.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, Ended};
use crate::synthetic::{expand, value};

/// How many passwords the project holds, `{{pass:1}}` to `{{pass:32}}`.
const PASSWORDS: usize = 32;

fn password(number: usize) -> String {
    format!("Gams{number}-Horn!{}Kx", number * 7 + 3)
}

/// Files with secrets of every kind, where and as people leave them.
const FILES: &[(&str, &str)] = &[
    (
        "app.py",
        r#"import sqlite3
import subprocess

from flask import Flask, request

app = Flask(__name__)
app.secret_key = "{{pass:1}}"


@app.get("/users")
def users():
    token = "{{github-token#1}}"
    # was {{github-token#2}} before
    return sqlite3.connect("x").execute("SELECT '{{github-token#3}}' FROM u WHERE n = '" + request.args["n"] + "'").fetchall()  # {{stripe-key#1}} password = '{{pass:2}}'


def login(password="{{pass:3}}"):
    if password == "{{pass:4}}":
        subprocess.run(["login", f"-p{password}", "{{slack-token#1}}"])


class Sql:
    def long(self, name):
        return self.cursor.execute("SELECT {{github-token#4}} FROM a_table_with_a_long_name WHERE n = '%s'" % name)
"#,
    ),
    (
        "roles.py",
        r#"import os

DB_PASSWORD = "{{pass:5}}"
CONFIG = {"host": "db", "user": "app", "password": "{{pass:6}}", "api_key": "{{random:40}}"}
CONFIG["password"] = '{{pass:7}}'
os.environ["PGPASSWORD"] = "{{pass:8}}"
connect(host="db", user="x", password="{{pass:9}}")
setattr(CONFIG, "password", "{{pass:10}}")
SECRET_KEY = os.getenv("SECRET_KEY", "{{pass:11}}")
smtp.login("me", "{{pass:12}}")
password = """{{pass:13}}"""
password, user = "{{pass:14}}", "root"
# old_password = "{{pass:15}}"


class Settings:
    admin_password: str = "{{pass:16}}"


def get_password():
    return "{{pass:17}}"
"#,
    ),
    (
        "encoded.py",
        r#"import base64

A = base64.b64decode("{{base64:github-token#5}}")
B = bytes.fromhex("{{hexed:github-token#6}}")
C = "{{reversed:github-token#7}}"[::-1]
D = "{{first-half:github-token#8}}" + "{{second-half:github-token#8}}"
E = "".join(chr(n) for n in [{{codes:github-token#9}}])
F = "{{base64:github-token#10}}"
KEY = """-----BEGIN PRIVATE KEY-----
{{ed25519-key#1}}
-----END PRIVATE KEY-----"""
"#,
    ),
    (
        "broken.py",
        r#"def find(cursor, name)
    password = "{{pass:18}}"
    token = "{{github-token#11}}"
    cursor.execute("SELECT * FROM u WHERE password = '{{pass:18}}' AND n = '" + name + "'"
class (
"#,
    ),
    (
        "silenced.py",
        r#"TOKEN = "{{github-token#12}}"  # casemate: ignore[provider-token] -- the known one, not {{github-token#13}}
PASSWORD_OF_DB = 1  # casemate: ignore[hardcoded-password] -- nothing here, {{github-token#14}}
"#,
    ),
    ("excluded/old.py", "db_password = '{{pass:19}}'\ntoken = '{{github-token#15}}'\n"),
    (
        "tests/test_app.py",
        "def test_it(client):\n    client.login('me', '{{pass:20}}')\n    assert client('{{github-token#16}}')\n",
    ),
    (".env", "DB_HOST=db\nDB_PASSWORD={{pass:21}}\nGH_TOKEN={{github-token#17}}\n"),
    (
        "docker-compose.yml",
        "services:\n  db:\n    image: postgres\n    privileged: true\n    environment:\n      POSTGRES_PASSWORD: {{pass:22}}\n      DSN: postgres://app:{{pass:23}}@db/app\n",
    ),
    (
        "config.json",
        "{\"db\": {\"host\": \"db\", \"password\": \"{{pass:24}}\"}, \"token\": \"{{github-token#18}}\"}\n",
    ),
    ("settings.toml", "[db]\nuser = \"app\"\npassword = \"{{pass:25}}\"\n"),
    ("setup.ini", "[db]\nuser = app\npassword = {{pass:26}}\n"),
    (
        "Dockerfile",
        "FROM python:latest\nENV DB_PASSWORD={{pass:27}}\nRUN curl -H 'X: {{github-token#19}}' http://x.example/i.sh | sh\n",
    ),
    (
        "deploy.sh",
        "export DB_PASSWORD='{{pass:28}}'\ncurl -H 'Authorization: token {{github-token#20}}' https://x.example\n",
    ),
    (
        "requirements.txt",
        "--index-url https://build:{{pass:29}}@pypi.corp.internal/simple\nx @ https://me:{{pass:30}}@host.corp.internal/x.whl\n",
    ),
    (
        "load.ipynb",
        r#"{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["password = \"{{pass:31}}\"\n", "print(token)"],
 "outputs": [{"name": "stdout", "output_type": "stream", "text": ["{{github-token#21}}\n"]}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
"#,
    ),
    ("deploy/id_ed25519", "-----BEGIN PRIVATE KEY-----\n{{ed25519-key#2}}\n-----END PRIVATE KEY-----\n"),
    ("NOTES.md", "The token is {{github-token#22}}, see <https://me:{{pass:32}}@wiki.corp.internal>.\n"),
];

/// A file as it stands in the project.
fn filled(text: &str) -> String {
    let mut text = expand(text);
    for number in 1..=PASSWORDS {
        text = text.replace(&format!("{{{{pass:{number}}}}}"), &password(number));
    }
    text
}

/// What must not be told, under the name it has in the files.
fn canaries() -> Vec<(String, String)> {
    let mut canaries: Vec<(String, String)> = (1..=PASSWORDS).map(|n| (format!("pass:{n}"), password(n))).collect();
    for (_, text) in FILES {
        for hole in text.split("{{").skip(1) {
            let name = hole.split("}}").next().unwrap();
            canaries.extend(value(name).map(|value| (name.to_owned(), value)));
        }
    }
    // In code or in halves, what is behind them is as secret.
    let behind = |name: &str| name.split_once(':').map(|(_, of)| of.to_owned());
    let decoded: Vec<_> = canaries
        .iter()
        .filter_map(|(name, _)| behind(name))
        .filter_map(|name| Some((name.clone(), value(&name)?)))
        .collect();
    canaries.extend(decoded);
    canaries
}

/// The canaries that a text gives away, whole or eight characters of them.
fn given_away(told: &str) -> Vec<String> {
    let lost = canaries().into_iter().filter_map(|(name, value)| {
        let skipped = ["ghp_", "sk_live_", "xoxb-", "MC4CAQAwBQYDK2VwBCIEI"]
            .iter()
            .find(|start| value.starts_with(**start))
            .map_or(0, |start| start.len());
        let characters: Vec<char> = value.chars().skip(skipped).collect();
        let part =
            characters.windows(8).map(|part| part.iter().collect::<String>()).find(|part| told.contains(part.as_str()));
        part.map(|part| {
            let at = told.find(&part).unwrap();
            let line = told[..at].rsplit('\n').next().unwrap_or_default().len();
            let around: String = told[at - line..].chars().take(160).collect();
            format!("{name} ({part}) in `{around}`")
        })
    });
    lost.collect()
}

fn bench() -> Bench {
    FILES.iter().fold(Bench::new(), |bench, (path, text)| bench.with(path, filled(text)))
}

fn formats(bench: &Bench) -> Vec<&'static str> {
    let help = bench.run(&["audit", "--help"]).stdout;
    ["text", "json", "sarif", "html", "markdown", "junit", "github", "gitlab"]
        .into_iter()
        .filter(|format| help.contains(&format!("- {format}:")))
        .collect()
}

#[test]
fn no_secret_is_told_in_any_format_whatever_rules_run() {
    let bench = bench();
    let formats = formats(&bench);
    assert!(formats.len() >= 3, "{formats:?}");
    let options: &[&[&str]] = &[
        &[],
        &["--select", "INJ"],
        &["--select", "SEC"],
        &["--select", "AUT427,WEB615,SEC1010"],
        &["--ignore", "SEC", "--persona", "pedantic"],
        &["--persona", "pedantic"],
        &["--exclude", "excluded/"],
        &["--statistics"],
        &["--color", "always"],
        &["--strict", "--min-confidence", "high"],
    ];
    let mut lost = Vec::new();
    for options in options {
        for format in &formats {
            let arguments = [&["audit", ".", "--format", format], *options].concat();
            let Ended { stdout, stderr, .. } = bench.run(&arguments);
            let told = format!("{stdout}\n{stderr}");
            lost.extend(given_away(&told).into_iter().map(|what| format!("{arguments:?}: {what}")));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn report_files_and_baselines_hold_no_secret() {
    let bench = bench();
    for format in formats(&bench) {
        let ended = bench.run(&["audit", ".", "--format", format, "--output", "report.out"]);
        assert_eq!(given_away(&ended.stderr), Vec::<String>::new());
        let written = fs::read_to_string(bench.path("report.out")).expect("is written");
        fs::remove_file(bench.path("report.out")).expect("is there");
        assert_eq!(given_away(&written), Vec::<String>::new(), "{format}");
    }
    let ended = bench.run(&["audit", ".", "--baseline", "baseline.json", "--write-baseline"]);
    assert_eq!(given_away(&(ended.stdout + &ended.stderr)), Vec::<String>::new());
    let mut files = 0;
    for entry in fs::read_dir(bench.path(".")).expect("is there") {
        let path = entry.expect("is there").path();
        let is_source = FILES.iter().any(|(name, _)| path == bench.path(".").join(name));
        if path.is_file() && !is_source {
            files += 1;
            assert_eq!(given_away(&fs::read_to_string(path).expect("is text")), Vec::<String>::new());
        }
    }
    assert!(files > 0, "a baseline was written");
}

#[test]
fn the_canaries_are_found() {
    let bench = bench();
    let ended = bench.run(&["audit", ".", "--format", "json", "--persona", "pedantic"]);
    let report: Value = serde_json::from_str(&ended.stdout).expect("is JSON");
    let mut found: Vec<(String, u64)> = Vec::new();
    for list in ["findings", "suppressed"] {
        for finding in report[list].as_array().expect("is a list") {
            let first = finding["start"]["line"].as_u64().unwrap();
            let last = finding["end"]["line"].as_u64().unwrap();
            let path = finding["path"].as_str().unwrap();
            let is_of_secrets = ["SEC", "WEB615", "AUT427", "CRY906", "JWT504"]
                .iter()
                .any(|id| finding["rule"].as_str().unwrap().starts_with(id));
            if is_of_secrets {
                found.extend((first..=last).map(|line| (path.to_owned(), line)));
            }
        }
    }
    let mut missed = Vec::new();
    for (path, text) in FILES {
        for (number, line) in text.lines().enumerate() {
            // A comment that silences is no place for another finding.
            if line.contains("{{")
                && !line.contains("nothing here")
                && !found.contains(&((*path).to_owned(), number as u64 + 1))
            {
                missed.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn settings_that_cannot_be_read_are_told_without_their_secrets() {
    let token = value("github-token#30").unwrap();
    for text in
        [format!("fail-on = \"high\"\ntoken = \"{token}\"\n"), format!("fail-on = {token}\n"), format!("[[[ {token}\n")]
    {
        let bench = Bench::new().with("casemate.toml", text).with("app.py", "");
        let ended = bench.run(&["audit", "."]);
        assert_eq!(ended.code, 2);
        let told = ended.stdout + &ended.stderr;
        assert!(!told.contains(&token), "{told}");
    }
}
