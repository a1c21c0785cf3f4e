//! Makes secrets of every format at run time, so that none stands in our own sources.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use casemate_secrets::{Detector, Leak, scan};
use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Stands for the secret.
const HOLE: char = '\u{1}';

/// The same chance on every run.
pub(super) fn runner(seed: u8) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

pub(super) fn draw(pattern: &str, runner: &mut TestRunner) -> String {
    // The first group is the secret; the generator knows no flags.
    // It also draws ranges, not characters, so that signs would come far too often.
    let pattern = pattern.replace("(?i:", "(?:").replace("z_-]", "z]").replace("z+/]", "z]");
    string_regex(&pattern).unwrap().new_tree(runner).unwrap().current()
}

fn base62(mut number: u32) -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = Vec::new();
    for _ in 0..6 {
        out.push(digits[(number % 62) as usize]);
        number /= 62;
    }
    out.reverse();
    String::from_utf8(out).unwrap()
}

fn base36(mut number: u32, width: usize) -> String {
    let digits = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut out = Vec::new();
    for _ in 0..width {
        out.push(digits[(number % 36) as usize]);
        number /= 36;
    }
    out.reverse();
    String::from_utf8(out).unwrap()
}

fn crc(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

fn with_crc(prefix: &str, body: &str) -> String {
    format!("{prefix}{body}{}", base62(crc(body)))
}

fn macaroon(prefix: &str, location: &str, runner: &mut TestRunner) -> String {
    let mut bytes = vec![2, 1, u8::try_from(location.len()).unwrap()];
    bytes.extend(location.bytes());
    let id = draw("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", runner);
    bytes.extend([2, 36]);
    bytes.extend(id.bytes());
    bytes.extend([0, 0, 6, 32]);
    bytes.extend(draw("[a-zA-Z0-9]{32}", runner).bytes());
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn bech32(human: &str, runner: &mut TestRunner) -> String {
    let human = bech32::Hrp::parse(human).unwrap();
    bech32::encode::<bech32::Bech32>(human, draw("[a-zA-Z0-9]{32}", runner).as_bytes()).unwrap()
}

/// A secret as this detector wants it, and the text around it that belongs to its form, with [`HOLE`] in its place.
pub(super) fn forge(detector: &Detector, runner: &mut TestRunner) -> (String, String) {
    let plain = HOLE.to_string();
    let id = detector.id();
    let made = match id {
        "github-personal-token"
        | "github-oauth-token"
        | "github-user-token"
        | "github-server-token"
        | "github-refresh-token" => {
            let prefix = &detector.pattern().unwrap()[..4];
            with_crc(prefix, &draw("[0-9A-Za-z]{30}", runner))
        }
        "aws-access-key-id" | "aws-temporary-key-id" => {
            format!("{}A{}", &detector.pattern().unwrap()[..4], draw("[A-Z2-7]{15}", runner))
        }
        "npm-token" => with_crc("npm_", &draw("[0-9A-Za-z]{30}", runner)),
        "grafana-service-account-token" => {
            let body = format!("glsa_{}", draw("[0-9A-Za-z]{32}", runner));
            let sum: String = crc(&body).to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{body}_{sum}")
        }
        "pypi-token" => macaroon("pypi-", "pypi.org", runner),
        "testpypi-token" => macaroon("pypi-", "test.pypi.org", runner),
        "age-private-key" => bech32("age-secret-key-", runner).to_uppercase(),
        "nostr-key" => bech32("nsec", runner),
        "jfrog-reference-token" => STANDARD.encode(format!("reftkn:{}", draw("[0-9]{2}:[0-9A-Za-z]{38}", runner))),
        "intercom-token" => STANDARD.encode(format!("tok:{}", draw("[0-9a-f_]{50}", runner))),
        "discord-bot-token" => {
            let number = STANDARD.encode(draw("[1-9][0-9]{17}", runner));
            format!("{number}.{}", draw("[0-9A-Za-z_-]{6}\\.[0-9A-Za-z_-]{38}", runner))
        }
        "one-password-service-token" => {
            let key = draw("[0-9a-zA-Z]{150}", runner);
            format!(
                "ops_{}",
                URL_SAFE_NO_PAD.encode(format!(r#"{{"signInAddress":"my.1password.com","muk":"{key}"}}"#))
            )
        }
        "grafana-cloud-token" => {
            format!(
                "glc_{}",
                STANDARD.encode(format!(r#"{{"o":"1","n":"n","k":"{}"}}"#, draw("[0-9A-Za-z]{40}", runner)))
            )
        }
        "grafana-api-key" => {
            STANDARD.encode(format!(r#"{{"k":"{}","n":"n","id":1}}"#, draw("[0-9A-Za-z]{32}", runner)))
        }
        "cloudflare-tunnel-token" => {
            let [a, t, s] = [(); 3].map(|()| draw("[0-9a-f]{32}", runner));
            STANDARD.encode(format!(r#"{{"a":"{a}","t":"{t}","s":"{s}"}}"#))
        }
        "sentry-organisation-token" => {
            let payload = STANDARD.encode(r#"{"iat":1700000000.1,"url":"https://sentry.io","org":"acme"}"#);
            format!("sntrys_{payload}_{}", draw("[0-9A-Za-z+/]{43}", runner))
        }
        "tinybird-token" => {
            let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"u":"{}","id":"x"}}"#, draw("[0-9a-f]{36}", runner)));
            format!("p.{payload}.{}", draw("[0-9A-Za-z_-]{43}", runner))
        }
        "mapbox-secret-token" => {
            let payload =
                URL_SAFE_NO_PAD.encode(format!(r#"{{"u":"someone","a":"{}"}}"#, draw("[0-9a-z]{25}", runner)));
            format!("sk.{payload}.{}", draw("[0-9A-Za-z_-]{22}", runner))
        }
        "wireguard-private-key" => {
            let mut bytes = draw("[a-zA-Z0-9]{32}", runner).into_bytes();
            bytes[0] &= 0xf8;
            bytes[31] = bytes[31] & 0x3f | 0x40;
            return (STANDARD.encode(bytes), format!("PrivateKey = {HOLE}"));
        }
        _ => {
            let pattern = detector.pattern().unwrap();
            if id.starts_with("gitlab-") && id != "gitlab-oauth-secret" && pattern.contains("300}") {
                // The older form; the routable one has a test of its own.
                let legacy = pattern.split_once('|').unwrap();
                let prefix = pattern.split_once("(?:").unwrap().0;
                draw(&format!("{prefix}(?:{}", legacy.1), runner)
            } else {
                let whole = draw(pattern, runner);
                let anchored = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
                let captures = anchored.captures(&whole).unwrap();
                if let Some(group) = captures.get(1) {
                    return (
                        group.as_str().to_owned(),
                        format!("{}{HOLE}{}", &whole[..group.start()], &whole[group.end()..]),
                    );
                }
                whole
            }
        }
    };
    (made, plain)
}

/// A routable token of GitLab with this prefix.
pub(super) fn gitlab_routable(prefix: &str, runner: &mut TestRunner) -> String {
    let payload = draw("[0-9A-Za-z_-]{35}", runner);
    let body = format!("{prefix}{payload}.01.{}", base36(35, 2));
    format!("{body}{}", base36(crc(&body), 7))
}

/// Puts a secret where the detector looks for it: behind its context, if it needs one.
pub(super) fn place(detector: &Detector, secret: &str, form: &str) -> String {
    let form = form.replace(HOLE, secret);
    match detector.context() {
        None => form,
        Some((keywords, names)) => {
            let keyword = keywords[0].trim_matches(['"', '\'']);
            let name = names[0].trim_matches(['_', '-']);
            format!("# {keyword}\n{name} = \"{form}\"")
        }
    }
}

/// The leaks of a text by this detector.
pub(super) fn found(detector: &Detector, text: &str) -> Vec<Leak> {
    scan("settings.py", text).into_iter().filter(|leak| leak.detector == detector.id()).collect()
}
