//! Changes that mend a finding: what they are, and putting them into a text.

use std::ops::Range;

use casemate_packages::manifest;
use casemate_python::syntax::{self, LineIndex};
use casemate_secrets::Format;
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::Position;

/// Whether a change keeps everything but the hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Safety {
    /// What worked before works as before.
    Safe,
    /// What worked before may work otherwise; somebody has to look.
    Unsafe,
}

impl Safety {
    /// The word users read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// One stretch of a text that is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// In bytes of the text; empty for an insertion.
    pub bytes: Range<usize>,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// What stands there instead.
    pub replacement: String,
}

/// Edits of the file of a finding that mend it together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What is done, in a few words: "compare with `hmac.compare_digest`".
    pub title: String,
    /// Whether it may be done without looking.
    pub safety: Safety,
    /// What changes, in order.
    pub edits: Vec<Edit>,
    /// Digest of the text it was made for.
    of: [u8; 32],
}

impl Fix {
    /// A fix of a text; the stretches are in bytes of it.
    pub(crate) fn new(
        text: &str,
        lines: &LineIndex,
        title: impl Into<String>,
        safety: Safety,
        edits: impl IntoIterator<Item = (Range<usize>, String)>,
    ) -> Box<Self> {
        let position = |offset: usize| {
            let (line, column) = lines.position(text, u32::try_from(offset).unwrap_or(u32::MAX));
            Position { line, column }
        };
        let mut edits: Vec<Edit> = edits
            .into_iter()
            .map(|(bytes, replacement)| {
                let (start, end) = (position(bytes.start), position(bytes.end));
                Edit { bytes, start, end, replacement }
            })
            .collect();
        edits.sort_by_key(|edit| (edit.bytes.start, edit.bytes.end));
        Box::new(Self { title: title.into(), safety, edits, of: digest(text) })
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A text with fixes put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The text before, without a byte order mark.
    pub before: String,
    /// The text after, without a byte order mark.
    pub after: String,
    /// The bytes to write.
    pub bytes: Vec<u8>,
    /// How many fixes were put in.
    pub applied: usize,
    /// How many wait for another round, because they overlap with one that was put in.
    pub left: usize,
}

/// Why a file was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMended {
    /// It holds another text than the audit has seen.
    #[error("it has changed since it was audited")]
    Changed,
    /// Writing it back as UTF-8 would change more than the fixes.
    #[error("it is not written in UTF-8")]
    Encoding,
    /// It could not be understood before.
    #[error("it could not be read without mistakes before the fix: {0}")]
    Broken(String),
    /// It could not be understood afterwards.
    #[error("it could not be read any more after the fix: {0}")]
    Unparsable(String),
    /// There is no way to tell whether the result is sound.
    #[error("there is no check for files of this kind")]
    Unchecked,
}

/// Puts fixes into a file, those first that stand first; one that overlaps with an earlier one waits.
///
/// Nothing comes back unless the result can be read as well as before. Run it in [`crate::reading::on_threads`].
pub fn mend(path: &str, bytes: &[u8], fixes: &[&Fix]) -> Result<Mended, NotMended> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let (mark, body) = match bytes.strip_prefix(MARK) {
        Some(body) => (MARK, body),
        None => (&[][..], bytes),
    };
    let text = std::str::from_utf8(body).map_err(|_| NotMended::Encoding)?;
    // A file that declares another encoding reads otherwise, though its bytes may be UTF-8 by chance.
    if syntax::text(bytes) != text {
        return Err(NotMended::Encoding);
    }
    let now = digest(text);
    if fixes.iter().any(|fix| fix.of != now) {
        return Err(NotMended::Changed);
    }
    let mut fixes: Vec<&Fix> = fixes.to_vec();
    fixes.sort_by_key(|fix| fix.edits.first().map(|edit| (edit.bytes.start, edit.bytes.end)));
    let mut chosen: Vec<&Edit> = Vec::new();
    let (mut applied, mut left) = (0, 0);
    for fix in fixes {
        // Two fixes may want the same import.
        let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !chosen.contains(edit)).collect();
        let is_sound = new.iter().all(|edit| text.get(edit.bytes.clone()).is_some())
            && fix.edits.windows(2).all(|pair| matches!(pair, [one, next] if one.bytes.end <= next.bytes.start));
        let is_alone = new.iter().all(|edit| chosen.iter().all(|other| !collide(edit, other)));
        if is_sound && is_alone && !fix.edits.is_empty() {
            applied += 1;
            chosen.extend(new);
        } else {
            left += 1;
        }
    }
    chosen.sort_by_key(|edit| (edit.bytes.start, edit.bytes.end));
    let mut after = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in chosen {
        after.push_str(text.get(done..edit.bytes.start).unwrap_or_default());
        after.push_str(&edit.replacement);
        done = edit.bytes.end;
    }
    after.push_str(text.get(done..).unwrap_or_default());
    if applied > 0 {
        understood(path, text)?.map_err(NotMended::Broken)?;
        understood(path, &after)?.map_err(NotMended::Unparsable)?;
    }
    let bytes = [mark, after.as_bytes()].concat();
    Ok(Mended { before: text.to_owned(), after, bytes, applied, left })
}

/// Whether two edits cannot both be made as they are meant.
fn collide(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (&one.bytes, &other.bytes);
    if a.start < b.end && b.start < a.end {
        return true;
    }
    // Whole lines may be put in at one place in any order; of other texts nobody knows which comes first.
    let is_line = |edit: &Edit| edit.bytes.is_empty() && edit.replacement.ends_with('\n');
    let meet = a.start == b.start || (a.is_empty() || b.is_empty()) && (a.start == b.end || b.start == a.end);
    meet && !(is_line(one) && is_line(other))
}

/// Whether a text can be read without mistakes; `Err` if nobody can tell for its kind.
fn understood(path: &str, text: &str) -> Result<Result<(), String>, NotMended> {
    if let Some(kind) = manifest::kind_of(path) {
        let problem = manifest::read(path, kind, text).problems.into_iter().next();
        return Ok(problem.map_or(Ok(()), |problem| Err(problem.message)));
    }
    match Format::of(path) {
        Format::Toml => {
            let read = toml::de::DeTable::parse(text);
            Ok(read.map(|_| ()).map_err(|error| error.message().lines().collect::<Vec<_>>().join(" ")))
        }
        Format::Json => {
            Ok(serde_json::from_str::<serde::de::IgnoredAny>(text).map(|_| ()).map_err(|error| error.to_string()))
        }
        // A script without an extension is Python, too, if it was audited as such.
        Format::Python | Format::Other => {
            let problem = syntax::read(path, text.as_bytes()).problems.into_iter().next();
            Ok(problem.map_or(Ok(()), |problem| Err(problem.message)))
        }
        _ => Err(NotMended::Unchecked),
    }
}

/// What changes, as `patch` and `git apply` read it.
pub fn unified_diff(path: &str, before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let printer = BasicLineDiffPrinter(&input.interner);
    let hunks = diff.unified_diff(&printer, UnifiedDiffConfig::default(), &input);
    format!("--- a/{path}\n+++ b/{path}\n{hunks}")
}
