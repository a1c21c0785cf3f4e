//! Rules that look at calls of libraries: the call with its arguments, and what is told about it.

use std::borrow::Cow;

use casemate_python::names::ModuleId;
use casemate_python::syntax::{Argument, Function, FunctionId, Op, Passing, Span, Value};

use super::Context;
use super::constant::{At, Entry, entry, last_name};
use crate::finding::{Confidence, Severity, Step};
use crate::rule::{Persona, Rule};

/// A call, with what it calls.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) at: At<'a>,
    pub(crate) callee: At<'a>,
    /// The canonical path of a library function, empty if it is none.
    pub(crate) path: &'a str,
    pub(crate) arguments: &'a [Argument],
}

impl<'a> Site<'a> {
    /// The last name of what is called, as a library calls it.
    pub(crate) fn name(&self) -> &'a str {
        match self.callee.stripped().op() {
            Op::Name(_) if !self.path.is_empty() => self.path.rsplit('.').next().unwrap_or_default(),
            _ => last_name(self.callee),
        }
    }

    /// The path without its last name, and the last name; `Cryptodome` is `Crypto` under another name.
    pub(crate) fn split(&self) -> (Cow<'a, str>, &'a str) {
        let (of, last) = self.path.rsplit_once('.').unwrap_or(("", self.path));
        let of = match of.strip_prefix("Cryptodome.") {
            Some(rest) => Cow::Owned(format!("Crypto.{rest}")),
            None => Cow::Borrowed(of),
        };
        (of, last)
    }

    /// The object a method is called on.
    pub(crate) fn receiver(&self) -> Option<At<'a>> {
        match self.callee.stripped().op() {
            Op::Attribute { of, .. } => Some(self.at.with(of)),
            _ => None,
        }
    }

    /// The argument at a position, or by keyword, or from a constant `**` dictionary.
    pub(crate) fn argument(&self, cx: &Context<'a>, position: usize, keyword: &str) -> Option<At<'a>> {
        self.keyword(cx, keyword).or_else(|| self.position(position))
    }

    /// The argument by keyword, or from a constant `**` dictionary.
    pub(crate) fn keyword(&self, cx: &Context<'a>, keyword: &str) -> Option<At<'a>> {
        let given = self.arguments.iter().find_map(|one| match one.passing {
            Passing::Keyword(name) if self.at.name(name) == keyword => Some(self.at.with(one.value)),
            _ => None,
        });
        given.or_else(|| {
            self.arguments.iter().filter(|one| one.passing == Passing::DoubleStar).find_map(|one| {
                match entry(cx, self.at.with(one.value), keyword) {
                    Entry::Given(held) => Some(held),
                    _ => None,
                }
            })
        })
    }

    /// The argument at a position.
    pub(crate) fn position(&self, position: usize) -> Option<At<'a>> {
        let before = self.arguments.iter().take_while(|one| one.passing == Passing::Position);
        before.skip(position).map(|one| self.at.with(one.value)).next()
    }

    /// Whether arguments come from `*` or `**`, so that something may be given that is not seen.
    pub(crate) fn is_open(&self) -> bool {
        self.arguments.iter().any(|one| matches!(one.passing, Passing::Star | Passing::DoubleStar))
    }

    /// What is called, as written.
    pub(crate) fn called(&self) -> String {
        super::context::short(self.callee.written())
    }

    pub(crate) fn found(&self, message: String, remedy: impl Into<String>) -> Found {
        Found::new(self.at, message, remedy)
    }
}

impl<'a> Context<'a> {
    /// Every call of the module, with what it calls.
    pub(crate) fn sites(&self) -> &[Site<'a>] {
        &self.sites
    }

    pub(super) fn every_site(&self) -> Vec<Site<'a>> {
        let facts = self.facts;
        let site = |(id, _, value, callee, arguments): (FunctionId, &'a Function, Value, Value, &'a [Argument])| {
            let at = self.at(id, value)?;
            Some(Site { at, callee: at.with(callee), path: facts.path(id, callee).unwrap_or(""), arguments })
        };
        self.calls().filter_map(site).collect()
    }

    /// Whether the module imports one of these packages.
    pub(crate) fn imports_any(&self, roots: &[&str]) -> bool {
        self.module.imports.iter().any(|import| {
            let root = import.module.split('.').next().unwrap_or_default();
            import.level == 0 && roots.contains(&root)
        })
    }
}

/// What a rule has found, before it is told.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) at: (ModuleId, FunctionId),
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) remedy: String,
    pub(crate) missing: Option<&'static str>,
    pub(crate) confidence: Confidence,
    pub(crate) severity: Option<Severity>,
    pub(crate) path: Vec<Step>,
    /// Only for who wants to see what merely looks suspicious.
    pub(crate) suspicion: bool,
}

impl Found {
    pub(crate) fn new(at: At<'_>, message: String, remedy: impl Into<String>) -> Self {
        Self {
            at: (at.home, at.id),
            span: at.span(),
            message,
            remedy: remedy.into(),
            missing: None,
            confidence: Confidence::High,
            severity: None,
            path: Vec::new(),
            suspicion: false,
        }
    }

    pub(crate) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Told only to who wants suspicions.
    pub(crate) fn suspicion(mut self) -> Self {
        self.suspicion = true;
        self.confidence = Confidence::Low;
        self
    }

    pub(crate) fn missing(mut self, guard: &'static str) -> Self {
        self.missing = Some(guard);
        self
    }
}

/// Tells what was found.
pub(crate) fn tell(cx: &mut Context<'_>, rule: &'static Rule, found: Vec<Found>) {
    let pedantic = cx.persona == Persona::Pedantic;
    for one in found {
        if one.suspicion && !pedantic {
            continue;
        }
        let finding = cx.report(rule, one.at, one.span, one.message);
        finding.remedy = one.remedy;
        finding.confidence = one.confidence;
        finding.severity = one.severity.unwrap_or(rule.severity);
        finding.missing_guard = one.missing.map(str::to_owned);
        finding.path = one.path;
    }
}
