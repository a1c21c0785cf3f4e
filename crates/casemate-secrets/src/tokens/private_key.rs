//! Private keys in the forms in which programs store them.

use std::ops::Range;

use super::{Hit, bound_name, proof, sample};
use crate::leak::{Leak, Proof};

/// The longest body that is looked at; a key of 16384 bits in PEM has 13 kilobytes.
const LONGEST: usize = 64 * 1024;

/// Says what it is with other detectors' words; never has a keyword of its own.
pub(super) fn told_by_pem(_hit: &Hit<'_>, _leaks: &mut Vec<Leak>) {}

/// What the body of a key turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Plain,
    Encrypted,
}

/// `-----BEGIN … PRIVATE KEY-----`: also in one line with `\n` written out, behind comment signs, in pieces of a literal.
pub(super) fn pem(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let start = hit.span.start;
    let Some(rest) = hit.text.get(start..) else { return };
    let dashes = if rest.starts_with("-----") { "-----" } else { "----" };
    let Some((label, after)) = rest.get(dashes.len()..).and_then(|rest| {
        rest.get(..rest.len().min(80)).or(Some(rest)).and_then(|near| {
            let at = near.find(dashes)?;
            Some((near.get(..at)?, dashes.len() + at + dashes.len()))
        })
    }) else {
        return;
    };
    let Some(label) = label.trim().strip_prefix("BEGIN ") else { return };
    if !label.contains("PRIVATE KEY") || label.len() > 50 {
        return;
    }
    let body_start = start + after;
    let limit = floor_boundary(hit.text, body_start.saturating_add(LONGEST));
    let Some(tail) = hit.text.get(body_start..limit) else { return };
    // Only as far as the next line of dashes: if that is not the end of this key, this is not one.
    let Some(end) = tail.find(dashes) else { return };
    let footer = tail.get(end..).and_then(|footer| footer.strip_prefix(dashes));
    if !footer.is_some_and(|footer| footer.trim_start().starts_with("END ")) {
        return;
    }
    let Some(body) = tail.get(..end) else { return };
    let Some((judged, proof)) = body_of(label, body) else { return };
    let trimmed = trim(hit.text, body_start..body_start + end);
    let mut leak = hit.leak(trimmed, proof);
    bound_name::of(hit.text, start).clone_into(&mut leak.name);
    leak.what = describe(label, judged);
    if is_service_account(hit.text, start)
        && let Some(detector) = super::detector("gcp-service-account-key")
    {
        leak.detector = detector.id;
        detector.what.clone_into(&mut leak.what);
    }
    leaks.push(leak);
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Without the white space, quotes and written-out line ends at both ends.
fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let Some(inner) = text.get(span.clone()) else { return span };
    let mut left = inner;
    loop {
        let next = left.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '+' | '#' | '*'));
        let next = next.strip_prefix("\\n").or_else(|| next.strip_prefix("\\r")).unwrap_or(next);
        if next.len() == left.len() {
            break;
        }
        left = next;
    }
    let start = span.end - left.len();
    let mut right = left;
    loop {
        let next = right.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '+' | '#' | '*'));
        let next = next.strip_suffix("\\n").or_else(|| next.strip_suffix("\\r")).unwrap_or(next);
        if next.len() == right.len() {
            break;
        }
        right = next;
    }
    start..start + right.len()
}

fn describe(label: &str, body: Body) -> String {
    let kind = match label {
        "PRIVATE KEY" => "private key (PKCS #8)",
        "ENCRYPTED PRIVATE KEY" => "private key (PKCS #8)",
        "RSA PRIVATE KEY" => "RSA private key",
        "EC PRIVATE KEY" => "elliptic curve private key",
        "DSA PRIVATE KEY" => "DSA private key",
        "OPENSSH PRIVATE KEY" => "OpenSSH private key",
        "PGP PRIVATE KEY BLOCK" => "PGP private key",
        _ => "private key in PEM form",
    };
    match body {
        Body::Plain => kind.to_owned(),
        Body::Encrypted => format!("{kind}, encrypted: as strong as its passphrase"),
    }
}

/// A line without the `+` that joins texts, which stands beside a quote or a space; any other is a letter of Base64.
fn without_joints(line: &str) -> &str {
    let is_beside = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let line = line.trim();
    let line = line.strip_suffix('+').filter(|rest| rest.ends_with(is_beside)).unwrap_or(line);
    line.strip_prefix('+').filter(|rest| rest.starts_with(is_beside)).unwrap_or(line)
}

