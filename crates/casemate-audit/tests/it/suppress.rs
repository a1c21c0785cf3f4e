//! Comments that silence, and what is wrong with them.

use casemate_audit::baseline::{Anchor, Scope};
use casemate_audit::settings::Layer;
use casemate_audit::{Outcome, Settings};

use crate::support::{audit, audit_with, pedantic, told};

fn hashing(comment: &str) -> String {
    format!(
        "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode()).hexdigest()  {comment}\n"
    )
}

fn silenced(source: &str) -> Vec<String> {
    audit(&[("app.py", source)])
        .suppressed
        .into_iter()
        .map(|(finding, reason)| format!("{}: {reason}", finding.rule.name))
        .collect()
}

fn complaints(outcome: &Outcome) -> Vec<&str> {
    outcome
        .findings
        .iter()
        .filter(|finding| finding.rule.name == "suppression-without-reason")
        .map(|finding| finding.message.as_str())
        .collect()
}

#[test]
fn a_comment_silences_the_rule_it_names_and_its_reason_is_kept() {
    for rule in ["password-weak-hash", "AUT410", "aut410", "AUT", "sql-injection, password-weak-hash"] {
        let source = hashing(&format!("# casemate: ignore[{rule}] -- the legacy import checks these once"));
        assert_eq!(silenced(&source), ["password-weak-hash: the legacy import checks these once"], "{rule}");
    }
}

#[test]
fn a_comment_without_brackets_silences_every_rule() {
    assert_eq!(silenced(&hashing("# casemate: ignore -- test data")), ["password-weak-hash: test data"]);
}

#[test]
fn a_comment_does_not_silence_other_rules() {
    let outcome = audit(&[("app.py", hashing("# casemate: ignore[sql-injection] -- looked at"))]);

    assert_eq!(told(&outcome), ["5: password-weak-hash"]);
}

#[test]
fn a_comment_on_the_line_above_speaks_of_the_statement_below() {
    let source = hashing("").replace("    return", "    # casemate: ignore[password-weak-hash] -- legacy\n    return");

    assert_eq!(silenced(&source), ["password-weak-hash: legacy"]);
}

#[test]
fn a_comment_may_stand_at_any_line_of_its_statement() {
    let source = "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.sha256(\n        password.encode()\n    ).hexdigest()  # casemate: ignore[AUT410] -- legacy\n";

    assert_eq!(silenced(source), ["password-weak-hash: legacy"]);
}

#[test]
fn a_comment_two_lines_above_is_about_something_else() {
    let source =
        hashing("").replace("    return", "    # casemate: ignore[AUT410] -- legacy\n    salt = b''\n    return");

    assert_eq!(told(&audit(&[("app.py", source)])), ["7: password-weak-hash"]);
}

#[test]
fn text_that_looks_like_a_comment_silences_nothing() {
    let source = "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode() + b'# casemate: ignore[AUT410] -- no').hexdigest()\n";

    assert_eq!(told(&audit(&[("app.py", source)])), ["5: password-weak-hash"]);
}

#[test]
fn comments_for_bandit_and_ruff_are_understood() {
    for comment in ["# nosec", "# nosec B324", "# nosec: B324, B608", "# noqa: S324", "# noqa: E501, S324"] {
        assert_eq!(silenced(&hashing(comment)).len(), 1, "{comment}");
    }
    for comment in ["# nosec B101", "# noqa", "# noqa: E501", "# noqa: S608"] {
        assert_eq!(silenced(&hashing(comment)).len(), 0, "{comment}");
    }
}

#[test]
fn an_expired_suppression_silences_nothing_and_is_told() {
    let source = hashing("# casemate: ignore[AUT410] until=2026-11-21 -- until the migration");
    let on = |day| audit_with(&Settings { today: Some((2026, 11, day)), ..pedantic() }, &[("app.py", source.as_str())]);

    assert_eq!(told(&on(21)).len(), 0);
    assert_eq!(told(&on(22)), ["5: password-weak-hash", "5: suppression-without-reason"]);
    assert!(complaints(&on(22))[0].contains("expired"));
}

