//! What callers of the auditor see.

mod report;
mod settings;
