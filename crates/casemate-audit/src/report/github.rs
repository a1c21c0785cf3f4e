//! Commands by which GitHub Actions shows findings at their lines.

use std::io;

use super::Report;
use super::text::{counted, printable};
use crate::finding::{Finding, Place, Severity};

/// Writes one command a finding and a problem, and a line that counts.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    for finding in &outcome.findings {
        writeln!(out, "{}", command(level(finding.severity), &finding.place, &title(finding), &told(finding)))?;
    }
    for problem in &outcome.problems {
        writeln!(out, "{}", command("warning", &problem.place, "not audited, or not fully", &problem.message))?;
    }
    // SECURITY: nothing of the project stands outside of a command, or a line of it could be one.
    let failing = report.failing();
    writeln!(out, "casemate: {}, {failing} at or above the gate", counted(outcome.findings.len(), "finding"))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

fn title(finding: &Finding) -> String {
    format!("{} {} ({})", finding.rule.id, finding.rule.name, finding.severity)
}

fn told(finding: &Finding) -> String {
    if finding.remedy.is_empty() { finding.message.clone() } else { format!("{}\n{}", finding.message, finding.remedy) }
}

fn command(level: &str, place: &Place, title: &str, message: &str) -> String {
    let Place { path, start, end } = place;
    let (line, last) = (start.line.max(1), end.line.max(start.line).max(1));
    let mut where_it_is = format!("file={},line={line},endLine={last}", property(path));
    // Columns count only within one line.
    if line == last && end.column > start.column {
        where_it_is.push_str(&format!(",col={},endColumn={}", start.column.max(1), end.column));
    }
    format!("::{level} {where_it_is},title={}::{}", property(title), data(message))
}

/// A value before the second `::`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// SECURITY: a line break in a name or a message would begin a command of its own.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.replace('%', "%25").split(['\n', '\r']).map(printable).collect();
    lines.join("%0A")
}
