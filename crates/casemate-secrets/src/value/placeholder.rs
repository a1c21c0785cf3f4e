//! Texts that stand where a secret would stand without being one: placeholders, examples, masks, references to the
//! environment or a vault.

use std::sync::LazyLock;

use regex::Regex;

/// Whether this stands where a secret would stand without being one: a placeholder, an example, a reference to the
/// environment or a vault, a mask.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '`']).trim();
    value.is_empty() || is_mask(value) || is_reference(value) || is_template(value) || says_so(value) || is_walk(value)
}

/// A mask: one character repeated, or a text partly hidden.
fn is_mask(value: &str) -> bool {
    let mut chars = value.chars();
    let first = chars.next();
    if value.len() > 1 && chars.all(|c| Some(c) == first) {
        return true;
    }
    if !value.chars().any(char::is_alphanumeric) {
        return true;
    }
    if value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_' | '•' | '…' | '#' | '?' | '●' | '█'))
    {
        return true;
    }
    let mut run = 0_usize;
    let mut last = '\0';
    for c in value.chars() {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        let limit = match c {
            '*' | '•' | '●' | '█' | '.' => 3,
            'x' | 'X' => 4,
            _ => usize::MAX,
        };
        if run >= limit || c == '…' {
            return true;
        }
    }
    false
}

/// What begins a reference to where the secret really is, or a ciphertext that only its key opens.
const REFERENCES: &[&str] = &[
    "vault:",
    "vault://",
    "!vault",
    "$ansible_vault",
    "enc[",
    "enc(",
    "op://",
    "arn:aws",
    "@microsoft.keyvault",
    "secretref:",
    "secretkeyref",
    "ssm:",
    "ssm://",
    "sm://",
    "kms:",
    "kms://",
    "sops:",
    "{cipher}",
    "{aes}",
    "{enc}",
    "awssm:",
    "gcpsm:",
    "gcp-secret",
    "azkv:",
    "keyring:",
    "file:",
    "file://",
    "env:",
    "env://",
    "env.",
    "ref+",
    "!ref",
    "!sub",
    "!getatt",
    "!env",
    "!secret",
    "!encrypted",
    "!include",
    "encrypted:",
    "ref:",
    "secret:",
    "secrets:",
    "secret://",
    "aws-sm:",
    "aws_sm:",
    "os.environ",
    "os.getenv",
    "os.env",
    "process.env",
    "import.meta.env",
    "getenv",
    "system.getenv",
    "std::env",
    "env(",
    "env[",
    "environ",
    "settings.",
    "config.",
    "secrets.",
    "conf.",
    "var.",
    "local.",
    "data.",
    "module.",
    "self.",
    "this.",
    "request.",
    "req.",
    "args.",
    "opts.",
    "options.",
    "getpass",
    "input(",
    "prompt(",
    "params.",
    "ctx.",
    "context.",
    "projects/",
    "resolve:",
    "akv:",
    "keyvault:",
    "doppler:",
    "infisical:",
    "bw:",
    "lastpass:",
    "pass:",
    "gopass:",
    "chamber:",
    "credhub:",
    "((",
    "k8s:",
    "conjur:",
];

