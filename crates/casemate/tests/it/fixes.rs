//! `casemate audit --fix`: what is written, and what is not.

use std::fs;

use serde_json::Value;

use crate::bench::Bench;

const DIGESTS: &str = "import base64\nimport hmac\n\n\ndef verify(key, body, signature):\n    return hmac.new(key, body, \"sha256\").digest() == base64.b64decode(signature)\n";
const UNSURE: &str = "import hashlib\n\n\ndef verify(password: str, stored_hash: str) -> bool:\n    return hashlib.sha256(password.encode()).hexdigest() == stored_hash\n";
const FIX: &[&str] = &["audit", ".", "--select", "AUT412", "--fix"];

fn read(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).unwrap()
}

#[test]
fn safe_fixes_are_written_and_what_is_left_is_reported() {
    let bench = Bench::new().with("safe.py", DIGESTS).with("unsure.py", UNSURE);
    let ended = bench.run(FIX);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("1 fix applied"), "{}", ended.stderr);
    assert!(read(&bench, "safe.py").contains("hmac.compare_digest(hmac.new("));
    assert_eq!(read(&bench, "unsure.py"), UNSURE);
    assert!(ended.stdout.contains("unsure.py:5") && !ended.stdout.contains("safe.py:6"), "{}", ended.stdout);
    let again = bench.run(FIX);
    assert!(again.stderr.contains("0 fixes applied"), "{}", again.stderr);
}

#[test]
fn unsafe_fixes_are_written_when_asked_for() {
    let bench = Bench::new().with("unsure.py", UNSURE);
    let ended = bench.run(&[FIX, &["--unsafe-fixes"]].concat());
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(read(&bench, "unsure.py").starts_with("import hmac\nimport hashlib\n"));
    assert_eq!(bench.run(&["audit", ".", "--unsafe-fixes"]).code, 2, "alone it means nothing");
}

#[test]
fn a_dry_run_shows_a_patch_and_writes_nothing() {
    let bench = Bench::new().with("safe.py", DIGESTS);
    let ended = bench.run(&[FIX, &["--dry-run"]].concat());
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.starts_with("--- a/safe.py\n+++ b/safe.py\n@@ "), "{}", ended.stdout);
    assert!(ended.stdout.contains("\n+    return hmac.compare_digest("), "{}", ended.stdout);
    assert_eq!(read(&bench, "safe.py"), DIGESTS);
    let clean = Bench::new().with("clean.py", "x = 1\n").run(&[FIX, &["--dry-run"]].concat());
    assert_eq!((clean.code, clean.stdout.as_str()), (0, ""));
}

#[test]
fn a_patch_shows_no_secret() {
    let secret = format!("gh{}_{}", "p", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
    let text = DIGESTS
        .replace("\"sha256\").digest()", &format!("\"sha256\").digest()  # {secret}"))
        .replace("def verify", &format!("password = \"{}\"\n\n\ndef verify", "xK9#mQ2$vL8@nR4pW7"));
    let text = text.replace(&format!("  # {secret} =="), " ==");
    let bench = Bench::new().with("safe.py", text);
    let ended = bench.run(&["audit", ".", "--fix", "--dry-run"]);
    assert!(ended.stdout.contains("compare_digest"), "{}{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains("xK9#mQ2$vL8@nR4pW7"), "{}", ended.stdout);
}

#[test]
fn broken_files_and_other_encodings_are_left_alone_and_told() {
    let broken = format!("{DIGESTS}\n\ndef (:\n");
    let latin = [b"# coding: latin-1\n# \xe9\n".as_slice(), DIGESTS.as_bytes()].concat();
    let bench = Bench::new().with("broken.py", &broken).with("latin.py", &latin);
    let ended = bench.run(FIX);
    assert!(
        ended.stderr.contains("broken.py was not fixed: it could not be read without mistakes"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("latin.py was not fixed: it is not written in UTF-8"), "{}", ended.stderr);
    assert_eq!(read(&bench, "broken.py"), broken);
    assert_eq!(fs::read(bench.path("latin.py")).unwrap(), latin);
}

#[test]
fn a_silenced_finding_is_not_fixed() {
    let text = DIGESTS.replace("(signature)\n", "(signature)  # casemate: ignore[AUT412] -- on purpose\n");
    let bench = Bench::new().with("safe.py", &text);
    assert_eq!(bench.run(FIX).code, 0);
    assert_eq!(read(&bench, "safe.py"), text);
}

#[cfg(unix)]
#[test]
fn permissions_stay_what_they_were() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new().with("safe.py", DIGESTS);
    fs::set_permissions(bench.path("safe.py"), fs::Permissions::from_mode(0o750)).unwrap();
    bench.run(FIX);
    assert_eq!(fs::metadata(bench.path("safe.py")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(fs::read_dir(bench.path("")).unwrap().count(), 2, "nothing is left beside it");
}

#[test]
fn programs_are_told_of_fixes() {
    let bench = Bench::new().with("safe.py", DIGESTS);
    let json: Value = serde_json::from_str(&bench.run(&["audit", ".", "--format", "json"]).stdout).unwrap();
    let fix = &json["findings"][0]["fix"];
    assert_eq!((&fix["safety"], fix["edits"].as_array().unwrap().len()), (&Value::from("safe"), 3));
    let sarif: Value = serde_json::from_str(&bench.run(&["audit", ".", "--format", "sarif"]).stdout).unwrap();
    let change = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "safe.py");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 6);
    assert_eq!(change["replacements"][2]["insertedContent"]["text"], ")");
    let text = bench.run(&["audit", "."]).stdout;
    assert!(text.contains("fix: compare with `hmac.compare_digest` (safe; `--fix` does it)"), "{text}");
}
