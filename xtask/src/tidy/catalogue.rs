//! The rule catalogue on disk: beside each rule stands its page, beside each page its rule.

use std::collections::BTreeSet;

use super::Problem;
use crate::workspace::TextFile;

const RULES: &str = "crates/casemate-audit/src/rules/";

/// `rules/<group>/<rule>.{rs,md}`; `mod.rs` lists a group and has no page.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let stems = |ending: &str| -> BTreeSet<&str> {
        files
            .iter()
            .filter(|file| file.path.starts_with(RULES) && file.path[RULES.len()..].contains('/'))
            .filter_map(|file| file.path.strip_suffix(ending))
            .filter(|stem| !stem.ends_with("/mod"))
            .collect()
    };
    let (rules, pages) = (stems(".rs"), stems(".md"));
    let without_page = rules.difference(&pages).map(|stem| {
        Problem::new(format!("{stem}.rs"), format!("has no page; write `{stem}.md`, which is also the rule's test"))
    });
    let without_rule =
        pages.difference(&rules).map(|stem| Problem::new(format!("{stem}.md"), "explains a rule that is not there"));
    without_page.chain(without_rule).collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(paths: &[&str]) -> usize {
        check(&paths.iter().map(|path| file(&format!("{RULES}{path}"), "")).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_rule_and_its_page_come_together() {
        assert_eq!(found(&["mod.rs", "sql/mod.rs", "sql/text_built.rs", "sql/text_built.md"]), 0);
        assert_eq!(found(&["sql/text_built.rs"]), 1);
        assert_eq!(found(&["sql/text_built.md"]), 1);
    }
}
