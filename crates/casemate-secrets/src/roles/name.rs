//! Which names speak of a secret.
//!
//! The head of an English compound is its last word: a `password` is a secret, a `password_field` is a field. So the
//! last word decides, after what may follow a head without changing it (`password2`, `token_prod`) was put aside.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What a name that speaks of a secret says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A person chose it: any text can be one, also `hunter2`.
    Password,
    /// A machine made it, as a rule: secrets, tokens, API keys. A text that nobody would call random is rarely one.
    Key,
    /// It may be a secret or something else: `auth`, `key`, `salt`. Only the value can tell.
    Vague,
}

/// Whether a name speaks of a secret, as in `DB_PASSWORD`, `client_secret`, `self.api_key`, `spring.mail.password`.
pub fn secret_name(name: &str) -> Option<NameKind> {
    // Most names can be told by their letters. Beyond ASCII, lower case is not a matter of single bytes.
    if name.is_ascii() && STEMS.as_ref().is_some_and(|stems| !stems.is_match(name)) {
        return None;
    }
    let words = words(last_part(name));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    kind_of_words(&words)
}

/// One of these is in every name that speaks of a secret.
static STEMS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let stems = [
        "pass",
        "pw",
        "pswd",
        "contrasena",
        "senha",
        "kennwort",
        "secret",
        "token",
        "cred",
        "bearer",
        "key",
        "psk",
        "salt",
        "pepper",
        "auth",
        "pin",
        "signature",
        "seed",
        "mnemonic",
        "cookie",
        "session",
        "sas",
        "hmac",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(stems).ok()
});

/// The last part of a path of names: `password` of `self.conf["password"]`.
fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
    let start = name
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '$')))
        .map_or(0, |at| at + name[at..].chars().next().map_or(1, char::len_utf8));
    name.get(start..).unwrap_or(name)
}

/// The words of a name in lower case, split at separators, changes of case, and before heads glued to what precedes.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        let begins = c.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || (before.is_some_and(char::is_uppercase)
                    && after.is_some_and(char::is_lowercase)
                    && after != Some('s')));
        let is_digit_edge = c.is_ascii_digit() != before.is_some_and(|before| before.is_ascii_digit());
        if !c.is_alphanumeric() || begins || is_digit_edge {
            close(&mut words, &mut word);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    close(&mut words, &mut word);
    words
}

/// Ends a word: digits are dropped, glued compounds are taken apart.
fn close(words: &mut Vec<String>, word: &mut String) {
    let whole = std::mem::take(word);
    if whole.is_empty() || whole.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    for (glued, parts) in GLUED {
        if whole == *glued {
            words.extend(parts.iter().map(|part| (*part).to_owned()));
            return;
        }
    }
    for head in GLUED_HEADS {
        if let Some(rest) = whole.strip_suffix(head)
            && !rest.is_empty()
        {
            let rest = rest.to_owned();
            if !matches!(rest.as_str(), "s" | "de" | "sub" | "by" | "tres" | "com") {
                words.push(rest);
                words.push((*head).to_owned());
                return;
            }
        }
    }
    words.push(whole);
}

/// Compounds that are written as one word.
const GLUED: &[(&str, &[&str])] = &[
    ("apikey", &["api", "key"]),
    ("apikeys", &["api", "keys"]),
    ("appkey", &["app", "key"]),
    ("secretkey", &["secret", "key"]),
    ("privatekey", &["private", "key"]),
    ("privkey", &["private", "key"]),
    ("accesskey", &["access", "key"]),
    ("authkey", &["auth", "key"]),
    ("masterkey", &["master", "key"]),
    ("accountkey", &["account", "key"]),
    ("sharedkey", &["shared", "key"]),
    ("signkey", &["sign", "key"]),
    ("signingkey", &["signing", "key"]),
    ("encryptionkey", &["encryption", "key"]),
    ("secretaccesskey", &["secret", "access", "key"]),
    ("sharedaccesskey", &["shared", "access", "key"]),
    ("publickey", &["public", "key"]),
    ("pubkey", &["public", "key"]),
    ("passphrase", &["passphrase"]),
    ("authtoken", &["auth", "token"]),
    ("psk", &["preshared", "key"]),
    ("requirepass", &["redis", "pass"]),
    ("masterauth", &["redis", "pass"]),
    ("dbpass", &["db", "pass"]),
    ("userpass", &["user", "pass"]),
    ("bindpw", &["bind", "pass"]),
    ("rootpw", &["root", "pass"]),
    ("storepass", &["store", "pass"]),
    ("keypass", &["key", "pass"]),
];

/// Heads that are written together with what precedes: `dbpassword`, `clientsecret`.
const GLUED_HEADS: &[&str] =
    &["password", "passwd", "passphrase", "apikey", "secret", "token", "pwd", "passcode", "passwort"];

