//! The catalogue as a whole.

use std::collections::HashSet;

use casemate_secrets::{detector, detectors};

#[test]
fn it_has_at_least_150_formats_and_each_says_what_to_do() {
    let mut ids = HashSet::new();
    for detector in detectors() {
        assert!(ids.insert(detector.id()), "{} is there twice", detector.id());
        assert!(detector.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        assert!(!detector.provider().is_empty() && !detector.what().is_empty(), "{}", detector.id());
        let revoke = detector.revoke();
        assert!(revoke.starts_with("https://") || revoke.ends_with('.'), "{}: {revoke}", detector.id());
        assert!(!revoke.contains('\n'));
    }
    assert!(ids.len() >= 150, "{}", ids.len());
}

#[test]
fn a_detector_is_known_by_its_id() {
    assert_eq!(detector("github-personal-token").unwrap().provider(), "GitHub");
    assert!(detector("no-such-thing").is_none());
}

#[test]
fn questions_to_providers_are_encrypted_and_carry_the_secret() {
    let asked: Vec<_> =
        detectors().filter_map(|detector| detector.verify().map(|verify| (detector.id(), verify))).collect();
    assert!(asked.len() >= 30, "{}", asked.len());
    for (id, verify) in asked {
        assert!(verify.url.starts_with("https://"), "{id}");
        let carries = |text: &str| text.contains("{token}") || text.contains("{basic");
        let somewhere = carries(verify.url) || verify.headers.iter().any(|(_, value)| carries(value));
        assert!(somewhere, "{id}");
        assert!(!verify.live.is_empty(), "{id}");
    }
}
