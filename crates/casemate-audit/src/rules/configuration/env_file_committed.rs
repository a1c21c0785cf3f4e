//! A file that belongs to one machine or one person, kept with the code.

use casemate_secrets::{Surroundings, is_placeholder, surroundings};

use super::container_secret::names_secret;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `env-file-committed`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1607",
    name: "env-file-committed",
    summary: "A file of credentials, a key store or a dump is kept with the code",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[538],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.4.1",
    page: include_str!("env_file_committed.md"),
};

/// Words in a name that say it is no real one.
const EXAMPLE: [&str; 20] = [
    "example",
    "examples",
    "sample",
    "template",
    "tmpl",
    "dist",
    "default",
    "defaults",
    "test",
    "tests",
    "ci",
    "schema",
    "demo",
    "dummy",
    "fake",
    "mock",
    "placeholder",
    "docs",
    "trust",
    "truststore",
];

/// What a name alone says of a file that is not text.
fn is_store(name: &str) -> bool {
    matches!(
        extension(name),
        "p12" | "pfx" | "jks" | "keystore" | "kdbx" | "kdb" | "ppk" | "bcfks" | "sqlite" | "sqlite3" | "db"
    )
}

/// Whether a file that is not text may be of interest by its name.
pub(crate) fn is_of_interest(path: &str) -> bool {
    is_store(&path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase())
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

struct Told {
    what: &'static str,
    severity: Severity,
    confidence: Confidence,
}

pub(crate) fn check(cx: &mut TextContext<'_>) {
    let name = cx.name().to_ascii_lowercase();
    let Some(told) = judge(cx, &name) else { return };
    let within = cx.scope.within(cx.path);
    let lower = within.to_ascii_lowercase();
    if surroundings(within) != Surroundings::Product
        || lower.split(['/', '.', '-', '_']).any(|word| EXAMPLE.contains(&word))
    {
        return;
    }
    let end = cx.text.find('\n').unwrap_or(cx.text.len()).min(200);
    let end = (0..=end).rev().find(|&end| cx.text.is_char_boundary(end)).unwrap_or(0);
    let path = cx.path.to_owned();
    let path_told = cx.path;
    let finding = cx.report(&RULE, 0..end, format!("{} is kept with the code", told.what));
    finding.severity = told.severity;
    finding.confidence = told.confidence;
    // The first line says nothing about the file, and may be a secret.
    finding.statement = path;
    finding.remedy = format!(
        "Take it out of the repository (`git rm --cached {path_told}`), list it in `.gitignore`, and replace every secret in it: it stays in the history."
    );
}

fn judge(cx: &TextContext<'_>, name: &str) -> Option<Told> {
    let text = cx.text;
    let told = |what, severity, confidence| Some(Told { what, severity, confidence });
    let has = |word: &str| text.contains(word);
    if name == ".env" || name.starts_with(".env.") || (name.ends_with(".env") && name != "test.env") || name == ".envrc"
    {
        let is_real = !cx.leaks.is_empty() || text.lines().any(sets_secret);
        return is_real.then_some(Told {
            what: "a file of settings with secrets in it",
            severity: Severity::High,
            confidence: Confidence::High,
        });
    }
    match name {
        ".pypirc" if text.lines().any(sets_secret) => {
            return told("the file with the credentials of a package index", Severity::High, Confidence::High);
        }
        ".netrc" | "_netrc" if has("password ") && has("machine ") && !is_blank_netrc(text) => {
            return told("the file with the passwords of servers", Severity::High, Confidence::High);
        }
        ".git-credentials" if has("://") && has("@") => {
            return told("the file with the passwords of git servers", Severity::High, Confidence::High);
        }
        ".pgpass" if text.lines().any(|line| !line.starts_with('#') && line.matches(':').count() >= 4) => {
            return told("the file with the passwords of databases", Severity::High, Confidence::High);
        }
        ".npmrc" | ".yarnrc"
            if text.lines().any(|line| {
                line.split_once("_authToken=")
                    .or_else(|| line.split_once("_password="))
                    .is_some_and(|(_, value)| !value.contains('$') && !is_placeholder(value))
            }) =>
        {
            return told("the file with the token of a package registry", Severity::High, Confidence::High);
        }
        ".htpasswd" | "htpasswd"
            if text.lines().any(|line| {
                line.split_once(':').is_some_and(|(_, hash)| hash.starts_with('$') || hash.starts_with("{SHA}"))
            }) =>
        {
            return told("a list of users with the hashes of their passwords", Severity::Medium, Confidence::High);
        }
        ".bash_history" | ".zsh_history" | ".sh_history" | ".python_history" | ".psql_history" | ".mysql_history"
        | ".sqlite_history" | ".rediscli_history" | ".node_repl_history" | ".irb_history"
            if !text.trim().is_empty() =>
        {
            return told("what somebody typed, with whatever stood in it,", Severity::Medium, Confidence::High);
        }
        "credentials" if cx.path.contains(".aws/") && has("aws_secret_access_key") => {
            return told("the file with the credentials of a cloud account", Severity::High, Confidence::High);
        }
        "config" if cx.path.contains(".kube/") && (has("client-key-data:") || has("token:")) => {
            return told("the file with the credentials of a cluster", Severity::High, Confidence::High);
        }
        "config.json" if cx.path.contains(".docker/") && has("\"auth\"") => {
            return told("the file with the passwords of image registries", Severity::High, Confidence::High);
        }
        _ => {}
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match extension(name) {
        "p12" | "pfx" | "ppk" | "bcfks" => told("a key store", Severity::High, Confidence::Medium),
        "jks" | "keystore" if !(stem.contains("trust") || stem.contains("cacert") || name == "debug.keystore") => {
            told("a key store", Severity::High, Confidence::Medium)
        }
        "kdbx" | "kdb" => told("a password database", Severity::High, Confidence::High),
        "sqlite" | "sqlite3" | "db" if text.starts_with("SQLite format 3") && keeps_passwords(text) => {
            told("a database with the passwords of its users", Severity::Medium, Confidence::Medium)
        }
        "tfstate" | "backup" if name.contains(".tfstate") && has("\"terraform_version\"") && has("\"instances\"") => {
            told(
                "the state of an infrastructure, which holds its secrets in clear,",
                Severity::High,
                Confidence::Medium,
            )
        }
        "sql" | "dump" if is_dump(text) => {
            told("a dump of a database with its users", Severity::Medium, Confidence::Medium)
        }
        _ if matches!(name, "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519")
            && cx.leaks.is_empty()
            && has("PRIVATE KEY-----") =>
        {
            told("a private key", Severity::High, Confidence::High)
        }
        _ => None,
    }
}

/// `NAME=value` whose name speaks of a secret and whose value does not stand for one.
fn sets_secret(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((name, value)) = line.split_once(['=', ':']) else { return false };
    let value = value.trim().trim_matches(['"', '\'']);
    !line.starts_with('#')
        && !line.starts_with(';')
        && value.len() >= 6
        && !value.contains("${")
        && !value.starts_with('$')
        && !value.starts_with('<')
        && names_secret(name.trim())
        && !is_placeholder(value)
}

fn is_blank_netrc(text: &str) -> bool {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word == "password"
            && words
                .next()
                .is_some_and(|value| !value.contains('$') && !value.starts_with('<') && !is_placeholder(value))
        {
            return false;
        }
    }
    true
}

/// Whether the schema of a database has a table of people with a column of passwords.
fn keeps_passwords(text: &str) -> bool {
    let beginning = text.get(..text.len().min(1 << 20)).unwrap_or(text).to_ascii_lowercase();
    beginning.split("create table").skip(1).any(|table| {
        let end = (0..=table.len().min(2000)).rev().find(|&end| table.is_char_boundary(end)).unwrap_or(0);
        let table = table.get(..end).unwrap_or_default();
        names_people(table.get(..table.find('(').unwrap_or(table.len())).unwrap_or_default())
            && (table.contains("password") || table.contains("passwd"))
    })
}

fn names_people(table: &str) -> bool {
    ["user", "account", "customer", "member", "employee", "person", "people", "admin"]
        .iter()
        .any(|word| table.contains(word))
}

/// Whether this is what a database wrote out, with rows of people in it.
fn is_dump(text: &str) -> bool {
    let head = text.lines().take(12).any(|line| {
        line.contains("PostgreSQL database dump")
            || line.contains("MySQL dump")
            || line.contains("MariaDB dump")
            || line.contains("phpMyAdmin SQL Dump")
    });
    head && text.lines().any(|line| {
        let lower = line.get(..line.len().min(120)).unwrap_or_default().to_ascii_lowercase();
        let table = lower
            .strip_prefix("insert into")
            .or_else(|| lower.strip_prefix("copy ").filter(|rest| rest.contains("from stdin")));
        table.and_then(|table| table.split_whitespace().next()).is_some_and(names_people)
    })
}
