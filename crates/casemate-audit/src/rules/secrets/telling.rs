//! How a secret becomes a finding: which rule tells of it, how bad it is, and what to do about it.

use std::cell::OnceCell;
use std::ops::Range;

use casemate_python::syntax::{FunctionId, Module, Span};
use casemate_secrets::{Format, Leak, LeakKind, Proof, Surroundings, surroundings};

use super::{
    connection_string_credentials, hardcoded_password, high_entropy_literal, private_key, provider_token,
    secret_encoded, secret_in_config_file, secret_in_notebook, secret_test_fixture,
};
use crate::finding::{Confidence, Detail, Finding, SecretDetail, SecretText, Severity};
use crate::rule::{Persona, Rule};
use crate::rules::context::statement_at;
use crate::rules::{Context, TextContext};

/// The text that a secret stands in.
struct Surface<'a> {
    text: &'a str,
    format: Format,
    surroundings: Surroundings,
    module: Option<&'a Module>,
    /// Whether the text is all commented out, found out when it is first asked.
    is_sample: OnceCell<bool>,
}

impl<'a> Surface<'a> {
    fn new(path: &'a str, text: &'a str, format: Format) -> Self {
        Self { text, format, surroundings: surroundings(path), module: None, is_sample: OnceCell::new() }
    }

    /// What the place of a secret is for: a docstring in the product is an example.
    fn around(&self, leak: &Leak) -> Surroundings {
        let is_explained = self.surroundings == Surroundings::Product
            && self.module.is_some_and(|module| {
                let statement = module.slice(statement_at(module, span_of(leak)));
                let text = statement.trim_start_matches(['r', 'R', 'b', 'B', 'u', 'U']);
                ["\"\"\"", "'''"].iter().any(|quotes| text.starts_with(quotes) && text.ends_with(quotes))
            });
        let is_described = self.surroundings == Surroundings::Product
            && matches!(self.format, Format::Json | Format::Yaml)
            && describes(self.text, leak.span.start);
        let is_sample = self.surroundings == Surroundings::Product
            && matches!(self.format, Format::Yaml | Format::Ini | Format::Toml | Format::Other)
            && is_comment(line_before(self.text, leak.span.start))
            && *self.is_sample.get_or_init(|| is_all_comment(self.text));
        if is_explained || is_described || is_sample { Surroundings::Example } else { self.surroundings }
    }

    fn is_product(&self, leak: &Leak) -> bool {
        self.around(leak) == Surroundings::Product
    }

    /// The one rule that tells of a secret.
    fn rule_of(&self, leak: &Leak) -> &'static Rule {
        let has_form = matches!(leak.kind, LeakKind::Token | LeakKind::PrivateKey);
        if has_form && !self.is_product(leak) {
            return &secret_test_fixture::RULE;
        }
        if self.is_encoded(leak) {
            return &secret_encoded::RULE;
        }
        match (leak.kind, self.format) {
            (LeakKind::Token, _) => &provider_token::RULE,
            (LeakKind::PrivateKey, _) => &private_key::RULE,
            (LeakKind::ConnectionString, _) => &connection_string_credentials::RULE,
            (_, Format::Notebook) => &secret_in_notebook::RULE,
            (LeakKind::Password, Format::Python) => &hardcoded_password::RULE,
            (LeakKind::Random, Format::Python) => &high_entropy_literal::RULE,
            _ => &secret_in_config_file::RULE,
        }
    }

    /// Whether the text holds the secret in another form, beyond an escaped character.
    fn is_encoded(&self, leak: &Leak) -> bool {
        let written = self.text.get(leak.span.clone()).unwrap_or_default();
        let is_escaped = self.format != Format::Python || written.contains('\\') && !written.contains(['"', '\'']);
        leak.decoded.as_deref().is_some_and(|decoded| decoded != written)
            && !(is_escaped && leak.kind != LeakKind::Token)
    }

    /// Whether a reader of this persona is told: a password in a test opens nothing.
    fn is_told(&self, leak: &Leak, persona: Persona) -> bool {
        let has_form = matches!(leak.kind, LeakKind::Token | LeakKind::PrivateKey);
        self.is_product(leak) || has_form || persona == Persona::Pedantic
    }

    fn severity(&self, leak: &Leak, rule: &'static Rule, all: &[Leak]) -> Severity {
        if !self.is_product(leak) {
            return Severity::Low;
        }
        let is_half = is_half_a_secret(leak, all);
        match leak.kind {
            LeakKind::Token if is_half => Severity::Medium,
            // What has ended, or is locked by a passphrase, opens nothing by itself.
            LeakKind::Token if leak.what.contains("expired") => Severity::Low,
            LeakKind::PrivateKey if leak.what.contains("encrypted") => Severity::Medium,
            LeakKind::Random => rule.severity.min(Severity::Medium),
            _ => rule.severity,
        }
    }

    fn confidence(&self, leak: &Leak) -> Confidence {
        match leak.proof {
            Proof::Checksum | Proof::Structure => Confidence::High,
            Proof::Role | Proof::Rarity if self.is_product(leak) => Confidence::Medium,
            Proof::Role | Proof::Rarity => Confidence::Low,
        }
    }

    fn message(&self, leak: &Leak) -> String {
        let what = with_article(&leak.what);
        let name = if leak.name.is_empty() { String::new() } else { format!(" as `{}`", leak.name) };
        let way = match (self.is_encoded(leak), self.format) {
            (true, _) => "encoded or in parts ",
            _ => "",
        };
        let place = match self.format {
            Format::Python => "into the code",
            Format::Notebook => "into the notebook, in a cell or its output",
            _ => "into this file",
        };
        let verb = match self.around(leak) {
            Surroundings::Product => "whoever can read this file, or a copy of it, can use it",
            Surroundings::Test => "in a test, where it should be one that opens nothing",
            Surroundings::Example => "in an example, where it should be one that opens nothing",
        };
        format!("{what} is written {way}{place}{name}: {verb}")
    }
}

