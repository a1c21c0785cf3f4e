//! Fixes: what they change, what they never change, and when they are left alone.

use casemate_audit::fix::{NotMended, mend, unified_diff};
use casemate_audit::reading::on_threads;
use casemate_audit::{Finding, Fix, Outcome, Safety};
use proptest::prelude::*;

use crate::support::{audit, audit_with, pedantic};

fn fixes(outcome: &Outcome) -> Vec<&Fix> {
    outcome.findings.iter().filter_map(|finding| finding.fix.as_deref()).collect()
}

fn of_rule<'o>(outcome: &'o Outcome, rule: &str) -> Vec<&'o Finding> {
    outcome.findings.iter().filter(|finding| finding.rule.name == rule).collect()
}

/// The text after all its fixes.
fn mended(path: &str, text: &str) -> String {
    let outcome = audit_with(&pedantic(), &[(path, text)]);
    let fixes = fixes(&outcome);
    assert!(!fixes.is_empty(), "no fix in {text}: {:?}", outcome.findings);
    on_threads(0, "tried", || mend(path, text.as_bytes(), &fixes)).unwrap().unwrap().after
}

const DIGESTS: &str = "\
\"\"\"Webhooks.\"\"\"
from __future__ import annotations

import base64
import hmac


def verify(key, body, signature):
    return hmac.new(key, body, \"sha256\").digest() == base64.b64decode(signature)
";

#[test]
fn two_digests_are_compared_in_constant_time() {
    let outcome = audit(&[("hooks.py", DIGESTS)]);
    let found = of_rule(&outcome, "timing-unsafe-compare");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].fix.as_ref().unwrap().safety, Safety::Safe);
    let after = mended("hooks.py", DIGESTS);
    assert!(
        after.contains(
            "return hmac.compare_digest(hmac.new(key, body, \"sha256\").digest(), base64.b64decode(signature))\n"
        ),
        "{after}"
    );
    assert_eq!(after.matches("import hmac").count(), 1, "what is imported is not imported again");
    assert!(of_rule(&audit(&[("hooks.py", after.as_str())]), "timing-unsafe-compare").is_empty());
}

#[test]
fn a_comparison_that_may_raise_afterwards_is_unsafe_to_fix() {
    let text = DIGESTS.replace("base64.b64decode(signature)", "signature").replace(" == ", " != ");
    let outcome = audit(&[("hooks.py", text.as_str())]);
    assert_eq!(fixes(&outcome).first().unwrap().safety, Safety::Unsafe);
    let after = mended("hooks.py", &text);
    assert!(after.contains("return not hmac.compare_digest(hmac.new("), "{after}");
}

#[test]
fn an_import_goes_below_the_document_and_what_must_come_first() {
    let text = "#!/usr/bin/env python\n\"\"\"Sign-in.\"\"\"\nfrom __future__ import annotations\n\nimport hashlib\n\n\ndef verify(password: str, stored_hash: str) -> bool:\n    return hashlib.sha256(password.encode()).hexdigest() == stored_hash\n";
    let after = mended("app.py", text);
    assert!(after.contains("annotations\n\nimport hmac\nimport hashlib\n"), "{after}");
    let dos = text.replace('\n', "\r\n");
    assert!(mended("app.py", &dos).contains("\r\nimport hmac\r\nimport hashlib\r\n"));
}

#[test]
fn a_name_that_means_something_else_is_not_used() {
    for other in ["hmac = None\n", "def hmac(): ...\n", "from mine import thing as hmac\n", "def f(hmac): ...\n"] {
        let text = format!(
            "import hashlib\n{other}\n\ndef verify(password: str, stored_hash: str) -> bool:\n    return hashlib.sha256(password.encode()).hexdigest() == stored_hash\n"
        );
        let outcome = audit(&[("app.py", text.as_str())]);
        let found = of_rule(&outcome, "timing-unsafe-compare");
        assert_eq!(found.len(), 1, "{other}");
        assert_eq!(found[0].fix, None, "{other}");
    }
}

#[test]
fn chains_and_comments_are_left_to_people() {
    let with = |comparison: &str| {
        format!(
            "import hashlib\n\n\ndef verify(password: str, stored_hash: str, other) -> bool:\n    digest = hashlib.sha256(password.encode()).hexdigest()\n    return ({comparison})\n"
        )
    };
    for comparison in
        ["digest == stored_hash == other", "digest == stored_hash < other", "digest ==  # why\n    stored_hash"]
    {
        let text = with(comparison);
        let outcome = audit(&[("app.py", text.as_str())]);
        assert!(!of_rule(&outcome, "timing-unsafe-compare").is_empty(), "{comparison}");
        assert!(fixes(&outcome).is_empty(), "{comparison}");
    }
    let text = with("(digest)\n        == (stored_hash)");
    assert!(mended("app.py", &text).contains("return (hmac.compare_digest((digest), (stored_hash)))\n"));
}

#[test]
fn a_comment_that_silences_nothing_is_taken_out() {
    let text =
        "x = 1  # casemate: ignore[password-weak-hash] -- was\n# casemate: ignore[password-weak-hash] -- was\ny = 2\n";
    assert_eq!(mended("app.py", text), "x = 1\ny = 2\n");
    let shared = "x = 1  # nosec casemate: ignore[password-weak-hash] -- was\n";
    assert!(fixes(&audit_with(&pedantic(), &[("app.py", shared)])).is_empty(), "it says something else, too");
    let unknown = "x = 1  # casemate: ignore[CVE-2024-1] -- known\n";
    assert!(fixes(&audit_with(&pedantic(), &[("app.py", unknown)])).is_empty(), "nobody looked that up");
}

