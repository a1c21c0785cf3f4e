//! What a rule found, kept until the module may be written to.

use casemate_python::names::ModuleId;
use casemate_python::syntax::{FunctionId, Span};

use super::Context;
use crate::finding::{Confidence, Severity, Step};
use crate::rule::Rule;

/// A finding yet to be reported.
pub(crate) struct Told {
    module: Option<ModuleId>,
    function: FunctionId,
    span: Span,
    message: String,
    remedy: &'static str,
    severity: Option<Severity>,
    confidence: Confidence,
    missing: &'static str,
    path: Vec<Step>,
}

impl Told {
    /// A finding with the severity of its rule.
    pub(crate) fn new(function: FunctionId, span: Span, message: impl Into<String>, remedy: &'static str) -> Self {
        let confidence = Confidence::High;
        let (module, severity, missing, path) = (None, None, "", Vec::new());
        Self { module, function, span, message: message.into(), remedy, severity, confidence, missing, path }
    }

    /// In another module than the one at hand.
    #[must_use]
    pub(crate) fn at(self, module: ModuleId) -> Self {
        Self { module: Some(module), ..self }
    }

    #[must_use]
    pub(crate) fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    #[must_use]
    pub(crate) fn confidence(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    #[must_use]
    pub(crate) fn missing(self, missing: &'static str) -> Self {
        Self { missing, ..self }
    }

    #[must_use]
    pub(crate) fn path(self, path: Vec<Step>) -> Self {
        Self { path, ..self }
    }
}

/// Reports what was found.
pub(crate) fn report(cx: &mut Context<'_>, rule: &'static Rule, found: Vec<Told>) {
    for one in found {
        let finding = cx.report(rule, (one.module.unwrap_or(cx.facts.module), one.function), one.span, one.message);
        finding.remedy = one.remedy.to_owned();
        finding.severity = one.severity.unwrap_or(rule.severity);
        finding.confidence = one.confidence;
        finding.missing_guard = (!one.missing.is_empty()).then(|| one.missing.to_owned());
        finding.path = one.path;
    }
}
