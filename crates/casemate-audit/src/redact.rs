//! Keeps secrets out of everything that is told.
//!
//! Whatever rules run, every text is searched for secrets, and none of them reaches a report: not in the lines that are
//! shown around a finding of another kind, not in its message, its path or its statement.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use casemate_secrets::Leak;
use rustc_hash::FxHashMap;

use crate::audit::Problem;
use crate::finding::{Detail, Finding};

/// Shorter secrets are common words ("admin") and are masked only in their own file, where they stand by themselves.
const LONG: usize = 12;

/// Lines of a secret of several lines that are shorter than this say nothing (`-----`, `}`).
const SHORTEST_LINE: usize = 8;

/// What stands for a secret in a sentence. SECURITY: always as long, for the length of a weak password is half of it.
const MASK: &str = "***";

/// Fewer characters of a secret at the end of a text that was cut tell nothing.
const SHORTEST_START: usize = 4;

/// Texts longer than this may have been cut.
const CUT_BEYOND: usize = 1000;

/// The secrets of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden {
    /// As written, and as they are.
    values: Vec<String>,
    /// Where they stand.
    spans: Vec<Range<usize>>,
}

impl Hidden {
    /// The secrets of a text.
    pub(crate) fn of(text: &str, leaks: &[Leak]) -> Self {
        let written = leaks.iter().filter_map(|leak| text.get(leak.span.clone()));
        let decoded = leaks.iter().filter_map(|leak| leak.decoded.as_deref());
        let values = written.chain(decoded).map(str::to_owned).collect();
        Self { values, spans: leaks.iter().map(|leak| leak.span.clone()).collect() }
    }

    /// The same, for another text than the one they stand in.
    pub(crate) fn without_places(self) -> Self {
        Self { values: self.values, spans: Vec::new() }
    }

    /// As written, and as they are.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// One secret of a text.
    pub(crate) fn one(text: &str, span: Range<usize>, value: &str) -> Self {
        let written = text.get(span.clone()).map(str::to_owned);
        Self { values: written.into_iter().chain([value.to_owned()]).collect(), spans: vec![span] }
    }

    /// A part of a secret; one of a few characters says nothing where it stands again.
    pub(crate) fn part(text: &str, span: Range<usize>) -> Self {
        let written = text.get(span.clone()).filter(|part| part.len() >= SHORTEST_START).map(str::to_owned);
        Self { values: written.into_iter().collect(), spans: vec![span] }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.spans.is_empty()
    }
}

/// The secrets of one file, ready to be looked for.
#[derive(Clone, Debug, Default)]
struct InFile {
    /// The short ones, in order.
    short: Vec<String>,
    /// The same, to be looked for all at once.
    shorts: Option<AhoCorasick>,
    /// The long ones, in order; they are looked for everywhere, and their beginnings here.
    long: Vec<String>,
    /// Where they stand.
    spans: Vec<Range<usize>>,
}

/// What must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    everywhere: Option<AhoCorasick>,
    in_file: FxHashMap<String, InFile>,
}

/// What stands for a secret.
#[derive(Clone, Copy)]
enum Fill {
    /// As many `*`, so that columns hold.
    Each,
    /// Always the same.
    Fixed,
}

impl Fill {
    fn put(self, found: &str, out: &mut String) {
        match self {
            Self::Each => out.extend(found.chars().map(|_| '*')),
            Self::Fixed => out.push_str(MASK),
        }
    }
}

impl Redactor {
    /// Whether a secret stands among these bytes, which speak of a file.
    pub(crate) fn shows(&self, path: &str, bytes: &[u8]) -> bool {
        let own = self.in_file.get(path).and_then(|known| known.shorts.as_ref());
        [self.everywhere.as_ref(), own].into_iter().flatten().any(|secrets| secrets.is_match(bytes))
    }

