//! Statements as they stand under each other: what is tried, what handles it, what a branch does.

use casemate_python::syntax::{Module, Span};

/// The statements of a module with how far each is indented.
pub(crate) struct Layout<'m> {
    module: &'m Module,
    columns: Vec<usize>,
}

/// An `except` clause.
#[derive(Debug)]
pub(crate) struct Handler {
    /// What it does.
    pub(crate) body: Vec<Span>,
    /// What was tried.
    pub(crate) tried: Vec<Span>,
}

impl<'m> Layout<'m> {
    pub(crate) fn of(module: &'m Module) -> Self {
        let bytes = module.text.as_bytes();
        let column = |span: &Span| {
            let start = (span.start as usize).min(bytes.len());
            let line = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            start - line
        };
        Self { module, columns: module.statements.iter().map(column).collect() }
    }

    fn text(&self, at: usize) -> &'m str {
        self.module.statements.get(at).map_or("", |span| self.module.slice(*span))
    }

    fn column(&self, at: usize) -> usize {
        self.columns.get(at).copied().unwrap_or(0)
    }

    /// The numbers of the statements under a head, up to its `else`, `elif` or `finally`.
    pub(crate) fn under(&self, head: usize) -> Vec<usize> {
        let column = self.column(head);
        let mut found: Vec<usize> = Vec::new();
        for at in head + 1..self.columns.len() {
            if self.column(at) <= column || found.len() > 500 {
                break;
            }
            let (before, here) = (self.module.statements[at - 1], self.module.statements[at]);
            let gap = self.module.slice(Span { start: before.end.min(here.start), end: here.start });
            let ends = gap.lines().any(|line| {
                let word = line.trim_start();
                line.len() - word.len() == column && (word.starts_with("else") || word.starts_with("finally"))
            });
            if ends && !found.is_empty() {
                break;
            }
            found.push(at);
        }
        found
    }

    /// The statements of a stretch by number.
    pub(crate) fn within(&self, span: Span) -> std::ops::Range<usize> {
        let statements = &self.module.statements;
        let start = statements.partition_point(|one| one.start < span.start);
        let end = statements.partition_point(|one| one.start < span.end);
        start..end
    }

    pub(crate) fn span(&self, at: usize) -> Span {
        self.module.statements.get(at).copied().unwrap_or_default()
    }

    /// Every `except` clause of a stretch.
    pub(crate) fn handlers(&self, span: Span) -> Vec<Handler> {
        let range = self.within(span);
        let mut found = Vec::new();
        for at in range.clone() {
            let Some(rest) = self.text(at).strip_prefix("except") else { continue };
            if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '=' || c == '.') {
                continue;
            }
            let column = self.column(at);
            let opener = (range.start..at)
                .rev()
                .take_while(|&before| self.column(before) >= column)
                .find(|&before| self.column(before) == column && self.text(before) == "try");
            let tried = opener.map(|opener| self.under(opener)).unwrap_or_default();
            found.push(Handler {
                body: self.under(at).into_iter().map(|one| self.span(one)).collect(),
                tried: tried.into_iter().map(|one| self.span(one)).collect(),
            });
        }
        found
    }
}
