//! What libraries do to data, as data: one pack a field, read once.

use std::sync::OnceLock;

use casemate_python::flow::{ArgumentAt, CallModel, Labels, Models, SinkModel};
use casemate_python::routes::Role;
use serde::Deserialize;

const PACKS: [(&str, &str); 3] =
    [("stdlib", include_str!("stdlib.toml")), ("sql", include_str!("sql.toml")), ("web", include_str!("web.toml"))];

/// Kinds of sources.
pub(crate) mod label {
    use casemate_python::flow::Labels;

    pub(crate) const QUERY: Labels = Labels::kind(0);
    pub(crate) const PATH: Labels = Labels::kind(1);
    pub(crate) const HEADER: Labels = Labels::kind(2);
    pub(crate) const COOKIE: Labels = Labels::kind(3);
    pub(crate) const FORM: Labels = Labels::kind(4);
    pub(crate) const BODY: Labels = Labels::kind(5);
    pub(crate) const FILE: Labels = Labels::kind(6);
    /// A password somebody typed.
    pub(crate) const PASSWORD: Labels = Labels::kind(8);
    /// A secret by its name: a token, a key, a stored hash.
    pub(crate) const SECRET: Labels = Labels::kind(9);
    /// The fast hash of a password.
    pub(crate) const PASSWORD_DIGEST: Labels = Labels::kind(10);
    /// A message authentication code.
    pub(crate) const MAC: Labels = Labels::kind(11);
    /// Random bytes or text.
    pub(crate) const RANDOM: Labels = Labels::kind(12);
    /// Base64 and the like: readable and forgeable by anybody.
    pub(crate) const ENCODED: Labels = Labels::kind(13);
    /// What somebody outside can choose.
    pub(crate) const UNTRUSTED: Labels = Labels(QUERY.0 | PATH.0 | HEADER.0 | COOKIE.0 | FORM.0 | BODY.0 | FILE.0);
}

