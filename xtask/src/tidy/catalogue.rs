//! The rule catalogue on disk: beside each rule stands its page of the same name, beside each page its rule.

use std::collections::BTreeMap;

use super::Problem;
use crate::workspace::TextFile;

const RULES: &str = "crates/casemate-audit/src/rules/";

/// `rules/<group>/<rule>.{rs,md}`. What several rules of a group share holds no rule and has no page.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let in_groups = || files.iter().filter(|file| file.path.strip_prefix(RULES).is_some_and(|rest| rest.contains('/')));
    let rules: BTreeMap<&str, &TextFile> = in_groups()
        .filter(|file| file.text.contains("static RULE: Rule"))
        .filter_map(|file| Some((file.path.strip_suffix(".rs")?, file)))
        .collect();
    let pages: Vec<&str> = in_groups().filter_map(|file| file.path.strip_suffix(".md")).collect();
    let mut problems = Vec::new();
    for (stem, rule) in &rules {
        let name = stem.rsplit('/').next().unwrap_or_default();
        if !pages.contains(stem) {
            problems.push(Problem::new(
                &rule.path,
                format!("has no page; write `{name}.md`, which is also the rule's test"),
            ));
        }
        for wanted in [format!("name: \"{}\"", name.replace('_', "-")), format!("include_str!(\"{name}.md\")")] {
            if !rule.text.contains(&wanted) {
                problems.push(Problem::new(
                    &rule.path,
                    format!("a rule, its file and its page share a name; this lacks `{wanted}`"),
                ));
            }
        }
    }
    let without_rule = pages.iter().filter(|stem| !rules.contains_key(*stem));
    problems.extend(without_rule.map(|stem| Problem::new(format!("{stem}.md"), "explains a rule that is not there")));
    problems
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const RULE: &str = "static RULE: Rule = Rule { name: \"text-built\", page: include_str!(\"text_built.md\") };";

    fn found(files: &[(&str, &str)]) -> usize {
        check(&files.iter().map(|(path, text)| file(&format!("{RULES}{path}"), text)).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_rule_and_its_page_come_together() {
        let page = ("sql/text_built.md", "# text-built\n");
        assert_eq!(
            found(&[("mod.rs", ""), ("sql/mod.rs", ""), ("sql/guards.rs", ""), ("sql/text_built.rs", RULE), page]),
            0
        );
        assert_eq!(found(&[("sql/text_built.rs", RULE)]), 1);
        assert_eq!(found(&[page]), 1);
    }

    #[test]
    fn a_rule_its_file_and_its_page_share_a_name() {
        assert_eq!(found(&[("sql/other.rs", RULE), ("sql/other.md", "")]), 2);
    }
}
