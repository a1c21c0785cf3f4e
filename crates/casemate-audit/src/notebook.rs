//! Notebooks: their Python cells as one module, and back from places in it to the file and to the cell.
//!
//! The parser understands the magics of IPython itself, so all that is needed beside it is the list of cells.

use std::borrow::Cow;

use casemate_python::syntax::{self, LineIndex, Module};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::finding::{Finding, Place, Position};
use crate::rules::Reported;

/// Notebooks beyond this are output, not code.
const LARGEST: usize = 32 << 20;

/// Magics of cells that run the rest of the cell as Python.
const PYTHON_MAGICS: [&str; 6] = ["%%time", "%%timeit", "%%capture", "%%prun", "%%debug", "%%python3"];

#[derive(Deserialize)]
struct Document<'t> {
    #[serde(borrow, default)]
    cells: Option<Vec<Cell<'t>>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Cell<'t> {
    #[serde(borrow)]
    cell_type: Cow<'t, str>,
    #[serde(borrow)]
    source: &'t RawValue,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    kernelspec: Language,
    #[serde(default)]
    language_info: Language,
}

#[derive(Default, Deserialize)]
struct Language {
    language: Option<String>,
    name: Option<String>,
}

/// One string of the file that is part of a cell.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where its text begins in the module.
    start: usize,
    /// Where it begins in the file, after its quote.
    raw: usize,
    /// Its cell, from 1.
    cell: usize,
    /// The line in the module with which its cell begins, from 0.
    first_line: usize,
}

/// The Python of a notebook.
#[derive(Debug)]
pub(crate) struct Notebook {
    path: String,
    raw: String,
    raw_lines: LineIndex,
    code: String,
    code_lines: LineIndex,
    pieces: Vec<Piece>,
}

impl Notebook {
    /// Takes the Python cells out of a notebook; none if it has none or is not Python. An error says why they cannot be
    /// had.
    pub(crate) fn read(path: &str, text: &str) -> Result<Option<Self>, String> {
        let so = "so its code was not analysed; its text was searched for secrets";
        if text.len() > LARGEST {
            return Err(format!("larger than {} MiB, {so}", LARGEST >> 20));
        }
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            return Ok(None);
        }
        let document: Document<'_> =
            serde_json::from_str(text).map_err(|error| format!("not a valid notebook ({error}), {so}"))?;
        if document.cells.is_none() {
            return Err(format!("not a notebook of format 4, {so}"));
        }
        let Metadata { kernelspec, language_info } = &document.metadata;
        let language = language_info.name.as_ref().or(kernelspec.language.as_ref());
        if language.is_some_and(|language| !language.eq_ignore_ascii_case("python") && language != "ipython") {
            return Ok(None);
        }
        let mut code = String::new();
        let mut pieces = Vec::new();
        let mut lines = 0;
        for (number, cell) in document.cells.iter().flatten().enumerate().filter(|(_, cell)| cell.cell_type == "code") {
            let strings = strings(text, cell.source);
            let source: String = strings.iter().map(|(_, decoded)| decoded.as_str()).collect();
            let magic = source.lines().find(|line| !line.trim().is_empty()).filter(|line| line.starts_with("%%"));
            let word = magic.and_then(|line| line.split_whitespace().next());
            if word.is_some_and(|word| !PYTHON_MAGICS.contains(&word)) {
                continue;
            }
            let before = code.len();
            for (raw, decoded) in &strings {
                pieces.push(Piece { start: code.len(), raw: *raw, cell: number + 1, first_line: lines });
                code.push_str(decoded);
            }
            if let (Some(magic), Some(at)) = (magic, code.get(before..).and_then(|cell| cell.find("%%"))) {
                // A comment of the same length.
                code.replace_range(before + at..before + at + 1, "#");
                debug_assert!(magic.len() >= 2);
            }
            if !code.ends_with('\n') {
                code.push('\n');
            }
            lines += code.get(before..).map_or(0, |cell| LineIndex::new(cell).count(cell));
        }
        if code.trim().is_empty() {
            return Ok(None);
        }
        let (raw_lines, code_lines) = (LineIndex::new(text), LineIndex::new(&code));
        Ok(Some(Self { path: path.to_owned(), raw: text.to_owned(), raw_lines, code, code_lines, pieces }))
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The whole text of the file.
    pub(crate) fn text(&self) -> &str {
        &self.raw
    }

    /// The cells as a module.
    pub(crate) fn module(&self) -> Module {
        syntax::read_cells(&self.path, &self.code)
    }