    /// Learns the secrets of each file by path.
    pub(crate) fn new(secrets: impl IntoIterator<Item = (String, Hidden)>) -> Self {
        let mut in_file: FxHashMap<String, InFile> = FxHashMap::default();
        let mut everywhere = Vec::new();
        for (path, hidden) in secrets {
            let known = in_file.entry(path).or_default();
            known.spans.extend(hidden.spans);
            for value in hidden.values {
                let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
                let parts: Vec<&str> = if value.contains('\n') { lines.collect() } else { vec![value.as_str()] };
                for part in parts.into_iter().filter(|part| !part.is_empty()) {
                    let list = if part.len() >= LONG { &mut known.long } else { &mut known.short };
                    list.push(part.to_owned());
                    let folded = crate::rules::fold(part);
                    if folded != part && folded.len() >= LONG {
                        known.long.push(folded);
                    }
                }
            }
        }
        for known in in_file.values_mut() {
            known.short.sort();
            known.short.dedup();
            // The patterns are literals; building fails only beyond 2³¹ bytes of them.
            known.shorts = AhoCorasick::new(&known.short).ok().filter(|_| !known.short.is_empty());
            known.long.sort();
            known.long.dedup();
            known.spans.sort_by_key(|span| (span.start, span.end));
            everywhere.extend(known.long.iter().cloned());
        }
        everywhere.sort();
        everywhere.dedup();
        let everywhere = if everywhere.is_empty() {
            None
        } else {
            // The patterns are literals; building fails only beyond 2³¹ bytes of them.
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&everywhere).ok()
        };
        Self { everywhere, in_file }
    }

    /// A text of this file with every secret in it replaced by as many `*`, so that columns hold.
    pub fn mask<'t>(&self, path: &str, text: &'t str) -> Cow<'t, str> {
        self.mask_short(path, self.mask_long(text, Fill::Each), Fill::Each)
    }

    /// The whole text of this file, masked where its secrets stand, and wherever they stand again.
    pub fn mask_file(&self, path: &str, text: &str) -> String {
        let Some(known) = self.in_file.get(path) else { return self.mask(path, text).into_owned() };
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for span in &known.spans {
            // Another text than the one that was searched: the values are masked all the same.
            let Some(hidden) = text.get(span.start.max(done)..span.end.max(done)) else { continue };
            out.push_str(text.get(done..span.start.max(done)).unwrap_or_default());
            out.extend(hidden.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { '*' }));
            done = span.end.max(done);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        match self.mask(path, &out) {
            Cow::Owned(masked) => masked,
            Cow::Borrowed(_) => out,
        }
    }

    fn mask_long<'t>(&self, text: &'t str, fill: Fill) -> Cow<'t, str> {
        let Some(everywhere) = self.everywhere.as_ref().filter(|everywhere| everywhere.is_match(text)) else {
            return Cow::Borrowed(text);
        };
        let mut out = String::with_capacity(text.len());
        everywhere.replace_all_with(text, &mut out, |_, found, out| {
            fill.put(found, out);
            true
        });
        Cow::Owned(out)
    }

    fn mask_short<'t>(&self, path: &str, text: Cow<'t, str>, fill: Fill) -> Cow<'t, str> {
        let shorts = self.in_file.get(path).and_then(|known| known.shorts.as_ref());
        match shorts.and_then(|shorts| mask_words(&text, shorts, fill)) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        }
    }

    /// Masks what is left of a secret where a text was cut in the middle of it.
    fn mask_cut(&self, path: &str, text: &mut String) {
        let Some(known) = self.in_file.get(path) else { return };
        if text.len() <= CUT_BEYOND && !text.contains('…') {
            return;
        }
        let mut ends: Vec<usize> = text.match_indices('…').map(|(at, _)| at).collect();
        ends.push(text.len());
        for end in ends.into_iter().rev() {
            let before = text.get(..end).unwrap_or_default();
            let starts = [&known.long, &known.short].map(|secrets| longest_start(before, secrets));
            if let Some(length) = starts.into_iter().flatten().max() {
                text.replace_range(end - length..end, MASK);
            }
        }
    }

    /// Masks every secret in a sentence or a piece of code of this file.
    pub(crate) fn clean_text(&self, path: &str, text: &mut String) {
        let masked = self.mask_short(path, self.mask_long(text, Fill::Fixed), Fill::Fixed);
        if let Cow::Owned(masked) = masked {
            *text = masked;
        }
        self.mask_cut(path, text);
    }

    /// Masks every secret in a sentence of ours. Short ones are words like any other there, and secrets only where code
    /// is quoted.
    fn clean_sentence(&self, path: &str, text: &mut String) {
        if let Cow::Owned(masked) = self.mask_long(text, Fill::Fixed) {
            *text = masked;
        }
        if self.in_file.get(path).is_some_and(|known| !known.short.is_empty()) && text.contains('`') {
            let parts = text.split('`').enumerate().map(|(at, part)| {
                let part = Cow::Borrowed(part);
                if at % 2 == 1 { self.mask_short(path, part, Fill::Fixed) } else { part }
            });
            *text = parts.collect::<Vec<_>>().join("`");
        }
        self.mask_cut(path, text);
    }

    /// Masks everything a problem says.
    pub(crate) fn clean_problem(&self, problem: &mut Problem) {
        self.clean_text(&problem.place.path, &mut problem.message);
    }

    /// Masks everything a finding says.
    pub(crate) fn clean(&self, finding: &mut Finding) {
        if self.in_file.is_empty() {
            return;
        }
        let path = finding.place.path.clone();
        self.clean_sentence(&path, &mut finding.message);
        self.clean_sentence(&path, &mut finding.remedy);
        self.clean_text(&path, &mut finding.statement);
        for step in &mut finding.path {
            self.clean_sentence(&step.place.path, &mut step.note);
            self.clean_text(&step.place.path, &mut step.snippet);
        }
        // SECURITY: a fix shows what it writes. A masked one would write stars into the source, so there is none.
        let shows_secret = |text: &str| {
            let mut cleaned = text.to_owned();
            self.clean_text(&path, &mut cleaned);
            cleaned != text
        };
        if finding
            .fix
            .as_ref()
            .is_some_and(|fix| shows_secret(&fix.title) || fix.edits.iter().any(|edit| shows_secret(&edit.replacement)))
        {
            finding.fix = None;
        }
        match &mut finding.detail {
            Detail::Dependency(detail) => {
                let one = [&mut detail.package, &mut detail.version].into_iter().chain(&mut detail.url);
                for text in one.chain(&mut detail.required_by) {
                    self.clean_text(&path, text);
                }
            }
            Detail::Secret(_) | Detail::None => {}
        }
    }
}

