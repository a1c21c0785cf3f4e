//! `casemate audit` with a baseline: old findings pass, new ones fail, and what is gone is told.

use std::fs;

use serde_json::Value;

use crate::bench::{Bench, Ended};

const EVIL: &str =
    "import hashlib\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode()).hexdigest()\n";

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ended.stdout, ended.stderr))
}

#[test]
fn old_findings_pass_new_ones_fail_and_gone_ones_are_told() {
    let bench = Bench::new().with("app.py", EVIL);
    let written = bench.run(&["audit", ".", "--write-baseline"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(
        written.stderr.contains("baseline `.casemate-baseline.json` written: 1 finding, 1 of them new"),
        "{}",
        written.stderr
    );

    let passed = bench.run(&["audit", "."]);
    assert_eq!(passed.code, 0);
    assert!(passed.stdout.contains("No new findings"), "{}", passed.stdout);
    assert!(passed.stdout.contains("1 known finding in the baseline"), "{}", passed.stdout);
    assert_eq!(bench.run(&["audit", ".", "--no-baseline"]).code, 1);
    assert_eq!(bench.run(&["audit", ".", "--isolated"]).code, 1);

    let bench = bench.with("more.py", EVIL.replace("hash_password", "also"));
    let failed = bench.run(&["audit", ".", "--format", "json"]);
    assert_eq!(failed.code, 1);
    let report = json(&failed);
    assert_eq!(report["findings"][0]["path"], "more.py");
    assert_eq!(report["findings"][0]["baseline_state"], "new");
    assert_eq!(report["baselined"][0]["baseline_state"], "unchanged");
    assert_eq!(report["summary"]["baselined"], 1);

    fs::remove_file(bench.path("more.py")).unwrap();
    let bench = bench.with("app.py", "x = 1\n");
    let gone = bench.run(&["audit", "."]);
    assert!(
        gone.stdout.contains("1 finding of the baseline is gone; `--prune-baseline` takes it out"),
        "{}",
        gone.stdout
    );
    let absent = json(&bench.run(&["audit", ".", "--format", "sarif"]));
    assert_eq!(absent["runs"][0]["results"][0]["baselineState"], "absent");
    assert!(bench.run(&["audit", ".", "--prune-baseline"]).stderr.contains("1 gone, 0 findings left"));
    assert!(!bench.run(&["audit", "."]).stdout.contains("gone"));
}

#[test]
fn a_baseline_holds_wherever_the_audit_is_started() {
    let bench = Bench::new().with("src/app.py", EVIL).with("elsewhere/x", "");
    assert_eq!(bench.run(&["audit", ".", "--write-baseline"]).code, 0);
    assert_eq!(bench.run(&["audit", "src"]).code, 0);
    assert_eq!(bench.run(&["audit", "src/app.py"]).code, 0);
    for (folder, path) in [("src", "."), ("src", "app.py"), ("elsewhere", "../src")] {
        let mut command = bench.command(&["audit", path]);
        command.current_dir(bench.path(folder));
        assert_eq!(crate::bench::ended(command).code, 0, "{folder} {path}");
    }
}

#[test]
fn a_setting_names_the_baseline() {
    let bench = Bench::new().with("app.py", EVIL).with("casemate.toml", "baseline = \"audit/known.json\"\n");
    let missing = bench.run(&["audit", "."]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("does not exist; `--write-baseline` writes one"), "{}", missing.stderr);
    let bench = bench.with("audit/x", "");
    assert_eq!(bench.run(&["audit", ".", "--write-baseline"]).code, 0);
    assert!(bench.path("audit/known.json").exists());
    assert_eq!(bench.run(&["audit", "."]).code, 0);
}

#[test]
fn a_file_that_is_no_baseline_is_told_in_one_line() {
    let bench = Bench::new().with("app.py", EVIL).with("known.json", "{\"plugins_used\": [], \"version\": \"1.5.0\"}");
    let ended = bench.run(&["audit", ".", "--baseline", "known.json"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("known.json") && ended.stderr.contains("detect-secrets"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
    // It is not overwritten either: somebody else's file is not ours to lose.
    assert_eq!(bench.run(&["audit", ".", "--baseline", "known.json", "--write-baseline"]).code, 2);
}

#[test]
fn two_baselines_of_one_project_have_two_keys() {
    let bench = Bench::new().with("app.py", EVIL);
    let salt = |name: &str| {
        bench.run(&["audit", ".", "--baseline", name, "--write-baseline"]);
        let text = fs::read(bench.path(name)).unwrap();
        serde_json::from_slice::<Value>(&text).expect("is JSON")["salt"].clone()
    };
    assert_ne!(salt("one.json"), salt("two.json"));
}

/// Assembled here, so that no scanner takes this file for a leak.
fn token(random: &str) -> String {
    format!("{}_{}_{random}", "sk", "live")
}

#[test]
fn a_secret_in_a_text_is_silenced_known_and_never_told() {
    let secret = token("9fK2mQx7Vb4TZr8Lw3Ny6Hp1");
    let line = format!("  value: {secret}");
    let bench = Bench::new().with("config.yml", format!("payment:\n{line}\n"));
    let found = bench.run(&["audit", ".", "--format", "json"]);
    assert_eq!(found.code, 1, "{} {}", found.stdout, found.stderr);
    assert_eq!(json(&found)["findings"][0]["topic"], "secrets");
    for format in ["text", "json", "sarif", "html"] {
        let told = bench.run(&["audit", ".", "--format", format]);
        assert!(!told.stdout.contains(&secret) && !told.stderr.contains(&secret), "{format}");
    }

    let silenced = |text: String| Bench::new().with("config.yml", text).run(&["audit", "."]).code;
    assert_eq!(silenced(format!("payment:\n{line} # pragma: allowlist secret\n")), 0);
    assert_eq!(silenced(format!("payment:\n  # casemate: ignore[SEC] -- sample data\n{line}\n")), 0);
    assert_eq!(silenced(format!("payment:\n  # casemate: ignore[INJ] -- another\n{line}\n")), 1);

    assert_eq!(bench.run(&["audit", ".", "--write-baseline"]).code, 0);
    let known = fs::read_to_string(bench.path(".casemate-baseline.json")).unwrap();
    assert!(known.contains("\"hmac\":\"") && !known.contains(&secret), "{known}");
    let again = bench.run(&["audit", "."]);
    assert_eq!(again.code, 0, "the baseline itself is no leak: {}", again.stdout);
    let changed = token("Tq4Zx8Rv2Lm6Yb1Nc7Wd3Ks5");
    let bench = bench.with("config.yml", format!("payment:\n  value: {changed}\n"));
    assert_eq!(bench.run(&["audit", "."]).code, 1, "a changed secret is new");
}
