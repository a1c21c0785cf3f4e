//! Scans: one report taken in, and what it changed.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::access::Actor;
use crate::id::{ProjectId, ScanId, TenantId};

/// What a scan covered. Two scans are about the same things only when all of it is equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanScope {
    /// In which project.
    pub project: ProjectId,
    /// The tool's name.
    pub tool: String,
    /// The report's category (SARIF `automationDetails.id`), empty if none.
    pub category: String,
    /// What of the project, empty for all.
    pub target: String,
    /// The branch, empty if none was given.
    pub branch: String,
}

/// What a report changed. Each number counts findings, `cases_*` count cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanCounts {
    /// Seen for the first time.
    pub new: i64,
    /// Seen again, as before.
    pub unchanged: i64,
    /// Gone before, back now.
    pub reopened: i64,
    /// Covered by this scan and no longer there.
    pub gone: i64,
    /// Cases opened.
    pub cases_opened: i64,
    /// Cases reopened.
    pub cases_reopened: i64,
    /// Cases closed.
    pub cases_closed: i64,
}

/// One report taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Id.
    pub id: ScanId,
    /// Whose.
    pub tenant: TenantId,
    /// What it covered.
    pub scope: ScanScope,
    /// The tool's version, empty if unknown.
    pub tool_version: String,
    /// The commit, empty if none was given.
    pub commit: String,
    /// SHA-256 of the report, hexadecimal.
    pub sha256: String,
    /// Whether the tool saw all it was to see; only then may missing findings count as gone.
    pub complete: bool,
    /// What it changed.
    pub counts: ScanCounts,
    /// Who submitted it.
    pub submitted_by: Actor,
    /// When.
    pub submitted_at: Timestamp,
}
