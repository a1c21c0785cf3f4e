//! From bytes to our own representation of a module; the parser's tree does not leave this folder.

mod bound;
mod decode;
mod interface;
mod ir;
mod lower;
mod symbols;

pub use bound::{MAX_BYTES, MAX_NESTING, STACK_BYTES};
pub use decode::LineIndex;
pub use ir::*;
pub use symbols::{Symbol, Symbols};

use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

/// Something in a source that kept part of it from being understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProblem {
    /// Where in the decoded text.
    pub span: Span,
    /// What happened and what it means for the result.
    pub message: String,
}

/// The text of a source as it is read for analysis, so that its columns are the columns of findings.
pub fn text(bytes: &[u8]) -> String {
    decode::decode(bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), |decoded| decoded.text)
}

/// Reads one module. `path` is relative to the root of the project, with `/` between its parts.
///
/// Run it on a thread with [`STACK_BYTES`] of stack: nesting is bounded, but the bound is generous.
pub fn read(path: &str, bytes: &[u8]) -> Module {
    let mut module = Module::new(path);
    if let Some(message) = bound::size_problem(bytes) {
        module.problem(Span::default(), message);
        return module;
    }
    let decoded = match decode::decode(bytes) {
        Ok(decoded) => decoded,
        Err(message) => {
            module.problem(Span::default(), message);
            return module;
        }
    };
    module.text = decoded.text;
    if let Some(message) = decoded.problem {
        module.problem(Span::default(), message);
    }
    if bound::nests_too_deep(&module.text) {
        module.problem(
            Span::default(),
            format!("nested more than {MAX_NESTING} levels deep, so the file was not analysed"),
        );
        return module;
    }
    parse(&mut module, Mode::Module);
    module
}

/// Reads the cells of a notebook, one after the other, in which magics of IPython may stand.
pub fn read_cells(path: &str, text: &str) -> Module {
    let mut module = Module::new(path);
    if let Some(message) = bound::size_problem(text.as_bytes()) {
        module.problem(Span::default(), message);
        return module;
    }
    text.clone_into(&mut module.text);
    if bound::nests_too_deep(&module.text) {
        module.problem(
            Span::default(),
            format!("nested more than {MAX_NESTING} levels deep, so the cells were not analysed"),
        );
        return module;
    }
    parse(&mut module, Mode::Ipython);
    module
}

fn parse(module: &mut Module, mode: Mode) {
    let text = std::mem::take(&mut module.text);
    let parsed = parse_unchecked(&text, ParseOptions::from(mode));
    // Parsers recover and go on; past the first few, errors only repeat each other.
    for error in parsed.errors().iter().take(3) {
        let span = Span::from(error.location);
        module.problem(span, format!("syntax error: {}; what could be read was analysed", error.error));
    }
    lower::lower(module, &text, &parsed);
    module.text = text;
}
