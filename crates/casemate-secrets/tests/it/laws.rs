//! What holds for any text.

use casemate_secrets::{Binding, Bound, Surroundings, is_placeholder, judge, looks_random, scan, secret_name};
use proptest::prelude::*;

const PATHS: &[&str] = &[
    ".env",
    "a.yml",
    "a.json",
    "config.json",
    "a.ini",
    "a.toml",
    "a.xml",
    "Dockerfile",
    "a.sh",
    ".netrc",
    ".pgpass",
    "a.ipynb",
    "a.js",
    "a.md",
    "a.html",
    "a.tf",
    "a.py",
    "secret.yaml",
];

/// Texts made of the pieces that readers look for, in any order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("password"),
        Just("kind: Secret\n"),
        Just("data:\n"),
        Just("stringData:\n"),
        Just("  "),
        Just("\n"),
        Just("\r\n"),
        Just("\""),
        Just("'"),
        Just("\\\""),
        Just("\\"),
        Just("="),
        Just(": "),
        Just(":"),
        Just("=>"),
        Just("<"),
        Just(">"),
        Just("</"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just("("),
        Just(","),
        Just("name: DB_PASSWORD\n"),
        Just("value: "),
        Just("<add key=\"Token\" value=\""),
        Just("\"name\": \"api_key\""),
        Just("--token "),
        Just("curl -u me:"),
        Just("mysql -p"),
        Just("Authorization: Basic "),
        Just("Authorization: Bearer "),
        Just("bWU6aHVudGVyMg=="),
        Just("é"),
        Just("\u{1F511}"),
        Just("\\u00e9"),
        Just("\\u"),
        Just("\u{0}"),
        Just("|"),
        Just("|\n"),
        Just("!!str "),
        Just("&a "),
        Just("variable \"db_password\" {\n"),
        Just("default = "),
        Just("machine h login m password "),
        Just("h:1:d:u:"),
        Just("# "),
        Just("// "),
        Just("secret"),
        Just("TOKEN"),
        Just("hunter"),
        Just("2"),
        Just("a8F3kq9ZxT"),
        Just("---\n"),
    ];
    prop::collection::vec(prop_oneof![4 => piece.prop_map(str::to_owned), 1 => "\\PC{0,6}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_secret_lies_in_the_text_without_its_quotes(path in prop::sample::select(PATHS), text in text()) {
        for leak in scan(path, &text) {
            let secret = text.get(leak.span.clone());
            prop_assert!(secret.is_some_and(|secret| !secret.is_empty()), "{leak:?}");
            let secret = secret.unwrap();
            prop_assert!(!secret.contains('\n') || leak.kind == casemate_secrets::LeakKind::PrivateKey);
            let is_quoted = secret.len() > 1 && secret.starts_with(['"', '\'']) && secret.ends_with(secret.chars().next().unwrap());
            prop_assert!(!is_quoted, "{secret}");
        }
    }

    #[test]
    fn leaks_are_sorted_and_apart(path in prop::sample::select(PATHS), text in text()) {
        let leaks = scan(path, &text);
        prop_assert!(leaks.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{leaks:?}");
    }

    #[test]
    fn a_placeholder_is_no_secret_under_any_name(name in "[a-z_]{0,8}(password|secret|token|api_key|auth)", value in prop_oneof!["\\PC{0,24}", "<[a-z ]{1,12}>", "\\$\\{[A-Z_]{1,12}\\}", "x{3,20}", "your[-_][a-z]{1,10}"]) {
        prop_assume!(is_placeholder(&value));
        for binding in [Binding::Loose, Binding::Open, Binding::Firm] {
            let bound = Bound { name: &name, value: &value, binding, surroundings: Surroundings::Product };
            prop_assert_eq!(judge(&bound), None);
        }
    }

    #[test]
    fn any_name_and_value_can_be_judged(name in "\\PC{0,30}", value in "\\PC{0,60}") {
        let _ = secret_name(&name);
        let _ = looks_random(&value);
        let bound = Bound { name: &name, value: &value, binding: Binding::Firm, surroundings: Surroundings::Product };
        prop_assert!(judge(&bound).is_none() || secret_name(&name).is_some());
    }

    #[test]
    fn a_name_speaks_the_same_in_every_case(words in prop::collection::vec(prop::sample::select(vec!["db", "user", "password", "token", "field", "name", "api", "key", "client", "secret", "url", "old"]), 1..4)) {
        let snake = words.join("_");
        let capital: String = words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        prop_assert_eq!(secret_name(&snake), secret_name(&snake.to_uppercase()));
        prop_assert_eq!(secret_name(&snake), secret_name(&words.join("-")));
        prop_assert_eq!(secret_name(&snake), secret_name(&capital));
    }
}
