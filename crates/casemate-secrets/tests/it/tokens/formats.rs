//! Every format, made at run time and found again.

use casemate_secrets::{detectors, scan};

use super::forge::{forge, found, gitlab_routable, place, runner};

#[test]
fn every_format_is_found_and_the_span_is_the_secret() {
    let mut runner = runner(7);
    let mut missed = Vec::new();
    for detector in detectors().filter(|detector| detector.pattern().is_some()) {
        for _ in 0..3 {
            let (secret, form) = forge(detector, &mut runner);
            let text = place(detector, &secret, &form);
            let all = scan("settings.py", &text);
            if !all.iter().any(|leak| text[leak.span.clone()] == secret) {
                missed.push(format!("{}: {text}\n  {all:?}", detector.id()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn gitlab_routable_tokens_prove_their_prefix() {
    let mut runner = runner(3);
    let detector = casemate_secrets::detector("gitlab-personal-token").unwrap();
    let token = gitlab_routable("glpat-", &mut runner);
    assert_eq!(found(detector, &format!("token = '{token}'")).len(), 1);
    let other = token.replace("glpat-", "gldt-");
    assert!(scan("a.py", &format!("token = '{other}'")).is_empty());
}