/// The Base64 of a body, whatever stands between its lines.
fn letters(body: &str) -> Option<(String, bool)> {
    let mut out = String::with_capacity(body.len());
    let mut encrypted = false;
    let unescaped;
    let body = if body.contains('\\') {
        unescaped = body.replace("\\r", "").replace("\\n", "\n").replace("\\/", "/").replace('\\', "");
        &unescaped
    } else {
        body
    };
    // In a patch every line begins with a plus.
    let is_patch = body.lines().filter(|line| !line.trim().is_empty()).all(|line| line.starts_with('+'));
    for line in body.lines() {
        let line = without_joints(if is_patch { line.strip_prefix('+').unwrap_or(line) } else { line })
            .trim_matches(|c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '#' | '*' | ',' | ';' | '(' | ')' | '|' | '>' | '.')
            })
            .trim_start_matches("//");
        if line.contains(": ") || line.ends_with(':') {
            encrypted |= line.contains("ENCRYPTED");
            continue;
        }
        // A checksum of OpenPGP, or a pad that begins a line.
        if line.starts_with('=') && line.len() == 5 {
            out.push_str(line);
            continue;
        }
        for c in line.chars() {
            match c {
                'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' | '=' => out.push(c),
                ' ' | '\t' | '"' | '\'' => {}
                _ => return None,
            }
        }
    }
    Some((out, encrypted))
}

fn body_of(label: &str, body: &str) -> Option<(Body, Proof)> {
    let (letters, encrypted) = letters(body)?;
    if label.contains("PGP") {
        return pgp(&letters);
    }
    if letters.len() < 40 {
        return None;
    }
    let bytes = proof::base64(&letters)?;
    if label.contains("OPENSSH") {
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let cipher = rest.get(..length)?;
        let judged = if cipher == b"none" { Body::Plain } else { Body::Encrypted };
        return Some((judged, Proof::Checksum));
    }
    if encrypted || label.contains("SSH2") {
        // Nothing but the length can be checked: blocks of a cipher.
        return (bytes.len() >= 48 && !sample::is_monotonous(&letters)).then_some((Body::Encrypted, Proof::Structure));
    }
    let content = sequence(&bytes)?;
    let judged = if label.contains("ENCRYPTED") {
        sequence(content)?;
        Body::Encrypted
    } else {
        // Every plain form begins with the number of its version.
        if !content.starts_with(&[2, 1]) {
            return None;
        }
        Body::Plain
    };
    let random = content
        .windows(8)
        .all(|window| window.iter().any(|byte| Some(byte) != window.first()) || window.first() == Some(&0));
    random.then_some((judged, Proof::Checksum))
}

/// The content of an ASN.1 SEQUENCE that these bytes begin with, whole.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = bytes.split_first()?;
    if *tag != 0x30 {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    rest.get(..length)
}

/// A block of OpenPGP: a secret key packet first, and a checksum of 24 bits at the end if it was not cut off.
fn pgp(letters: &str) -> Option<(Body, Proof)> {
    let (packet, _) = letters.rsplit_once('=').filter(|(_, sum)| sum.len() == 4).unwrap_or((letters, ""));
    let bytes = proof::base64(packet.trim_end_matches('='))?;
    let tag = match bytes.first()? {
        first if first & 0xc0 == 0xc0 => first & 0x3f,
        first if first & 0x80 != 0 => first >> 2 & 0x0f,
        _ => return None,
    };
    (tag == 5 && bytes.len() >= 64).then_some((Body::Plain, Proof::Checksum))
}

/// Whether the key is the one of a service account of Google Cloud, which says so beside it.
fn is_service_account(text: &str, start: usize) -> bool {
    let floor = (start.saturating_sub(400)..=start).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    let before = text.get(floor..start).unwrap_or_default();
    before.contains("service_account") || before.contains("private_key_id")
}

