//! Code as a report told it: numbered lines, the ones that matter marked.

use casemate_model::finding::{FlowStep, Occurrence};

/// A line of code in three parts, the middle one marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeLine {
    /// Line number in the file.
    pub(crate) number: i64,
    /// Whether the finding is here.
    pub(crate) is_hit: bool,
    /// Before the mark.
    pub(crate) before: String,
    /// Marked.
    pub(crate) marked: String,
    /// After the mark.
    pub(crate) after: String,
}

/// Lines of code with their place.
#[derive(Clone, Debug)]
pub(crate) struct CodeFrame {
    /// `app/main.py:14`.
    pub(crate) place: String,
    /// Enclosing function, or nothing.
    pub(crate) function: String,
    /// The lines; none when the report had no code.
    pub(crate) lines: Vec<CodeLine>,
}

/// One point of a path.
#[derive(Clone, Debug)]
pub(crate) struct WayPoint {
    /// What happens there.
    pub(crate) note: String,
    /// `app/main.py:14`.
    pub(crate) place: String,
    /// The code, if the report had it.
    pub(crate) snippet: String,
    /// Whether it is the last.
    pub(crate) is_sink: bool,
}

impl CodeFrame {
    /// The frame of an occurrence.
    pub(crate) fn of(at: &Occurrence) -> Self {
        let lines = if at.snippet.is_empty() {
            Vec::new()
        } else {
            at.snippet.lines().zip(at.snippet_line..).map(|(text, number)| line(text, number, at)).collect()
        };
        Self { place: format!("{}:{}", at.path, at.line), function: at.function.clone(), lines }
    }
}

fn line(text: &str, number: i64, at: &Occurrence) -> CodeLine {
    let is_hit = (at.line..=at.end_line.max(at.line)).contains(&number);
    // Columns count characters from 1 (SARIF's default is UTF-16; close enough for a mark, and never out of bounds).
    let all: Vec<char> = text.chars().collect();
    let column =
        |wanted: Option<i64>| wanted.and_then(|column| usize::try_from(column - 1).ok()).map(|n| n.min(all.len()));
    let (from, to) = if is_hit && at.column.is_some() {
        let from = if number == at.line { column(at.column).unwrap_or(0) } else { 0 };
        let to =
            if number == at.end_line.max(at.line) { column(at.end_column).unwrap_or(all.len()) } else { all.len() };
        (from, to.max(from))
    } else {
        (0, 0)
    };
    let part = |range: &[char]| range.iter().collect::<String>();
    let (before, rest) = all.split_at(from);
    let (marked, after) = rest.split_at(to - from);
    CodeLine { number, is_hit, before: part(before), marked: part(marked), after: part(after) }
}

/// The path of a finding, from source to sink.
pub(crate) fn way(flow: &[FlowStep]) -> Vec<WayPoint> {
    let last = flow.len().saturating_sub(1);
    flow.iter()
        .enumerate()
        .map(|(n, step)| WayPoint {
            note: step.note.clone(),
            place: format!("{}:{}", step.path, step.line),
            snippet: step.snippet.trim_end().to_owned(),
            is_sink: n == last,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(snippet: &str, line: i64, end_line: i64, columns: Option<(i64, i64)>) -> Occurrence {
        Occurrence {
            path: "app.py".to_owned(),
            line,
            end_line,
            column: columns.map(|(from, _)| from),
            end_column: columns.map(|(_, to)| to),
            snippet: snippet.to_owned(),
            snippet_line: 10,
            function: String::new(),
            flow: Vec::new(),
        }
    }

    #[test]
    fn the_marked_columns_are_those_of_the_report() {
        let frame = CodeFrame::of(&at("def f():\n    run(x)\n", 11, 11, Some((5, 11))));
        assert_eq!(frame.lines.iter().map(|line| line.is_hit).collect::<Vec<_>>(), [false, true]);
        let hit = &frame.lines[1];
        assert_eq!((hit.before.as_str(), hit.marked.as_str(), hit.after.as_str()), ("    ", "run(x)", ""));
    }

    #[test]
    fn columns_beyond_the_line_mark_nothing_and_break_nothing() {
        let frame = CodeFrame::of(&at("äöü", 10, 10, Some((90, 3))));
        assert_eq!(frame.lines[0].before, "äöü");
        assert_eq!(frame.lines[0].marked, "");
        let frame = CodeFrame::of(&at("äöü", 10, 10, Some((-4, 0))));
        assert_eq!(frame.lines.len(), 1);
    }
}