#[test]
fn a_suppression_without_a_reason_is_told_to_the_pedantic_only() {
    let source = hashing("# casemate: ignore[AUT410]");

    assert_eq!(told(&audit(&[("app.py", source.as_str())])).len(), 0);
    assert!(complaints(&audit_with(&pedantic(), &[("app.py", source.as_str())]))[0].contains("no reason"));
}

#[test]
fn a_suppression_that_matches_nothing_is_told() {
    let outcome = audit_with(&pedantic(), &[("app.py", "total = 1  # casemate: ignore[AUT410] -- looked at\n")]);

    assert!(complaints(&outcome)[0].contains("matches no finding"));
}

#[test]
fn exceptions_in_settings_silence_what_fits_in_all_they_say() {
    let except = |table: &str| {
        let text = format!("[[ignore]]\n{table}\nreason = \"accepted by the team\"\n");
        let layer = Layer::from_casemate_toml(&text).expect("is fine");
        let settings = Settings { today: Some((2026, 11, 22)), exceptions: layer.exceptions, ..Settings::default() };
        let outcome = audit_with(&settings, &[("src/app.py", hashing(""))]);
        outcome.suppressed.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
    };
    let fingerprint = audit(&[("src/app.py", hashing(""))]).findings[0].fingerprint.clone();
    let by_fingerprint = format!("fingerprint = \"{fingerprint}\"");
    for fits in [
        "rule = \"AUT410\"",
        "rule = \"password-weak-hash\"\npath = \"src/\"",
        "path = \"app.py\"",
        "path = \"*.py\"",
        "path = \"/src/*.py\"",
        "path = \"src/**/*.py\"\nuntil = 2027-01-01",
        "path = \"src\"\nuntil = \"2026-11-22\"",
        &by_fingerprint,
    ] {
        assert_eq!(except(fits), ["accepted by the team"], "{fits}");
    }
    for other in [
        "rule = \"INJ\"",
        "rule = \"AUT410\"\npath = \"tests/\"",
        "path = \"/app.py\"",
        "path = \"*.pyi\"",
        "package = \"jinja2\"",
        "advisory = \"CVE-2024-1\"",
        "rule = \"AUT410\"\nuntil = 2026-11-21",
    ] {
        assert_eq!(except(other), [""; 0], "{other}");
    }
}

#[test]
fn exceptions_that_are_expired_or_match_nothing_are_told_where_they_stand() {
    let text = "persona = \"pedantic\"\n\n[[ignore]]\nrule = \"AUT410\"\nuntil = 2020-01-01\nreason = \"old\"\n\n[[ignore]]\nrule = \"INJ\"\nreason = \"none\"\n\n[[ignore]]\npath = \"app.py\"\nrule = \"AUT\"\nreason = \"good\"\n";
    let mut layer = Layer::from_casemate_toml(text).expect("is fine");
    layer.stand_in("casemate.toml", &Anchor::default());
    let settings = Settings { today: Some((2026, 11, 22)), exceptions: layer.exceptions, ..pedantic() };
    let mut outcome = audit_with(&settings, &[("app.py", hashing(""))]);
    let scope = Scope { settings: &settings, paths: vec![], is_whole: true, has_advisories: false, has_history: false };
    outcome.tell_idle_exceptions(&settings, &scope);
    let told: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.place.path, finding.place.start.line, finding.message))
        .collect();
    assert_eq!(
        told,
        [
            "casemate.toml:3: this exception has expired, so it silences nothing any more",
            "casemate.toml:8: this exception matches no finding"
        ]
    );
}

#[test]
fn a_mark_in_a_document_in_a_string_silences_no_code() {
    let source = hashing("").replace(
        "    return",
        "    \"\"\"A password.\n\n    # pragma: allowlist secret\n    # casemate: ignore -- all\n    \"\"\"\n    return",
    );
    assert_eq!(told(&audit(&[("app.py", source)])).len(), 1);
}
