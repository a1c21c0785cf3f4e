//! Lines of a source for a report: fetched when they are wanted, and forgotten soon after.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Report;
use crate::audit::{Source, SourceSet};
use crate::finding::{Place, Position};
use crate::redact::Redactor;

/// Findings come sorted by urgency, not by path: texts are kept, up to so many bytes of them.
const MOST_BYTES: usize = 64 << 20;

/// The texts behind a report.
pub(super) struct Excerpts<'a> {
    sources: &'a dyn SourceSet,
    redactor: &'a Redactor,
    by_path: FxHashMap<&'a str, &'a Source>,
    kept: FxHashMap<String, Option<Rc<Text>>>,
    kept_bytes: usize,
}

impl<'a> Excerpts<'a> {
    pub(super) fn new(report: &Report<'a>) -> Self {
        let Report { sources, outcome, .. } = *report;
        let redactor = &outcome.redactor;
        let by_path = sources.sources().iter().map(|source| (source.path.as_str(), source)).collect();
        Self { sources, redactor, by_path, kept: FxHashMap::default(), kept_bytes: 0 }
    }

    /// The text of a source, if it can (still) be had.
    pub(super) fn text(&mut self, path: &str) -> Option<Rc<Text>> {
        if let Some(text) = self.kept.get(path) {
            return text.clone();
        }
        let bytes = self.by_path.get(path).and_then(|source| self.sources.read(source).ok());
        // SECURITY: masked before anybody can cut a line out of it.
        let text = bytes.map(|bytes| casemate_python::syntax::text(&bytes));
        let text = text.map(|text| Rc::new(Text::new(self.redactor.mask_file(path, &text))));
        let bytes = path.len() + text.as_ref().map_or(0, |text| text.text.len() + size_of_val(text.lines.as_slice()));
        if self.kept_bytes.saturating_add(bytes) > MOST_BYTES {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += bytes;
        self.kept.insert(path.to_owned(), text.clone());
        text
    }
}

/// A text cut into lines the way Python cuts them: at `\n`, `\r\n` and `\r`.
pub(super) struct Text {
    text: String,
    lines: Vec<Range<usize>>,
}

impl Text {
    pub(super) fn new(text: String) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut rest = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = rest.next() {
            if byte == b'\n' || byte == b'\r' {
                lines.push(start..at);
                start = at + 1;
                if byte == b'\r' && rest.next_if(|(_, next)| *next == b'\n').is_some() {
                    start += 1;
                }
            }
        }
        lines.push(start..text.len());
        Self { text, lines }
    }

    /// A line by number, from 1, without its end.
    pub(super) fn line(&self, number: u32) -> Option<&str> {
        let range = self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        self.text.get(range.clone())
    }

    /// The number of the last line that is there.
    pub(super) fn last_line(&self) -> u32 {
        let trailing = self.lines.last().is_some_and(Range::is_empty) && self.lines.len() > 1;
        u32::try_from(self.lines.len() - usize::from(trailing)).unwrap_or(u32::MAX)
    }

    /// Whole lines joined by `\n`, as far as they are there.
    pub(super) fn lines(&self, numbers: Range<u32>) -> String {
        let lines: Vec<&str> = numbers.map_while(|number| self.line(number)).collect();
        lines.join("\n")
    }

    /// The text of a place, its lines joined by `\n`.
    pub(super) fn cut(&self, place: &Place) -> Option<String> {
        let (first, last) = (place.start.line, place.end.line.max(place.start.line));
        let mut cut = String::new();
        for number in first..=last {
            let line = self.line(number)?;
            let from = if number == first { byte_of(line, place.start) } else { 0 };
            let to = if number == last { byte_of(line, place.end) } else { line.len() };
            if number > first {
                cut.push('\n');
            }
            cut.push_str(line.get(from..to).unwrap_or_default());
        }
        Some(cut)
    }
}

/// Where a column begins in its line, in bytes; the end of the line for a column beyond it.
pub(super) fn byte_of(line: &str, position: Position) -> usize {
    let skipped = usize::try_from(position.column.saturating_sub(1)).unwrap_or(usize::MAX);
    line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at)
}
