//! A file that should never leave the server, in a folder that is served.

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `sensitive-file-served`
pub(crate) static RULE: Rule = Rule {
    id: "WEB618",
    name: "sensitive-file-served",
    summary: "A file with secrets lies where files are served",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[538, 552],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.4.1",
    page: include_str!("sensitive_file_served.md"),
};

const REMEDY: &str =
    "Move it out of the folder, and treat what is in it as known to everybody: change passwords and keys.";

/// Folders that are served as they are.
const SERVED: [&str; 8] = ["static", "public", "staticfiles", "assets", "media", "www", "htdocs", "public_html"];

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let mut folders = cx.path.split('/').rev().skip(1);
    let is_served = folders.any(|folder| SERVED.contains(&folder));
    if !is_served
        || cx.scope.surroundings(cx.path) != casemate_secrets::Surroundings::Product
        || !is_sensitive(cx.name(), cx.text)
    {
        return;
    }
    let end = cx.text.find('\n').unwrap_or(cx.text.len());
    let finding = cx.report(
        &RULE,
        0..end,
        format!("`{}` lies in a folder that is served: everybody can fetch it by its name", cx.name()),
    );
    finding.remedy = REMEDY.to_owned();
    finding.confidence = crate::finding::Confidence::Medium;
}

fn is_sensitive(name: &str, text: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_sample = ["example", "sample", "template", "dist"].iter().any(|word| lower.contains(word));
    if is_sample {
        return false;
    }
    lower == ".env"
        || lower.starts_with(".env.")
        || matches!(
            lower.as_str(),
            ".htpasswd"
                | ".netrc"
                | ".pgpass"
                | ".npmrc"
                | ".pypirc"
                | "id_rsa"
                | "id_ed25519"
                | "credentials.json"
                | "service-account.json"
                | "docker-compose.yml"
                | "docker-compose.yaml"
                | ".git-credentials"
        )
        || lower.ends_with(".sql") && ["INSERT INTO", "COPY ", "CREATE TABLE"].iter().any(|word| text.contains(word))
        || (lower.ends_with(".pem") || lower.ends_with(".key")) && text.contains("PRIVATE KEY")
        || lower.ends_with(".log") && !text.is_empty()
}
