//! Checksums and inner structures by which providers let their secrets be told offline.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::detector::Check;

/// People cut padding and trailing bits; neither says that a text is not Base64.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Base64 in either alphabet, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    if url_safe { URL_SAFE.decode(text).ok() } else { STANDARD.decode(text).ok() }
}

/// Base64 of a JSON object.
pub(super) fn base64_json(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_slice(&base64(text)?).ok()?;
    value.is_object().then_some(value)
}

fn proved(yes: bool) -> Check {
    if yes { Check::Proved } else { Check::Wrong }
}

fn digits(mut number: u32, alphabet: &[u8], width: usize) -> String {
    let base = u32::try_from(alphabet.len()).unwrap_or(u32::MAX).max(2);
    let mut out = Vec::with_capacity(width);
    while number > 0 || out.len() < width {
        let digit = usize::try_from(number % base).ok().and_then(|index| alphabet.get(index));
        out.push(digit.copied().unwrap_or(b'0'));
        number /= base;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The last six characters are the CRC-32 of those between prefix and them, in base 62: GitHub, and npm after it.
pub(super) fn crc_base62(token: &str) -> Check {
    let body = token.split_once('_').map_or("", |(_, body)| body);
    let split = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at));
    split.map_or(Check::Wrong, |(body, sum)| proved(digits(crc32fast::hash(body.as_bytes()), BASE62, 6) == sum))
}

/// npm has told no more of longer bodies than that they exist.
pub(super) fn npm(token: &str) -> Check {
    if token.len() == 40 { crc_base62(token) } else { Check::Plausible }
}

/// GitLab's routable tokens end in the length of their payload and the CRC-32 of everything before, both in base 36.
pub(super) fn gitlab(token: &str) -> Check {
    let Some((front, tail)) = token.rsplit_once('.') else { return Check::Plausible };
    let Some((length, sum)) = tail.split_at_checked(2) else { return Check::Wrong };
    let end = front.len() + 1 + length.len();
    let summed = token.get(..end).unwrap_or_default();
    proved(digits(crc32fast::hash(summed.as_bytes()), BASE36, 7) == sum)
}

/// Grafana's service account tokens end in the CRC-32 of what is before, its bytes in little-endian order.
pub(super) fn grafana_service_account(token: &str) -> Check {
    let Some((body, sum)) = token.rsplit_once('_') else { return Check::Wrong };
    let bytes = crc32fast::hash(body.as_bytes()).to_le_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    proved(hex.eq_ignore_ascii_case(sum))
}

/// A macaroon in its binary form: version 2, then fields of a type, a length and that many bytes, the last of them a
/// signature of 32 bytes.
pub(super) fn macaroon(token: &str) -> Check {
    let Some((_, body)) = token.split_once('-') else { return Check::Wrong };
    let Some(bytes) = base64(body) else { return Check::Wrong };
    let Some((2, mut rest)) = bytes.split_first().map(|(version, rest)| (*version, rest)) else { return Check::Wrong };
    let mut last = (0, 0);
    while let Some((&field, tail)) = rest.split_first() {
        if field == 0 {
            rest = tail;
            continue;
        }
        let Some((length, tail)) = varint(tail) else { return Check::Wrong };
        let Some((_, tail)) = tail.split_at_checked(length) else { return Check::Wrong };
        last = (field, length);
        rest = tail;
    }
    proved(last == (6, 32))
}

fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

/// The id of an AWS key holds the number of its account: 40 bits of its Base32, which make 12 decimal digits at most.
pub(super) fn aws_key_id(token: &str) -> Check {
    let Some(body) = token.get(4..) else { return Check::Wrong };
    let mut bits = 0_u128;
    for byte in body.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return Check::Wrong,
        };
        bits = bits << 5 | u128::from(value);
    }
    // 80 bits; the first is not part of the number, which is in the 40 after it.
    let account = bits >> 39 & ((1 << 40) - 1);
    if account < 1_000_000_000_000 { Check::Plausible } else { Check::Wrong }
}

