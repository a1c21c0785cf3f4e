//! Settings of Bandit in our words.

use casemate_audit::migrate::from_bandit;
use casemate_audit::rules;
use casemate_audit::settings::Layer;

fn layer(path: &str, text: &str) -> Layer {
    let migrated = from_bandit(path, text).expect("is understood").expect("says something");
    let layer = Layer::from_casemate_toml(&migrated).unwrap_or_else(|error| panic!("{error}: {migrated}"));
    layer.check(rules::ALL).unwrap_or_else(|error| panic!("{error}: {migrated}"));
    layer
}

#[test]
fn the_three_forms_say_the_same() {
    let toml = "[tool.bandit]\nexclude_dirs = [\"tests\", \"./docs\"]\nskips = [\"B608\", \"B105\"]\n";
    let ini = "[bandit]\nexclude = tests,./docs\nskips = B608,B105\n";
    let yaml = "exclude_dirs: [tests, ./docs]\nskips:\n  - B608\n  - B105\n";
    let said = layer("pyproject.toml", toml);
    assert_eq!(said.exclude, Some(vec!["tests".to_owned(), "docs".to_owned()]));
    let ignore = ["sql-injection", "sql-string-built", "sqlalchemy-text-injection", "hardcoded-password"];
    assert_eq!(said.ignore, Some(ignore.map(str::to_owned).to_vec()));
    assert_eq!(said.select, None);
    assert_eq!(layer(".bandit", ini), said);
    assert_eq!(layer("bandit.yaml", yaml), said);
    assert_eq!(layer("config/.bandit", yaml), said, "what `-c` names is YAML");
}

#[test]
fn tests_become_a_selection_and_what_has_no_rule_is_told() {
    let text = "[tool.bandit]\ntests = [\"b608\", \"B404\"]\n[tool.bandit.assert_used]\nskips = [\"*_test.py\"]\n";
    let migrated = from_bandit("pyproject.toml", text).unwrap().unwrap();
    assert!(migrated.contains("select = [\n    \"sql-injection\","), "{migrated}");
    assert!(migrated.contains("# No rule is the same as B404."), "{migrated}");
    assert!(migrated.contains("# Nothing here says what these say: `assert_used`."), "{migrated}");
}

#[test]
fn patterns_that_go_through_folders_do_so_still_and_foreign_paths_are_told() {
    let text = "exclude_dirs: ['*/tests/*', '/srv/elsewhere/x', '../up', 'a\"b']\n";
    assert_eq!(layer("bandit.yml", text).exclude, Some(vec!["tests/".to_owned(), "a\"b".to_owned()]));
    let migrated = from_bandit("bandit.yml", text).unwrap().unwrap();
    assert!(migrated.contains("cannot be named: /srv/elsewhere/x, ../up."), "{migrated}");
}

#[test]
fn a_file_that_says_nothing_to_bandit_is_none_and_a_broken_one_is_told() {
    assert_eq!(from_bandit("pyproject.toml", "[tool.ruff]\n"), Ok(None));
    assert_eq!(from_bandit("bandit.yaml", ""), Ok(None));
    assert!(from_bandit("pyproject.toml", "= 3\n").is_err());
    assert!(from_bandit("bandit.yaml", "a: [b\n").is_err());
}

#[test]
fn no_name_of_a_file_breaks_out_of_a_comment() {
    let text = "\"x\\nselect = ['INJ']\": 1\nskips: [\"B1\\nfail-on = 'none'\"]\n";
    let said = layer("bandit.yaml", text);
    assert_eq!((said.select, said.fail_on), (None, None));
}
