//! What we think of it.
//!
//! Source text goes in, findings come out. This crate never touches files, the network or the clock:
//! whoever calls it hands over the text and decides where a report goes.

mod asking;
pub mod audit;
pub mod baseline;
pub mod changes;
mod exceptions;
pub mod finding;
pub mod fix;
mod leaving;
mod memory;
pub mod migrate;
mod models;
mod notebook;
pub mod order;
mod outline;
pub mod past;
pub mod reading;
mod redact;
pub mod report;
pub mod review;
pub mod rule;
pub mod rules;
mod scope;
pub mod settings;
pub mod suppress;
mod texts;

pub use audit::{Audit, Outcome, Problem, Source, SourceKind, SourceSet, Stamp, Unread};
pub use casemate_packages::advisories::Advisories;
pub use casemate_packages::manifest::Manifest;
pub use casemate_python::syntax::text;
pub use finding::{
    Commit, Confidence, DependencyDetail, Detail, Finding, Liveness, Place, Position, SecretDetail, SecretText,
    Severity, Step,
};
pub use fix::{Edit, Fix, Safety};
pub use memory::Memory;
pub use models::check_pack;
pub use redact::Redactor;
pub use rule::{Kind, Persona, Rule, RuleId, Topic};
pub use rules::dependencies::vex_stale::VexDocument;
pub use settings::{Gate, Settings};
