//! `docs/rules/`: one page for each rule, the same that `casemate rule ID` shows and that the tests run, and an index.

use std::fmt::Write as _;

use casemate_audit::rule::{Kind, Persona, Rule};
use casemate_audit::rules;

use super::Pages;

/// The index and all pages.
pub(super) fn pages() -> Pages {
    let mut all: Vec<&Rule> = rules::ALL.to_vec();
    all.sort_by_key(|rule| rule.id);
    let mut pages: Pages = all.iter().map(|rule| (format!("docs/rules/{}.md", rule.name), page(rule))).collect();
    pages.insert("docs/rules/README.md".to_owned(), index(&all));
    pages
}

fn page(rule: &Rule) -> String {
    let mut text = format!("<!-- written by `cargo xtask generate` from the rule's own page -->\n{}", rule.page);
    text.truncate(text.trim_end().len());
    text.push_str("\n\n## In the catalogue\n\n");
    let cwe = rule.cwe.iter().map(|number| format!("[CWE-{number}]({})", cwe_address(*number)));
    let facts = [
        ("id", format!("`{}`", rule.id)),
        ("name", format!("`{}`", rule.name)),
        ("severity", rule.severity.to_string()),
        ("judges by", kind(rule.kind).to_owned()),
        ("shown to", persona(rule.persona).to_owned()),
        ("CWE", cwe.collect::<Vec<_>>().join(", ")),
        ("OWASP Top 10 2021", rule.owasp_2021.to_owned()),
        ("OWASP Top 10 2025", rule.owasp_2025.to_owned()),
        ("ASVS 5.0", rule.asvs.to_owned()),
    ];
    text.push_str("| | |\n|---|---|\n");
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text
}

fn index(all: &[&Rule]) -> String {
    let mut text = "<!-- written by `cargo xtask generate` -->\n# Rules\n\n\
        `casemate rule ID` shows the same pages in the terminal. The code on a page is run as the rule's test.\n\n\
        | id | rule | finds | severity | CWE |\n|---|---|---|---|---|\n"
        .to_owned();
    for rule in all {
        let cwe = rule.cwe.first().map(|number| format!("[{number}]({})", cwe_address(*number))).unwrap_or_default();
        let (id, name, summary, severity) = (rule.id, rule.name, rule.summary, rule.severity);
        let _ = writeln!(text, "| {id} | [{name}]({name}.md) | {summary} | {severity} | {cwe} |");
    }
    text
}

fn cwe_address(number: u16) -> String {
    format!("https://cwe.mitre.org/data/definitions/{number}.html")
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Taint => "the way of untrusted data to a dangerous place",
        Kind::Pattern => "the code at the place itself, constants followed",
        Kind::Program => "the whole program: routes, guards, models",
        Kind::Configuration => "configuration and settings",
        Kind::Secret => "secrets in the text",
        Kind::Dependency => "dependencies",
        Kind::Run => "the run itself",
    }
}

fn persona(persona: Persona) -> &'static str {
    match persona {
        Persona::Default => "everybody",
        Persona::Pedantic => "`--persona pedantic`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_and_a_line_in_the_index() {
        let pages = pages();
        assert_eq!(pages.len(), rules::ALL.len() + 1);
        let index = &pages["docs/rules/README.md"];
        for rule in rules::ALL {
            assert!(index.contains(&format!("[{}]({}.md)", rule.name, rule.name)), "{}", rule.name);
        }
    }
}
