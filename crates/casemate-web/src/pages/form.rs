//! Forms: what came in, and what goes back when something was wrong with it.

use std::collections::BTreeMap;
use std::fmt::Display;

use askama::Template;
use axum::response::Response;
use casemate_service::SecretText;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::answer;
use crate::failure::{Code, Failure};

/// The fields of a form or a query, in the order sent; a name may come several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of this name, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The first value of this name if there is something in it.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// All values of this name that say something.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether a box of this name was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// A password: taken as typed, blanks included.
    pub(crate) fn secret(&self, name: &str) -> SecretText {
        SecretText::from(self.text(name).to_owned())
    }

    /// As a query again, with another value for one name.
    pub(crate) fn query_with(&self, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = self.0.iter().filter(|(key, value)| key != name && key != "done" && !value.is_empty());
        query.extend_pairs(kept);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        query.finish()
    }

    /// What was typed, to show it again. Never passwords or tokens.
    pub(crate) fn sheet(&self) -> Sheet {
        let shown = self.0.iter().filter(|(name, _)| !matches!(name.as_str(), "password" | "csrf"));
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in shown {
            values.entry(name.clone()).or_default().push(value.clone());
        }
        Sheet { values, ..Sheet::default() }
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Vec<(String, String)>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("form fields")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(pair) = pairs.next_element()? {
                    if all.len() >= MOST_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    all.push(pair);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_seq(Pairs).map(Self)
    }
}

/// More fields than any form of ours sends.
const MOST_FIELDS: usize = 1_000;

/// What a form shows: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    values: BTreeMap<String, Vec<String>>,
    wrong: BTreeMap<String, String>,
    /// What is wrong with the whole.
    pub(crate) trouble: Option<String>,
}

impl Sheet {
    /// What stands in a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.get(name).and_then(|all| all.first()).map_or("", String::as_str)
    }

    /// Whether this value of several is chosen.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.values.get(name).is_some_and(|all| all.iter().any(|one| one == value))
    }

    /// What is wrong with a field.
    pub(crate) fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.get(name).map(String::as_str)
    }

    /// Whether anything is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        self.trouble.is_some() || !self.wrong.is_empty()
    }

    /// Takes over what a use case found wrong with what was typed; other failures stay failures.
    ///
    /// # Errors
    /// When the failure is not about what was typed.
    pub(crate) fn refused(mut self, failure: &Failure) -> Result<Self, Failure> {
        match failure.code() {
            Code::Invalid => {
                for fault in failure.field_faults() {
                    self.wrong.entry(fault.field.clone()).or_insert_with(|| sentence(&fault.message));
                }
            }
            Code::Conflict | Code::Stale | Code::SlowDown => self = self.troubled(failure.message()),
            _ => return Err(failure.clone()),
        }
        Ok(self)
    }

    /// Shows a form again with what is wrong: what parsing found, and what a use case said.
    ///
    /// # Errors
    /// When the failure is not about what was typed.
    pub(crate) fn answer<T: Template>(
        self,
        failure: Option<Failure>,
        page: impl FnOnce(Self) -> T,
    ) -> Result<Response, Failure> {
        let Some(failure) = failure else {
            return answer::page_as(Code::Invalid.status(), &page(self));
        };
        let sheet = self.refused(&failure)?;
        let response = answer::page_as(failure.code().status(), &page(sheet))?;
        Ok(answer::retry_after(response, &failure))
    }

    /// Puts a value into a field.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.entry(name.to_owned()).or_default().push(value.into());
        self
    }

    /// Says what is wrong with a field.
    pub(crate) fn refuse(&mut self, name: &'static str, why: impl Display) {
        self.wrong.entry(name.to_owned()).or_insert_with(|| sentence(&why.to_string()));
    }

    /// Says what is wrong with the whole.
    #[must_use]
    pub(crate) fn troubled(mut self, why: impl Display) -> Self {
        self.trouble = Some(sentence(&why.to_string()));
        self
    }

    /// Keeps what was parsed, or says at the field why it could not be.
    pub(crate) fn take<T, E: Display>(&mut self, name: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|why| self.refuse(name, why)).ok()
    }
}

/// Messages begin in lower case inside; on a page they begin a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut out = capital(message);
    if !out.is_empty() && !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

/// Begins with a capital letter, unless it begins with code.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_password_is_never_shown_again() {
        let sheet = fields(&[("email", "ada@example.org"), ("password", "hunter2"), ("csrf", "x")]).sheet();
        assert_eq!(sheet.value("email"), "ada@example.org");
        assert_eq!(sheet.value("password"), "");
        assert_eq!(sheet.value("csrf"), "");
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("must not be empty"), "Must not be empty.");
        assert_eq!(sentence("`/login` is open"), "`/login` is open.");
        assert_eq!(sentence(""), "");
    }
}
