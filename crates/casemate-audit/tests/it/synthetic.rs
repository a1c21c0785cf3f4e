//! Values in the form of real secrets, made when a test runs, so that no file holds one.

/// A page with `{{github-token}}` and the like replaced by values of that form; the same name gives the same value.
///
/// `{{random:40}}` and `{{hex:40}}` are so many characters. `{{base64:NAME}}`, `{{hexed:NAME}}`, `{{reversed:NAME}}`,
/// `{{codes:NAME}}`, `{{first-half:NAME}}` and `{{second-half:NAME}}` are another value written in that way.
/// What is not known stays as it is: templates are written so too.
pub(crate) fn expand(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let made = after.split_once("}}").and_then(|(name, tail)| Some((value(name)?, tail)));
        match made {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A value of the form that this name stands for.
pub(crate) fn value(name: &str) -> Option<String> {
    if let Some((how, of)) = name.split_once(':') {
        return Some(match how {
            "random" => characters(name, ALPHANUMERIC, of.parse().ok()?),
            "hex" => characters(name, b"0123456789abcdef", of.parse().ok()?),
            "base64" => base64(value(of)?.as_bytes()),
            "hexed" => value(of)?.bytes().map(|byte| format!("{byte:02x}")).collect(),
            "reversed" => value(of)?.chars().rev().collect(),
            "codes" => value(of)?.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", "),
            "first-half" => value(of)?.chars().take(18).collect(),
            "second-half" => value(of)?.chars().skip(18).collect(),
            _ => return None,
        });
    }
    // `github-token#2` is another one.
    Some(match name.split('#').next().unwrap_or(name) {
        "github-token" => {
            let body = characters(name, ALPHANUMERIC, 30);
            let sum = base62(crc32(body.as_bytes()));
            format!("{}_{body}{sum}", "ghp")
        }
        "slack-token" => {
            let digits = |salt: &str| characters(&format!("{name}{salt}"), b"123456789", 12);
            format!("{}-{}-{}-{}", "xoxb", digits("a"), digits("b"), characters(name, ALPHANUMERIC, 24))
        }
        "stripe-key" => format!("{}_{}_{}", "sk", "live", characters(name, ALPHANUMERIC, 24)),
        "aws-key-id" => format!("{}{}", "AKIA", characters(name, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        "aws-secret" => characters(name, ALPHANUMERIC, 40),
        // PKCS #8 of an Ed25519 key: a fixed head and 32 bytes.
        "ed25519-key" => {
            let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
            let mut numbers = Numbers::new(name);
            let key: Vec<u8> = head.into_iter().chain((0..32).map(|_| numbers.next())).collect();
            base64(&key)
        }
        _ => return None,
    })
}

/// Numbers that look made by chance and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn new(seed: &str) -> Self {
        Self(
            seed.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }
}

fn characters(seed: &str, alphabet: &[u8], count: usize) -> String {
    let mut numbers = Numbers::new(seed);
    (0..count).map(|_| char::from(alphabet[usize::from(numbers.next()) % alphabet.len()])).collect()
}

fn crc32(bytes: &[u8]) -> u32 {
    let fold = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, fold)
}

fn base62(mut number: u32) -> String {
    let mut digits = vec![b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHANUMERIC[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8(digits).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_there = digit <= three.len();
            let index = (number >> (18 - 6 * digit) & 63) as usize;
            out.push(if is_there { char::from(DIGITS[index]) } else { '=' });
        }
    }
    out
}

#[test]
fn a_made_token_has_the_checksum_of_its_provider() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
    assert_eq!(expand("{{random:8}}{{ x }}").len(), 8 + "{{ x }}".len());
}