/// What may follow a head and leave it the head.
const FOLLOWERS: &[&str] = &[
    "value",
    "val",
    "str",
    "string",
    "text",
    "txt",
    "plain",
    "plaintext",
    "raw",
    "cleartext",
    "clear",
    "base",
    "b",
    "hex",
    "encoded",
    "prod",
    "production",
    "dev",
    "development",
    "stage",
    "staging",
    "live",
    "test",
    "testing",
    "sandbox",
    "default",
    "new",
    "old",
    "current",
    "primary",
    "secondary",
    "backup",
    "bytes",
    "literal",
    "const",
    "constant",
    "main",
    "global",
    "local",
    "v",
    "x",
    "a",
    "c",
    "tmp",
    "temp",
    "confirm",
    "confirmation",
    "again",
    "repeat",
    "override",
    "fallback",
    "here",
    "prd",
    "qa",
    "uat",
    "int",
    "eu",
    "us",
];

/// Words that before `key` say that it is made to be kept secret.
const SECRET_KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "priv",
    "access",
    "auth",
    "authentication",
    "authorization",
    "master",
    "signing",
    "sign",
    "signature",
    "encryption",
    "encrypt",
    "decryption",
    "cipher",
    "crypto",
    "account",
    "shared",
    "preshared",
    "security",
    "jwt",
    "hmac",
    "aes",
    "fernet",
    "service",
    "consumer",
    "storage",
    "subscription",
    "admin",
    "app",
    "application",
    "client",
    "deploy",
    "cookie",
    "rsa",
    "ssh",
    "db",
    "database",
    "vault",
    "unseal",
    "webhook",
    "license",
    "licence",
    "activation",
    "integration",
    "host",
    "ingest",
    "ingestion",
    "write",
    "token",
    "developer",
    "provisioning",
];

/// Words that before `key` say that it is an id or a place, and nothing before another head: a registry has keys, and it
/// has a password.
const NOT_SECRET_BEFORE_KEY: &[&str] =
    &["gpg", "pgp", "primary", "cache", "partition", "group", "image", "site", "registry", "bucket"];

/// Words that before a head say that it is not secret, whatever the head.
const NOT_SECRET_BEFORE: &[&str] = &[
    "csrf",
    "xsrf",
    "authenticity",
    "nonce",
    "antiforgery",
    "verificationtoken",
    "dummy",
    "fake",
    "mock",
    "example",
    "sample",
    "placeholder",
    "bogus",
    "fingerprint",
    "accessibility",
    "json",
    "stop",
    "bad",
    "public",
    "pub",
    "foreign",
    "sort",
    "dict",
    "has",
    "is",
    "no",
    "use",
    "with",
    "without",
    "show",
    "hide",
    "require",
    "requires",
    "required",
    "allow",
    "enable",
    "disable",
    "forgot",
    "forgotten",
    "reset",
    "change",
    "invalid",
    "wrong",
    "missing",
    "incorrect",
    "bad",
    "expired",
    "unknown",
    "unexpected",
    "count",
    "num",
    "max",
    "min",
    "total",
    "reserved",
    "special",
    "next",
    "prev",
    "previous",
    "page",
    "pagination",
    "continuation",
    "eos",
    "bos",
    "pad",
    "unk",
    "mask",
    "cls",
    "sep",
    "stop",
    "start",
    "end",
    "begin",
    "generated",
    "completion",
    "prompt",
    "input",
    "output",
    "keyword",
    "operator",
    "lexer",
    "syntax",
    "parse",
    "column",
    "row",
    "index",
    "map",
    "object",
    "hash",
    "hot",
    "shortcut",
    "arrow",
    "unique",
    "composite",
    "natural",
    "order",
    "filter",
    "lookup",
    "translation",
    "i",
    "message",
    "type",
    "config",
    "json",
    "data",
    "attribute",
    "attr",
    "field",
    "enter",
    "confirm",
    "your",
    "blank",
    "empty",
    "must",
    "validate",
    "check",
    "verify",
    "encrypted",
    "hashed",
    "error",
    "sealed",
    "idempotency",
    "string",
    "vote",
    "sitekey",
    "recaptcha",
    "publishable",
    "routing",
    "binding",
    "s",
];

