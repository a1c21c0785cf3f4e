//! Text from outside becomes a type at the door; a value that exists has been checked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text was refused. The message names the limit and can be shown to whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than allowed, in Unicode scalar values.
    #[error("must be at most {0} characters long")]
    TooLong(usize),
    /// Holds characters that have no business there.
    #[error("must not contain control characters")]
    Control,
    /// Not of the form this kind of text has.
    #[error("{0}")]
    Form(&'static str),
}

/// Characters that reorder or hide text on screen (Trojan Source, CVE-2021-42574).
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What is left of a text from outside that is shown but not refused: no control characters (lines and tabs stay when
/// `many_lines`), nothing deceptive, at most `most` characters. Code keeps its indentation.
pub fn clean(text: &str, most: usize, many_lines: bool) -> String {
    let harmless = |c: &char| !is_deceptive(*c) && (!c.is_control() || (many_lines && matches!(c, '\n' | '\t')));
    let kept: String = text
        .chars()
        .map(|c| if !many_lines && matches!(c, '\n' | '\t') { ' ' } else { c })
        .filter(harmless)
        .take(most)
        .collect();
    if many_lines { kept.trim_end().to_owned() } else { kept.trim().to_owned() }
}

fn check(text: &str, most: usize, many_lines: bool) -> Result<String, BadText> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BadText::Empty);
    }
    if text.chars().count() > most {
        return Err(BadText::TooLong(most));
    }
    let allowed = |c: char| !is_deceptive(c) && (!c.is_control() || (many_lines && matches!(c, '\n' | '\t')));
    let text = if many_lines { text.replace("\r\n", "\n") } else { text.to_owned() };
    if text.chars().all(allowed) { Ok(text) } else { Err(BadText::Control) }
}

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident, $most:expr, $many_lines:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Most characters it holds.
            pub const MOST: usize = $most;

            /// Trims and checks.
            ///
            /// # Errors
            /// When it is empty, too long or holds control characters.
            pub fn parse(text: &str) -> Result<Self, BadText> {
                check(text, Self::MOST, $many_lines).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadText;

            fn try_from(text: String) -> Result<Self, BadText> {
                Self::parse(&text)
            }
        }

        impl FromStr for $name {
            type Err = BadText;

            fn from_str(text: &str) -> Result<Self, BadText> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    )*};
}

text! {
    /// What a case is called.
    CaseTitle, 200, false;
    /// What a case is about.
    CaseDescription, 20_000, true;
    /// A note on a case.
    NoteText, 10_000, true;
    /// Why somebody changed a status.
    Reason, 2_000, true;
    /// What a tenant is called.
    TenantName, 80, false;
    /// What a project is called; scans name it.
    ProjectName, 100, false;
    /// What a person is called.
    PersonName, 100, false;
    /// What an API client is called.
    ClientName, 100, false;
    /// A short label on a case.
    Tag, 40, false;
    /// A branch of a repository.
    BranchName, 200, false;
    /// A commit of a repository.
    CommitName, 100, false;
    /// What somebody types to search.
    SearchText, 200, false;
}

/// An e-mail address, in lower case. A name to sign in with, never a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Trims, lowers and checks the form `local@domain`; whether it receives mail is another question.
    ///
    /// # Errors
    /// When it is not of that form or over 254 characters (RFC 5321).
    pub fn parse(text: &str) -> Result<Self, BadText> {
        const FORM: BadText = BadText::Form("must be an e-mail address, like `name@example.org`");
        let text = check(text, 254, false)?.to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(FORM)?;
        let domain_is_sound = domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
        });
        let local_is_sound = !local.is_empty()
            && local.len() <= 64
            && local
                .chars()
                .all(|c| !c.is_whitespace() && !matches!(c, '@' | '<' | '>' | '"' | ',' | ';' | ':' | '\\'));
        if domain_is_sound && local_is_sound { Ok(Self(text)) } else { Err(FORM) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = BadText;

    fn try_from(text: String) -> Result<Self, BadText> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl FromStr for Email {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_trimmed_and_bounded() {
        assert_eq!(CaseTitle::parse("  a  ").map(String::from), Ok("a".to_owned()));
        assert_eq!(CaseTitle::parse(" \t "), Err(BadText::Empty));
        assert_eq!(CaseTitle::parse(&"x".repeat(201)), Err(BadText::TooLong(200)));
        assert_eq!(CaseTitle::parse("a\nb"), Err(BadText::Control));
        assert_eq!(CaseTitle::parse("a\u{202E}b"), Err(BadText::Control));
    }

    #[test]
    fn cleaned_text_can_be_shown() {
        assert_eq!(clean("a\u{202E}b\0\nc\u{1b}[2J", 100, false), "ab c[2J");
        assert_eq!(clean("  a\n\tb\r\n", 100, true), "  a\n\tb");
        assert_eq!(clean("\u{FEFF}abcdef", 3, false), "abc");
    }

    #[test]
    fn notes_keep_their_lines() {
        assert_eq!(NoteText::parse("a\r\nb").map(String::from), Ok("a\nb".to_owned()));
        assert_eq!(NoteText::parse("a\0b"), Err(BadText::Control));
    }

    #[test]
    fn e_mail_addresses_are_lowered_and_checked() {
        assert_eq!(Email::parse(" Ada@Example.ORG ").map(String::from), Ok("ada@example.org".to_owned()));
        for bad in ["ada", "@example.org", "ada@", "a b@example.org", "ada@ex..org", "<ada@example.org>"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