    /// Turns the places of a finding in the module into places of the file, and says which cell it is in.
    pub(crate) fn settle(&self, reported: &mut Reported) {
        let lines = &self.code_lines;
        let Reported { finding, lines: told } = reported;
        if finding.place.path == self.path {
            let (cell, line) = self.cell(lines, finding.place.start);
            let name = self.path.rsplit('/').next().unwrap_or(&self.path);
            finding.message = format!("{} ({name}:cell {cell}:{line})", finding.message);
            // What a fix would change is in the cells, not in the file.
            finding.fix = None;
            let in_file = |line: u32| self.position(lines, Position { line, column: 1 }).line;
            *told = (in_file(told.0), in_file(told.1));
        }
        self.settle_places(finding, lines);
    }

    fn settle_places(&self, finding: &mut Finding, lines: &LineIndex) {
        let places = std::iter::once(&mut finding.place).chain(finding.path.iter_mut().map(|step| &mut step.place));
        for place in places.filter(|place| place.path == self.path) {
            self.settle_place_with(place, lines);
        }
    }

    /// The same for a place alone.
    pub(crate) fn settle_place(&self, place: &mut Place) {
        self.settle_place_with(place, &self.code_lines);
    }

    fn settle_place_with(&self, place: &mut Place, lines: &LineIndex) {
        let end = self.end_position(lines, place.end);
        place.start = self.position(lines, place.start);
        place.end = end.max(place.start);
    }

    /// The cell of a position, from 1, and the line in it, from 1.
    fn cell(&self, lines: &LineIndex, position: Position) -> (usize, usize) {
        let offset = self.offset(lines, position);
        let piece = self.piece(offset);
        let line = usize::try_from(position.line.saturating_sub(1)).unwrap_or(usize::MAX);
        piece.map_or((1, line + 1), |piece| (piece.cell, line.saturating_sub(piece.first_line) + 1))
    }

    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        after.checked_sub(1).and_then(|at| self.pieces.get(at))
    }

    /// Where a position stands in the module, in bytes.
    fn offset(&self, lines: &LineIndex, position: Position) -> usize {
        let number = usize::try_from(position.line.saturating_sub(1)).unwrap_or(usize::MAX);
        let line = lines.text(&self.code, number);
        let start = (line.as_ptr() as usize).saturating_sub(self.code.as_ptr() as usize).min(self.code.len());
        let column = usize::try_from(position.column.saturating_sub(1)).unwrap_or(usize::MAX);
        start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    }

    /// Where a position of the module stands in the file.
    fn position(&self, lines: &LineIndex, position: Position) -> Position {
        let offset = self.offset(lines, position);
        self.in_file(offset)
    }

    /// The same for one past the last character: it stands behind that, though the line may go on elsewhere.
    fn end_position(&self, lines: &LineIndex, position: Position) -> Position {
        let offset = self.offset(lines, position);
        let last = self.code.get(..offset).and_then(|before| before.char_indices().next_back());
        let Some((at, _)) = last else { return self.in_file(offset) };
        let Position { line, column } = self.in_file(at);
        Position { line, column: column + 1 }
    }

    fn in_file(&self, offset: usize) -> Position {
        let raw = self.piece(offset).map_or(0, |piece| {
            let mut decoded = 0;
            let wanted = offset - piece.start;
            let rest = self.raw.get(piece.raw..).unwrap_or_default();
            let mut at = 0;
            while decoded < wanted {
                let Some((character, length)) = character(rest.get(at..).unwrap_or_default()) else { break };
                decoded += character.len_utf8();
                at += length;
            }
            piece.raw + at
        });
        let (line, column) = self.raw_lines.position(&self.raw, u32::try_from(raw).unwrap_or(u32::MAX));
        Position { line, column }
    }
}

/// The strings of a source, each with where its content begins in the file.
fn strings(text: &str, source: &RawValue) -> Vec<(usize, String)> {
    let one = |raw: &RawValue| {
        let written = raw.get();
        let at = (written.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        // What cannot be decoded, a lone surrogate say, is left out.
        Some((at + 1, serde_json::from_str::<String>(written).ok()?))
    };
    match serde_json::from_str::<Vec<&RawValue>>(source.get()) {
        Ok(lines) => lines.into_iter().filter_map(one).collect(),
        Err(_) => one(source).into_iter().collect(),
    }
}

/// The first character of a JSON string, and how many bytes it takes there.
fn character(raw: &str) -> Option<(char, usize)> {
    let first = raw.chars().next()?;
    if first != '\\' {
        return (first != '"').then(|| (first, first.len_utf8()));
    }
    let unit = |from: usize| raw.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match raw.get(1..)?.chars().next()? {
        'u' => match unit(2)? {
            high @ 0xd800..=0xdbff => {
                let low = unit(8).filter(|low| (0xdc00..=0xdfff).contains(low))?;
                Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12))
            }
            code => Some((char::from_u32(code)?, 6)),
        },
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        'b' => Some(('\u{8}', 2)),
        'f' => Some(('\u{c}', 2)),
        other => Some((other, 1 + other.len_utf8())),
    }
}