/// Of so many lines one may be none that is commented out, in settings that only show what could be set.
const COMMENTED: usize = 20;

/// Whether settings are all commented out: the file shows what could be set.
fn is_all_comment(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let (comments, others) =
        lines.fold(
            (0_usize, 0_usize),
            |(comments, others), line| {
                if is_comment(line) { (comments + 1, others) } else { (comments, others + 1) }
            },
        );
    comments >= 3 && others <= comments / COMMENTED
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}

/// How far before a place its key, or the beginning of its line, is looked for.
const KEY_BEFORE: usize = 8192;

/// What stands before a place in its line, as far back as a key may stand.
fn line_before(text: &str, place: usize) -> &str {
    let far = place.saturating_sub(KEY_BEFORE);
    let before = (far..=place).find_map(|start| text.get(start..place)).unwrap_or_default();
    before.rfind('\n').map_or(before, |newline| before.get(newline + 1..).unwrap_or_default())
}

/// Whether a place stands in a text for people: the value of `"documentation"`, `description:` and the like.
fn describes(text: &str, place: usize) -> bool {
    let line = line_before(text, place);
    // The nearest key in quotes that are not themselves in a text.
    let quoted = line.rmatch_indices("\":").find_map(|(end, _)| {
        let head = line.get(..end).filter(|head| !head.ends_with('\\'))?;
        Some(head.rsplit('"').next().unwrap_or(head))
    });
    let plain = line.split_once(':').map(|(key, _)| key.trim_start_matches([' ', '\t', '-']));
    quoted.or(plain).is_some_and(|key| {
        [
            "documentation",
            "description",
            "doc",
            "docs",
            "help",
            "help_text",
            "summary",
            "example",
            "examples",
            "comment",
            "hint",
            "markdownDescription",
        ]
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
    })
}

/// The id of a pair of keys, which opens nothing alone.
fn is_half_a_secret(leak: &Leak, all: &[Leak]) -> bool {
    leak.detector.ends_with("key-id")
        && !all.iter().any(|other| other.span != leak.span && other.detector.starts_with("aws-secret"))
}

/// "an AWS access key id", "a GitHub token".
pub(in crate::rules) fn with_article(what: &str) -> String {
    let first = what.split_whitespace().next().unwrap_or_default();
    // Letters that are said one by one: "an RSA key".
    let is_spelled = first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase()) && !first.starts_with("JSON");
    let vowels: &[char] = if is_spelled && first.len() <= 4 {
        &['A', 'E', 'F', 'H', 'I', 'L', 'M', 'N', 'O', 'R', 'S', 'X']
    } else {
        &['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']
    };
    let article = if first.starts_with(vowels) { "an" } else { "a" };
    format!("{article} {what}")
}

