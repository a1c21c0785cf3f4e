//! Code quality report for GitLab: the form that merge requests show in every edition.

use std::io;

use serde::Serialize;

use super::Report;
use super::text::printable;
use crate::finding::{Finding, Severity};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the list of issues, ending with a newline.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let issues: Vec<Issue> = report.outcome.findings.iter().map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn issue(finding: &Finding) -> Issue {
    let (start, end) = (finding.place.start.line.max(1), finding.place.end.line);
    Issue {
        description: printable(&format!("{}: {}", finding.rule.id, finding.message)),
        check_name: finding.rule.name,
        fingerprint: finding.fingerprint.clone(),
        severity: word(finding.severity),
        location: Location { path: finding.place.path.clone(), lines: Lines { begin: start, end: end.max(start) } },
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
