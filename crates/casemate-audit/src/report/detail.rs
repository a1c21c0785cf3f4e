//! What only secrets and only dependencies tell, for programs.

use serde_json::{Value, json};

use crate::finding::{DependencyDetail, Liveness, SecretDetail};

/// SECURITY: everything but the value, and nothing that is made from it.
pub(super) fn secret(detail: &SecretDetail) -> Value {
    let SecretDetail { detector, what, name, value: _, commit, liveness } = detail;
    let mut told = json!({ "detector": detector, "what": what, "name": name });
    if let Some(commit) = commit {
        put(&mut told, "commit", json!({ "id": commit.id, "author": commit.author, "date": commit.date }));
    }
    if let Some(liveness) = liveness {
        let word = match liveness {
            Liveness::Live => "live",
            Liveness::Dead => "dead",
            Liveness::Unknown => "unknown",
        };
        put(&mut told, "liveness", word.into());
    }
    told
}

/// Everything.
pub(super) fn dependency(detail: &DependencyDetail) -> Value {
    let DependencyDetail {
        package,
        version,
        advisories,
        summary,
        is_rated,
        fixed,
        score,
        vector,
        required_by,
        is_reachable,
        is_unused,
        url,
    } = detail;
    json!({
        "package": package,
        "version": version,
        "advisories": advisories,
        "summary": summary,
        "rated": is_rated,
        "fixed": fixed,
        "score": score.map(rounded),
        "vector": vector,
        "required_by": required_by,
        "reachable": is_reachable,
        "unused": is_unused,
        "url": url,
    })
}

/// A score has one digit after the point; as `f64` it would grow a tail.
pub(super) fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10.0).round() / 10.0
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}