/// What to do about a secret of this kind, in its order.
pub(in crate::rules) fn remedy(detector: &str, kind: LeakKind) -> String {
    let first = match kind {
        LeakKind::Token => revoke(detector),
        LeakKind::PrivateKey => {
            "Replace the key pair first, and take the old public key out wherever it is trusted (revoke its certificate)".to_owned()
        }
        LeakKind::ConnectionString | LeakKind::Password => "Change the password first, where it opens something".to_owned(),
        LeakKind::Random => "Make a new one first, and have the old one refused".to_owned(),
    };
    format!(
        "{first}; then let the program read the new one at run time, from its environment or a vault; clean the history last, for that alone helps nothing. The order is in docs/incident-leaked-secret.md."
    )
}

fn revoke(detector: &str) -> String {
    let Some(known) = casemate_secrets::detector(detector) else {
        return "Revoke it first, where it was issued".to_owned();
    };
    let how = known.revoke().trim_end_matches('.');
    if how.starts_with("http") {
        format!("Revoke it first, at {} ({how})", known.provider())
    } else {
        format!("Revoke it first: {how}")
    }
}

/// What a finding of a secret keeps.
pub(in crate::rules) fn detail(detector: &'static str, what: &str, name: &str, value: &str) -> Detail {
    Detail::Secret(Box::new(SecretDetail {
        detector,
        what: what.to_owned(),
        name: name.to_owned(),
        value: SecretText::new(value),
        commit: None,
        liveness: None,
    }))
}

struct Told {
    span: Range<usize>,
    message: String,
    severity: Severity,
    confidence: Confidence,
    remedy: String,
    detail: Detail,
}

impl Told {
    fn fill(self, finding: &mut Finding) {
        finding.severity = self.severity;
        finding.confidence = self.confidence;
        finding.remedy = self.remedy;
        finding.detail = self.detail;
    }
}

fn told(surface: &Surface<'_>, leaks: &[Leak], rule: &'static Rule, persona: Persona) -> Vec<Told> {
    let wanted =
        leaks.iter().filter(|leak| surface.is_told(leak, persona) && std::ptr::eq(surface.rule_of(leak), rule));
    let told = wanted.map(|leak| {
        let written = surface.text.get(leak.span.clone()).unwrap_or_default();
        Told {
            span: leak.span.clone(),
            message: surface.message(leak),
            severity: surface.severity(leak, rule, leaks),
            confidence: surface.confidence(leak),
            remedy: remedy(leak.detector, leak.kind),
            detail: detail(leak.detector, &leak.what, &leak.name, leak.decoded.as_deref().unwrap_or(written)),
        }
    });
    told.collect()
}

/// Tells of the secrets of a module that this rule tells of.
pub(super) fn module(cx: &mut Context<'_>, rule: &'static Rule) {
    if cx.leaks.is_empty() {
        return;
    }
    let surface = Surface {
        module: Some(cx.module),
        ..Surface::new(cx.scope.within(&cx.module.path), &cx.module.text, Format::Python)
    };
    for one in told(&surface, &cx.leaks, rule, cx.persona) {
        let span = span_from(&one.span);
        let function = function_at(cx.module, span);
        let finding = cx.report(rule, (cx.facts.module, function), span, one.message.clone());
        one.fill(finding);
    }
}

/// Tells of the secrets of another text that this rule tells of.
pub(super) fn text(cx: &mut TextContext<'_>, rule: &'static Rule) {
    if cx.leaks.is_empty() {
        return;
    }
    let surface = Surface::new(cx.scope.within(cx.path), cx.text, cx.format);
    for one in told(&surface, cx.leaks, rule, cx.persona) {
        let finding = cx.report(rule, one.span.clone(), one.message.clone());
        one.fill(finding);
    }
}

fn span_of(leak: &Leak) -> Span {
    span_from(&leak.span)
}

fn span_from(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(range.start), end: offset(range.end) }
}

/// The innermost function around a stretch of a module.
pub(in crate::rules) fn function_at(module: &Module, span: Span) -> FunctionId {
    let around = module.function_ids().filter(|(_, function)| function.span.contains(span));
    around.min_by_key(|(_, function)| function.span.end - function.span.start).map_or(FunctionId(0), |(id, _)| id)
}
