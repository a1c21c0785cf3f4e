//! Keeps secrets out of everything that is told.
//!
//! Whatever rules run, every text is searched for secrets, and none of them reaches a report: not in the lines that are
//! shown around a finding of another kind, not in its message, its path or its statement.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashMap;

use crate::finding::Finding;

/// Shorter secrets are common words ("admin") and are masked only in their own file, where they stand by themselves.
const LONG: usize = 12;

/// Lines of a secret of several lines that are shorter than this say nothing (`-----`, `}`).
const SHORTEST_LINE: usize = 8;

/// What must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    everywhere: Option<AhoCorasick>,
    in_file: FxHashMap<String, Vec<String>>,
}

impl Redactor {
    /// Learns the secrets of each file by path.
    pub(crate) fn new(secrets: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let mut in_file: FxHashMap<String, Vec<String>> = FxHashMap::default();
        let mut long = Vec::new();
        for (path, values) in secrets {
            let known = in_file.entry(path).or_default();
            for value in values {
                let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
                let parts: Vec<&str> = if value.contains('\n') { lines.collect() } else { vec![value.as_str()] };
                for part in parts.into_iter().filter(|part| !part.is_empty()) {
                    let list = if part.len() >= LONG { &mut long } else { &mut *known };
                    list.push(part.to_owned());
                }
            }
        }
        for values in in_file.values_mut() {
            values.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
            values.dedup();
        }
        in_file.retain(|_, values| !values.is_empty());
        long.sort();
        long.dedup();
        let everywhere = if long.is_empty() {
            None
        } else {
            // The patterns are literals; building fails only beyond 2³¹ bytes of them.
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&long).ok()
        };
        Self { everywhere, in_file }
    }

    /// A text of this file with every secret in it replaced by as many `*`, so that columns hold.
    pub fn mask<'t>(&self, path: &str, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        if let Some(everywhere) = &self.everywhere
            && everywhere.is_match(text)
        {
            let mut out = String::with_capacity(text.len());
            everywhere.replace_all_with(text, &mut out, |_, found, out| {
                out.extend(found.chars().map(|_| '*'));
                true
            });
            masked = Cow::Owned(out);
        }
        for value in self.in_file.get(path).map_or(&[][..], Vec::as_slice) {
            if let Some(changed) = mask_word(&masked, value) {
                masked = Cow::Owned(changed);
            }
        }
        masked
    }

    /// Masks everything a finding says.
    pub(crate) fn clean(&self, finding: &mut Finding) {
        let path = finding.place.path.clone();
        let clean = |text: &mut String, path: &str| {
            if let Cow::Owned(masked) = self.mask(path, text) {
                *text = masked;
            }
        };
        for text in [&mut finding.message, &mut finding.remedy, &mut finding.statement] {
            clean(text, &path);
        }
        for step in &mut finding.path {
            let path = step.place.path.clone();
            clean(&mut step.note, &path);
            clean(&mut step.snippet, &path);
        }
    }
}

/// Masks a value where it stands by itself, not as a part of a longer word.
fn mask_word(text: &str, value: &str) -> Option<String> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut out = String::new();
    let mut done = 0;
    for (at, found) in text.match_indices(value) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        let begins = !(is_word(before) && is_word(found.chars().next()));
        let ends = !(is_word(after) && is_word(found.chars().next_back()));
        if begins && ends {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.extend(found.chars().map(|_| '*'));
            done = at + found.len();
        }
    }
    if done == 0 {
        return None;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_secrets_are_masked_everywhere_and_short_ones_where_they_stand() {
        let redactor =
            Redactor::new([("a.py".to_owned(), vec!["correct horse battery".to_owned(), "root".to_owned()])]);

        assert_eq!(redactor.mask("b.py", "x = 'correct horse battery'"), "x = '*********************'");
        assert_eq!(redactor.mask("a.py", "root_dir = 'root'"), "root_dir = '****'");
        assert_eq!(redactor.mask("b.py", "user = 'root'"), "user = 'root'");
    }

    #[test]
    fn each_line_of_a_long_secret_is_masked() {
        let redactor = Redactor::new([("key.pem".to_owned(), vec!["line one of it\nline two of it\n".to_owned()])]);

        assert_eq!(redactor.mask("other", "  line two of it"), "  **************");
    }
}
