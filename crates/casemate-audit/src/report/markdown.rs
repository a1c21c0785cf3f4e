//! Markdown, for a comment on a change or the summary of a job.

use std::io;

use super::excerpt::Excerpts;
use super::text::{counted, printable, printable_line};
use super::{Report, summary, why};
use crate::finding::{Finding, Place, Severity};

/// Code hosts cut comments that are longer; so many findings are told with their lines.
const MOST_TOLD: usize = 50;

/// A place longer than this is shown by its beginning.
const MOST_LINES: u32 = 8;

/// Writes the report.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    writeln!(out, "## Casemate: {}\n", headline(report))?;
    if let Some(verdict) = summary::verdict(report) {
        writeln!(out, "**{}**: {}\n", if verdict.is_passed { "Passed" } else { "Failed" }, plain(&verdict.words))?;
    }
    if !outcome.findings.is_empty() {
        writeln!(out, "| severity | findings |\n|---|---:|")?;
        for (severity, count) in report.counts().into_iter().filter(|(_, count)| *count > 0) {
            writeln!(out, "| {severity} | {count} |")?;
        }
        writeln!(out)?;
    }
    let mut excerpts = Excerpts::new(report);
    for finding in outcome.findings.iter().take(MOST_TOLD) {
        write_finding(finding, &mut excerpts, out)?;
    }
    if outcome.findings.len() > MOST_TOLD {
        writeln!(out, "And {} more, which the other formats tell.\n", outcome.findings.len() - MOST_TOLD)?;
    }
    if !outcome.problems.is_empty() {
        writeln!(out, "### Not audited, or not fully\n")?;
        for problem in &outcome.problems {
            writeln!(out, "- {}: {}", code(&at(&problem.place)), inline(&problem.message))?;
        }
        writeln!(out)?;
    }
    for told in std::iter::once(format!("Looked at {}.", summary::looked_at(report)))
        .chain(summary::lookup(report))
        .chain(summary::silenced(report))
    {
        writeln!(out, "{}\n", inline(&told))?;
    }
    Ok(())
}

fn headline(report: &Report<'_>) -> String {
    let found = report.outcome.findings.len();
    match (found, &report.outcome.elsewhere, report.baseline) {
        (0, Some(_), _) => "no findings on changed lines".to_owned(),
        (0, None, Some(_)) => "no new findings".to_owned(),
        (0, None, None) => "no findings".to_owned(),
        _ => counted(found, "finding"),
    }
}

fn write_finding(finding: &Finding, excerpts: &mut Excerpts<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let rule = finding.rule;
    writeln!(out, "### {} {} ({}): {}\n", mark(finding.severity), rule.name, rule.id, inline(&finding.message))?;
    writeln!(out, "{}, {}, confidence {}\n", code(&at(&finding.place)), finding.severity, finding.confidence)?;
    if let Some(lines) = lines(finding, excerpts) {
        let fence = fence(&lines, 3);
        let language = if finding.place.path.ends_with(".py") { "python" } else { "" };
        writeln!(out, "{fence}{language}\n{lines}\n{fence}\n")?;
    }
    for (number, step) in finding.path.iter().enumerate() {
        writeln!(out, "{}. {} {}", number + 1, code(&at(&step.place)), inline(&step.note))?;
    }
    if !finding.path.is_empty() {
        writeln!(out)?;
    }
    let mut notes = vec![("Why", why(rule))];
    notes.extend(finding.missing_guard.clone().map(|guard| ("Missing", guard)));
    notes.push(("Mend", finding.remedy.clone()));
    notes.extend(finding.fix.as_ref().map(|fix| ("Fix", format!("{} ({})", fix.title, fix.safety.as_str()))));
    for (name, text) in notes.into_iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "- **{name}:** {}", inline(&text))?;
    }
    writeln!(out)
}

/// A word for those who see no colours beside the mark.
fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🔵",
        Severity::Info => "⚪",
    }
}

fn at(place: &Place) -> String {
    format!("{}:{}", place.path, place.start.line)
}

fn lines(finding: &Finding, excerpts: &mut Excerpts<'_>) -> Option<String> {
    // The lines of today are not about what only an old version of the file holds.
    if finding.is_past() {
        return None;
    }
    let text = excerpts.text(&finding.place.path)?;
    let first = finding.place.start.line;
    let last = finding.place.end.line.clamp(first, first.saturating_add(MOST_LINES - 1)).min(text.last_line());
    let lines = text.lines(first..last.saturating_add(1));
    let shown: Vec<String> = lines.split('\n').map(printable_line).collect();
    (first > 0 && !lines.trim().is_empty()).then(|| shown.join("\n"))
}

/// Backticks enough that no text between them can end it.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Code within a line.
fn code(text: &str) -> String {
    let text = printable(text);
    let fence = fence(&text, 1);
    // A blank on both sides is taken away again, and keeps backticks of the text from those of the fence.
    let blank = if text.trim().is_empty() || text.contains('`') || text != text.trim() { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// A sentence of ours: what stands in backticks is code, the rest is text.
fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // Without their partners backticks are characters like others.
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let told = parts.iter().enumerate().map(|(at, part)| match at % 2 {
        1 if part.trim().is_empty() => plain(&format!("`{part}`")),
        1 => code(part),
        _ => plain(part),
    });
    told.collect::<Vec<_>>().concat()
}

/// SECURITY: names and messages of a hostile project must become neither markup nor links, nor call people by name.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 16);
    // A word joiner, which nobody sees, keeps hosts from finding an address to link, or somebody to call.
    let unlinked = printable(text).replace("://", ":\u{2060}//").replace("www.", "www\u{2060}.");
    for c in unlinked.chars() {
        match c {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '@' => plain.push_str("@\u{2060}"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' => {
                plain.push('\\');
                plain.push(c);
            }
            c => plain.push(c),
        }
    }
    plain
}
