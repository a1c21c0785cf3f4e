//! A pre-commit hook taken at a branch.

use super::yaml::Node;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `pre-commit-unpinned`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1611",
    name: "pre-commit-unpinned",
    summary: "A pre-commit hook is taken at a revision that moves",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.4",
    page: include_str!("pre_commit_unpinned.md"),
};

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if !matches!(cx.name(), ".pre-commit-config.yaml" | ".pre-commit-config.yml" | "prek.yaml") {
        return;
    }
    let yaml = cx.yaml();
    if let Some((at, message)) = yaml.problem.clone() {
        cx.problem(at, format!("the file is not valid YAML from here on, so the rest was not looked at: {message}"));
    }
    let repositories = yaml.documents.first().and_then(|root| root.get("repos"));
    for repository in repositories.map_or(&[][..], Node::items) {
        let name = repository.get("repo").and_then(Node::text).unwrap_or_default();
        if matches!(name, "local" | "meta" | "builtin") {
            continue;
        }
        let Some(rev) = repository.get("rev") else {
            if let Some(repo) = repository.get("repo") {
                told(cx, repo.span.clone(), format!("the hooks of `{name}` are taken at no revision at all"));
            }
            continue;
        };
        // A version has a digit; a branch seldom does, and a hash always.
        let text = rev.text().unwrap_or_default();
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            told(cx, rev.span.clone(), format!("the hooks of `{name}` are taken at `{text}`, which moves"));
        }
    }
}

fn told(cx: &mut TextContext<'_>, span: std::ops::Range<usize>, message: String) {
    let finding = cx.report(&RULE, span, message);
    finding.remedy =
        "Name a version or a commit, and move it with `pre-commit autoupdate` (`--freeze` for commits).".to_owned();
}
