//! What a text gives away.
//!
//! A text goes in with its path, the secrets in it come out as [`Leak`]s: where they stand, what kind they are and how
//! that is known. Nothing here opens a file, asks the network, or prints a secret.

mod format;
mod leak;
mod path;
mod roles;
mod tokens;
mod value;

pub use format::Format;
pub use leak::{Leak, LeakKind, Proof, settle};
pub use path::{Surroundings, surroundings};
pub use roles::{Binding, Bound, NameKind, Verdict, commands, judge, secret_name};
pub use tokens::{Detector, Verify, detector, detectors};
pub use value::{is_placeholder, looks_random};

/// Every secret of a text, sorted by place; where two overlap, the better proved one.
///
/// `path` is relative to the root of the project, with `/` between its parts; it tells the format and whether this is
/// a test, an example or documentation.
pub fn scan(path: &str, text: &str) -> Vec<Leak> {
    let format = Format::of(path);
    let mut leaks = Vec::new();
    tokens::find(text, &mut leaks);
    roles::find(path, format, surroundings(path), text, &mut leaks);
    settle(&mut leaks);
    leaks
}
