//! A Dockerfile as stages of instructions.

use parse_dockerfile::{ArgInstruction, FromInstruction, Instruction, parse_iter};
use std::ops::Range;

/// As much of a Dockerfile as could be read.
pub(crate) struct Dockerfile<'t> {
    /// `ARG` before the first `FROM`.
    pub(crate) arguments: Vec<ArgInstruction<'t>>,
    pub(crate) stages: Vec<Stage<'t>>,
    /// The line where reading ended before the end, from 1, and why.
    pub(crate) problem: Option<(usize, String)>,
}

/// One `FROM` and what follows it.
pub(crate) struct Stage<'t> {
    pub(crate) from: FromInstruction<'t>,
    pub(crate) instructions: Vec<Instruction<'t>>,
}

impl Stage<'_> {
    /// What later stages call it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.from.as_.as_ref().map(|(_, name)| name.value.as_ref())
    }

    /// Where `FROM` and its image stand.
    pub(crate) fn span(&self) -> Range<usize> {
        self.from.from.span.start..self.from.image.span.end
    }
}

/// Reads a Dockerfile.
pub(crate) fn read(text: &str) -> Dockerfile<'_> {
    let mut file = Dockerfile { arguments: Vec::new(), stages: Vec::new(), problem: None };
    let instructions = match parse_iter(text) {
        Ok(instructions) => instructions,
        Err(error) => {
            file.problem = Some((error.line(), error.to_string()));
            return file;
        }
    };
    for next in instructions {
        match next {
            Ok(Instruction::From(from)) => file.stages.push(Stage { from, instructions: Vec::new() }),
            Ok(instruction) => match (file.stages.last_mut(), instruction) {
                (Some(stage), instruction) => stage.instructions.push(instruction),
                (None, Instruction::Arg(argument)) => file.arguments.push(argument),
                (None, _) => {}
            },
            Err(error) => {
                file.problem = Some((error.line(), error.to_string()));
                break;
            }
        }
    }
    file
}

/// `NAME=value NAME` of `ARG`, and `NAME=value NAME=value` or `NAME value` of `ENV`, with the place of each.
pub(crate) fn pairs(written: &str, start: usize, is_env: bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let bytes = written.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // A backslash at the end of a line continues it.
        if bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'\\') {
            at += 1;
            continue;
        }
        let begin = at;
        let mut quote = None;
        while let Some(&byte) = bytes.get(at) {
            match quote {
                Some(open) if byte == open => quote = None,
                None if byte == b'"' || byte == b'\'' => quote = Some(byte),
                None if byte.is_ascii_whitespace() => break,
                _ if byte == b'\\' => at += 1,
                _ => {}
            }
            at += 1;
        }
        at = at.min(bytes.len());
        let Some(word) = written.get(begin..at) else { break };
        if word.starts_with('#') {
            at = written.get(begin..).and_then(|rest| rest.find('\n')).map_or(bytes.len(), |end| begin + end);
            continue;
        }
        let span = start + begin..start + at;
        match word.split_once('=') {
            Some((name, value)) => {
                let value = value.trim_matches(['"', '\'']);
                pairs.push(Pair { name: name.to_owned(), value: Some(value.to_owned()), span });
            }
            None if is_env && pairs.is_empty() => {
                let value = written.get(at..).unwrap_or_default().trim();
                pairs.push(Pair {
                    name: word.to_owned(),
                    value: Some(value.to_owned()),
                    span: span.start..start + written.trim_end().len(),
                });
                break;
            }
            None => pairs.push(Pair { name: word.to_owned(), value: None, span }),
        }
    }
    pairs
}

/// One name with what it is given.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    pub(crate) span: Range<usize>,
}

/// A text with `$NAME`, `${NAME}`, `${NAME:-default}` filled in as far as the values are known; what is not stays as
/// it is.
pub(crate) fn expand(text: &str, known: &[Pair]) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        expanded.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        let (name, default, len) = match after.strip_prefix('{') {
            Some(inside) => {
                let Some(end) = inside.find('}') else {
                    rest = from;
                    break;
                };
                let inner = inside.get(..end).unwrap_or_default();
                let (name, default) = match inner.split_once(":-").or_else(|| inner.split_once('-')) {
                    Some((name, default)) => (name, Some(default)),
                    None => (inner, None),
                };
                (name, default, end + 3)
            }
            None => {
                let end = after
                    .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
                    .unwrap_or(after.len());
                (after.get(..end).unwrap_or_default(), None, end + 1)
            }
        };
        let value = known.iter().rev().find(|pair| pair.name == name).and_then(|pair| pair.value.as_deref());
        let whole = from.get(..len).unwrap_or(from);
        expanded.push_str(value.filter(|value| !value.is_empty()).or(default).unwrap_or(whole));
        rest = from.get(len..).unwrap_or_default();
    }
    expanded.push_str(rest);
    expanded
}
