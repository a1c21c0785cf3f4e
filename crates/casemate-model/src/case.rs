//! A case: its status, the actions that change it, and what closing it needs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::access::Actor;
use crate::id::{CaseId, ProjectId, TenantId, TransitionId, UserId};
use crate::text::{CaseDescription, CaseTitle, Reason, Tag};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $error:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the API, the database and the policies.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The words people read.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// The word is none of the known ones.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("must be one of: {}", [$($word),*].join(", "))]
        pub struct $error;

        impl FromStr for $name {
            type Err = $error;

            fn from_str(word: &str) -> Result<Self, $error> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or($error)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a case stands.
    CaseStatus, NotAStatus {
        /// Nobody has looked at it.
        Open = "open", "open";
        /// Somebody works on it.
        InReview = "in_review", "in review";
        /// Waits for proof.
        EvidenceRequested = "evidence_requested", "evidence requested";
        /// Handed upwards.
        Escalated = "escalated", "escalated";
        /// A second pair of eyes agreed to close it.
        ApprovedForClosure = "approved_for_closure", "approved for closure";
        /// Done.
        Closed = "closed", "closed";
        /// Was closed, came back.
        Reopened = "reopened", "reopened";
    }
}

words! {
    /// What changes a status.
    CaseAction, NotAnAction {
        /// Begin to work on it.
        StartReview = "start_review", "Start review";
        /// Ask for proof.
        RequestEvidence = "request_evidence", "Request evidence";
        /// Give the proof.
        ProvideEvidence = "provide_evidence", "Provide evidence";
        /// Hand it upwards.
        Escalate = "escalate", "Escalate";
        /// Agree that it may be closed.
        ApproveClosure = "approve_closure", "Approve closure";
        /// Disagree.
        RejectClosure = "reject_closure", "Reject closure";
        /// Close it.
        Close = "close", "Close";
        /// Open it again.
        Reopen = "reopen", "Reopen";
        /// The finding behind it is gone from a complete scan. By the system only.
        CloseGone = "close_gone", "Close, finding gone";
        /// An approved case was changed, so that the approval no longer holds. By the system only.
        VoidApproval = "void_approval", "Void approval";
    }
}

impl CaseAction {
    /// The actions people choose from, in the order they are offered.
    pub const OFFERED: [Self; 8] = [
        Self::StartReview,
        Self::RequestEvidence,
        Self::ProvideEvidence,
        Self::Escalate,
        Self::ApproveClosure,
        Self::RejectClosure,
        Self::Close,
        Self::Reopen,
    ];

    /// Whether only the system does it, as the consequence of something else.
    pub fn is_by_system(self) -> bool {
        matches!(self, Self::CloseGone | Self::VoidApproval)
    }
}

impl CaseStatus {
    /// Where the action leads from here; `None` where it is not possible.
    pub fn after(self, action: CaseAction) -> Option<Self> {
        use CaseAction as A;
        Some(match (self, action) {
            (Self::Open, A::StartReview) => Self::InReview,
            (Self::Open, A::Escalate) => Self::Escalated,

            (Self::InReview, A::RequestEvidence) => Self::EvidenceRequested,
            (Self::InReview, A::Escalate) => Self::Escalated,
            (Self::InReview, A::ApproveClosure) => Self::ApprovedForClosure,
            (Self::InReview, A::RejectClosure) => Self::Open,

            (Self::EvidenceRequested, A::StartReview | A::ProvideEvidence) => Self::InReview,
            (Self::EvidenceRequested, A::Escalate) => Self::Escalated,

            (Self::Escalated, A::StartReview | A::RejectClosure) => Self::InReview,
            (Self::Escalated, A::RequestEvidence) => Self::EvidenceRequested,
            (Self::Escalated, A::ApproveClosure) => Self::ApprovedForClosure,

            (Self::ApprovedForClosure, A::Escalate) => Self::Escalated,
            (Self::ApprovedForClosure, A::RejectClosure | A::Reopen | A::VoidApproval) => Self::InReview,
            (Self::ApprovedForClosure, A::Close) => Self::Closed,

            (Self::Closed, A::Reopen) => Self::Reopened,

            (Self::Reopened, A::StartReview) => Self::InReview,
            (Self::Reopened, A::RequestEvidence) => Self::EvidenceRequested,
            (Self::Reopened, A::Escalate) => Self::Escalated,

            (Self::Closed, A::CloseGone) => return None,
            (_, A::CloseGone) => Self::Closed,
            _ => return None,
        })
    }

    /// Whether work on it is over.
    pub fn is_closed(self) -> bool {
        self == Self::Closed
    }
}

words! {
    /// How bad a case is.
    CaseSeverity, NotASeverity {
        /// Gives the system away.
        Critical = "critical", "critical";
        /// An attacker can use it.
        High = "high", "high";
        /// Limited reach, or needs luck.
        Medium = "medium", "medium";
        /// Needs another weakness to hurt.
        Low = "low", "low";
        /// Worth knowing.
        Info = "info", "info";
    }
}

impl CaseSeverity {
    /// 0 (info) to 4 (critical), for sorting.
    pub fn rank(self) -> i32 {
        match self {
            Self::Critical => 4,
            Self::High => 3,
            Self::Medium => 2,
            Self::Low => 1,
            Self::Info => 0,
        }
    }
}

