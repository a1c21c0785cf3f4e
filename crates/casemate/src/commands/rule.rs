//! `casemate rule`: the catalogue, and the page of one rule.

use std::io::{self, IsTerminal, Write};

use casemate_audit::settings::closest_rule;
use casemate_audit::{Rule, Severity, rules};

use super::{Exit, Failure, failure};
use crate::console::{self, Colour};
use crate::page;

/// Explain a rule, or list all of them
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  casemate rule
  casemate rule INJ103
  casemate rule sqlalchemy-text-injection")]
pub(crate) struct Args {
    /// Id or name of a rule; without it, all rules are listed
    #[arg(value_name = "ID")]
    rule: Option<String>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
}

/// Prints the table or the page.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let is_coloured = args.color.is_wanted();
    let printed = match &args.rule {
        None => console::print(|out| table(rules::ALL, is_coloured, out)),
        Some(wanted) => {
            let rule = find(wanted)?;
            let is_rendered = is_coloured || io::stdout().is_terminal();
            console::print(|out| {
                if is_rendered {
                    out.write_all(page::render(rule.page, is_coloured, console::width()).as_bytes())
                } else {
                    out.write_all(rule.page.as_bytes())
                }
            })
        }
    };
    printed.map_err(|error| Failure(format!("the page could not be printed: {error}")))?;
    Ok(Exit::Clean)
}

fn find(wanted: &str) -> Result<&'static Rule, Failure> {
    let is_wanted = |rule: &&&Rule| [rule.id, rule.name].iter().any(|name| name.eq_ignore_ascii_case(wanted));
    if let Some(rule) = rules::ALL.iter().find(is_wanted) {
        return Ok(rule);
    }
    let hint = closest_rule(wanted, rules::ALL).map(|closest| format!(", did you mean `{closest}`?"));
    failure(format!("there is no rule `{wanted}`{}; `casemate rule` lists them", hint.unwrap_or_default()))
}

fn table(rules: &[&Rule], is_coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    let width = if io::stdout().is_terminal() { console::width() } else { usize::MAX };
    let widest = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        let severity = format!("{:<8}", rule.severity.as_str());
        let severity = if is_coloured { format!("\x1b[{}m{severity}\x1b[0m", colour(rule.severity)) } else { severity };
        let summary = shortened(rule.summary, width.saturating_sub(widest + 21));
        writeln!(out, "{:<8} {:<widest$}  {severity}  {summary}", rule.id, rule.name)?;
    }
    Ok(())
}

/// As much of a text as fits, with a sign when it is not all.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let start: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "34",
        Severity::Info => "32",
    }
}
