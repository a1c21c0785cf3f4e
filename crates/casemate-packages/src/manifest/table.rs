//! TOML with places: what is not as it should be is told, and the rest is still read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::Reader;

pub(super) type Table<'t> = DeTable<'t>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A string with its bytes, without the quotes.
#[derive(Clone, Debug)]
pub(super) struct Text<'v> {
    pub(super) value: &'v str,
    pub(super) span: Range<usize>,
}

impl<'t> Reader<'t> {
    /// The file as a table. Errors are told, and what stands around them is read all the same.
    pub(super) fn toml(&mut self) -> Table<'t> {
        // A byte order mark is no part of TOML, and the places behind it must hold.
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or_default();
            self.problem(
                span,
                format!(
                    "not valid TOML: {}; part of the file may not have been read",
                    error.message().trim_end_matches('.')
                ),
            );
        }
        table.into_inner()
    }

    /// The table under a key; a problem if something else stands there.
    pub(super) fn table<'a, 'v>(&mut self, table: &'a Table<'v>, key: &str) -> Option<&'a Table<'v>> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::Table(inner) => Some(inner),
            other => {
                self.wrong(value.span(), key, "a table", other.type_str());
                None
            }
        }
    }

    /// The table under a path of keys.
    pub(super) fn deep<'a, 'v>(&mut self, table: &'a Table<'v>, keys: &[&str]) -> Option<&'a Table<'v>> {
        keys.iter().try_fold(table, |table, key| self.table(table, key))
    }

    /// The string under a key; a problem if something else stands there.
    pub(super) fn string<'a>(&mut self, table: &'a Table<'_>, key: &str) -> Option<Text<'a>> {
        let value = table.get(key)?;
        let text = text(value);
        if text.is_none() {
            self.wrong(value.span(), key, "a string", value.get_ref().type_str());
        }
        text
    }

    /// The elements under a key; a problem if something else stands there.
    pub(super) fn array<'a, 'v>(&mut self, table: &'a Table<'v>, key: &str) -> &'a [Value<'v>] {
        let Some(value) = table.get(key) else { return &[] };
        match value.get_ref() {
            DeValue::Array(elements) => elements,
            other => {
                self.wrong(value.span(), key, "an array", other.type_str());
                &[]
            }
        }
    }

    /// The strings under a key; a problem for what is none.
    pub(super) fn strings<'a>(&mut self, table: &'a Table<'_>, key: &str) -> Vec<Text<'a>> {
        let elements = self.array(table, key);
        self.all_strings(elements, key)
    }

    pub(super) fn all_strings<'a>(&mut self, elements: &'a [Value<'_>], key: &str) -> Vec<Text<'a>> {
        let mut texts = Vec::with_capacity(elements.len());
        for value in elements {
            match text(value) {
                Some(text) => texts.push(text),
                None => self.wrong(value.span(), key, "strings", value.get_ref().type_str()),
            }
        }
        texts
    }

    /// The strings that are values of a table.
    pub(super) fn strings_of<'a>(&mut self, table: &'a Table<'_>) -> Vec<Text<'a>> {
        table.iter().filter_map(|(_, value)| text(value)).collect()
    }

    /// The tables of an array under a key; a problem for what is none.
    pub(super) fn tables<'a, 'v>(&mut self, table: &'a Table<'v>, key: &str) -> Vec<(&'a Table<'v>, Range<usize>)> {
        let mut tables = Vec::new();
        for value in self.array(table, key) {
            match value.get_ref() {
                DeValue::Table(inner) => tables.push((inner, value.span())),
                other => self.wrong(value.span(), key, "tables", other.type_str()),
            }
        }
        tables
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, key: &str, wanted: &str, found: &str) {
        self.problem(span, format!("`{key}` should be {wanted} and is of type {found}; it was not read"));
    }

    /// Tells keys a lock file does not have: a damaged file, or a newer form whose packages would be missed.
    pub(super) fn only_keys(&mut self, table: &Table<'_>, known: &[&str]) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let message =
                    format!("`{}` is not known in this kind of file; what it holds was not read", key.get_ref());
                self.problem(key.span(), message);
            }
        }
    }
}

/// A string with its bytes.
pub(super) fn text<'a>(value: &'a Value<'_>) -> Option<Text<'a>> {
    let string = value.get_ref().as_str()?;
    Some(Text { value: string, span: inner(value.span()) })
}

/// The flag under a key.
pub(super) fn flag(table: &Table<'_>, key: &str) -> bool {
    table.get(key).and_then(|value| value.get_ref().as_bool()).unwrap_or_default()
}

/// Without the quotes.
fn inner(span: Range<usize>) -> Range<usize> {
    if span.len() >= 2 { span.start + 1..span.end - 1 } else { span }
}
