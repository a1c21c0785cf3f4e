//! A review as a page to keep with the project, with boxes to tick.

use std::io;

use super::{Review, State};

/// Writes the threat model, then each endpoint with its questions.
pub fn write(review: &Review, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "# Security review\n")?;
    writeln!(
        out,
        "Drafted from the code. A ticked box is shown by the code; the others are for a person to answer.\n"
    )?;
    if review.endpoints.is_empty() {
        writeln!(out, "No endpoint was found.")?;
    } else {
        writeln!(out, "## Threat model\n")?;
    }
    for section in &review.threats.sections {
        writeln!(out, "### {}\n", section.heading)?;
        for point in &section.points {
            writeln!(out, "- {}", escape(point))?;
        }
        writeln!(out)?;
    }
    if !review.endpoints.is_empty() {
        writeln!(out, "## Endpoints\n")?;
    }
    for endpoint in &review.endpoints {
        writeln!(out, "### {}\n", escape(&endpoint.title()))?;
        writeln!(
            out,
            "`{}` in `{}:{}` ({})\n",
            endpoint.handler, endpoint.place.path, endpoint.place.start.line, endpoint.framework
        )?;
        for answer in &endpoint.answers {
            let (tick, mark) = match answer.state {
                State::Shown => ("x", ""),
                State::Missing => (" ", "**missing:** "),
                State::Open => (" ", ""),
            };
            writeln!(out, "- [{tick}] {} {mark}{}", answer.question.text(), escape(&answer.text))?;
        }
        writeln!(out)?;
    }
    for problem in &review.problems {
        writeln!(out, "> {}:{}: {}", problem.place.path, problem.place.start.line, escape(&problem.message))?;
    }
    Ok(())
}

/// SECURITY: code is quoted, and a page of it must not become markup of somebody's choosing; quotes of code stay.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' => in_code = !in_code,
            '\n' | '\r' => {
                escaped.push(' ');
                continue;
            }
            '<' | '>' | '[' | ']' | '*' | '_' | '|' | '#' | '\\' | '!' if !in_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(c);
    }
    // A quote that was cut would turn what follows into code.
    if in_code {
        escaped.push('`');
    }
    escaped
}