/// `PuTTY-User-Key-File-2: ssh-rsa` and what follows, up to the private lines.
pub(super) fn putty(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let limit = floor_boundary(hit.text, hit.span.start.saturating_add(LONGEST));
    let Some(block) = hit.text.get(hit.span.start..limit) else { return };
    let Some(at) = block.find("Private-Lines:") else { return };
    let Some((head, private)) = block.split_at_checked(at) else { return };
    let mut offset = hit.span.start + at;
    let mut lines = private.split_inclusive('\n');
    let Some(first) = lines.next() else { return };
    let count = first.trim().rsplit(' ').next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0).min(400);
    offset += first.len();
    let start = offset;
    let mut letters = String::new();
    for line in lines.take(count) {
        letters.push_str(line.trim());
        offset += line.len();
    }
    if letters.len() < 24 || proof::base64(&letters).is_none() || sample::is_monotonous(&letters) {
        return;
    }
    let mut leak = hit.leak(trim(hit.text, start..offset), Proof::Structure);
    if !head.contains("Encryption: none") {
        leak.what.push_str(", encrypted: as strong as its passphrase");
    }
    leaks.push(leak);
}

/// An object with `kty` and the private number `d`, or the key `k` of an HMAC or a cipher.
pub(super) fn jwk(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    const AROUND: usize = 8 * 1024;
    let bytes = hit.text.as_bytes();
    let floor = hit.span.start.saturating_sub(AROUND);
    let Some(open) =
        bytes.get(floor..hit.span.start).and_then(|before| before.iter().rposition(|byte| matches!(byte, b'{' | b'}')))
    else {
        return;
    };
    let open = floor + open;
    let limit = bytes.len().min(hit.span.end + AROUND);
    let Some(close) =
        bytes.get(hit.span.end..limit).and_then(|after| after.iter().position(|byte| matches!(byte, b'{' | b'}')))
    else {
        return;
    };
    let close = hit.span.end + close;
    let Some(object) = hit.text.get(open..close) else { return };
    let kind = member(object, "kty").map(|range| object.get(range).unwrap_or_default());
    let (key, least) = match kind {
        Some("oct") => ("k", 16),
        Some("RSA") => ("d", 100),
        Some("EC" | "OKP") => ("d", 40),
        _ => return,
    };
    let Some(range) = member(object, key) else { return };
    let Some(value) = object.get(range.clone()) else { return };
    if value.len() < least || proof::base64(value).is_none() || sample::is_sample(value, "") {
        return;
    }
    let mut leak = hit.leak(open + range.start..open + range.end, Proof::Structure);
    if key == "k" {
        "symmetric key in JWK form".clone_into(&mut leak.what);
    }
    leaks.push(leak);
}

/// Where the text of a member of a flat object stands, in JSON or in a Python dict.
fn member(object: &str, name: &str) -> Option<Range<usize>> {
    let at = ['"', '\''].iter().find_map(|quote| {
        let key = format!("{quote}{name}{quote}");
        object.find(&key).map(|at| at + key.len())
    })?;
    let rest = object.get(at..)?;
    let trimmed = rest.trim_start().strip_prefix(':')?.trim_start();
    let quote = trimmed.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = trimmed.get(1..)?;
    let start = object.len() - value.len();
    Some(start..start + value.find(quote)?)
}

/// A whole PEM block as one Base64 text, as in Kubernetes secrets and CI variables.
pub(super) fn base64_pem(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    let limit = bytes.len().min(hit.span.start + LONGEST);
    let run = bytes.get(hit.span.start..limit).unwrap_or_default();
    let length =
        run.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')).count();
    let span = hit.span.start..hit.span.start + length;
    let Some(decoded) =
        hit.text.get(span.clone()).and_then(proof::base64).and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return;
    };
    let inner = Hit { text: &decoded, span: 0..0, detector: hit.detector };
    let mut found = Vec::new();
    let begins: Vec<usize> = decoded.match_indices("-----BEGIN ").map(|(at, _)| at).take(16).collect();
    for at in begins {
        pem(&Hit { span: at..at, ..inner.again() }, &mut found);
    }
    if let Some(first) = found.into_iter().next() {
        let mut leak = hit.leak(span, Proof::Checksum);
        leak.what = format!("{}, encoded in Base64 once more", first.what);
        leak.decoded = Some(decoded);
        leaks.push(leak);
    }
}

impl<'t> Hit<'t> {
    fn again(&self) -> Hit<'t> {
        Hit { text: self.text, span: self.span.clone(), detector: self.detector }
    }
}
