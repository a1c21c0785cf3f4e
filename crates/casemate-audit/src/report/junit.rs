//! JUnit XML, for services that show tests: one test case a finding, failed if the gate stops it.

use std::fmt::Write as _;
use std::io;

use super::Report;
use crate::audit::Problem;
use crate::finding::{Finding, Place};

/// Writes the report, ending with a newline.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    let (failures, errors) = (report.failing(), outcome.problems.len());
    let is_empty = outcome.findings.is_empty() && outcome.problems.is_empty();
    let tests = outcome.findings.len() + errors + usize::from(is_empty);
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"casemate\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"casemate {}\" {counts} skipped=\"0\">", escaped(report.category))?;
    for finding in &outcome.findings {
        case(finding, report.settings.fails_on(finding), out)?;
    }
    for problem in &outcome.problems {
        error(problem, out)?;
    }
    if is_empty {
        // A suite without a test counts as broken in some services.
        writeln!(out, "    <testcase classname=\"casemate\" name=\"no findings\"/>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn case(finding: &Finding, is_failing: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let Place { path, start, .. } = &finding.place;
    let rule = finding.rule;
    let name = format!("{} {} at {path}:{}:{}", rule.id, rule.name, start.line, start.column);
    writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\">",
        escaped(path),
        escaped(&name),
        escaped(path),
        start.line
    )?;
    let told = escaped(&details(finding));
    let message = escaped(&finding.message);
    if is_failing {
        writeln!(out, "      <failure message=\"{message}\" type=\"{}\">{told}</failure>", finding.severity)?;
    } else {
        writeln!(out, "      <system-out>{told}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

fn error(problem: &Problem, out: &mut dyn io::Write) -> io::Result<()> {
    let Place { path, start, .. } = &problem.place;
    let (path, message) = (escaped(path), escaped(&problem.message));
    let at = format!("classname=\"{path}\" name=\"audit of {path}:{}\" file=\"{path}\" line=\"{0}\"", start.line);
    writeln!(out, "    <testcase {at}>\n      <error message=\"{message}\" type=\"problem\"/>\n    </testcase>")
}

/// What a person reads below the failed test.
fn details(finding: &Finding) -> String {
    let place = |place: &Place| format!("{}:{}:{}", place.path, place.start.line, place.start.column);
    let mut told = format!("{} ({}, confidence {})\n", place(&finding.place), finding.severity, finding.confidence);
    let _ = writeln!(told, "{}", finding.message);
    for (number, step) in finding.path.iter().enumerate() {
        let _ = writeln!(told, "  {}. {} {}", number + 1, place(&step.place), step.note);
    }
    if let Some(guard) = &finding.missing_guard {
        let _ = writeln!(told, "missing: {guard}");
    }
    if !finding.remedy.is_empty() {
        let _ = writeln!(told, "mend: {}", finding.remedy);
    }
    let _ = write!(told, "fingerprint: {}", finding.fingerprint);
    told
}

/// XML 1.0 text and attribute values. SECURITY: what XML cannot hold at all (control characters, U+FFFE) is replaced, or
/// a hostile name would make the whole report unreadable, and a failed gate with it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
