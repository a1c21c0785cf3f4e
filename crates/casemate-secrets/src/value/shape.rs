//! What else a text may be than a secret, and whether a person may have chosen it as a password.

use std::sync::LazyLock;

use regex::Regex;

use super::rarity::looks_random;

/// Forms that are known not to be secrets, each of the whole text.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi) ^ (?:
          [a-z][a-z0-9+.-]* :// .*                                               # URL
        | (?: \.{1,2} | ~ | [a-z]: )? [/\\] [\w.@\ -]+ (?: [/\\] [\w.@\ *-]+ )* [/\\]?   # path
        | [\w.+-]+ @ [a-z0-9-]+ (?: \. [a-z0-9-]+ )* \. [a-z]{2,}                    # e-mail
        | v? [0-9]+ (?: \. [0-9]+ )+ (?: [.+-]? [a-z]+ [0-9.]* )?                      # version, IP address
        | [0-9.]+ : [0-9]+                                                             # host and port
        | [0-9]{4} - [0-9]{2} - [0-9]{2} (?: [t\ ] [0-9:.]+ (?: z | [+-][0-9:]+ )? )?  # date
        | (?: application | audio | font | image | multipart | text | video ) / [\w.+-]+
        | [a-z_][a-z_]* (?: [.:/\\] [a-z_]+ )+                                           # dotted identifiers
        | \# [0-9a-f]{3,8} | [0-9.]+ (?: px | em | rem | pt | ms | s | m | h | d | kb | mb | gb | % )?
        | .* \. (?: pem | key | crt | cer | p12 | pfx | jks | json | ya?ml | txt | toml | ini | cfg | conf | env | py | js | ts | html? | xml | log | csv | sql | db | sh | asc | gpg | pub | properties )
        ) $
        | ^ (?: \$2[abxy]?\$ | \$argon2 | \$pbkdf2 | pbkdf2[_:(] | \$[156]\$ | \$y\$ | \$apr1\$ | \$[ps]\$ | \$7\$ | \$scrypt | scrypt[:$(] | \{ [a-z][a-z0-9._-]* \} \S
          | (?: [^%]* % [a-z] ){3} | \{ \s* \\? ["'] | \[ \s* ["'\{(]
          | (?: bcrypt | argon2 | md5 | sha1 | bcrypt_sha256 | sha256 | sha512 | crypt | unsalted_md5 ) \$ | argon2\w*\$ | scram-sha- | sha(?:1|256|384|512)[-:] | md5: )
        | < /? [a-z] [^>]* >
        "#,
    )
    .ok()
});

/// Whether this is something else than a secret: a URL, a path, a hash of a password, a version, a sentence.
pub(crate) fn is_something_else(value: &str) -> bool {
    let value = value.trim();
    if value.len() > 4096 || value.contains('\n') {
        return true;
    }
    let is_part_of_jwt = value.starts_with("eyJ") && value.split('.').filter(|part| !part.is_empty()).count() < 3;
    if is_part_of_jwt || value.contains("\\x") || is_pattern(value) {
        return true;
    }
    let is_constant = value.contains('_')
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_constant && !looks_random(value) {
        return true;
    }
    FORMS.as_ref().is_some_and(|forms| forms.is_match(value)) && !(value.starts_with('/') && looks_random(value))
}

/// Whether this is a regular expression: the pattern of a token is none.
fn is_pattern(value: &str) -> bool {
    let has_sign =
        ["(?:", "(?P<", "(?=", "(?!", "(?i)", "[^", "\\w", "\\d", "\\S"].iter().any(|sign| value.contains(sign));
    // `[0-9A-Za-z_.]{20,}`
    has_sign
        || value.contains('[')
            && value.contains(']')
            && ["a-z", "A-Z", "0-9"].iter().filter(|range| value.contains(**range)).count() > 1
}

/// Words that passwords of examples are built of; a text of nothing else is a name for a secret rather than one.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "my",
    "our",
    "some",
    "this",
    "that",
    "is",
    "are",
    "be",
    "not",
    "so",
    "very",
    "super",
    "top",
    "really",
    "good",
    "bad",
    "wrong",
    "right",
    "correct",
    "incorrect",
    "valid",
    "long",
    "short",
    "strong",
    "weak",
    "secure",
    "insecure",
    "safe",
    "unsafe",
    "secret",
    "secrets",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pass",
    "passcode",
    "pwd",
    "pw",
    "key",
    "keys",
    "token",
    "tokens",
    "api",
    "auth",
    "oauth",
    "oauth2",
    "app",
    "application",
    "client",
    "server",
    "service",
    "access",
    "private",
    "public",
    "shared",
    "master",
    "db",
    "database",
    "user",
    "users",
    "username",
    "login",
    "account",
    "admin",
    "root",
    "new",
    "old",
    "current",
    "first",
    "second",
    "another",
    "other",
    "confirm",
    "confirmation",
    "repeat",
    "reset",
    "forgot",
    "change",
    "update",
    "enter",
    "show",
    "hide",
    "test",
    "tests",
    "testing",
    "tester",
    "unit",
    "unittest",
    "dev",
    "development",
    "local",
    "localhost",
    "prod",
    "production",
    "staging",
    "stage",
    "demo",
    "temp",
    "tmp",
    "default",
    "random",
    "string",
    "value",
    "text",
    "data",
    "plain",
    "jwt",
    "session",
    "cookie",
    "csrf",
    "id",
    "name",
    "field",
    "type",
    "for",
    "in",
    "of",
    "to",
    "and",
    "or",
    "with",
    "on",
    "at",
    "from",
    "no",
    "use",
    "only",
    "please",
    "here",
    "it",
    "must",
    "signing",
    "encryption",
    "encrypted",
    "hash",
    "hashed",
    "salt",
    "bearer",
    "basic",
    "digest",
    "refresh",
    "id",
    "code",
    "verify",
    "verification",
    "invalid",
    "required",
    "optional",
    "config",
    "credential",
    "credentials",
    "email",
    "mail",
    "smtp",
    "ftp",
    "ssh",
    "hello",
    "world",
    "mysecret",
    "mypassword",
    "mytoken",
    "mykey",
    "topsecret",
    "supersecret",
    "secretkey",
    "apikey",
    "input",
    "output",
    "form",
    "label",
    "error",
    "message",
    "url",
    "uri",
    "path",
    "file",
    "header",
    "grant",
    "authorization",
    "authentication",
    "device",
    "web",
    "github",
    "gitlab",
    "google",
    "aws",
    "azure",
    "s3",
    "sha",
    "md",
    "utf",
    "base",
    "v",
    "x",
    "rsa",
    "hmac",
    "aes",
    "des",
    "http",
    "https",
    "tls",
    "ssl",
    "ipv",
    "k",
    "s",
];

