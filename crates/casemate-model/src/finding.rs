//! Findings: what scans reported, matched across scans, and what people decided about them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::access::Actor;
use crate::case::{CaseRef, CaseSeverity, words};
use crate::id::{FindingId, ProjectId, ScanId, TenantId, UserId};
use crate::text::Reason;
use std::fmt;
use std::str::FromStr;

words! {
    /// Whether the last complete scan still saw it.
    FindingState, NotAFindingState {
        /// It is there.
        Open = "open", "open";
        /// A complete scan no longer found it.
        Gone = "gone", "gone";
    }
}

words! {
    /// What a person decided about a finding; an import never overwrites it.
    DecisionKind, NotADecision {
        /// It is real.
        Confirmed = "confirmed", "confirmed";
        /// It is not.
        FalsePositive = "false_positive", "false positive";
        /// It is, and stays.
        AcceptedRisk = "accepted_risk", "accepted risk";
    }
}

/// What a person decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub kind: DecisionKind,
    /// Why.
    pub reason: Reason,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A point on the way from source to sink, as the report told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    /// File.
    pub path: String,
    /// Line, from 1.
    pub line: i64,
    /// What happens there.
    pub note: String,
    /// The code, if the report had it.
    pub snippet: String,
}

/// Where a scan last saw a finding. Shown to people, never used as an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// File, relative to the root.
    pub path: String,
    /// First line, from 1.
    pub line: i64,
    /// Last line.
    pub end_line: i64,
    /// First column, from 1, if known.
    pub column: Option<i64>,
    /// One past the last column, if known.
    pub end_column: Option<i64>,
    /// The lines around it, if the report had them.
    pub snippet: String,
    /// Line number of the first line of the snippet.
    pub snippet_line: i64,
    /// Enclosing function, if known.
    pub function: String,
    /// From source to sink.
    pub flow: Vec<FlowStep>,
}

/// One finding, as the tracker remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id.
    pub id: FindingId,
    /// Whose.
    pub tenant: TenantId,
    /// In which project.
    pub project: ProjectId,
    /// The tool's rule id.
    pub rule: String,
    /// The tool's rule name, or the id again.
    pub rule_name: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it, if the report said so.
    pub remedy: String,
    /// How bad.
    pub severity: CaseSeverity,
    /// Whether the last complete scan still saw it.
    pub state: FindingState,
    /// What a person decided.
    pub decision: Option<Decision>,
    /// Where it was last seen.
    pub occurrence: Occurrence,
    /// The case opened from it, if the caller may see it.
    pub case: Option<CaseRef>,
    /// Who works on that case.
    pub case_assignee: Option<UserId>,
    /// First scan that saw it.
    pub first_scan: ScanId,
    /// Last scan that saw it.
    pub last_scan: ScanId,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
    /// Sorts lists; grows in the order of arrival.
    pub serial: i64,
}
