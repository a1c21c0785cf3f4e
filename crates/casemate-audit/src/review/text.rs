//! A review for people at a terminal.

use std::io;

use super::{Answer, Endpoint, Review, State};
use crate::report::text::{counted, printable};

/// How the text looks.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colour, for a terminal that wants it.
    pub is_coloured: bool,
    /// Characters in a line.
    pub width: usize,
    /// What to put before a path so that it can be opened from here.
    pub prefix: &'a str,
}

impl Look<'_> {
    fn paint(&self, text: &str, style: &str) -> String {
        if self.is_coloured { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The widest question.
const QUESTION: usize = 43;

/// Writes each endpoint with its answers, then the threat model.
pub fn write(review: &Review, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for endpoint in &review.endpoints {
        write_endpoint(endpoint, look, out)?;
    }
    if !review.threats.sections.is_empty() {
        writeln!(out, "{}\n", look.paint("Threat model (draft)", "1"))?;
    }
    for section in &review.threats.sections {
        writeln!(out, "  {}", look.paint(section.heading, "1"))?;
        for point in &section.points {
            wrapped(out, "    - ", "      ", &printable(point), look.width)?;
        }
        writeln!(out)?;
    }
    for problem in &review.problems {
        let at =
            format!("{}{}:{}", printable(look.prefix), printable(&problem.place.path), problem.place.start.line.max(1));
        writeln!(out, "{}: {at}: {}", look.paint("problem", "1;33"), printable(&problem.message))?;
    }
    summary(review, look, out)
}

fn write_endpoint(endpoint: &Endpoint, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", look.paint(&printable(&endpoint.title()), "1"))?;
    let at = format!("{}{}:{}", look.prefix, endpoint.place.path, endpoint.place.start.line);
    writeln!(out, "  {}", look.paint(&printable(&format!("{at}  {}  {}", endpoint.handler, endpoint.framework)), "2"))?;
    for answer in &endpoint.answers {
        write_answer(answer, look, out)?;
    }
    writeln!(out)
}

fn write_answer(answer: &Answer, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (mark, style) = match answer.state {
        State::Shown => ("+", "32"),
        State::Missing => ("!", "1;31"),
        State::Open => ("?", "33"),
    };
    let text = printable(&answer.text);
    let question = answer.question.text();
    let head = format!("  {} {question:<QUESTION$} ", look.paint(mark, style));
    let indent = " ".repeat(QUESTION + 5);
    // Colour has no width.
    let shown = 5 + QUESTION;
    let mut line = head;
    let mut at = shown;
    let mut first = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !first && at + 1 + length > look.width {
            writeln!(out, "{line}")?;
            line.clone_from(&indent);
            at = shown;
            first = true;
        }
        if !first {
            line.push(' ');
            at += 1;
        }
        line.push_str(word);
        at += length;
        first = false;
    }
    writeln!(out, "{line}")
}

/// Text broken between words.
fn wrapped(out: &mut dyn io::Write, first: &str, rest: &str, text: &str, width: usize) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            writeln!(out, "{line}")?;
            line = rest.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{line}")
}

fn summary(review: &Review, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let count = |state| {
        review.endpoints.iter().flat_map(|endpoint| &endpoint.answers).filter(|answer| answer.state == state).count()
    };
    if review.endpoints.is_empty() {
        return writeln!(out, "No endpoint was found in {}.", counted(review.files, "Python file"));
    }
    let endpoints = counted(review.endpoints.len(), "endpoint");
    writeln!(
        out,
        "{} in {}: {} shown by the code (+), {} missing (!), {} for you to answer (?).",
        look.paint(&endpoints, "1"),
        counted(review.files, "Python file"),
        count(State::Shown),
        count(State::Missing),
        count(State::Open),
    )
}
