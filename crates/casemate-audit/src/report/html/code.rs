//! Lines of code in the page, with the finding and its path marked in them.

use std::rc::Rc;

use maud::{Markup, html};

use super::{place_words, ticked};
use crate::finding::{Finding, Place, Position};
use crate::report::excerpt::{Excerpts, Text, byte_of};
use crate::report::text::printable_line;

/// Lines shown above and below a mark.
const AROUND: u32 = 2;

/// Lines further apart than this are shown apart.
const MOST_GAP: u32 = 6;

/// A place of more lines is shown by its first ones.
const MOST_LINES: u32 = 8;

/// A longer line is cut around its mark.
const LONGEST_LINE: usize = 240;

/// What is to be marked.
struct Mark<'a> {
    place: &'a Place,
    note: String,
}

/// The lines of a finding and of its path, file by file, in the order the data took.
pub(super) fn frames(finding: &Finding, excerpts: &mut Excerpts<'_>) -> Markup {
    let mut marks: Vec<Mark<'_>> = Vec::new();
    let stops = finding.path.len();
    for (at, step) in finding.path.iter().enumerate() {
        let note = if stops > 1 { format!("{}. {}", at + 1, step.note) } else { step.note.clone() };
        marks.push(Mark { place: &step.place, note });
    }
    if !finding.path.iter().any(|step| step.place == finding.place) {
        marks.push(Mark { place: &finding.place, note: String::new() });
    }
    let mut groups: Vec<(Rc<Text>, Vec<&Mark<'_>>)> = Vec::new();
    for mark in &marks {
        let Some(text) = excerpts.text(&mark.place.path) else { continue };
        if mark.place.start.line == 0 || mark.place.start.line > text.last_line() {
            continue;
        }
        let same = groups.iter_mut().find(|(_, marks)| marks.iter().any(|one| one.place.path == mark.place.path));
        match same {
            Some((_, marks)) => marks.push(mark),
            None => groups.push((text, vec![mark])),
        }
    }
    html! {
        @for (text, marks) in &groups {
            @if let Some(first) = marks.first() {
                figure {
                    figcaption { (place_words(first.place)) }
                    pre.frame tabindex="0" { (lines(text, marks)) }
                }
            }
        }
    }
}

fn lines(text: &Text, marks: &[&Mark<'_>]) -> Markup {
    let mut wanted: Vec<u32> = Vec::new();
    for mark in marks {
        let first = mark.place.start.line.saturating_sub(AROUND).max(1);
        wanted.extend(first..=shown_end(mark.place).saturating_add(AROUND).min(text.last_line()));
    }
    wanted.sort_unstable();
    wanted.dedup();
    // Small gaps are filled, so that code is not torn apart.
    let mut filled: Vec<u32> = Vec::new();
    for line in wanted {
        match filled.last() {
            Some(&last) if line - last <= MOST_GAP => filled.extend(last + 1..=line),
            _ => filled.push(line),
        }
    }
    html! {
        @for (at, &number) in filled.iter().enumerate() {
            @if at > 0 && filled.get(at - 1).is_some_and(|before| before + 1 != number) { span.gap { "⋮" } }
            (row(text.line(number).unwrap_or_default(), number, marks))
        }
    }
}

fn row(line: &str, number: u32, marks: &[&Mark<'_>]) -> Markup {
    let line = printable_line(line);
    let mut spans: Vec<(usize, usize)> = marks
        .iter()
        .filter(|mark| (mark.place.start.line..=shown_end(mark.place)).contains(&number))
        .map(|mark| {
            let Place { start, end, .. } = mark.place;
            let from = if number == start.line { byte_of(&line, *start) } else { indent(&line) };
            let to = if number == end.line { byte_of(&line, *end) } else { line.len() };
            (from, to.max(from))
        })
        .collect();
    spans.sort_unstable();
    let notes = marks.iter().filter(|mark| mark.place.start.line == number && !mark.note.is_empty());
    let (from, to) = shown_part(&line, spans.first().copied());
    html! {
        span.row {
            span.number { (number) }
            @if from > 0 { "…" }
            (marked(&line, from, to, &spans))
            @if to < line.len() { "…" }
        }
        @for mark in notes { span.note { "↳ " (ticked(&mark.note)) } }
    }
}

/// The part of a long line around its first mark, at character boundaries.
fn shown_part(line: &str, mark: Option<(usize, usize)>) -> (usize, usize) {
    if line.len() <= LONGEST_LINE {
        return (0, line.len());
    }
    let around = mark.map_or(0, |(from, _)| from);
    let mut from = around.saturating_sub(LONGEST_LINE / 3);
    let mut to = from.saturating_add(LONGEST_LINE).min(line.len());
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    while !line.is_char_boundary(to) {
        to += 1;
    }
    (from, to)
}

fn marked(line: &str, from: usize, to: usize, spans: &[(usize, usize)]) -> Markup {
    let mut parts: Vec<(&str, bool)> = Vec::new();
    let mut done = from;
    for (start, end) in spans {
        let (start, end) = ((*start).clamp(done, to), (*end).clamp(done, to));
        parts.push((line.get(done..start).unwrap_or_default(), false));
        parts.push((line.get(start..end).unwrap_or_default(), true));
        done = end;
    }
    parts.push((line.get(done..to).unwrap_or_default(), false));
    html! {
        @for (part, is_marked) in parts.iter().filter(|(part, _)| !part.is_empty()) {
            @if *is_marked { mark { (part) } } @else { (part) }
        }
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn shown_end(place: &Place) -> u32 {
    let Place { start: Position { line: first, .. }, end: Position { line: last, .. }, .. } = place;
    (*last).clamp(*first, first.saturating_add(MOST_LINES - 1))
}
