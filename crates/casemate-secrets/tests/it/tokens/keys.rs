//! Private keys and signed tokens.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use casemate_secrets::{Leak, LeakKind, scan};

use super::forge::{draw, runner};

fn keys(text: &str) -> Vec<Leak> {
    scan("settings.py", text).into_iter().filter(|leak| leak.kind == LeakKind::PrivateKey).collect()
}

/// A SEQUENCE that begins with a version, as all plain keys do.
fn der(length: u8, seed: u8) -> Vec<u8> {
    let mut content = vec![2, 1, 0];
    content.extend(draw(&format!("[a-zA-Z0-9]{{{}}}", length - 3), &mut runner(seed)).bytes());
    [vec![0x30, 0x81, length], content].concat()
}

fn block(label: &str, bytes: &[u8], end: &str) -> String {
    let body = STANDARD.encode(bytes);
    let lines: Vec<&str> = (0..body.len()).step_by(64).map(|at| &body[at..body.len().min(at + 64)]).collect();
    format!("{0}BEGIN {label}{0}{end}{1}{end}{0}END {label}{0}{end}", "-".repeat(5), lines.join(end))
}

#[test]
fn a_pem_key_is_found_and_the_span_is_its_body() {
    let text = block("RSA PRIVATE KEY", &der(200, 1), "\n");
    let found = keys(&text);
    assert_eq!(found.len(), 1);
    let body = &text[found[0].span.clone()];
    assert!(body.starts_with("MIHI") && !body.contains('-') && body.lines().count() == 5, "{body}");
}

#[test]
fn a_pem_key_in_one_line_of_json_is_found() {
    let text = format!("{{\"key\": \"{}\"}}", block("PRIVATE KEY", &der(180, 2), "\\n"));
    assert_eq!(keys(&text).len(), 1);
    assert_eq!(keys(&text)[0].name, "key");
}

#[test]
fn a_key_of_a_service_account_says_so() {
    let text = format!(
        "{{\"type\": \"service_account\", \"private_key\": \"{}\"}}",
        block("PRIVATE KEY", &der(180, 3), "\\n")
    );
    assert_eq!(keys(&text)[0].detector, "gcp-service-account-key");
}

#[test]
fn a_header_a_cut_off_body_and_a_public_key_are_no_private_key() {
    let whole = der(200, 4);
    for text in [
        block("RSA PRIVATE KEY", &whole[..120], "\n"),
        block("RSA PRIVATE KEY", b"...", "\n"),
        block("PUBLIC KEY", &whole, "\n"),
        block("CERTIFICATE", &whole, "\n"),
        format!("if line.startswith('{0}BEGIN PRIVATE KEY{0}'):", "-".repeat(5)),
    ] {
        assert!(keys(&text).is_empty(), "{text}");
    }
}

#[test]
fn an_encrypted_key_says_that_it_is() {
    let mut openssh = b"openssh-key-v1\0\0\0\0\x0aaes256-ctr".to_vec();
    openssh.extend(draw("[a-zA-Z0-9]{90}", &mut runner(5)).bytes());
    let text = block("OPENSSH PRIVATE KEY", &openssh, "\n");
    assert!(keys(&text)[0].what.contains("encrypted"), "{:?}", keys(&text));
}

#[test]
fn a_pem_key_encoded_once_more_is_found_whole() {
    let secret = STANDARD.encode(block("EC PRIVATE KEY", &der(130, 6), "\n"));
    let text = format!("key: {secret}\n");
    let found = keys(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(text[found[0].span.clone()], secret);
    assert!(found[0].decoded.is_some());
}

#[test]
fn a_jwk_is_private_when_it_has_its_private_number() {
    let number = draw("[0-9A-Za-z]{43}", &mut runner(7));
    let public = format!("{{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"{number}\"}}");
    assert!(keys(&public).is_empty());
    let private = format!("{{\"kty\": \"EC\", \"crv\": \"P-256\", \"d\": \"{number}\"}}");
    assert_eq!(private[keys(&private)[0].span.clone()], number);
}

fn jwt(header: &str, claims: &str, seed: u8) -> String {
    let signature = draw("[0-9A-Za-z]{43}", &mut runner(seed));
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn tokens(text: &str) -> Vec<Leak> {
    scan("a.py", text).into_iter().filter(|leak| leak.detector == "json-web-token").collect()
}

#[test]
fn a_signed_token_is_found_and_samples_are_not() {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let real = jwt(header, r#"{"sub":"4711","iss":"https://id.corp.dev","exp":4102444800}"#, 8);
    assert_eq!(tokens(&format!("t = '{real}'")).len(), 1);
    let sample = jwt(header, r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#, 9);
    assert!(tokens(&format!("t = '{sample}'")).is_empty());
    let unsigned = jwt(r#"{"alg":"none"}"#, r#"{"sub":"4711"}"#, 10);
    assert!(tokens(&format!("t = '{unsigned}'")).is_empty());
    let old = jwt(header, r#"{"sub":"4711","exp":1500000000}"#, 11);
    assert!(tokens(&format!("t = '{old}'"))[0].what.ends_with("expired"));
}

#[test]
fn the_anonymous_key_of_supabase_is_public_and_the_service_key_is_not() {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let claims = |role: &str| format!(r#"{{"iss":"supabase","role":"{role}","ref":"abcdxyz","exp":4102444800}}"#);
    assert!(scan("a.py", &format!("# {}", jwt(header, &claims("anon"), 12))).is_empty());
    let service = format!("# {}", jwt(header, &claims("service_role"), 13));
    assert_eq!(scan("a.py", &service)[0].detector, "supabase-service-key");
}

#[test]
fn a_plus_at_either_end_of_a_line_belongs_to_the_key_and_one_between_texts_does_not() {
    // Three bytes are four letters: 0xfb begins with a plus, 0x3e ends with one, so both ends of the second line have one.
    let mut bytes = der(120, 21);
    bytes[48] = 0xfb;
    bytes[95] = 0xbe;
    let text = block("PRIVATE KEY", &bytes, "\n");
    assert!(text.contains("+\n") && text.contains("\n+"), "{text}");
    assert_eq!(keys(&text).len(), 1);
    let joined: Vec<String> = text.lines().map(|line| format!("\"{line}\\n\" +")).collect();
    assert_eq!(keys(&joined.join("\n")).len(), 1);
    let patch: Vec<String> = text.lines().map(|line| format!("+{line}")).collect();
    assert_eq!(keys(&patch.join("\n")).len(), 1);
}
