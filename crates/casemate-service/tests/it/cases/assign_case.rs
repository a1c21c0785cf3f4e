//! Giving a case to somebody.

use casemate_model::case::Resolution;
use casemate_service::cases::assign_case::{AssignCaseError, assign_case};
use casemate_service::cases::name_readers::{Readers, name_readers};
use casemate_service::cases::read_case::read_case;

use super::Acme;
use crate::house::on_each;

#[tokio::test]
async fn a_case_is_given_to_a_reviewer_and_to_nobody_again() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let given = house.assigns(&acme.reviewer, case.reference, &acme.reviewer).await;
        assert_eq!((given.assignee, given.version), (acme.reviewer.caller.user(), 2));
        let same = house.assigns(&acme.reviewer, case.reference, &acme.reviewer).await;
        assert_eq!(same.version, 2, "nothing changed");
        let free = assign_case(&house.service, &acme.senior, case.reference, Some(2), None).await.unwrap();
        assert_eq!(free.assignee, None);
    })
    .await;
}

#[tokio::test]
async fn only_who_may_work_on_cases_is_given_one() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        for to in [&acme.viewer, &acme.editor, &acme.stranger] {
            let outcome = assign_case(&house.service, &acme.senior, case.reference, None, to.caller.user()).await;
            assert!(matches!(outcome, Err(AssignCaseError::NotAssignable)), "{outcome:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_reviewer_takes_no_case_from_somebody_else_and_a_stranger_finds_none() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        house.assigns(&acme.senior, case.reference, &acme.senior).await;
        for asking in [&acme.reviewer, &acme.editor, &acme.viewer] {
            let outcome = assign_case(&house.service, asking, case.reference, None, acme.reviewer.caller.user()).await;
            assert!(matches!(outcome, Err(AssignCaseError::Denied(_))), "{outcome:?}");
        }
        let outcome = assign_case(&house.service, &acme.stranger, case.reference, None, None).await;
        assert!(matches!(outcome, Err(AssignCaseError::NotFound)), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn a_closed_case_and_a_stale_version_are_refused() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let outcome = assign_case(&house.service, &acme.senior, case.reference, Some(9), None).await;
        assert!(matches!(outcome, Err(AssignCaseError::Stale { now: 1 })), "{outcome:?}");
        let closed = acme.closed(&house, Resolution::Fixed).await;
        let outcome = assign_case(&house.service, &acme.senior, closed.reference, None, None).await;
        assert!(matches!(outcome, Err(AssignCaseError::Closed)), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_given_a_restricted_case_may_read_it() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        name_readers(&house.service, &acme.senior, case.reference, None, Readers::Named(Vec::new())).await.unwrap();
        assert!(read_case(&house.service, &acme.reviewer, case.reference).await.is_err());
        house.assigns(&acme.senior, case.reference, &acme.reviewer).await;
        read_case(&house.service, &acme.reviewer, case.reference).await.unwrap();
    })
    .await;
}