/// Kinds of sinks.
pub(crate) mod sink {
    pub(crate) const SQL: u8 = 0;
    pub(crate) const SQLALCHEMY_TEXT: u8 = 1;
    pub(crate) const FAST_HASH: u8 = 2;
    /// The command line of another program.
    pub(crate) const COMMAND: u8 = 3;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    #[serde(default)]
    passes: Vec<String>,
    #[serde(default)]
    safe_types: Vec<String>,
    #[serde(default)]
    alias: Vec<AliasEntry>,
    #[serde(default)]
    source: Vec<SourceEntry>,
    #[serde(default)]
    call: Vec<CallEntry>,
    #[serde(default)]
    method: Vec<MethodEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasEntry {
    is: String,
    paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    label: String,
    paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    paths: Vec<String>,
    #[serde(default)]
    passes: bool,
    #[serde(default)]
    returns: Vec<String>,
    #[serde(default)]
    transforms: Vec<(String, String)>,
    #[serde(default)]
    cleans: Vec<String>,
    #[serde(default)]
    fills_receiver: bool,
    #[serde(default)]
    sink: Vec<SinkEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MethodEntry {
    names: Vec<String>,
    #[serde(default)]
    sink: Vec<SinkEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkEntry {
    kind: String,
    position: Option<usize>,
    keyword: Option<String>,
}

/// The built-in models.
pub(crate) fn builtin() -> &'static Models {
    static MODELS: OnceLock<Models> = OnceLock::new();
    MODELS.get_or_init(|| {
        let mut models = empty();
        for (_, text) in PACKS {
            // A pack that does not read is a mistake of ours; a test reads them all.
            let _ = add(&mut models, text);
        }
        models
    })
}

fn empty() -> Models {
    Models {
        aliases: Default::default(),
        sources: Default::default(),
        calls: Default::default(),
        methods: Default::default(),
        safe_types: Default::default(),
        by_name,
        by_role,
        through_objects: label::UNTRUSTED | label::RANDOM | label::ENCODED,
    }
}

fn add(models: &mut Models, text: &str) -> Result<(), String> {
    let pack: Pack = toml::from_str(text).map_err(|error| error.to_string())?;
    for path in pack.passes {
        models.calls.insert(path, CallModel { passes: true, ..CallModel::default() });
    }
    models.safe_types.extend(pack.safe_types);
    for entry in pack.alias {
        for path in entry.paths {
            models.aliases.insert(path, entry.is.clone());
        }
    }
    for entry in pack.source {
        let label = label_named(&entry.label)?;
        for path in entry.paths {
            let known = models.sources.entry(path).or_default();
            *known |= label;
        }
    }
    for entry in pack.call {
        let mut model =
            CallModel { passes: entry.passes, fills_receiver: entry.fills_receiver, ..CallModel::default() };
        for name in &entry.returns {
            model.returns |= label_named(name)?;
        }
        for (has, gives) in &entry.transforms {
            model.transforms.push((label_named(has)?, label_named(gives)?));
        }
        for name in &entry.cleans {
            model.cleans |= 1 << sink_named(name)?;
        }
        model.sinks = sinks(&entry.sink)?;
        for path in entry.paths {
            models.calls.insert(path, model.clone());
        }
    }
    for entry in pack.method {
        let model = CallModel { sinks: sinks(&entry.sink)?, ..CallModel::default() };
        for name in entry.names {
            models.methods.insert(name, model.clone());
        }
    }
    Ok(())
}

fn sinks(entries: &[SinkEntry]) -> Result<Vec<SinkModel>, String> {
    entries
        .iter()
        .map(|entry| {
            let argument = ArgumentAt { position: entry.position, keyword: entry.keyword.clone() };
            Ok(SinkModel { kind: sink_named(&entry.kind)?, argument })
        })
        .collect()
}

fn label_named(name: &str) -> Result<Labels, String> {
    Ok(match name {
        "query" => label::QUERY,
        "path" => label::PATH,
        "header" => label::HEADER,
        "cookie" => label::COOKIE,
        "form" => label::FORM,
        "body" => label::BODY,
        "file" => label::FILE,
        "password" => label::PASSWORD,
        "secret" => label::SECRET,
        "password-digest" => label::PASSWORD_DIGEST,
        "mac" => label::MAC,
        "random" => label::RANDOM,
        "encoded" => label::ENCODED,
        other => return Err(format!("`{other}` is not a label")),
    })
}

fn sink_named(name: &str) -> Result<u8, String> {
    Ok(match name {
        "sql" => sink::SQL,
        "sqlalchemy-text" => sink::SQLALCHEMY_TEXT,
        "fast-hash" => sink::FAST_HASH,
        "command" => sink::COMMAND,
        other => return Err(format!("`{other}` is not a kind of sink")),
    })
}

fn by_role(role: Role) -> Labels {
    match role {
        Role::Path => label::PATH,
        Role::Query => label::QUERY,
        Role::Header => label::HEADER,
        Role::Cookie => label::COOKIE,
        Role::Form => label::FORM,
        Role::Body => label::BODY,
        Role::File => label::FILE,
        Role::Request | Role::Dependency | Role::Other => Labels::NONE,
    }
}

/// What a name promises about a value.
pub(crate) fn by_name(name: &str) -> Labels {
    match name {
        // Django and WebOb spell these so, and nothing else does.
        "GET" => return label::QUERY,
        "POST" => return label::FORM,
        "COOKIES" => return label::COOKIE,
        _ => {}
    }
    if is_password(name) {
        label::PASSWORD
    } else if is_secret(name) {
        label::SECRET
    } else {
        Labels::NONE
    }
}

/// The words of a name, in lower case: `newPassword`, `new_password` and `NEW-PASSWORD` are two each.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_lower = false;
    let mut open = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            open = false;
            after_lower = false;
            continue;
        }
        if !open || (c.is_uppercase() && after_lower) {
            words.push(String::new());
            open = true;
        }
        after_lower = c.is_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Whether a name is that of a password somebody typed, not of its hash or of something about passwords.
pub(crate) fn is_password(name: &str) -> bool {
    if !contains_any(name, &["pass", "pwd", "pw", "Pass", "PASS", "Pw", "PW"]) {
        return false;
    }
    let words = words(name);
    let is_word = |word: &str| {
        matches!(
            word,
            "password"
                | "passwd"
                | "pwd"
                | "passphrase"
                | "passcode"
                | "pw"
                | "passwort"
                | "userpassword"
                | "password1"
                | "password2"
        )
    };
    let Some(last) = words.last() else { return false };
    let about = |word: &str| {
        matches!(
            word,
            "hash"
                | "hashed"
                | "encrypted"
                | "digest"
                | "reset"
                | "forgot"
                | "forgotten"
                | "has"
                | "is"
                | "needs"
                | "require"
                | "requires"
                | "no"
                | "show"
                | "hide"
                | "use"
                | "ask"
                | "change"
                | "changed"
        )
    };
    if is_word(last) {
        return !words.iter().any(|word| about(word));
    }
    words.len() > 1
        && is_word(&words[0])
        && matches!(
            last.as_str(),
            "raw"
                | "plain"
                | "plaintext"
                | "input"
                | "bytes"
                | "text"
                | "str"
                | "string"
                | "attempt"
                | "candidate"
                | "confirm"
        )
}

/// Whether a name is that of a secret that is compared or kept.
pub(crate) fn is_secret(name: &str) -> bool {
    if !contains_any(
        &name.to_ascii_lowercase(),
        &["token", "secret", "key", "hash", "signature", "digest", "hmac", "pass", "otp", "hashed", "mac"],
    ) {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    match last {
        "token" => !matches!(
            before,
            "page"
                | "next"
                | "continuation"
                | "sync"
                | "cancel"
                | "cancellation"
                | "lex"
                | "current"
                | "prev"
                | "previous"
                | "delimiter"
                | "start"
                | "end"
        ),
        "secret" | "signature" | "hmac" | "apikey" | "otp" | "totp" => true,
        "key" => matches!(before, "api" | "secret" | "access" | "auth" | "service" | "webhook" | "signing"),
        "hash" | "hashed" | "digest" => words.iter().any(|word| {
            matches!(word.as_str(), "password" | "passwd" | "pwd" | "pw" | "token" | "stored" | "expected" | "secret")
        }),
        "password" | "passwd" | "pwd" => {
            words.iter().any(|word| matches!(word.as_str(), "hashed" | "encrypted" | "hash"))
        }
        _ => false,
    }
}

fn contains_any(name: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_reads() {
        for (name, text) in PACKS {
            add(&mut empty(), text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    #[test]
    fn a_password_is_told_from_what_is_about_passwords() {
        for name in ["password", "new_password", "userPassword", "PASSWD", "plain_password", "password_bytes"] {
            assert!(is_password(name), "{name}");
        }
        for name in [
            "password_hash",
            "hashed_password",
            "password_reset",
            "reset_password",
            "has_password",
            "compass",
            "bypass",
            "password_field",
            "pwm",
        ] {
            assert!(!is_password(name), "{name}");
        }
    }
}