/// Whether a text consists of nothing but words that examples and labels are made of: `my-secret-key`, `new_password1`.
pub(crate) fn is_filler(value: &str) -> bool {
    let mut has_word = false;
    let mut word = String::new();
    let mut was_lower = false;
    for c in value.chars().chain(std::iter::once('\0')) {
        let ends = !c.is_alphabetic() || (c.is_uppercase() && was_lower);
        if ends && !word.is_empty() {
            if !FILLERS.contains(&word.as_str()) && !is_filler_compound(&word) {
                return false;
            }
            has_word = true;
            word.clear();
        }
        was_lower = c.is_lowercase();
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
    }
    has_word
}

/// Fillers written together: `mysecretpassword`.
fn is_filler_compound(word: &str) -> bool {
    // Which ends of a prefix of the word can be reached with whole fillers.
    let mut reached = vec![false; word.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for start in 0..word.len() {
        if reached.get(start) != Some(&true) {
            continue;
        }
        for filler in FILLERS.iter().filter(|filler| filler.len() > 2 || matches!(**filler, "my" | "is" | "db")) {
            if word.get(start..).is_some_and(|rest| rest.starts_with(filler))
                && let Some(end) = reached.get_mut(start + filler.len())
            {
                *end = true;
            }
        }
    }
    word.len() <= 64 && reached.last() == Some(&true)
}

/// Whether a setting of this value is a password: any one text that is not a sentence.
pub(crate) fn may_be_password(value: &str) -> bool {
    (3..=256).contains(&value.chars().count())
        && !value.contains(char::is_whitespace)
        && !value.chars().any(char::is_control)
}

/// Whether this is the name of an account with digits or signs after it, as in the passwords of devices: `admin4711`.
fn is_account(value: &str) -> bool {
    let word = value.trim_end_matches(|c: char| !c.is_alphabetic());
    matches!(
        word.to_ascii_lowercase().as_str(),
        "admin" | "root" | "login" | "master" | "super" | "server" | "prod" | "production"
    ) && value.len() >= word.len() + 2
}

/// Whether a person chose this as a password rather than as a word: letters with digits or signs among them.
pub(crate) fn looks_chosen(value: &str) -> bool {
    if !may_be_password(value) || value.chars().count() < 4 || is_filler(value) && !is_account(value) {
        return false;
    }
    let has_letter = value.chars().any(char::is_alphabetic);
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    let has_sign =
        value.chars().any(|c| matches!(c, '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '+' | '=' | '?' | '~'));
    has_letter && (has_digit || has_sign)
}
