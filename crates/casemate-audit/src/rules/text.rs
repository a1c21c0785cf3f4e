//! What a rule may ask about a file that is not Python, and how it reports.

use std::ops::Range;

use casemate_python::syntax::LineIndex;
use casemate_secrets::{Format, Leak};

use crate::finding::{Confidence, Detail, Finding, Place, Position};
use crate::rule::{Persona, Rule};
use crate::rules::{Reported, fold};

/// One text with everything known about it.
pub(crate) struct TextContext<'a> {
    /// Relative to the root, with `/` between its parts.
    pub(crate) path: &'a str,
    /// The whole text.
    pub(crate) text: &'a str,
    /// How it is written.
    pub(crate) format: Format,
    /// The secrets in it, by place.
    pub(crate) leaks: &'a [Leak],
    /// Who reads the report.
    pub(crate) persona: Persona,
    lines: &'a LineIndex,
    reported: Vec<Reported>,
}

impl<'a> TextContext<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str, leaks: &'a [Leak], lines: &'a LineIndex) -> Self {
        Self { path, text, format: Format::of(path), leaks, persona: Persona::Default, lines, reported: Vec::new() }
    }

    pub(crate) fn into_reported(self) -> Vec<Reported> {
        self.reported
    }

    /// The file's name without its folders.
    pub(crate) fn name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Reports a finding at a stretch of the text; its statement is the line it begins in.
    pub(crate) fn report(&mut self, rule: &'static Rule, span: Range<usize>, message: String) -> &mut Finding {
        let reported = report(self.path, self.text, self.lines, rule, span, message);
        self.reported.push(reported);
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }
}

/// A finding at a stretch of a text.
pub(crate) fn report(
    path: &str,
    text: &str,
    lines: &LineIndex,
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
) -> Reported {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let position = |at| {
        let (line, column) = lines.position(text, offset(at));
        Position { line, column }
    };
    let place = Place { path: path.to_owned(), start: position(span.start), end: position(span.end) };
    let first_line = lines.text(text, place.start.line.saturating_sub(1) as usize);
    let told = (place.start.line, place.end.line);
    let finding = Finding {
        rule,
        severity: rule.severity,
        confidence: Confidence::High,
        place,
        function: String::new(),
        message,
        path: Vec::new(),
        missing_guard: None,
        remedy: String::new(),
        statement: fold(first_line),
        fingerprint: String::new(),
        detail: Detail::None,
    };
    Reported { finding, lines: told }
}
