//! What an audit looks for: `[tool.casemate]` in `pyproject.toml`, or `casemate.toml`, over the defaults.

use crate::finding::{Confidence, Severity};
use crate::rule::Persona;

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Who reads the report.
    pub persona: Persona,
    /// Rule ids, names or group prefixes (`INJ`) to run; empty means all of the persona.
    pub select: Vec<String>,
    /// Rule ids, names or group prefixes not to run.
    pub ignore: Vec<String>,
    /// Report nothing the auditor is less sure of.
    pub min_confidence: Option<Confidence>,
    /// Exit with 1 when a finding is at least this severe; `None` never fails.
    pub fail_on: Option<Severity>,
    /// Extra glob patterns of paths to leave out, relative to the root.
    pub exclude: Vec<String>,
}
