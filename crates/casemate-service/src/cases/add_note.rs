//! Writes a note on a case.

use casemate_model::access::{self, Action as _, CaseFacts, Denied};
use casemate_model::case::CaseRef;
use casemate_model::id::NoteId;
use casemate_model::note::Note;
use casemate_model::text::NoteText;

use serde_json::Map;

use super::{digest, four_eyes, object};
use crate::service::store_errors_are_faults;
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
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
    text: NoteText,
) -> Result<Note, AddNoteError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(AddNoteError::NotFound)?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let permit = service.permit(asking, access::AddNote, CaseFacts::of(&case, four_eyes))?;
    let note = Note { id: NoteId::fresh(), case: case.id, author: permit.actor(), text, written_at: service.now() };
    tx.insert_note(&permit, &note).await?;
    let mut details = Map::new();
    details.insert("note".to_owned(), note.id.to_string().into());
    details.insert("text_sha256".to_owned(), digest(note.text.as_str()).into());
    tx.append_event(service.event(asking, permit.action().name(), object(reference), details)).await?;
    tx.commit().await?;
    Ok(note)
}

store_errors_are_faults!(AddNoteError);
