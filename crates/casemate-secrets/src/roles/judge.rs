//! Whether a text that a name is bound to is a secret.

use crate::leak::{LeakKind, Proof};
use crate::path::Surroundings;
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
    if value::is_placeholder(bound.value) || names_itself(bound.name, bound.value) {
        return None;
    }
    if value::is_something_else(bound.value) {
        return None;
    }
    let is_random = value::looks_random(bound.value);
    let password = || {
        Some(Verdict {
            kind: LeakKind::Password,
            proof: Proof::Role,
            detector: "password",
            what: "password".to_owned(),
            decoded: None,
        })
    };
    let random = || {
        Some(Verdict {
            kind: LeakKind::Random,
            proof: Proof::Rarity,
            detector: "random-secret",
            what: "random-looking secret".to_owned(),
            decoded: None,
        })
    };
    match (kind, bound.binding) {
        (NameKind::Password, Binding::Firm) if value::may_be_password(bound.value) => password(),
        (NameKind::Password, Binding::Open) if is_random || value::looks_chosen(bound.value) => password(),
        (NameKind::Key, Binding::Firm) if is_random || value::looks_chosen(bound.value) => random(),
        _ if is_random => random(),
        _ => None,
    }
}

/// Whether a value only repeats its name: `password = "password"`, `DB_PASS: db-pass`.
fn names_itself(name: &str, value: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (name, value) = (plain(name), plain(value));
    !value.is_empty() && name.ends_with(&value)
}
