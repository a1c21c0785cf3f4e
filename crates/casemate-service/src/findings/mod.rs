//! What scans report.

pub mod decide_finding;
pub mod list_findings;
pub mod matching;
pub mod read_finding;
pub mod sarif;
pub mod submit_scan;
