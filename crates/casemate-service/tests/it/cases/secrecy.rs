//! What people write is in no log and in no audit event, and what fails leaves nothing.

use casemate_model::case::{CaseAction, CaseSeverity, Resolution};
use casemate_service::cases::add_note::add_note;
use casemate_service::cases::apply_action::{ApplyAction, apply_action};
use casemate_service::cases::create_case::{CreateCase, create_case};
use casemate_service::cases::edit_case::{EditCase, edit_case};
use casemate_service::cases::read_case::read_case_history;

use super::Acme;
use crate::house::{House, on_each, reason, walls};
use crate::office::Log;

const CANARY: &str = "canary-7f3a-do-not-repeat";

#[tokio::test]
async fn what_people_write_is_in_no_log_and_no_audit_event() {
    let log = Log::listen();
    let house = House::on_memory().await;
    let acme = Acme::new(&house).await;
    let request = CreateCase {
        title: CANARY.parse().unwrap(),
        description: Some(CANARY.parse().unwrap()),
        severity: CaseSeverity::Low,
        project: None,
        tags: Vec::new(),
        due_on: None,
    };
    let case = create_case(&house.service, &acme.editor, request).await.unwrap();
    for asking in [&acme.editor, &acme.viewer, &acme.stranger] {
        let _ = add_note(&house.service, asking, case.reference, CANARY.parse().unwrap()).await;
        let request = EditCase {
            title: Some(format!("{CANARY} again").parse().unwrap()),
            description: Some(Some(format!("{CANARY} again").parse().unwrap())),
            ..EditCase::default()
        };
        let _ = edit_case(&house.service, asking, case.reference, 1, request).await;
        let request = ApplyAction {
            action: CaseAction::Escalate,
            reason: reason(CANARY),
            resolution: Some(Resolution::Fixed),
            version: None,
        };
        let _ = apply_action(&house.service, asking, case.reference, request).await;
    }
    let request = ApplyAction { action: CaseAction::Escalate, reason: reason(CANARY), resolution: None, version: None };
    apply_action(&house.service, &acme.senior, case.reference, request).await.unwrap();
    let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
    assert!(history.notes[0].text.as_str() == CANARY && history.transitions[0].reason.as_str() == CANARY);

    let logged = log.text();
    assert!(logged.contains("authz_fail"), "the log was listened to: {logged}");
    assert!(!logged.contains(CANARY), "{logged}");
    let trail = format!("{:?}", house.trail(acme.tenant).await);
    assert!(trail.contains("text_sha256"));
    assert!(!trail.contains(CANARY), "{trail}");
}

#[tokio::test]
async fn a_change_without_its_audit_event_does_not_happen() {
    let house = House::on_memory().await;
    let acme = Acme::new(&house).await;
    let case = house.opens(&acme.editor, "a case").await;
    // The trail cannot be written from here on, as after a crash between change and event.
    let mut tx = house.store.begin(&walls(acme.tenant)).await.unwrap();
    let statement = "CREATE TRIGGER broken BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'broken'); END";
    sqlx::query(statement).execute(tx.raw_sqlite().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    let before = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();

    add_note(&house.service, &acme.editor, case.reference, "a note".parse().unwrap()).await.unwrap_err();
    house.applies(&acme.senior, case.reference, CaseAction::Escalate, None).await.unwrap_err();
    let request = EditCase { title: Some("other".parse().unwrap()), ..EditCase::default() };
    edit_case(&house.service, &acme.editor, case.reference, 1, request).await.unwrap_err();
    let report = crate::findings::report(&[crate::findings::result("x")]);
    let submission = crate::house::submission(&report);
    casemate_service::findings::submit_scan::submit_scan(&house.service, &acme.senior, submission).await.unwrap_err();

    let after = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
    assert_eq!(after.case, before.case);
    assert!(after.notes.is_empty() && after.transitions.is_empty());
    assert!(house.scans(&acme.viewer).await.is_empty());
    assert_eq!(house.actions(acme.tenant).await, ["case_create"]);
}

#[tokio::test]
async fn notes_and_transitions_are_not_rewritten() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.in_review(&house).await;
        add_note(&house.service, &acme.editor, case.reference, "a note".parse().unwrap()).await.unwrap();
        for statement in [
            "UPDATE notes SET text = 'other'",
            "DELETE FROM notes",
            "UPDATE transitions SET reason = 'other'",
            "DELETE FROM transitions",
        ] {
            let mut tx = house.store.begin(&walls(acme.tenant)).await.unwrap();
            let refused = match tx.raw_sqlite() {
                Some(connection) => sqlx::query(statement).execute(connection).await.is_err(),
                None => sqlx::query(statement).execute(tx.raw_postgres().unwrap()).await.is_err(),
            };
            assert!(refused, "{statement}");
        }
    })
    .await;
}
