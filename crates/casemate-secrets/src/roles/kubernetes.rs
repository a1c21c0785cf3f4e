//! Manifests of Kubernetes that hold a `Secret`: what stands under `data` is base64 and secret whatever its name.

use std::ops::Range;

use crate::leak::{Leak, LeakKind, Proof};
use crate::roles::encoded;
use crate::roles::name::secret_name;
use crate::value;

/// Names under which a `Secret` keeps what is not secret.
const PUBLIC: &[&str] = &[
    "user",
    "username",
    "host",
    "hostname",
    "port",
    "database",
    "dbname",
    "url",
    "endpoint",
    "email",
    "region",
    "ca.crt",
    "tls.crt",
    "name",
    "namespace",
    "type",
    "server",
    "login",
    "account",
];

/// Finds the values of each `Secret` in a text.
pub(super) fn find(text: &str, leaks: &mut Vec<Leak>) {
    let mut start = 0;
    for line in Lines::new(text, 0) {
        let is_end = text.get(line.clone()).is_some_and(|line| line.trim_end() == "---");
        if is_end {
            document(text, start..line.start, leaks);
            start = line.end;
        }
    }
    document(text, start..text.len(), leaks);
}

fn document(text: &str, part: Range<usize>, leaks: &mut Vec<Leak>) {
    let Some(document) = text.get(part.clone()) else { return };
    let is_secret = document.lines().any(|line| {
        matches!(line.trim().trim_start_matches("- "), "kind: Secret" | "kind: \"Secret\"" | "kind: 'Secret'")
    });
    // `SealedSecret` and the like hold ciphertexts and are of another kind; sops keeps its marks beside the values.
    if !is_secret || document.contains("\nsops:") {
        return;
    }
    let mut inside: Option<(usize, bool)> = None;
    for line in Lines::new(document, part.start) {
        let Some(content) = text.get(line.clone()) else { continue };
        let indent = content.len() - content.trim_start().len();
        let trimmed = content.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some((outer, is_encoded)) = inside
            && indent > outer
        {
            entry(text, line.start + indent..line.end, is_encoded, leaks);
            continue;
        }
        inside = match trimmed {
            "data:" => Some((indent, true)),
            "stringData:" => Some((indent, false)),
            _ => None,
        };
    }
}

fn entry(text: &str, line: Range<usize>, is_encoded: bool, leaks: &mut Vec<Leak>) {
    let Some((name, rest)) = text.get(line.clone()).and_then(|line| line.split_once(':')) else { return };
    let rest_start = line.start + name.len() + 1;
    let value = rest.trim().trim_matches(['"', '\'']);
    let name = name.trim().trim_matches(['"', '\'']);
    let Some(offset) = rest.find(value).filter(|_| !value.is_empty()) else { return };
    let span = rest_start + offset..rest_start + offset + value.len();
    let decoded = if is_encoded { encoded::base64_text(value) } else { None };
    let plain = decoded.as_deref().unwrap_or(value).trim();
    let is_public = PUBLIC.iter().any(|public| {
        name.eq_ignore_ascii_case(public)
            || name.to_ascii_lowercase().ends_with(&format!("-{public}"))
            || name.to_ascii_lowercase().ends_with(&format!("_{public}"))
    });
    if is_public
        || value::is_placeholder(value)
        || !plain.starts_with("{\"") && value::is_placeholder(plain)
        || value.starts_with(['|', '>', '*', '&'])
    {
        return;
    }
    let is_key = plain.contains("PRIVATE KEY-----");
    // A whole file may be the value, such as the sign-in of a container registry.
    let is_file = plain.starts_with('{') && !crate::scan("config.json", plain).is_empty();
    let is_secret = is_key
        || is_file
        || !value::is_something_else(plain)
            && (secret_name(name).is_some() && value::may_be_password(plain)
                || value::looks_random(plain)
                || value::looks_chosen(plain));
    let is_readable = !is_encoded || decoded.is_some() || value::looks_random(value);
    if is_secret && is_readable {
        let (kind, detector, what) = if is_key {
            (LeakKind::PrivateKey, "kubernetes-secret", "private key in a Kubernetes Secret")
        } else {
            (LeakKind::Password, "kubernetes-secret", "value of a Kubernetes Secret")
        };
        leaks.push(Leak {
            span,
            kind,
            detector,
            what: what.to_owned(),
            proof: Proof::Role,
            name: name.to_owned(),
            decoded,
        });
    }
}

/// The lines of a text with their places, without their ends.
struct Lines<'text> {
    rest: &'text str,
    place: usize,
}

impl<'text> Lines<'text> {
    fn new(rest: &'text str, place: usize) -> Self {
        Self { rest, place }
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.rest.is_empty() {
            return None;
        }
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = self.place..self.place + length;
        let next = (length + 1).min(self.rest.len());
        self.place += next;
        self.rest = self.rest.get(next..).unwrap_or_default();
        Some(line)
    }
}
