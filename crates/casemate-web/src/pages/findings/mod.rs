//! Findings.

pub(crate) mod list;
pub(crate) mod show;

use casemate_model::case::CaseSeverity;
use casemate_model::finding::{Finding, FindingState};

use super::code::{CodeFrame, WayPoint, way};
use super::form::sentence;

/// A finding as pages show it.
pub(crate) struct FindingView {
    pub(crate) id: String,
    pub(crate) rule: String,
    pub(crate) rule_name: String,
    pub(crate) message: String,
    pub(crate) remedy: String,
    pub(crate) severity: CaseSeverity,
    pub(crate) is_gone: bool,
    pub(crate) decision: Option<&'static str>,
    pub(crate) code: CodeFrame,
    pub(crate) way: Vec<WayPoint>,
}

impl FindingView {
    /// Of this finding.
    pub(crate) fn of(finding: &Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            rule: finding.rule.clone(),
            rule_name: finding.rule_name.clone(),
            message: sentence(&finding.message),
            remedy: finding.remedy.clone(),
            severity: finding.severity,
            is_gone: finding.state == FindingState::Gone,
            decision: finding.decision.as_ref().map(|decision| decision.kind.label()),
            code: CodeFrame::of(&finding.occurrence),
            way: way(&finding.occurrence.flow),
        }
    }
}
