//! Secrets that only the history of a repository holds.
//!
//! Whoever can read old versions of files shows each of them to [`secrets_of`], keeps one of the same value, says which
//! commit it came with, and hands them to the audit, which leaves out those that are still in the files it looks at.

use casemate_python::syntax::{self, LineIndex};
use casemate_secrets::{Format, LeakKind, Proof, Surroundings, surroundings};

use crate::finding::{Commit, Confidence, Detail, Finding, SecretDetail, SecretText, Severity};
use crate::redact::{Hidden, Redactor};
use crate::rules::secrets::look_alone;
use crate::rules::secrets::secret_in_history::RULE;
use crate::suppress::{PastSuppressions, Silence};

/// Lines longer than this are told by the part before the secret.
const LONGEST_LINE: usize = 400;

/// A secret in an old version of a file.
#[derive(Clone, Debug)]
pub struct PastSecret {
    pub(crate) finding: Finding,
    hidden: Hidden,
    /// What a comment in a version says of it.
    pub(crate) silence: Option<Silence>,
}

impl PastSecret {
    /// The secret. SECURITY: to tell equal ones, not for any output.
    pub fn value(&self) -> &SecretText {
        match &self.finding.detail {
            Detail::Secret(detail) => &detail.value,
            // Never made without; an empty value is told by nobody.
            _ => const { &SecretText::EMPTY },
        }
    }

    /// Takes over what a comment says of the same secret in another version: whoever wrote it knew the value.
    pub fn hear(&mut self, other: &Self) {
        let (own, theirs) = (self.silence.take(), other.silence.clone());
        self.silence = match (own, theirs) {
            (Some(own), Some(theirs)) => Some(own.longer(theirs)),
            (own, theirs) => own.or(theirs),
        };
    }

    /// Where in its file it stood: path and line, for telling which of several is told.
    pub fn place(&self) -> (&str, u32) {
        (&self.finding.place.path, self.finding.place.start.line)
    }

    /// Says which commit brought it.
    pub fn came_with(&mut self, commit: Commit) {
        if let Detail::Secret(detail) = &mut self.finding.detail {
            let short = commit.id.get(..10).unwrap_or(&commit.id);
            let by = if commit.author.is_empty() { String::new() } else { format!(" by {}", commit.author) };
            let on = if commit.date.is_empty() { String::new() } else { format!(" of {}", commit.date) };
            let named = if detail.name.is_empty() { String::new() } else { format!(" in `{}`", detail.name) };
            self.finding.message = format!(
                "this {}{named} stands in no file that was audited, but everybody who has the repository can read it in \
                 commit {short}{on}{by}",
                detail.what
            );
            detail.commit = Some(commit);
        }
    }

    /// What no report may show of it, with the path of its file.
    pub(crate) fn hidden(&self) -> (String, Hidden) {
        (self.finding.place.path.clone(), self.hidden.clone())
    }
}

/// The secrets of one version of a file; none if it is not text. What it says in other files' words, such as an imported
/// function, is not known. Run it in [`crate::reading::on_threads`].
pub fn secrets_of(path: &str, bytes: &[u8]) -> Vec<PastSecret> {
    if bytes.contains(&0) {
        return Vec::new();
    }
    let (text, leaks, parts) = if Format::of(path) == Format::Python {
        look_alone(path, bytes)
    } else {
        let text = syntax::text(bytes);
        let leaks = casemate_secrets::scan(path, &text);
        (text, leaks, Vec::new())
    };
    if leaks.is_empty() {
        return Vec::new();
    }
    let lines = LineIndex::new(&text);
    let is_product = surroundings(path) == Surroundings::Product;
    // SECURITY: the line that is told may hold other secrets than its own.
    let parts = parts.iter().map(|part| Hidden::part(&text, part.start as usize..part.end as usize));
    let redactor =
        Redactor::new([Hidden::of(&text, &leaks)].into_iter().chain(parts).map(|one| (path.to_owned(), one)));
    let comments = PastSuppressions::of(path, Format::of(path), &text);
    let mut found = Vec::with_capacity(leaks.len());
    for leak in &leaks {
        let Some(written) = text.get(leak.span.clone()) else { continue };
        let value = leak.decoded.clone().unwrap_or_else(|| written.to_owned());
        let reported = crate::rules::report_text(path, &text, &lines, &RULE, leak.span.clone(), String::new());
        let is_password = !matches!(leak.proof, Proof::Checksum | Proof::Structure);
        let silence = comments.silence(&reported, is_password);
        let mut finding = reported.finding;
        finding.severity = if is_product { severity(leak.kind) } else { Severity::Low };
        finding.confidence = match leak.proof {
            Proof::Checksum | Proof::Structure => Confidence::High,
            Proof::Role => Confidence::Medium,
            Proof::Rarity => Confidence::Low,
        };
        finding.remedy = remedy(leak.detector);
        if finding.statement.len() > LONGEST_LINE {
            finding.statement.clear();
        }
        redactor.clean(&mut finding);
        if finding.statement.is_empty() {
            finding.statement = if leak.name.is_empty() { leak.detector.to_owned() } else { leak.name.clone() };
        }
        finding.detail = Detail::Secret(Box::new(SecretDetail {
            detector: leak.detector,
            what: leak.what.clone(),
            name: leak.name.clone(),
            value: SecretText::new(value),
            commit: None,
            liveness: None,
        }));
        found.push(PastSecret {
            finding,
            hidden: Hidden::of(&text, std::slice::from_ref(leak)).without_places(),
            silence,
        });
    }
    found
}

fn remedy(detector: &str) -> String {
    let place =
        casemate_secrets::detector(detector).map(casemate_secrets::Detector::revoke).filter(|place| !place.is_empty());
    let place = place.map(|place| format!(" ({})", place.trim_end_matches('.'))).unwrap_or_default();
    format!(
        "Revoke it where it was issued{place} and put a new one into a vault or the environment; deleting the line took \
         nothing back. `docs/incident-leaked-secret.md` has the steps, and when it is worth rewriting history."
    )
}

fn severity(kind: LeakKind) -> Severity {
    match kind {
        LeakKind::Token | LeakKind::PrivateKey | LeakKind::ConnectionString => Severity::High,
        LeakKind::Password => Severity::Medium,
        LeakKind::Random => Severity::Low,
    }
}
