//! What recognises one kind of secret, and what can be done about it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Hit;
use crate::leak::{Leak, LeakKind};

/// What recognises one kind of secret.
#[derive(Debug)]
pub struct Detector {
    pub(super) id: &'static str,
    pub(super) provider: &'static str,
    pub(super) what: &'static str,
    pub(super) revoke: &'static str,
    pub(super) kind: LeakKind,
    /// Literal texts, one of which stands where such a secret stands. The only thing looked for everywhere.
    pub(super) keywords: &'static [&'static str],
    pub(super) form: Form,
    pub(super) check: Option<fn(&str) -> Check>,
    pub(super) verify: Option<Verify>,
}

/// How a secret stands to its keyword.
#[derive(Debug)]
pub(super) enum Form {
    /// It begins with the keyword. The first group, if there is one, is the secret.
    Starts(&'static str),
    /// It has the keyword inside.
    Holds(&'static str),
    /// It has no form of its own: it stands on the line of the keyword or the few after it, bound to a name with one
    /// of these words. An empty word stands for any name and none.
    Near(&'static str, &'static [&'static str]),
    /// Told by code.
    Code(fn(&Hit<'_>, &mut Vec<Leak>)),
}

/// What a closer look at a candidate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// A checksum or a decoded structure says so.
    Proved,
    /// Nothing speaks against it.
    Plausible,
    /// It cannot be one.
    Wrong,
}

impl Detector {
    const fn new(
        id: &'static str,
        provider: &'static str,
        what: &'static str,
        revoke: &'static str,
        form: Form,
    ) -> Self {
        let kind = LeakKind::Token;
        Self { id, provider, what, revoke, kind, keywords: &[], form, check: None, verify: None }
    }

    pub(super) const fn starts(
        id: &'static str,
        provider: &'static str,
        what: &'static str,
        revoke: &'static str,
        pattern: &'static str,
    ) -> Self {
        Self::new(id, provider, what, revoke, Form::Starts(pattern))
    }

    pub(super) const fn holds(
        id: &'static str,
        provider: &'static str,
        what: &'static str,
        revoke: &'static str,
        pattern: &'static str,
    ) -> Self {
        Self::new(id, provider, what, revoke, Form::Holds(pattern))
    }

    pub(super) const fn near(
        id: &'static str,
        provider: &'static str,
        what: &'static str,
        revoke: &'static str,
        pattern: &'static str,
        names: &'static [&'static str],
    ) -> Self {
        Self::new(id, provider, what, revoke, Form::Near(pattern, names))
    }

    pub(super) const fn code(
        id: &'static str,
        provider: &'static str,
        what: &'static str,
        revoke: &'static str,
        find: fn(&Hit<'_>, &mut Vec<Leak>),
    ) -> Self {
        Self::new(id, provider, what, revoke, Form::Code(find))
    }

    pub(super) const fn at(mut self, keywords: &'static [&'static str]) -> Self {
        self.keywords = keywords;
        self
    }

    pub(super) const fn kind(mut self, kind: LeakKind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn check(mut self, check: fn(&str) -> Check) -> Self {
        self.check = Some(check);
        self
    }

    pub(super) const fn asked(mut self, verify: Verify) -> Self {
        self.verify = Some(verify);
        self
    }

    /// Stable name: `github-personal-token`.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Who gives such secrets out: `GitHub`.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// What it is in words that follow "this is a": `GitHub personal access token`.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Where or how it is taken back: the address of the provider's page, or a sentence.
    pub fn revoke(&self) -> &'static str {
        self.revoke
    }

    /// What kind of secret it recognises.
    pub fn kind_of_leak(&self) -> LeakKind {
        self.kind
    }

    /// How to ask the provider whether it is alive, if that can be asked without changing anything.
    pub fn verify(&self) -> Option<&Verify> {
        self.verify.as_ref()
    }

    /// How the secret is written, as a regular expression; `None` where code tells it.
    pub fn pattern(&self) -> Option<&'static str> {
        match self.form {
            Form::Starts(pattern) | Form::Holds(pattern) | Form::Near(pattern, _) => Some(pattern),
            Form::Code(_) => None,
        }
    }

    /// Words that must stand near, when the form alone does not tell; the second list has to be in its name.
    pub fn context(&self) -> Option<(&'static [&'static str], &'static [&'static str])> {
        if let Form::Near(_, names) = self.form { Some((self.keywords, names)) } else { None }
    }
}

/// One harmless question to a provider: is this secret alive?
///
/// `{token}` in the address, the headers and the body stands for the secret, `{basic:NAME}` for the Base64 of
/// `NAME:secret`, and `{basic}` for that of `secret:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verify {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address.
    pub url: &'static str,
    /// Headers, name and value.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body, if one is sent.
    pub body: Option<&'static str>,
    /// Statuses that mean it is alive.
    pub live: &'static [u16],
    /// Statuses that mean it is dead.
    pub dead: &'static [u16],
    /// A text that the body of an answer about a living one holds, for providers that answer 200 to everything.
    pub live_body: Option<&'static str>,
}

impl Verify {
    /// Asked with `GET` and a bearer token; 200 and 403 mean alive, 401 means dead.
    pub(super) const fn bearer(url: &'static str) -> Self {
        Self::get(url, &[("Authorization", "Bearer {token}")])
    }

    /// Asked with `GET` and these headers; 200 and 403 mean alive, 401 means dead.
    pub(super) const fn get(url: &'static str, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { method: "GET", url, headers, body: None, live: &[200, 403], dead: &[401], live_body: None }
    }

    pub(super) const fn statuses(mut self, live: &'static [u16], dead: &'static [u16]) -> Self {
        self.live = live;
        self.dead = dead;
        self
    }

    pub(super) const fn says(mut self, text: &'static str) -> Self {
        self.live_body = Some(text);
        self
    }

    pub(super) const fn post(mut self, body: &'static str) -> Self {
        self.method = "POST";
        self.body = Some(body);
        self
    }

    /// A template of this question with the secret in it.
    pub fn fill(template: &str, secret: &str) -> String {
        let mut out = String::with_capacity(template.len() + secret.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((hole, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            match hole.split_once(':') {
                _ if hole == "token" => out.push_str(secret),
                _ if hole == "basic" => out.push_str(&STANDARD.encode(format!("{secret}:"))),
                Some(("basic", name)) => out.push_str(&STANDARD.encode(format!("{name}:{secret}"))),
                _ => {
                    out.push('{');
                    out.push_str(hole);
                    out.push('}');
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// What an answer says: alive, dead, or nothing.
    pub fn judge(&self, status: u16, body: &str) -> Option<bool> {
        if self.dead.contains(&status) {
            Some(false)
        } else if self.live.contains(&status) {
            Some(self.live_body.is_none_or(|text| body.contains(text)))
        } else {
            None
        }
    }
}
