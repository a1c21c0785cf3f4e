//! Notes: written once.

use casemate_model::Timestamp;
use casemate_model::access::{AddNote, Permit, Scope, Walls as _};
use casemate_model::id::{CaseId, NoteId};
use casemate_model::note::Note;
use casemate_model::text::NoteText;
use uuid::Uuid;

use crate::cases::seen_by;
use crate::engine::{StoreError, Tx, on};

#[derive(sqlx::FromRow)]
struct NoteRow {
    id: Uuid,
    case_id: Uuid,
    author: String,
    text: String,
    written_at: Timestamp,
}

impl TryFrom<NoteRow> for Note {
    type Error = StoreError;

    fn try_from(row: NoteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NoteId(row.id),
            case: CaseId(row.case_id),
            author: row.author.parse().map_err(|error| StoreError::row("note", &error))?,
            text: NoteText::parse(&row.text).map_err(|error| StoreError::row("note", &error))?,
            written_at: row.written_at,
        })
    }
}

impl Tx {
    /// Notes on a case the reader may see, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notes(&mut self, scope: &Scope, case: CaseId) -> Result<Vec<Note>, StoreError> {
        let rows: Vec<NoteRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT n.id, n.case_id, n.author, n.text, n.written_at FROM notes n \
                 JOIN cases c ON c.tenant_id = n.tenant_id AND c.id = n.case_id WHERE",
                "AND n.case_id = $4 ORDER BY n.id"
            )
            .bind(case.0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(Note::try_from).collect()
    }

    /// Writes a note.
    ///
    /// # Errors
    /// When the store fails, or the permit is for another case.
    pub async fn insert_note(&mut self, permit: &Permit<AddNote>, note: &Note) -> Result<(), StoreError> {
        if permit.object().id != note.case {
            return Err(StoreError::Broken("a permit for another case".to_owned()));
        }
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO notes (tenant_id, id, case_id, author, text, written_at) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(permit.tenant().0)
            .bind(note.id.0)
            .bind(note.case.0)
            .bind(note.author.to_string())
            .bind(note.text.as_str())
            .bind(note.written_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }
}