words! {
    /// Why a case is closed.
    ResolutionKind, NotAResolution {
        /// The hole is mended.
        Fixed = "fixed", "fixed";
        /// There was no hole.
        FalsePositive = "false_positive", "false positive";
        /// The hole stays, until a date.
        AcceptedRisk = "accepted_risk", "accepted risk";
        /// Another case is about the same.
        Duplicate = "duplicate", "duplicate";
        /// Does not concern this project.
        NotApplicable = "not_applicable", "not applicable";
    }
}

/// Why a case is closed, with what that reason needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The hole is mended.
    Fixed,
    /// There was no hole.
    FalsePositive,
    /// The hole stays until this moment; then the case reopens.
    AcceptedRisk {
        /// End of the acceptance.
        until: Timestamp,
    },
    /// This case is about the same.
    Duplicate {
        /// The other case.
        of: CaseRef,
    },
    /// Does not concern this project.
    NotApplicable,
}

impl Resolution {
    /// Which kind it is.
    pub fn kind(self) -> ResolutionKind {
        match self {
            Self::Fixed => ResolutionKind::Fixed,
            Self::FalsePositive => ResolutionKind::FalsePositive,
            Self::AcceptedRisk { .. } => ResolutionKind::AcceptedRisk,
            Self::Duplicate { .. } => ResolutionKind::Duplicate,
            Self::NotApplicable => ResolutionKind::NotApplicable,
        }
    }
}

/// `CASE-17`: the number people and URLs use, unique in its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseRef(i64);

/// The text is not of the form `CASE-17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a case reference, like `CASE-17`")]
pub struct NotACaseRef;

impl CaseRef {
    /// The reference with this number, from 1.
    pub fn new(number: i64) -> Option<Self> {
        (number >= 1).then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CASE-{}", self.0)
    }
}

impl FromStr for CaseRef {
    type Err = NotACaseRef;

    fn from_str(text: &str) -> Result<Self, NotACaseRef> {
        let digits = text.strip_prefix("CASE-").ok_or(NotACaseRef)?;
        let is_plain = !digits.is_empty()
            && digits.len() <= 18
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        if is_plain { digits.parse().ok().and_then(Self::new).ok_or(NotACaseRef) } else { Err(NotACaseRef) }
    }
}

impl TryFrom<String> for CaseRef {
    type Error = NotACaseRef;

    fn try_from(text: String) -> Result<Self, NotACaseRef> {
        text.parse()
    }
}

impl From<CaseRef> for String {
    fn from(reference: CaseRef) -> Self {
        reference.to_string()
    }
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Id.
    pub id: CaseId,
    /// Whose.
    pub tenant: TenantId,
    /// What people call it.
    pub reference: CaseRef,
    /// The project it is about, if any.
    pub project: Option<ProjectId>,
    /// Title.
    pub title: CaseTitle,
    /// Description, if any.
    pub description: Option<CaseDescription>,
    /// Where it stands.
    pub status: CaseStatus,
    /// How bad.
    pub severity: CaseSeverity,
    /// Labels.
    pub tags: Vec<Tag>,
    /// When it should be done.
    pub due_on: Option<time::Date>,
    /// Why it is, or is to be, closed.
    pub resolution: Option<Resolution>,
    /// Who opened it.
    pub opened_by: Actor,
    /// Who works on it.
    pub assignee: Option<UserId>,
    /// Who approved its closure, while the approval holds.
    pub approved_by: Option<UserId>,
    /// Closed while the tenant had turned four-eyes off.
    pub closed_without_four_eyes: bool,
    /// Read by its named members only.
    pub restricted: bool,
    /// Grows with every change; the API's `ETag`.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// One change of a status, never edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Id.
    pub id: TransitionId,
    /// Of which case.
    pub case: CaseId,
    /// What was done.
    pub action: CaseAction,
    /// From where.
    pub from: CaseStatus,
    /// To where.
    pub to: CaseStatus,
    /// Why.
    pub reason: Reason,
    /// By whom.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of states and actions, as people read it: columns in the order of [`CaseAction::OFFERED`].
    const TABLE: &str = "
        open                 | in_review |                    |           | escalated |                      |           |        |
        in_review            |           | evidence_requested |           | escalated | approved_for_closure | open      |        |
        evidence_requested   | in_review |                    | in_review | escalated |                      |           |        |
        escalated            | in_review | evidence_requested |           |           | approved_for_closure | in_review |        |
        approved_for_closure |           |                    |           | escalated |                      | in_review | closed | in_review
        closed               |           |                    |           |           |                      |           |        | reopened
        reopened             | in_review | evidence_requested |           | escalated |                      |           |        |";

    #[test]
    fn every_cell_of_the_state_table_holds() {
        let mut rows = 0;
        for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
            let mut cells = row.split('|').map(str::trim);
            let from: CaseStatus = cells.next().unwrap().parse().unwrap();
            for action in CaseAction::OFFERED {
                let expected = cells.next().filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap());
                assert_eq!(from.after(action), expected, "{from} {action}");
            }
            rows += 1;
        }
        assert_eq!(rows, CaseStatus::ALL.len());
    }

    #[test]
    fn references_have_one_spelling() {
        assert_eq!("CASE-17".parse(), Ok(CaseRef(17)));
        for bad in
            ["case-17", "CASE-017", "CASE-0", "CASE--1", "CASE-", "17", "CASE-1' OR '1'='1", "CASE-+1", "CASE-1 "]
        {
            assert_eq!(bad.parse::<CaseRef>(), Err(NotACaseRef), "{bad}");
        }
    }
}
