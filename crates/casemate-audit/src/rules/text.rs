//! What a rule may ask about a file that is not Python, and how it reports.

use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::rc::Rc;

use casemate_python::syntax::LineIndex;
use casemate_secrets::{Format, Leak};

use crate::audit::Problem;
use crate::finding::{Confidence, Detail, Finding, Place, Position};
use crate::rule::{Persona, Rule};
use crate::rules::configuration::dockerfile::{self, Dockerfile};
use crate::rules::configuration::yaml::{self, Yaml};
use crate::rules::{Reported, fold};
use crate::scope::{self, Scope};

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
    /// What was asked for by name.
    pub(crate) scope: &'a Scope,
    pub(super) today: Option<(i32, u8, u8)>,
    uses_today: Cell<bool>,
    lines: &'a LineIndex,
    yaml: OnceCell<Rc<Yaml>>,
    dockerfile: OnceCell<Rc<Dockerfile<'a>>>,
    reported: Vec<Reported>,
    problems: Vec<Problem>,
}

impl<'a> TextContext<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str, leaks: &'a [Leak], lines: &'a LineIndex) -> Self {
        Self {
            path,
            text,
            format: Format::of(path),
            leaks,
            persona: Persona::Default,
            scope: &scope::WHOLE,
            today: None,
            uses_today: Cell::new(false),
            lines,
            yaml: OnceCell::new(),
            dockerfile: OnceCell::new(),
            reported: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What was reported, and what could not be understood.
    pub(crate) fn into_parts(self) -> (Vec<Reported>, Vec<Problem>) {
        (self.reported, self.problems)
    }

    /// The text read as YAML.
    pub(crate) fn yaml(&self) -> Rc<Yaml> {
        Rc::clone(self.yaml.get_or_init(|| Rc::new(yaml::read(self.text))))
    }

    /// The text read as a Dockerfile.
    pub(crate) fn dockerfile(&self) -> Rc<Dockerfile<'a>> {
        Rc::clone(self.dockerfile.get_or_init(|| Rc::new(dockerfile::read(self.text))))
    }

    /// The day of the audit, where it is known. What is said then is not said of any day.
    pub(crate) fn today(&self) -> Option<(i32, u8, u8)> {
        self.uses_today.set(true);
        self.today
    }

    /// Whether somebody has asked for the day.
    pub(crate) fn uses_today(&self) -> bool {
        self.uses_today.get()
    }

    /// Whether only readers who want to see suspicions see this.
    pub(crate) fn is_pedantic(&self) -> bool {
        self.persona == Persona::Pedantic
    }

    /// Tells that part of the text was not understood, once a file.
    pub(crate) fn problem(&mut self, at: usize, message: String) {
        if self.problems.is_empty() {
            let start = position(self.text, self.lines, at);
            let place = Place { path: self.path.to_owned(), start, end: start };
            self.problems.push(Problem { place, message });
        }
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
    let (start, end) = (position(text, lines, span.start), position(text, lines, span.end));
    let place = Place { path: path.to_owned(), start, end };
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
        fix: None,
    };
    Reported { finding, lines: told }
}

fn position(text: &str, lines: &LineIndex, at: usize) -> Position {
    let (line, column) = lines.position(text, u32::try_from(at).unwrap_or(u32::MAX));
    Position { line, column }
}
