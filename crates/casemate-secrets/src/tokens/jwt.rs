//! JSON Web Tokens.

use serde_json::Value;

use super::{Hit, closes, opens, proof};
use crate::leak::{Leak, Proof};

/// The longest token that is looked at.
const LONGEST: usize = 16 * 1024;

/// Whatever expired before this (2025-01-01) has expired by the time anybody reads of it.
const LONG_AGO: u64 = 1_735_689_600;

/// The year that began then.
pub(super) const THIS_IS_OVER: u16 = 2025;

/// Names the detector of a token whose claims tell who gave it out; never has a keyword of its own.
pub(super) fn told_by_claims(_hit: &Hit<'_>, _leaks: &mut Vec<Leak>) {}

/// `header.payload.signature`, signed with a real algorithm.
pub(super) fn find(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    if !opens(bytes, hit.span.start) {
        return;
    }
    let limit = bytes.len().min(hit.span.start + LONGEST);
    let run = bytes.get(hit.span.start..limit).unwrap_or_default();
    let belongs = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let length = run.iter().take_while(belongs).count();
    let span = hit.span.start..hit.span.start + length;
    let Some(token) = hit.text.get(span.clone()) else { return };
    let token = token.trim_end_matches('.');
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return;
    };
    let Some(header) = proof::base64_json(header) else { return };
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or("none");
    if algorithm.eq_ignore_ascii_case("none") || signature.len() < 40 || proof::base64(signature).is_none() {
        return;
    }
    let Some(claims) = proof::base64_json(payload) else { return };
    let span = span.start..span.start + token.len();
    if !closes(bytes, span.end, token, "_-]") || is_sample(&claims, signature) {
        return;
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut leak = hit.leak(span, Proof::Checksum);
    let told = if text("iss").starts_with("supabase") {
        match text("role") {
            // The anonymous key is made to be shown.
            "anon" => return,
            _ => super::detector("supabase-service-key"),
        }
    } else if text("iss").starts_with("kubernetes/serviceaccount") || claims.get("kubernetes.io").is_some() {
        super::detector("kubernetes-service-account-token")
    } else {
        None
    };
    if let Some(detector) = told {
        leak.detector = detector.id;
        detector.what.clone_into(&mut leak.what);
    }
    let expires = claims.get("exp").and_then(|exp| exp.as_u64().or_else(|| exp.as_f64().map(|exp| exp as u64)));
    match expires {
        Some(exp) if exp < LONG_AGO => {
            leak.what.push_str(", expired");
            leak.proof = Proof::Structure;
        }
        None => leak.what.push_str(" that never expires"),
        Some(_) => {}
    }
    leaks.push(leak);
}

/// Whether it is the token of every tutorial, or says of itself that it is a sample.
fn is_sample(claims: &Value, signature: &str) -> bool {
    let Some(claims) = claims.as_object() else { return true };
    let says = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        let lower = text.to_ascii_lowercase();
        matches!(
            lower.as_str(),
            "1234567890" | "john doe" | "jane doe" | "joe" | "foo" | "bar" | "test" | "user" | "value"
        ) || lower.contains("example")
            || lower.contains("sample")
            || lower.contains("dummy")
    };
    let names = ["foo", "hello", "some", "test", "key", "a", "b"];
    claims.is_empty()
        || claims.values().any(says)
        || claims.keys().any(|name| names.contains(&name.as_str()))
        || super::sample::is_sample(signature, "")
}
