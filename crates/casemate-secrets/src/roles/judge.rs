//! Whether a text that a name is bound to is a secret.

use crate::leak::{LeakKind, Proof};
use crate::path::Surroundings;
use crate::roles::encoded;
use crate::roles::name::{NameKind, secret_name};
use crate::value;

/// A text and the name it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<'text> {
    /// The name, as written: `DB_PASSWORD`, `self.api_key`, `spring.mail.password`.
    pub name: &'text str,
    /// The text without quotes.
    pub value: &'text str,
    /// How sure it is that the text is the value that will be used.
    pub binding: Binding,
    /// What the file is for.
    pub surroundings: Surroundings,
}

/// How sure it is that a text is the value of what its name says, and not something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// Prose and languages that are not understood: only a random text counts.
    Loose,
    /// An assignment, a dictionary entry: it may be a label or the name of a field.
    Open,
    /// A setting, an environment variable, the argument of a call that connects: also a plain word is a password.
    Firm,
}

/// What a bound text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// [`LeakKind::Password`] or [`LeakKind::Random`].
    pub kind: LeakKind,
    /// [`Proof::Role`] for passwords, [`Proof::Rarity`] for random texts.
    pub proof: Proof,
    /// `password` or `random-secret`.
    pub detector: &'static str,
    /// In words that follow "this is a".
    pub what: String,
    /// What the text says when it was encoded.
    pub decoded: Option<String>,
}

/// Whether a text is a hardcoded password or a random secret; `None` if it is neither.
pub fn judge(bound: &Bound<'_>) -> Option<Verdict> {
    let kind = secret_name(bound.name)?;
    let value = bound.value.trim();
    if value::is_placeholder(value) || names_itself(bound.name, value) {
        return None;
    }
    if let Some(decoded) = decoded(kind, value) {
        return decoded.weighed(kind, bound);
    }
    if value::is_something_else(value) {
        return None;
    }
    let is_random = value::looks_random(value);
    match (kind, bound.binding) {
        (NameKind::Password, Binding::Firm) if is_password(value, bound.surroundings) => Some(password(None)),
        (NameKind::Password, Binding::Open) if is_random || value::looks_chosen(value) => Some(password(None)),
        (NameKind::Password | NameKind::Key, Binding::Loose) if is_random && value.len() >= 12 => Some(random(None)),
        (NameKind::Key, Binding::Firm) if is_random || value::looks_chosen(value) && value.len() >= 6 => {
            Some(random(None))
        }
        (NameKind::Key, Binding::Open) if is_random && value.len() >= 10 => Some(random(None)),
        (NameKind::Vague, Binding::Firm | Binding::Open) if is_random && value.len() >= 16 => Some(random(None)),
        _ => None,
    }
}

/// Whether the value of a setting is a password: in the product any one text, elsewhere one that is not made of the
/// words that examples are made of.
fn is_password(value: &str, surroundings: Surroundings) -> bool {
    let is_settled = value::looks_chosen(value) || value::looks_random(value);
    value::may_be_password(value) && (is_settled || surroundings == Surroundings::Product)
}

fn password(decoded: Option<String>) -> Verdict {
    Verdict { kind: LeakKind::Password, proof: Proof::Role, detector: "password", what: "password".to_owned(), decoded }
}

fn random(decoded: Option<String>) -> Verdict {
    let what = "random-looking secret".to_owned();
    Verdict { kind: LeakKind::Random, proof: Proof::Rarity, detector: "random-secret", what, decoded }
}

/// What an encoded value says.
enum Decoded {
    /// `user:password`, as Docker and HTTP write it.
    Pair(String),
    /// A text.
    Plain(String),
}

/// Reads a value that is the encoding of a printable text.
fn decoded(kind: NameKind, value: &str) -> Option<Decoded> {
    let is_long = value.len() >= 8
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_'));
    if !is_long {
        return None;
    }
    let plain = encoded::hex_text(value).or_else(|| encoded::base64_text(value))?;
    if let Some(password) = encoded::password_of_pair(&plain)
        && kind != NameKind::Password
    {
        return Some(Decoded::Pair(password.to_owned()));
    }
    // Few random texts decode to readable ones: one of six bytes in a thousand.
    (plain.len() >= 6).then(|| Decoded::Plain(plain.trim_end().to_owned()))
}

impl Decoded {
    fn weighed(self, kind: NameKind, bound: &Bound<'_>) -> Option<Verdict> {
        match self {
            Self::Pair(secret) => {
                let is_real = !value::is_placeholder(&secret)
                    && (value::looks_chosen(&secret)
                        || value::looks_random(&secret)
                        || bound.binding == Binding::Firm && !value::is_filler(&secret));
                is_real.then(|| password(Some(secret)))
            }
            Self::Plain(text) => {
                if value::is_placeholder(&text) || value::is_something_else(&text) {
                    return None;
                }
                let is_real = value::looks_random(&text)
                    || value::looks_chosen(&text)
                    || (kind == NameKind::Password && bound.binding == Binding::Firm && value::may_be_password(&text));
                match kind {
                    _ if !is_real => None,
                    NameKind::Password => Some(password(Some(text))),
                    NameKind::Vague if bound.binding != Binding::Firm => None,
                    _ => Some(random(Some(text))),
                }
            }
        }
    }
}

/// Whether a value only repeats its name: `password = "password"`, `DB_PASS: db-pass`.
fn names_itself(name: &str, value: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (name, value) = (plain(name), plain(value));
    !value.is_empty() && name.ends_with(&value)
}