/// The part of a secret after its prefix is the Base64 of a JSON object.
fn json_after(token: &str, prefix: &str) -> Check {
    let body = token.strip_prefix(prefix).unwrap_or_default();
    proved(base64_json(body).is_some())
}

/// 1Password: service account tokens hold the address and keys.
pub(super) fn one_password(token: &str) -> Check {
    json_after(token, "ops_")
}

/// Grafana Cloud: an access policy token holds its key.
pub(super) fn grafana_cloud(token: &str) -> Check {
    json_after(token, "glc_")
}

/// Grafana's older keys are a JSON object with the key itself.
pub(super) fn grafana_legacy(token: &str) -> Check {
    proved(base64_json(token).is_some_and(|value| value.get("k").is_some() && value.get("n").is_some()))
}

/// A Cloudflare tunnel: account, tunnel, secret.
pub(super) fn cloudflare_tunnel(token: &str) -> Check {
    let has = |value: &Value| ["a", "t", "s"].iter().all(|key| value.get(key).is_some_and(Value::is_string));
    proved(base64_json(token).is_some_and(|value| has(&value)))
}

/// Sentry's tokens of an organisation name it in JSON before the secret part.
pub(super) fn sentry_organisation(token: &str) -> Check {
    let middle = token.strip_prefix("sntrys_").and_then(|rest| rest.rsplit_once('_'));
    let value = middle.and_then(|(payload, _)| base64_json(payload));
    proved(value.is_some_and(|value| value.get("org").is_some() || value.get("iat").is_some()))
}

/// Mapbox and Tinybird: the middle is JSON.
pub(super) fn json_in_the_middle(token: &str) -> Check {
    let middle = token.split('.').nth(1);
    proved(middle.is_some_and(|payload| base64_json(payload).is_some()))
}

/// JFrog's reference tokens are the Base64 of a text that says so.
pub(super) fn jfrog_reference(token: &str) -> Check {
    proved(base64(token).is_some_and(|bytes| bytes.starts_with(b"reftkn:")))
}

/// Intercom's tokens are the Base64 of `tok:` and more.
pub(super) fn intercom(token: &str) -> Check {
    proved(base64(token).is_some_and(|bytes| bytes.starts_with(b"tok:") && bytes.is_ascii()))
}

/// The first part of a Discord bot's token is the Base64 of its number.
pub(super) fn discord(token: &str) -> Check {
    let number = token.split('.').next().and_then(base64);
    proved(number.is_some_and(|bytes| (17..=20).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit)))
}

/// Keys with a checksum as in Bitcoin's addresses of the second kind (BIP 173): age, nostr.
pub(super) fn bech32(token: &str) -> Check {
    proved(bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32>(token).is_ok())
}

/// Base64 of exactly 64 bytes: Azure's keys of storage, Cosmos DB and Batch.
pub(super) fn bytes_64(token: &str) -> Check {
    if base64(token).is_some_and(|bytes| bytes.len() == 64) { Check::Plausible } else { Check::Wrong }
}

/// Base64 of exactly 32 bytes, as keys of Curve25519 are, clamped as WireGuard does.
pub(super) fn clamped_25519(token: &str) -> Check {
    let clamped = |bytes: &[u8]| {
        bytes.first().is_some_and(|byte| byte & 7 == 0) && bytes.get(31).is_some_and(|byte| byte & 0xc0 == 0x40)
    };
    if base64(token).is_some_and(|bytes| bytes.len() == 32 && clamped(&bytes)) {
        Check::Plausible
    } else {
        Check::Wrong
    }
}

/// Has lower case, upper case and digits, as a random text of this length has.
pub(super) fn three_classes(token: &str) -> Check {
    let has = |class: fn(&u8) -> bool| token.as_bytes().iter().any(class);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    if mixed { Check::Plausible } else { Check::Wrong }
}

/// Has letters and digits.
pub(super) fn letters_and_digits(token: &str) -> Check {
    let has = |class: fn(&u8) -> bool| token.as_bytes().iter().any(class);
    if has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit) { Check::Plausible } else { Check::Wrong }
}
