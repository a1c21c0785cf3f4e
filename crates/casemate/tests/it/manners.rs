//! Packs of models, library mode, statistics, forms of CI services and Bandit's settings, through the binary.

use std::fs;

use serde_json::Value;

use crate::bench::Bench;

const PACK: &str = "[[call]]\npaths = [\"ours.web.argument\"]\nreturns = [\"query\"]\n";
const APP: &str = "from ours.web import argument\n\n\ndef find(cursor):\n    cursor.execute(\"SELECT * FROM t WHERE n = '\" + argument(\"n\") + \"'\")\n";
const LIBRARY: &str = "def find(cursor, name):\n    cursor.execute(\"SELECT * FROM t WHERE n = '\" + name + \"'\")\n";

fn finds_sql(bench: &Bench, arguments: &[&str]) -> bool {
    let ended = bench.run(&[&["audit", ".", "--select", "INJ101"], arguments].concat());
    assert!(ended.code < 2, "{}", ended.stderr);
    ended.code == 1
}

#[test]
fn a_pack_of_models_widens_what_is_found() {
    let bench = Bench::new().with("app.py", APP).with("ours.toml", PACK);
    assert!(!finds_sql(&bench, &[]));
    assert!(finds_sql(&bench, &["--models", "ours.toml"]));
    let bench = bench.with("casemate.toml", "models = [\"ours.toml\"]\n");
    assert!(finds_sql(&bench, &[]));
    assert!(!finds_sql(&bench, &["--isolated"]));
    let config = bench.run(&["config"]).stdout;
    assert!(config.contains("models = [\"ours.toml\"]") && config.contains("# casemate.toml"), "{config}");
}

#[test]
fn a_pack_that_cannot_be_used_is_told_before_the_audit() {
    let bench =
        Bench::new().with("app.py", APP).with("broken.toml", "[[source]]\nlabel = 3\n").with("other.toml", "a = 1\n");
    for (name, told) in [
        ("nowhere.toml", "`nowhere.toml` does not exist"),
        ("broken.toml", "`broken.toml` is no pack of models: line 2:"),
        ("other.toml", "`other.toml` is no pack of models: line 1: unknown field `a`"),
    ] {
        let ended = bench.run(&["audit", ".", "--models", name]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
}

#[test]
fn a_project_names_no_pack_outside_of_itself() {
    let bench = Bench::new();
    let secret = bench.path("secret.toml");
    fs::write(&secret, "password = \"x\"\n").unwrap();
    let inner = Bench::new().with("app.py", APP);
    fs::write(inner.path("casemate.toml"), format!("models = [\"{}\"]\n", secret.display())).unwrap();
    let ended = inner.run(&["audit", "."]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("lies outside of the project") && !ended.stderr.contains("password"),
        "{}",
        ended.stderr
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, inner.path("link.toml")).unwrap();
        fs::write(inner.path("casemate.toml"), "models = [\"link.toml\"]\n").unwrap();
        let ended = inner.run(&["audit", "."]);
        assert!(ended.code == 2 && ended.stderr.contains("lies outside of the project"), "{}", ended.stderr);
    }
}

#[test]
fn in_a_library_parameters_come_from_outside() {
    // Which file to open is for whoever calls a library to say, unless the caller may be an attacker.
    let bench = Bench::new().with("app.py", "def read(name):\n    return open('/srv/' + name).read()\n");
    let finds = |bench: &Bench, arguments: &[&str]| {
        let ended = bench.run(&[&["audit", ".", "--select", "FIL801"], arguments].concat());
        assert!(ended.code < 2, "{}", ended.stderr);
        ended.code == 1
    };
    assert!(!finds(&bench, &[]));
    assert!(finds(&bench, &["--library"]));
    let bench = bench.with("casemate.toml", "library = true\n");
    assert!(finds(&bench, &[]));
    let wrong = Bench::new().with("casemate.toml", "library = \"yes\"\n").run(&["audit", "."]);
    assert!(wrong.stderr.contains("`library`: is `true` or `false`, not a string"), "{}", wrong.stderr);
}

#[test]
fn statistics_say_where_the_time_went() {
    let ended = Bench::new().with("app.py", LIBRARY).run(&["audit", ".", "--statistics", "--library"]);
    for part in
        ["reading and parsing Python", "following data", "asking the rules", "1 file, 2 lines, ", "of evaluation"]
    {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}

#[test]
fn forms_of_ci_services_are_written() {
    let bench = Bench::new().with("app.py", LIBRARY);
    let of = |format| bench.run(&["audit", ".", "--library", "--format", format]);
    assert!(of("github").stdout.starts_with("::error file=app.py,line=2,"), "{}", of("github").stdout);
    assert_eq!(of("github").code, 1);
    assert!(of("junit").stdout.contains("<failure message="));
    assert!(of("markdown").stdout.starts_with("## Casemate: 1 finding\n"));
    let issues: Value = serde_json::from_str(&of("gitlab").stdout).unwrap();
    assert_eq!(issues[0]["check_name"], "sql-injection");
}

#[test]
fn settings_of_bandit_are_migrated() {
    let bench = Bench::new().with("pyproject.toml", "[tool.bandit]\nskips = [\"B608\"]\nexclude_dirs = [\"tests\"]\n");
    let ended = bench.run(&["config", "migrate-bandit"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let bench = bench.with("app.py", LIBRARY).with("casemate.toml", &ended.stdout);
    assert!(!finds_sql(&bench, &["--library"]));
    let none = Bench::new().run(&["config", "migrate-bandit"]);
    assert!(none.code == 2 && none.stderr.contains("there are no settings of Bandit in `.`"), "{}", none.stderr);
    let named = bench.run(&["config", "migrate-bandit", "app.py"]);
    assert_eq!(named.code, 2, "{}", named.stdout);
}
