//! What git remembers.
//!
//! Reads a repository without running git: every version of every file that its references reach, what one
//! commit holds, and what its index holds for the next one. Nothing here writes an object, runs a hook or a filter, or asks the network.

mod history;
mod hooks;
mod repository;
mod snapshot;
mod staged;

pub use history::{Author, EntryIs, History, Limits, Progress, Range, Version};
pub use hooks::Hooks;
pub use repository::{GitError, Repository, Whereabouts};
pub use snapshot::Snapshot;
pub use staged::{Change, ContentId, Staged};