/// What the words of a name say.
fn kind_of_words(words: &[&str]) -> Option<NameKind> {
    let mut words = words;
    while let Some((last, rest)) = words.split_last() {
        if rest.is_empty() || !FOLLOWERS.contains(last) {
            break;
        }
        words = rest;
    }
    let (head, before) = words.split_last()?;
    // `RABBITMQ_DEFAULT_PASS`
    let near = before.iter().rev().find(|word| !FOLLOWERS.contains(word)).copied().unwrap_or_default();
    let is_of_keys = matches!(*head, "key" | "keys");
    let is_denied = before
        .iter()
        .any(|word| NOT_SECRET_BEFORE.contains(word) || is_of_keys && NOT_SECRET_BEFORE_KEY.contains(word));
    let kind = match *head {
        "password" | "passwd" | "passphrase" | "pwd" | "passcode" | "passwort" | "contrasena" | "contraseña"
        | "senha" | "kennwort" | "motdepasse" => NameKind::Password,
        "passwords" | "pw" | "pswd" | "passw" | "pword" => NameKind::Password,
        "pass" => {
            let is_certain = matches!(
                near,
                "become"
                    | "sudo"
                    | "mariadb"
                    | "db"
                    | "database"
                    | "user"
                    | "admin"
                    | "root"
                    | "smtp"
                    | "mail"
                    | "email"
                    | "mysql"
                    | "pg"
                    | "postgres"
                    | "redis"
                    | "ftp"
                    | "ssh"
                    | "mongo"
                    | "rabbitmq"
                    | "amqp"
                    | "login"
                    | "http"
                    | "proxy"
                    | "auth"
                    | "key"
                    | "store"
                    | "keystore"
                    | "sql"
                    | "basic"
                    | "wifi"
                    | "ldap"
                    | "bind"
                    | "imap"
            );
            if is_certain { NameKind::Password } else { NameKind::Vague }
        }
        "secret" | "secrets" | "token" | "tokens" | "credential" | "credentials" | "creds" | "cred" | "bearer" => {
            NameKind::Key
        }
        "key" | "keys" if before.iter().any(|word| SECRET_KEYS.contains(word)) => NameKind::Key,
        "salt" if before.is_empty() => return None,
        "key" | "salt" | "pepper" | "auth" | "authorization" | "authentication" | "pin" | "signature" | "seed"
        | "mnemonic" | "cookie" | "session" | "sas" | "hmac" => NameKind::Vague,
        _ => {
            // `PASSWORD_MYSQL`, `TOKEN_GITHUB`: heads that come first, as other languages put them.
            let first = before.first()?;
            let comes_first = matches!(*first, "password" | "passwd" | "pwd" | "secret" | "token" | "apikey");
            let is_other = words.iter().any(|word| OTHER_HEADS.contains(word));
            return (comes_first && before.len() <= 2 && !is_other).then_some(NameKind::Vague);
        }
    };
    (!is_denied).then_some(kind)
}

/// Heads of things about a secret that are not one.
const OTHER_HEADS: &[&str] = &[
    "verify",
    "verified",
    "authenticate",
    "authenticated",
    "plugin",
    "protected",
    "field",
    "type",
    "name",
    "length",
    "len",
    "size",
    "timeout",
    "url",
    "uri",
    "endpoint",
    "path",
    "file",
    "filename",
    "dir",
    "env",
    "header",
    "hash",
    "digest",
    "label",
    "placeholder",
    "help",
    "text",
    "regex",
    "pattern",
    "message",
    "msg",
    "error",
    "errors",
    "hint",
    "id",
    "ids",
    "input",
    "output",
    "prompt",
    "policy",
    "validator",
    "validators",
    "validation",
    "hasher",
    "hashers",
    "reset",
    "change",
    "changed",
    "form",
    "view",
    "expiry",
    "expires",
    "expiration",
    "lifetime",
    "ttl",
    "age",
    "max",
    "min",
    "count",
    "limit",
    "manager",
    "provider",
    "backend",
    "class",
    "func",
    "function",
    "callback",
    "handler",
    "service",
    "store",
    "storage",
    "ref",
    "reference",
    "arn",
    "version",
    "status",
    "state",
    "enabled",
    "disabled",
    "required",
    "strength",
    "score",
    "scheme",
    "algorithm",
    "alg",
    "format",
    "encoding",
    "prefix",
    "suffix",
    "separator",
    "sep",
    "chars",
    "charset",
    "alphabet",
    "template",
    "title",
    "description",
    "desc",
    "info",
    "details",
    "data",
    "list",
    "map",
    "dict",
    "set",
    "index",
    "idx",
    "position",
    "pos",
    "usage",
    "budget",
    "rate",
    "price",
    "cost",
    "exchange",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "location",
    "source",
    "column",
    "table",
    "model",
    "schema",
    "param",
    "params",
    "parameter",
    "arg",
    "argument",
    "option",
    "key",
    "cmd",
    "command",
    "script",
    "page",
    "link",
    "button",
    "icon",
    "css",
    "html",
    "email",
    "user",
    "username",
    "bytes",
    "mask",
    "confirm",
    "match",
    "check",
    "checker",
    "generator",
    "factory",
    "config",
    "rotation",
    "history",
    "expired",
    "invalid",
    "missing",
    "mismatch",
    "too",
    "short",
    "common",
    "similar",
    "numeric",
    "ok",
    "sent",
    "done",
    "complete",
    "success",
    "failed",
    "failure",
    "request",
    "response",
];
