//! What holds for every text.

use casemate_secrets::{detectors, scan};
use proptest::prelude::*;

use super::forge::{forge, runner};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_gives_ordered_spans_inside_it(text in "(?s).{0,400}") {
        let mut end = 0;
        for leak in scan("a.py", &text) {
            prop_assert!(text.get(leak.span.clone()).is_some());
            prop_assert!(!leak.span.is_empty() && leak.span.start >= end);
            end = leak.span.end;
        }
    }

    #[test]
    fn pieces_of_what_is_looked_for_do_no_harm(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "MIIE", "\\n", "\n", "://", "user", ":", "@", "é", "eyJ",
            ".", "password=", "Server=a;", "\"kty\"", "\"d\"", "{", "}", "PuTTY-User-Key-File-2: ssh-rsa\n", "Private-Lines: 99\n",
            "LS0tLS1CRUdJTi", "AccountKey=", "sig=", "se=20", "sv=20", "machine ", "login ", "password ", "jdbc:oracle:", "/", "Basic ",
            "\"auth\": \"", "\u{1f511}", "ghp_", "github_pat_", "'", "\"", "twilio", "%", "{}",
        ]), 0..40)
    ) {
        let text = pieces.concat();
        for leak in scan("a.yaml", &text) {
            prop_assert!(text.get(leak.span).is_some());
        }
    }

    #[test]
    fn a_secret_is_found_whatever_stands_around_it(before in "[ -/:-@é\n]{0,40}", after in "[ \n,;)]{1,20}", which in 0_usize..1000, seed in 0_u8..255) {
        let all: Vec<_> = detectors().filter(|detector| detector.pattern().is_some() && detector.context().is_none()).collect();
        let detector = all[which % all.len()];
        // Signs that belong to the alphabet of secrets would make it longer, or part of another.
        let before = before.replace(['/', '+', '-', '_', '.', '~', '=', ':', '@', '%', '&'], " ");
        // Chance draws what looks like a sample now and then, but not three times in a row.
        let hit = (0..3).any(|more| {
            let (secret, form) = forge(detector, &mut runner(seed.wrapping_add(more)));
            let text = format!("{before} {}{after}", form.replace('\u{1}', &secret));
            let overlaps = |leak: casemate_secrets::Leak| text[leak.span.clone()].contains(&secret) || secret.contains(&text[leak.span]);
            scan("notes", &text).into_iter().any(overlaps) || looks_written(&secret)
        });
        prop_assert!(hit, "{}", detector.id());
    }
}

/// Chance draws what looks written by a person once in some thousand times.
fn looks_written(secret: &str) -> bool {
    let distinct: std::collections::HashSet<char> = secret.chars().collect();
    distinct.len() < 14 || secret.chars().filter(char::is_ascii_digit).count() == 0 || secret.len() < 24
}
