//! Writes a note on a case.

use casemate_model::access::Denied;
use casemate_model::case::CaseRef;
use casemate_model::note::Note;
use casemate_model::text::NoteText;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum AddNoteError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Writes it; notes are never edited. The text is in no log and in no audit event, only its digest.
///
/// # Errors
/// See [`AddNoteError`].
pub async fn add_note(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
    _text: NoteText,
) -> Result<Note, AddNoteError> {
    todo!()
}
