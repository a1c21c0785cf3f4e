//! Opening a case.

use casemate_model::case::{CaseSeverity, CaseStatus};
use casemate_model::id::ProjectId;
use casemate_service::cases::create_case::{CreateCase, CreateCaseError, create_case};
use casemate_service::cases::read_case::read_case;

use super::Acme;
use crate::house::{client, on_each};

fn request(title: &str) -> CreateCase {
    CreateCase {
        title: title.parse().unwrap(),
        description: Some("It happens\non Tuesdays.".parse().unwrap()),
        severity: CaseSeverity::High,
        project: None,
        tags: vec!["api".parse().unwrap(), "cwe-89".parse().unwrap(), "api".parse().unwrap()],
        due_on: time::Date::from_calendar_date(2026, time::Month::December, 24).ok(),
    }
}

#[tokio::test]
async fn a_case_is_opened_under_the_next_reference_of_its_tenant() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let first = create_case(&house.service, &acme.editor, request("first")).await.unwrap();
        let second = create_case(&house.service, &acme.editor, request("second")).await.unwrap();
        let theirs = create_case(&house.service, &acme.stranger, request("theirs")).await.unwrap();
        assert_eq!(first.reference.to_string(), "CASE-1");
        assert_eq!(second.reference.to_string(), "CASE-2");
        assert_eq!(theirs.reference.to_string(), "CASE-1");
        assert_eq!(first.status, CaseStatus::Open);
        assert_eq!(first.tags.len(), 2);
        assert_eq!(read_case(&house.service, &acme.viewer, first.reference).await.unwrap(), first);
        assert_eq!(house.actions(acme.tenant).await, ["case_create", "case_create"]);
    })
    .await;
}

#[tokio::test]
async fn a_viewer_opens_no_case_and_a_client_needs_the_scope() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        for asking in [acme.viewer.clone(), client(acme.tenant, "cases:read findings:write")] {
            let outcome = create_case(&house.service, &asking, request("no")).await;
            assert!(matches!(outcome, Err(CreateCaseError::Denied(_))), "{outcome:?}");
        }
        create_case(&house.service, &client(acme.tenant, "cases:write"), request("yes")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_project_must_be_one_of_the_tenant() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        house.submits(&acme.stranger, crate::findings::report(&[crate::findings::result("x")]).as_str()).await;
        let theirs = house.scans(&acme.stranger).await[0].scope.project;
        for project in [ProjectId::fresh(), theirs] {
            let request = CreateCase { project: Some(project), ..request("no") };
            let outcome = create_case(&house.service, &acme.editor, request).await;
            assert!(matches!(outcome, Err(CreateCaseError::UnknownProject)), "{outcome:?}");
        }
        assert!(house.actions(acme.tenant).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_case_has_at_most_twenty_tags() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let tags = |count: usize| (0..count).map(|n| format!("tag-{n}").parse().unwrap()).collect();
        let twenty = CreateCase { tags: tags(20), ..request("yes") };
        create_case(&house.service, &acme.editor, twenty).await.unwrap();
        let more = CreateCase { tags: tags(21), ..request("no") };
        let outcome = create_case(&house.service, &acme.editor, more).await;
        assert!(matches!(outcome, Err(CreateCaseError::TooManyTags)), "{outcome:?}");
    })
    .await;
}