/// A reference to the environment, to a vault, to another value.
fn is_reference(value: &str) -> bool {
    REFERENCES.iter().any(|start| value.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// Expressions of template languages, shells and programs that stand for a value. Names in programs are of ASCII letters,
/// which makes this in a quarter of the time.
static TEMPLATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \$\{ | \$\( | \{\$ | \{\{ | \}\} | \{% | <% | \#\{ | @\{ | \[\[ .* \]\] | %\((?-u:\w)+\)[sdr]
        | ^ < [^<>]* > $ | < [A-Za-z][\w\ .:-]* >
        | ^ \$ [A-Za-z_](?-u:\w)* $ | ^ \$env:(?-u:\w)+ $ | ^ % (?-u:\w)+ % $ | ^ @ (?-u:\w)+ @ $ | ^ __(?-u:\w)+__ $ | ^ _[A-Z][A-Z_]*_ $ | ^ \$\$(?-u:\w)+ $
        | \{ [A-Za-z_]?(?-u:[\w.])* (?: ![rsa] )? (?: :[^{}]* )? \} | ^ \[ [A-Za-z][\w\ -]* \] $ | ^ \( [A-Za-z][\w\ -]* \) $
        | (?: ^ | [^%\w] ) % [sdr] (?-u:\b) | ^ % [sdrv] $
        | ^ [A-Za-z_](?-u:[\w.:])* (?: -> (?-u:\w)+ )? \( .* $ | ^ [A-Za-z_](?-u:[\w.])* \[ [^\]]* \] $
        | ^ \{ [A-Za-z0-9+/=]+ \} $
        ",
    )
    .ok()
});

/// A hole for a value, or code that computes it.
fn is_template(value: &str) -> bool {
    if value.contains('$') && is_interpolated(value) {
        return true;
    }
    TEMPLATE.as_ref().is_some_and(|template| template.is_match(value))
}

/// Whether nothing but signs is left when the variables are taken out: `$user:$password`.
fn is_interpolated(value: &str) -> bool {
    let mut parts = value.split('$');
    let before = parts.next().unwrap_or_default();
    !before.chars().any(char::is_alphanumeric)
        && parts.all(|part| {
            let name = part.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '>');
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.chars().any(char::is_alphanumeric)
        })
}

/// Whole texts, in lower case, that say that there is no secret here.
const NOTHING: &[&str] = &[
    "null",
    "nil",
    "none",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "undefined",
    "nan",
    "na",
    "n/a",
    "tbd",
    "unset",
    "empty",
    "blank",
    "default",
    "required",
    "optional",
    "hidden",
    "string",
    "str",
    "text",
    "bytes",
    "int",
    "integer",
    "boolean",
    "bool",
    "object",
    "array",
    "number",
    "any",
    "value",
    "val",
    "xxx",
    "foo",
    "bar",
    "baz",
    "foobar",
    "abc",
    "todo",
    "fixme",
    "masked",
    "redacted",
    "removed",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "token",
    "key",
    "apikey",
    "api-key",
    "api_key",
    "username",
    "user",
    "login",
    "pwd",
    "auth",
    "credentials",
    "credential",
    "generate",
    "generated",
    "auto",
    "random",
    "prompt",
    "ask",
    "stdin",
    "inherit",
    "basic",
    "bearer",
    "digest",
    "plain",
    "disabled",
    "enabled",
    "unknown",
    "invalid",
    "missing",
    "-",
    "--",
    "...",
    "?",
    "~",
    "self",
    "this",
    "env",
    "file",
    "keyring",
    "vault",
    "unused",
    "ignored",
    "ignore",
    "omitted",
    "filtered",
    "encrypted",
    "never",
    "always",
    "<nil>",
];

/// Texts, in lower case, that mark a placeholder wherever they stand.
const MARKS: &[&str] = &[
    "example",
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "changethis",
    "change-this",
    "change_this",
    "change this",
    "changeit",
    "change-it",
    "placeholder",
    "dummy",
    "redacted",
    "replaceme",
    "replace-me",
    "replace_me",
    "replace me",
    "replacewith",
    "replace-with",
    "replace_with",
    "replace with",
    "replace-this",
    "replace_this",
    "replace this",
    "notasecret",
    "not-a-secret",
    "not_a_secret",
    "notreal",
    "not-real",
    "not_real",
    "insertyour",
    "lorem ipsum",
    "fill-in",
    "fill_in",
    "fillin",
    "fill me",
    "fillme",
    "to-be-",
    "tobereplaced",
    "to_be_",
    "goes-here",
    "goes_here",
    "goeshere",
    "goes here",
    "-here",
    "_here",
    "foobar",
    "sanitized",
    "scrubbed",
    "masked",
    "hidden",
    "obfuscated",
    "censored",
    "<your",
    "[your",
    "putyour",
    "put-your",
    "put_your",
    "enteryour",
    "enter-your",
    "enter_your",
    "enter your",
    "insert-",
    "insert_",
    "insert your",
    "generate-",
    "generate_",
    "generate a",
];

/// Words, in lower case, that mark a placeholder when they stand alone among other words.
const MARKING_WORDS: &[&str] = &[
    "your",
    "yours",
    "todo",
    "fixme",
    "fake",
    "mock",
    "mocked",
    "sample",
    "foo",
    "bar",
    "baz",
    "qux",
    "lorem",
    "ipsum",
    "tbd",
    "blah",
    "bogus",
    "invalid",
    "example",
    "examples",
    "dummy",
    "whatever",
    "something",
    "anything",
];

/// A text that says itself that it is not the real one.
fn says_so(value: &str) -> bool {
    if value.contains("EXAMPLE") {
        return true;
    }
    // A person who writes a placeholder is brief.
    if value.len() > 120 {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    if NOTHING.contains(&lower.as_str()) || MARKS.iter().any(|mark| lower.contains(mark)) {
        return true;
    }
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| MARKING_WORDS.contains(&word)) || is_your(value)
}

/// `yourSecret`, `YOURKEY`: the possessive written together with its noun.
fn is_your(value: &str) -> bool {
    value.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("your"))
        && value.get(4..).is_some_and(|rest| {
            rest.len() <= 40 && rest.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' '))
        })
}

/// Rows of the keyboard, the alphabet, the digits: who types along them types nothing.
const ROWS: &[&[u8]] = &[
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"1234567890",
    b"0123456789abcdefghijklmnopqrstuvwxyz",
    b"qwertz",
    b"azerty",
];

/// Sequences, walks over the keyboard, repetitions.
fn is_walk(value: &str) -> bool {
    let bytes: Vec<u8> = value.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect();
    if bytes.len() < 3 || bytes.len() * 4 < value.len() * 3 {
        return false;
    }
    let steps = bytes.windows(2).filter(|pair| matches!(pair, [a, b] if is_step(*a, *b))).count();
    if steps * 4 >= (bytes.len() - 1) * 3 {
        return true;
    }
    let mut seen = [false; 256];
    let mut distinct = 0;
    for byte in &bytes {
        if let Some(seen) = seen.get_mut(usize::from(*byte))
            && !*seen
        {
            *seen = true;
            distinct += 1;
        }
    }
    if bytes.len() >= 8 && distinct <= 3 {
        return true;
    }
    (1..=bytes.len() / 3).any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b))
        || (bytes.len() >= 16
            && bytes.len().is_multiple_of(2)
            && bytes.get(..bytes.len() / 2) == bytes.get(bytes.len() / 2..)
            && distinct <= 10)
}

/// Whether two characters are neighbours or the same.
fn is_step(a: u8, b: u8) -> bool {
    a == b
        || ROWS.iter().any(|row| {
            let place = |wanted: u8| row.iter().position(|&byte| byte == wanted);
            matches!((place(a), place(b)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
        })
}