/// The length of the longest beginning of any of some secrets, which are in order, that a text ends with.
fn longest_start(text: &str, secrets: &[String]) -> Option<usize> {
    let longest = secrets.iter().map(String::len).max().unwrap_or(0).min(text.len());
    (SHORTEST_START..=longest).rev().find(|&length| {
        let Some(end) = text.get(text.len() - length..) else { return false };
        let at = secrets.partition_point(|secret| secret.as_str() < end);
        secrets.get(at).is_some_and(|secret| secret.starts_with(end))
    })
}

/// Masks values where they stand by themselves, not as parts of longer words.
fn mask_words(text: &str, values: &AhoCorasick, fill: Fill) -> Option<String> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found: Vec<Range<usize>> = Vec::new();
    for hit in values.find_overlapping_iter(text) {
        let Some(value) = text.get(hit.range()) else { continue };
        let before = text.get(..hit.start()).and_then(|before| before.chars().next_back());
        let after = text.get(hit.end()..).and_then(|after| after.chars().next());
        let begins = !(is_word(before) && is_word(value.chars().next()));
        let ends = !(is_word(after) && is_word(value.chars().next_back()));
        if begins && ends {
            found.push(hit.range());
        }
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut ranges = found.into_iter().peekable();
    while let Some(mut range) = ranges.next() {
        // What overlaps is masked as one.
        while let Some(next) = ranges.next_if(|next| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        out.push_str(text.get(done..range.start).unwrap_or_default());
        fill.put(text.get(range.clone()).unwrap_or_default(), &mut out);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(values: &[&str]) -> Hidden {
        Hidden { values: values.iter().map(|&value| value.to_owned()).collect(), spans: Vec::new() }
    }

    #[test]
    fn long_secrets_are_masked_everywhere_and_short_ones_where_they_stand() {
        let redactor = Redactor::new([("a.py".to_owned(), hidden(&["correct horse battery", "root"]))]);

        assert_eq!(redactor.mask("b.py", "x = 'correct horse battery'"), "x = '*********************'");
        assert_eq!(redactor.mask("a.py", "root_dir = 'root'"), "root_dir = '****'");
        assert_eq!(redactor.mask("b.py", "user = 'root'"), "user = 'root'");
    }

    #[test]
    fn each_line_of_a_long_secret_is_masked() {
        let redactor = Redactor::new([("key.pem".to_owned(), hidden(&["line one of it\nline two of it\n"]))]);

        assert_eq!(redactor.mask("other", "  line two of it"), "  **************");
    }

    #[test]
    fn a_file_is_masked_where_its_secrets_stand_and_keeps_its_lines() {
        let text = "a = 'xy\nz' # xy";
        let span = 5..9;
        let secret = Hidden { values: vec!["x".to_owned()], spans: vec![span] };
        let redactor = Redactor::new([("a.py".to_owned(), secret)]);

        assert_eq!(redactor.mask_file("a.py", text), "a = '**\n*' # xy");
        assert_eq!(redactor.mask_file("a.py", "é"), "é", "another text than the one that was searched");
    }

    #[test]
    fn sentences_do_not_tell_how_long_a_secret_is_and_keep_their_own_words() {
        let redactor = Redactor::new([("a.py".to_owned(), hidden(&["secret", "correct horse battery"]))]);
        let clean = |text: &str| {
            let mut text = text.to_owned();
            redactor.clean_sentence("a.py", &mut text);
            text
        };

        assert_eq!(clean("a secret in `f(\"secret\")`"), "a secret in `f(\"***\")`");
        assert_eq!(clean("`x = 'correct horse battery'`"), "`x = '***'`");
    }

    #[test]
    fn short_secrets_in_one_another_are_masked_as_one() {
        let redactor = Redactor::new([("a.py".to_owned(), hidden(&["abc", "abc-def", "def-ghi"]))]);

        assert_eq!(redactor.mask("a.py", "abc abc-def abc-def-ghi abcd xabc"), "*** ******* *********** abcd xabc");
    }

    #[test]
    fn what_is_left_of_a_secret_where_a_text_was_cut_is_masked() {
        let redactor = Redactor::new([("a.py".to_owned(), hidden(&["correct horse battery"]))]);
        let mut text = "`query(\"correct horse b…` is built".to_owned();
        redactor.clean_text("a.py", &mut text);

        assert_eq!(text, "`query(\"***…` is built");
        let redactor =
            Redactor::new([("a.py".to_owned(), hidden(&["correct", "correct horse", "correct horses eat", "z"]))]);
        let mut text = "say correct horses e… or corr… or cor… or zo…".to_owned();
        redactor.clean_text("a.py", &mut text);

        assert_eq!(text, "say ***s e… or ***… or cor… or zo…");
    }
}