#[test]
fn a_public_index_is_asked_over_https() {
    let text = "--index-url http://pypi.org/simple\njinja2==3.1.6\n";
    assert_eq!(mended("requirements.txt", text), text.replace("http:", "https:"));
    let own = audit(&[("requirements.txt", "--index-url http://pypi.example.com/simple\n")]);
    assert_eq!(of_rule(&own, "insecure-index").len(), 1);
    assert!(fixes(&own).is_empty(), "nobody knows whether it answers");
}

#[test]
fn a_file_that_has_changed_meanwhile_is_left_alone() {
    let outcome = audit(&[("hooks.py", DIGESTS)]);
    let fixes = fixes(&outcome);
    let now = format!("{DIGESTS}\n");
    let refused = on_threads(0, "tried", || mend("hooks.py", now.as_bytes(), &fixes)).unwrap();
    assert_eq!(refused, Err(NotMended::Changed));
}

#[test]
fn a_file_in_another_encoding_is_left_alone_and_a_mark_is_kept() {
    let latin = [b"# -*- coding: latin-1 -*-\n# \xe9\n".as_slice(), DIGESTS.as_bytes()].concat();
    let outcome = audit(&[("hooks.py", &latin)]);
    let found = fixes(&outcome);
    assert_eq!(found.len(), 1);
    assert_eq!(on_threads(0, "tried", || mend("hooks.py", &latin, &found)).unwrap(), Err(NotMended::Encoding));

    let marked = [b"\xef\xbb\xbf".as_slice(), DIGESTS.as_bytes()].concat();
    let outcome = audit(&[("hooks.py", &marked)]);
    let mended = on_threads(0, "tried", || mend("hooks.py", &marked, &fixes(&outcome))).unwrap().unwrap();
    assert!(mended.bytes.starts_with(b"\xef\xbb\xbf\"\"\"Webhooks") && !mended.after.starts_with('\u{feff}'));
}

#[test]
fn a_file_that_was_broken_before_is_left_alone() {
    let broken = format!("{DIGESTS}\n\ndef (:\n");
    let outcome = audit(&[("hooks.py", broken.as_str())]);
    let found = fixes(&outcome);
    assert!(!found.is_empty());
    let refused = on_threads(0, "tried", || mend("hooks.py", broken.as_bytes(), &found)).unwrap();
    assert!(matches!(refused, Err(NotMended::Broken(_))), "{refused:?}");
}

#[test]
fn a_result_that_cannot_be_read_is_not_given_out() {
    let outcome = audit(&[("hooks.py", DIGESTS)]);
    let mut fix = fixes(&outcome)[0].clone();
    fix.edits.last_mut().unwrap().replacement = "))".to_owned();
    let refused = on_threads(0, "tried", || mend("hooks.py", DIGESTS.as_bytes(), &[&fix])).unwrap();
    assert!(matches!(refused, Err(NotMended::Unparsable(_))), "{refused:?}");
}

#[test]
fn of_overlapping_fixes_the_first_is_made_and_the_other_waits() {
    let outcome = audit(&[("hooks.py", DIGESTS)]);
    let one = fixes(&outcome)[0].clone();
    let mut other = one.clone();
    other.edits.remove(0);
    let mended = on_threads(0, "tried", || mend("hooks.py", DIGESTS.as_bytes(), &[&one, &other])).unwrap().unwrap();
    // What the other one wants beside is there already, so it is done with it.
    assert_eq!((mended.applied, mended.left), (2, 0));
    let edit = other.edits.get_mut(0).unwrap();
    edit.bytes.end += 1;
    let mended = on_threads(0, "tried", || mend("hooks.py", DIGESTS.as_bytes(), &[&one, &other])).unwrap().unwrap();
    assert_eq!((mended.applied, mended.left), (1, 1));
}

#[test]
fn two_fixes_that_want_one_import_get_it_once() {
    let text = "import hashlib\n\n\ndef one(password: str, stored_hash: str) -> bool:\n    return hashlib.sha256(password.encode()).hexdigest() == stored_hash\n\n\ndef two(password: str, stored_hash: str) -> bool:\n    return hashlib.sha1(password.encode()).hexdigest() != stored_hash\n";
    let after = mended("app.py", text);
    assert_eq!(after.matches("import hmac\n").count(), 1, "{after}");
    assert_eq!(after.matches("hmac.compare_digest(").count(), 2, "{after}");
}

#[test]
fn a_patch_shows_what_changes() {
    insta::assert_snapshot!(unified_diff("hooks.py", DIGESTS, &mended("hooks.py", DIGESTS)));
}

proptest! {
    /// Wherever fixes stand among other lines, nothing but their stretches changes.
    #[test]
    fn fixes_change_nothing_else(before in "([a-z]{1,6} = 'é*'\n){0,4}", after in "(\n|# [a-zé ]{0,9}\n|[a-z]{1,5} = 1\n){0,5}") {
        let text = format!("import hmac\nimport base64\n{before}\n\ndef f(k, b, s):\n    return hmac.digest(k, b, 'sha256') == base64.b64decode(s)\n{after}");
        let outcome = audit(&[("a.py", text.as_str())]);
        let found = fixes(&outcome);
        prop_assume!(!found.is_empty());
        let mended = on_threads(0, "tried", || mend("a.py", text.as_bytes(), &found)).unwrap();
        prop_assume!(!matches!(mended, Err(NotMended::Broken(_))));
        let expected = text.replace(
            "hmac.digest(k, b, 'sha256') == base64.b64decode(s)",
            "hmac.compare_digest(hmac.digest(k, b, 'sha256'), base64.b64decode(s))",
        );
        prop_assert_eq!(mended.unwrap().after, expected);
    }
}
