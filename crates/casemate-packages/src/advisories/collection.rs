//! Records gathered from wherever they come, each counted.

use std::collections::BTreeMap;

use super::osv::{self, Record, Understood};

/// Reasons that are kept word for word; of further ones only the number.
const REASONS: usize = 20;

/// How many records there were and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// About packages of PyPI, and kept.
    pub records: usize,
    /// Taken back by their authors.
    pub withdrawn: usize,
    /// About packages of other places.
    pub elsewhere: usize,
    /// Not understood.
    pub skipped: usize,
    /// The first of those, each with the reason.
    pub reasons: Vec<String>,
}

/// Records from one or more places; a later one replaces an earlier one of the same id.
#[derive(Debug, Default)]
pub struct Collection {
    records: BTreeMap<String, Record>,
    counts: Counts,
}

impl Collection {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one record; `name` is told if it is none.
    pub fn add(&mut self, name: &str, json: &[u8]) {
        match osv::read(json) {
            Ok(Understood::Record(record)) => {
                self.records.insert(record.id.clone(), *record);
            }
            Ok(Understood::Withdrawn) => self.counts.withdrawn += 1,
            Ok(Understood::Elsewhere) => self.counts.elsewhere += 1,
            Err(reason) => {
                self.counts.skipped += 1;
                if self.counts.reasons.len() < REASONS {
                    self.counts.reasons.push(format!("{}: {reason}", name.escape_debug()));
                }
            }
        }
    }

    /// What became of the records so far.
    pub fn counts(&self) -> Counts {
        Counts { records: self.records.len(), ..self.counts.clone() }
    }

    pub(super) fn into_records(self) -> Vec<Record> {
        self.records.into_values().collect()
    }
}
