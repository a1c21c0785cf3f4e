//! `/cases/{ref}/notes`: what people and programs wrote about a case.

use axum::extract::State;
use casemate_model::case::CaseRef;
use casemate_model::note::Note;
use casemate_model::text::NoteText;
use casemate_service::Service;
use casemate_service::cases::{add_note, read_case};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::{Faults, Json, Named, NoQuery};
use super::{List, moment};
use crate::failure::Failure;

/// One note; never edited.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// Who wrote it: `member:<id>` or `client:<id>`.
    author: String,
    /// What they wrote.
    text: String,
    /// When.
    #[schema(format = "date-time")]
    written_at: String,
}

impl From<Note> for NoteBody {
    fn from(note: Note) -> Self {
        Self {
            id: note.id.to_string(),
            author: note.author.to_string(),
            text: note.text.into(),
            written_at: moment::time(note.written_at),
        }
    }
}

/// List the notes on a case, the oldest first
#[utoipa::path(
    get, path = "/api/v1/cases/{ref}/notes", tag = "cases", params(("ref" = String, Path, example = "CASE-17")),
    responses((status = 200, body = List<NoteBody>))
)]
pub(crate) async fn list_notes(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
) -> Result<axum::Json<List<NoteBody>>, Failure> {
    let history = read_case::read_case_history(&service, &asking, reference).await?;
    Ok(axum::Json(List::whole(history.notes.into_iter().map(Into::into))))
}

/// A new note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddNoteBody {
    /// What to write.
    #[schema(min_length = 1, max_length = 10_000, example = "Reproduced on staging.")]
    text: String,
}

/// Write a note on a case
#[utoipa::path(
    post, path = "/api/v1/cases/{ref}/notes", tag = "cases", request_body = AddNoteBody,
    params(("ref" = String, Path, example = "CASE-17")), responses((status = 201, body = NoteBody))
)]
pub(crate) async fn add_note(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    Json(body): Json<AddNoteBody>,
) -> Result<(StatusCode, axum::Json<NoteBody>), Failure> {
    let mut faults = Faults::default();
    let text = faults.take("text", NoteText::parse(&body.text));
    let text = faults.given(text)?;
    let note = add_note::add_note(&service, &asking, reference, text).await?;
    Ok((StatusCode::CREATED, axum::Json(note.into())))
}
