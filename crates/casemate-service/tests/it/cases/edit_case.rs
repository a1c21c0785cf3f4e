//! Editing a case.

use casemate_model::case::{CaseAction, CaseSeverity, CaseStatus, Resolution};
use casemate_service::cases::edit_case::{EditCase, EditCaseError, edit_case};
use casemate_service::cases::read_case::read_case_history;

use super::Acme;
use crate::house::{client, on_each};

#[tokio::test]
async fn text_labels_and_date_change_and_can_be_emptied() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "before").await;
        let request = EditCase {
            title: Some("after".parse().unwrap()),
            description: Some(Some("what it is".parse().unwrap())),
            tags: Some(vec!["api".parse().unwrap()]),
            due_on: Some(time::Date::from_calendar_date(2027, time::Month::January, 2).ok()),
            ..EditCase::default()
        };
        let edited = edit_case(&house.service, &acme.editor, case.reference, 1, request).await.unwrap();
        assert_eq!((edited.title.as_str(), edited.version), ("after", 2));
        let request = EditCase { description: Some(None), due_on: Some(None), ..EditCase::default() };
        let emptied = edit_case(&house.service, &acme.editor, case.reference, 2, request).await.unwrap();
        assert_eq!((emptied.description.clone(), emptied.due_on), (None, None));
        let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
        assert_eq!(history.case, emptied);
        let same = edit_case(&house.service, &acme.editor, case.reference, 3, EditCase::default()).await.unwrap();
        assert_eq!(same.version, 3, "nothing changed");
    })
    .await;
}

#[tokio::test]
async fn severity_takes_more_than_the_right_to_edit() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let request = || EditCase { severity: Some(CaseSeverity::Critical), ..EditCase::default() };
        for asking in [acme.viewer.clone(), acme.editor.clone(), client(acme.tenant, "cases:read cases:write")] {
            let outcome = edit_case(&house.service, &asking, case.reference, 1, request()).await;
            assert!(matches!(outcome, Err(EditCaseError::Denied(_))), "{outcome:?}");
        }
        let same = EditCase { severity: Some(case.severity), ..EditCase::default() };
        edit_case(&house.service, &acme.editor, case.reference, 1, same).await.unwrap();
        let rated = edit_case(&house.service, &acme.reviewer, case.reference, 1, request()).await.unwrap();
        assert_eq!(rated.severity, CaseSeverity::Critical);
        assert_eq!(house.actions(acme.tenant).await, ["case_create", "case_set_severity"]);
    })
    .await;
}

#[tokio::test]
async fn changing_severity_or_resolution_of_an_approved_case_voids_the_approval() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let requests = [
            EditCase { severity: Some(CaseSeverity::Low), ..EditCase::default() },
            EditCase { resolution: Some(Some(Resolution::NotApplicable)), ..EditCase::default() },
            EditCase { resolution: Some(None), ..EditCase::default() },
        ];
        for request in requests {
            let case = acme.approved(&house, Resolution::Fixed).await;
            let edited = edit_case(&house.service, &acme.senior, case.reference, case.version, request).await.unwrap();
            assert_eq!((edited.status, edited.approved_by), (CaseStatus::InReview, None));
            let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
            assert_eq!(history.case, edited);
            assert_eq!(history.transitions.last().unwrap().action, CaseAction::VoidApproval);
            let outcome = house.applies(&acme.admin, case.reference, CaseAction::Close, None).await;
            assert!(outcome.is_err(), "{outcome:?}");
        }
        let case = acme.approved(&house, Resolution::Fixed).await;
        let request = EditCase { title: Some("a better name".parse().unwrap()), ..EditCase::default() };
        let edited = edit_case(&house.service, &acme.editor, case.reference, case.version, request).await.unwrap();
        assert_eq!(edited.status, CaseStatus::ApprovedForClosure, "a title is no ground of an approval");
    })
    .await;
}

#[tokio::test]
async fn each_way_it_is_refused() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let title = || EditCase { title: Some("other".parse().unwrap()), ..EditCase::default() };
        let edit =
            async |asking, version, request| edit_case(&house.service, asking, case.reference, version, request).await;
        assert!(matches!(edit(&acme.viewer, 1, title()).await, Err(EditCaseError::Denied(_))));
        assert!(matches!(edit(&acme.stranger, 1, title()).await, Err(EditCaseError::NotFound)));
        assert!(matches!(edit(&acme.editor, 2, title()).await, Err(EditCaseError::Stale { now: 1 })));
        let tags = (0..21).map(|n| format!("tag-{n}").parse().unwrap()).collect();
        let many = EditCase { tags: Some(tags), ..EditCase::default() };
        assert!(matches!(edit(&acme.editor, 1, many).await, Err(EditCaseError::TooManyTags)));
        let itself = Resolution::Duplicate { of: case.reference };
        let circle = EditCase { resolution: Some(Some(itself)), ..EditCase::default() };
        assert!(matches!(edit(&acme.editor, 1, circle).await, Err(EditCaseError::BadResolution(_))));
        let closed = acme.closed(&house, Resolution::Fixed).await;
        let outcome = edit_case(&house.service, &acme.admin, closed.reference, closed.version, title()).await;
        assert!(matches!(outcome, Err(EditCaseError::Closed)), "{outcome:?}");
    })
    .await;
}
