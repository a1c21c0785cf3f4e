//! Which lines of a text are new beside an older version of it, and which findings touch them.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::audit::Outcome;
use crate::finding::{Finding, Place};
use crate::rules::run::analysis_incomplete;

/// Lines of a text that an older version of it does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedLines {
    /// First and last lines of stretches, from 1, in order; `None` where there is no older version.
    stretches: Option<Vec<RangeInclusive<u32>>>,
}

impl ChangedLines {
    /// Of a text that is new: every line.
    pub const ALL: Self = Self { stretches: None };

    /// Compares a text with an older version of it. Lines end as Python has it.
    ///
    /// Where lines were taken out, the lines beside them count as changed: a guard that is gone shows nowhere else.
    pub fn between(before: &str, after: &str) -> Self {
        // A checkout may have turned all line ends.
        let is_turned = ends_in_crlf(before) != ends_in_crlf(after);
        let turned = |line| if is_turned { without_end(line) } else { line };
        let mut input = InternedInput::default();
        input.update_before(lines(before).map(turned));
        input.update_after(lines(after).map(turned));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let stretches = diff.hunks().map(|hunk| {
            let (start, end) = (hunk.after.start, hunk.after.end);
            if start == end { start.max(1)..=start.saturating_add(1) } else { start.saturating_add(1)..=end }
        });
        Self { stretches: Some(stretches.collect()) }
    }

    /// Whether any of these lines is new.
    pub fn touches(&self, first: u32, last: u32) -> bool {
        let Some(stretches) = &self.stretches else { return true };
        stretches.iter().any(|stretch| *stretch.start() <= last.max(first) && first <= *stretch.end())
    }

    /// Whether nothing is new.
    pub fn is_empty(&self) -> bool {
        self.stretches.as_ref().is_some_and(Vec::is_empty)
    }
}

/// How much of two texts is the same, line by line wherever the lines stand: 0 nothing, 100 all.
pub fn likeness(one: &str, other: &str) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut total: usize = 0;
    for line in lines(one).map(str::trim).filter(|line| !line.is_empty()) {
        *counts.entry(line).or_default() += 1;
        total += 1;
    }
    let mut common: usize = 0;
    for line in lines(other).map(str::trim).filter(|line| !line.is_empty()) {
        total += 1;
        if let Some(count) = counts.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    (common * 200).checked_div(total).unwrap_or(0)
}

fn ends_in_crlf(text: &str) -> bool {
    text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"))
}

fn without_end(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// The lines of a text with their ends: after `\n`, `\r\n` or a lone `\r`, as places of findings count them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let (body, end) = match line.strip_suffix("\r\n") {
            Some(body) => (body, "\r\n"),
            None => (line, ""),
        };
        let mut pieces: Vec<&str> = body.split_inclusive('\r').collect();
        if !end.is_empty() {
            // The last piece gets its end back; an empty one is a line of its own.
            let whole = pieces.last().filter(|piece| !piece.ends_with('\r')).map_or(0, |piece| piece.len());
            if whole > 0 {
                pieces.pop();
            }
            pieces.extend(line.get(line.len() - end.len() - whole..));
        }
        pieces
    })
}

/// Findings that were left out because they touch no changed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// What the lines were compared with, as the user named it.
    pub since: String,
    /// How many findings there are.
    pub count: usize,
}

impl Outcome {
    /// The paths of all places that findings name, each once, in order.
    pub fn paths_named(&self) -> Vec<&str> {
        let silenced = self.suppressed.iter().map(|(finding, _)| finding);
        let all = self.findings.iter().chain(&self.baselined).chain(silenced);
        let places = all.flat_map(|one| std::iter::once(&one.place).chain(one.path.iter().map(|step| &step.place)));
        let mut paths: Vec<&str> = places.map(|place| place.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Leaves out what touches no changed line, and counts it. A path that is not in the map counts as new.
    pub fn keep_changed(&mut self, since: &str, changed: &HashMap<String, ChangedLines>) {
        let before = self.findings.len();
        self.findings.retain(|finding| is_about_a_change(finding, changed));
        self.baselined.retain(|finding| is_about_a_change(finding, changed));
        self.suppressed.retain(|(finding, _)| is_about_a_change(finding, changed));
        // Of what is gone nothing can be said by looking at what is there.
        self.gone.clear();
        self.elsewhere = Some(Elsewhere { since: since.to_owned(), count: before - self.findings.len() });
    }
}

/// Whether its place, or a stop of its path, is on a changed line.
fn is_about_a_change(finding: &Finding, changed: &HashMap<String, ChangedLines>) -> bool {
    let is_changed =
        |place: &Place| changed.get(&place.path).is_none_or(|lines| lines.touches(place.start.line, place.end.line));
    // What could not be read may hide anything; what only history holds is on no line.
    finding.rule.id == analysis_incomplete::RULE.id
        || finding.is_past()
        || is_changed(&finding.place)
        || finding.path.iter().any(|step| is_changed(&step.place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        lines(text).collect()
    }

    #[test]
    fn lines_end_as_places_count_them() {
        assert_eq!(cut("a\nb\r\nc\rd\r\r\ne"), ["a\n", "b\r\n", "c\r", "d\r", "\r\n", "e"]);
        assert_eq!(cut("\r\n\n"), ["\r\n", "\n"]);
        assert_eq!(cut(""), [""; 0]);
    }
}
