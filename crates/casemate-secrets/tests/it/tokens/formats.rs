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

/// Surroundings in which a secret ends up.
const SURROUNDINGS: &[&str] = &[
    "TOKEN = '@'",
    "{\"token\": \"@\"}",
    "https://api.corp.dev/v1?token=@&page=2",
    "Authorization: Bearer @",
    "@",
    "(@).",
    "a\r\n@\r\nb",
    "<token>@</token>",
    "log: \\n@\\n",
    "é@é",
];

#[test]
fn a_format_with_a_prefix_is_found_in_all_surroundings_and_not_inside_words() {
    let mut runner = runner(11);
    let ids = [
        "github-personal-token",
        "npm-token",
        "pypi-token",
        "stripe-secret-key",
        "slack-bot-token",
        "openai-key",
        "anthropic-key",
        "sendgrid-key",
        "google-api-key",
        "digitalocean-token",
        "age-private-key",
        "databricks-token",
        "shopify-admin-token",
        "grafana-service-account-token",
        "gitlab-personal-token",
        "aws-access-key-id",
        "huggingface-token",
    ];
    for id in ids {
        let detector = casemate_secrets::detector(id).unwrap();
        let (secret, _) = forge(detector, &mut runner);
        for surrounding in SURROUNDINGS {
            let text = surrounding.replace('@', &secret);
            let leaks = found(detector, &text);
            assert_eq!(leaks.len(), 1, "{id} in {surrounding}");
            assert_eq!(text[leaks[0].span.clone()], secret, "{id} in {surrounding}");
        }
        for inside in [format!("x{secret}"), format!("{secret}x9"), format!("_{secret}_")] {
            // Where several lengths are right, a longer text is another secret.
            let fixed =
                ["github-personal-token", "google-api-key", "digitalocean-token", "aws-access-key-id"].contains(&id);
            assert!(!fixed && inside.ends_with("x9") || found(detector, &inside).is_empty(), "{id} in {inside}");
        }
    }
}

#[test]
fn a_broken_checksum_is_no_secret_of_that_format() {
    let mut runner = runner(13);
    let ids = [
        "github-personal-token",
        "github-server-token",
        "npm-token",
        "grafana-service-account-token",
        "age-private-key",
        "nostr-key",
    ];
    for id in ids {
        let detector = casemate_secrets::detector(id).unwrap();
        let (secret, _) = forge(detector, &mut runner);
        let at = secret.len() / 2;
        let other = if secret.as_bytes()[at].eq_ignore_ascii_case(&b'q') { "p" } else { "q" };
        let other = if id == "age-private-key" { other.to_uppercase() } else { other.to_owned() };
        let broken = format!("{}{other}{}", &secret[..at], &secret[at + 1..]);
        assert_eq!(found(detector, &format!("t = '{secret}'")).len(), 1, "{id}");
        assert!(found(detector, &format!("t = '{broken}'")).is_empty(), "{id}");
    }
    // A macaroon that was cut off.
    let detector = casemate_secrets::detector("pypi-token").unwrap();
    let (secret, _) = forge(detector, &mut runner);
    assert!(found(detector, &format!("t = '{}'", &secret[..secret.len() - 4])).is_empty());
}

#[test]
fn samples_and_monotonous_texts_are_no_secrets() {
    let samples = [
        ["AKIA", "IOSFODNN7EXAMPLE"].concat(),
        ["sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"].concat(),
        format!("sk_live_{}", "x".repeat(24)),
        format!("sk_live_{}", "abc123".repeat(5)),
        format!("glpat-{}", "python-gitlab-token_"),
        format!("dop_v1_{}", "0123456789abcdef".repeat(4)),
        format!("SG.{}.{}", "your-sendgrid-api-key0", "a".repeat(43)),
    ];
    for sample in samples {
        let text = format!("token = '{sample}'");
        assert!(!scan("a.py", &text).iter().any(|leak| leak.kind == casemate_secrets::LeakKind::Token), "{sample}");
    }
}
