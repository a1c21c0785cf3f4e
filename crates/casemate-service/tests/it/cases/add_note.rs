//! Writing a note.

use casemate_service::cases::add_note::{AddNoteError, add_note};
use casemate_service::cases::read_case::read_case_history;

use super::Acme;
use crate::house::on_each;

#[tokio::test]
async fn a_note_is_written_and_read_in_order() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        for text in ["first", "second\nwith a line"] {
            add_note(&house.service, &acme.editor, case.reference, text.parse().unwrap()).await.unwrap();
        }
        let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
        let texts: Vec<&str> = history.notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(texts, ["first", "second\nwith a line"]);
        assert_eq!(history.notes[0].author, acme.editor.caller.actor());
        assert_eq!(house.actions(acme.tenant).await, ["case_create", "case_add_note", "case_add_note"]);
    })
    .await;
}

#[tokio::test]
async fn a_viewer_writes_no_note_and_a_stranger_finds_no_case() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let outcome = add_note(&house.service, &acme.viewer, case.reference, "no".parse().unwrap()).await;
        assert!(matches!(outcome, Err(AddNoteError::Denied(_))), "{outcome:?}");
        let outcome = add_note(&house.service, &acme.stranger, case.reference, "no".parse().unwrap()).await;
        assert!(matches!(outcome, Err(AddNoteError::NotFound)), "{outcome:?}");
        let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
        assert!(history.notes.is_empty());
    })
    .await;
}
