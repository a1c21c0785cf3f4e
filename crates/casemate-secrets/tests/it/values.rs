//! What a value alone says.

use casemate_secrets::{Binding, Bound, LeakKind, Proof, Surroundings, is_placeholder, judge, looks_random};

use crate::support::{HEX, WORD, base64, chosen, drawn, random};

/// Judges a value in the product.
fn judged(name: &str, value: &str, binding: Binding) -> Option<(LeakKind, Proof)> {
    let bound = Bound { name, value, binding, surroundings: Surroundings::Product };
    judge(&bound).map(|verdict| (verdict.kind, verdict.proof))
}

const PLACEHOLDERS: &[&str] = &[
    "",
    " ",
    "changeme",
    "change-me",
    "CHANGE_ME",
    "ChangeMe123",
    "your-api-key-here",
    "YOUR_SECRET",
    "<password>",
    "<your token>",
    "${DB_PASSWORD}",
    "$DB_PASSWORD",
    "$(cat secret)",
    "{{ password }}",
    "{password}",
    "%(password)s",
    "%PASSWORD%",
    "@PASSWORD@",
    "__PASSWORD__",
    "#{password}",
    "xxxx",
    "XXXXXXXXXXXX",
    "****",
    "••••",
    "...",
    "…",
    "abc****def",
    "TODO",
    "example",
    "my-example-token",
    "dummy",
    "null",
    "none",
    "None",
    "true",
    "false",
    "0000000000000000",
    "12345678",
    "1234567890abcdef",
    "abcdefghijklmnop",
    "qwertyuiop",
    "asdfghjkl",
    "aaaaaaaa",
    "abcabcabcabc",
    "deadbeefdeadbeefdeadbeef",
    "00000000-0000-0000-0000-000000000000",
    "os.environ['DB_PASSWORD']",
    "os.getenv(\"TOKEN\")",
    "process.env.TOKEN",
    "env(TOKEN)",
    "getpass()",
    "settings.SECRET_KEY",
    "vault:secret/data/db#password",
    "ENC[AES256_GCM,data:abc]",
    "ENC(jdYk3lQ9)",
    "op://vault/item/field",
    "arn:aws:secretsmanager:eu-west-1:1:secret:x",
    "@Microsoft.KeyVault(SecretUri=https://x)",
    "!vault",
    "$ANSIBLE_VAULT;1.1;AES256",
    "secretKeyRef",
    "lorem ipsum dolor",
    "insert-token-here",
    "REDACTED",
    "not-a-secret",
    "[password]",
    "%s",
    "{}",
    "{0}",
    "fake-token-1",
];

#[test]
fn a_placeholder_stands_for_a_secret_that_is_not_there() {
    for value in PLACEHOLDERS {
        assert!(is_placeholder(value), "{value}");
        for name in ["password", "api_key", "SECRET", "auth"] {
            for binding in [Binding::Loose, Binding::Open, Binding::Firm] {
                assert_eq!(judged(name, value, binding), None, "{name} = {value}");
            }
        }
    }
}

#[test]
fn a_secret_is_no_placeholder() {
    for value in chosen().into_iter().chain(random()) {
        assert!(!is_placeholder(&value), "{value}");
    }
}

#[test]
fn texts_drawn_from_any_alphabet_look_random() {
    let alphabets =
        [HEX, WORD, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz0123456789", "0123456789ABCDEF"];
    for alphabet in alphabets {
        for length in [16, 20, 24, 32, 40, 64] {
            let seen = (1..=200).filter(|&seed| looks_random(&drawn(seed, alphabet, length))).count();
            assert!(seen >= 194, "{alphabet} of {length}: {seen} of 200");
        }
    }
}

#[test]
fn words_and_names_do_not_look_random() {
    for value in [
        "getElementsByTagNameNS",
        "internationalization",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "PASSWORD_RESET_TIMEOUT_SECONDS",
        "the_quick_brown_fox_jumps_over_the_lazy_dog",
        "x-amz-server-side-encryption-customer-algorithm",
        "HttpServletRequestWrapperFactoryImpl",
        "sha256WithRSAEncryption",
        "2024-01-31T12:00:00.000Z",
        "2001:0db8:85a3::8a2e",
        "192.168.100.200",
        "en_US.UTF-8",
        "https://docs.example.org/en/latest/index.html",
        "Donaudampfschifffahrtsgesellschaft",
        "contraseña_de_usuario",
        "libstdc++-12-dev_amd64.deb",
        "python3.11-minimal",
        "utf-8-sig-encoding",
        "correct horse battery staple",
        "abcdefgh",
        "short",
    ] {
        assert!(!looks_random(value), "{value}");
    }
}

#[test]
fn what_is_known_to_be_something_else_is_no_secret() {
    let hash = drawn(9, WORD, 43);
    for value in [
        format!("$2b$12${}", drawn(8, WORD, 53)),
        format!("$argon2id$v=19$m=102400,t=2,p=8${hash}"),
        format!("pbkdf2_sha256$600000${hash}"),
        format!("{{SSHA}}{hash}"),
        format!("sha256-{hash}="),
        format!("https://host/{hash}"),
        "/run/secrets/db_password2".to_owned(),
        "~/.ssh/id_rsa.pem".to_owned(),
        "me@mail.host1.org".to_owned(),
        "v1.2.3-rc1".to_owned(),
        "application/json".to_owned(),
        "Password must have at least 8 characters!".to_owned(),
        "user.password".to_owned(),
        "localhost:5432".to_owned(),
    ] {
        assert_eq!(judged("password", &value, Binding::Open), None, "{value}");
        assert_eq!(judged("api_key", &value, Binding::Firm), None, "{value}");
    }
}

#[test]
fn a_chosen_password_is_one_by_its_role() {
    for value in chosen() {
        assert_eq!(judged("db_password", &value, Binding::Open), Some((LeakKind::Password, Proof::Role)), "{value}");
        assert_eq!(judged("password_field", &value, Binding::Firm), None, "{value}");
        assert_eq!(judged("password", &value, Binding::Loose), None, "{value}");
    }
}

#[test]
fn a_random_secret_needs_a_name() {
    for value in random() {
        assert_eq!(judged("api_key", &value, Binding::Open), Some((LeakKind::Random, Proof::Rarity)), "{value}");
        assert_eq!(judged("checksum", &value, Binding::Firm), None, "{value}");
    }
}

#[test]
fn a_word_is_a_password_only_where_it_is_set() {
    let word = ["sun", "shine"].concat();
    assert!(judged("password", &word, Binding::Firm).is_some());
    assert_eq!(judged("password", &word, Binding::Open), None);
    assert_eq!(judged("password", "password", Binding::Firm), None);
    assert_eq!(judged("db_pass", "db-pass", Binding::Firm), None);
    let in_test = Bound { name: "password", value: &word, binding: Binding::Firm, surroundings: Surroundings::Test };
    assert_eq!(judge(&in_test), None);
}

#[test]
fn an_encoded_password_is_read() {
    let secret = chosen().remove(4);
    let (value, pair) = (base64(&secret), base64(&format!("me:{secret}")));
    for (name, value) in [("password", value.as_str()), ("auth", pair.as_str())] {
        let bound = Bound { name, value, binding: Binding::Firm, surroundings: Surroundings::Product };
        assert_eq!(judge(&bound).and_then(|verdict| verdict.decoded).as_deref(), Some(secret.as_str()), "{name}");
    }
    assert_eq!(judged("password", &base64("changeme"), Binding::Firm), None);
}
