//! A note on a case. Never edited; a later one may say better.

use crate::Timestamp;
use crate::access::Actor;
use crate::id::{CaseId, NoteId};
use crate::text::NoteText;

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Id.
    pub id: NoteId,
    /// On which case.
    pub case: CaseId,
    /// Who wrote it.
    pub author: Actor,
    /// What they wrote.
    pub text: NoteText,
    /// When.
    pub written_at: Timestamp,
}
