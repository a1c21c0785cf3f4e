//! `casemate rule`: the catalogue and the pages.

use crate::bench::Bench;

#[test]
fn without_a_name_the_rules_are_listed() {
    let ended = Bench::new().run(&["rule"]);
    assert_eq!(ended.code, 0);
    let line = ended.stdout.lines().find(|line| line.starts_with("INJ103 ")).expect("is listed");
    assert!(line.contains("sqlalchemy-text-injection") && line.contains("critical"), "{line}");
}

#[test]
fn a_rule_is_explained_by_id_and_by_name_in_any_case() {
    let bench = Bench::new();
    let page = bench.run(&["rule", "INJ103"]);
    assert_eq!(page.code, 0);
    assert!(page.stdout.starts_with("# sqlalchemy-text-injection\n"), "{}", page.stdout);
    assert_eq!(bench.run(&["rule", "inj103"]).stdout, page.stdout);
    assert_eq!(bench.run(&["rule", "SQLAlchemy-Text-Injection"]).stdout, page.stdout);
}

#[test]
fn a_typo_is_answered_with_what_was_probably_meant() {
    let ended = Bench::new().run(&["rule", "sqlalchemy-text-injektion"]);
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        "casemate: there is no rule `sqlalchemy-text-injektion`, did you mean `sqlalchemy-text-injection`?; `casemate rule` lists them\n"
    );
}

#[test]
fn in_colour_the_marks_of_markdown_become_looks() {
    let ended = Bench::new().run(&["rule", "INJ103", "--color", "always"]);
    assert!(ended.stdout.contains("\x1b[1m"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("```"), "{}", ended.stdout);
}
