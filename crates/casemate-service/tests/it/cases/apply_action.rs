//! Changing the status of a case.

use casemate_model::case::{CaseAction, CaseStatus, Resolution};
use casemate_service::cases::apply_action::{ApplyAction, ApplyActionError, apply_action};
use casemate_service::cases::edit_case::{EditCase, edit_case};
use casemate_service::cases::read_case::read_case_history;

use super::Acme;
use crate::house::{on_each, reason};

#[tokio::test]
async fn a_case_goes_all_the_way_to_closed_with_its_history() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let closed = acme.closed(&house, Resolution::Fixed).await;
        assert_eq!(closed.status, CaseStatus::Closed);
        assert_eq!(closed.resolution, Some(Resolution::Fixed));
        assert_eq!(closed.approved_by, acme.senior.caller.user());
        assert!(!closed.closed_without_four_eyes);
        let history = read_case_history(&house.service, &acme.viewer, closed.reference).await.unwrap();
        assert_eq!(history.case, closed);
        let steps: Vec<_> = history.transitions.iter().map(|step| (step.action, step.from, step.to)).collect();
        assert_eq!(
            steps,
            [
                (CaseAction::StartReview, CaseStatus::Open, CaseStatus::InReview),
                (CaseAction::ApproveClosure, CaseStatus::InReview, CaseStatus::ApprovedForClosure),
                (CaseAction::Close, CaseStatus::ApprovedForClosure, CaseStatus::Closed),
            ]
        );
        assert_eq!(
            house.actions(acme.tenant).await,
            ["case_create", "case_assign", "case_start_review", "case_approve_closure", "case_close"]
        );
    })
    .await;
}

// The brief's matrix, section 41 and its end.

#[tokio::test]
async fn reviewer_cannot_close_case() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.approved(&house, Resolution::Fixed).await;
        let outcome = house.applies(&acme.reviewer, case.reference, CaseAction::Close, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn reviewer_escalates_assigned_case() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let outcome = house.applies(&acme.reviewer, case.reference, CaseAction::Escalate, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "not assigned: {outcome:?}");
        house.assigns(&acme.senior, case.reference, &acme.reviewer).await;
        let case = house.applies(&acme.reviewer, case.reference, CaseAction::Escalate, None).await.unwrap();
        assert_eq!(case.status, CaseStatus::Escalated);
    })
    .await;
}

#[tokio::test]
async fn senior_reviewer_closes_case_assigned_to_them_and_no_other() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let other = house.member(acme.tenant, casemate_model::member::Role::SeniorReviewer).await;
        let case = acme.approved(&house, Resolution::Fixed).await;
        let outcome = house.applies(&other, case.reference, CaseAction::Close, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
        house.assigns(&acme.senior, case.reference, &other).await;
        house.applies(&other, case.reference, CaseAction::Close, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn unrelated_tenant_finds_no_case() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        for action in CaseAction::ALL {
            let outcome = house.applies(&acme.stranger, case.reference, *action, Some(Resolution::Fixed)).await;
            assert!(matches!(outcome, Err(ApplyActionError::NotFound)), "{action}: {outcome:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_approval_given_while_four_eyes_were_off_does_not_close_what_the_approver_opened() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.admin, "mine").await;
        house.assigns(&acme.senior, case.reference, &acme.senior).await;
        house.applies(&acme.senior, case.reference, CaseAction::StartReview, None).await.unwrap();
        house.set_four_eyes(&acme.admin, false).await;
        let fixed = Some(Resolution::Fixed);
        house.applies(&acme.admin, case.reference, CaseAction::ApproveClosure, fixed).await.unwrap();
        house.set_four_eyes(&acme.admin, true).await;
        let outcome = house.applies(&acme.senior, case.reference, CaseAction::Close, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn nobody_approves_a_case_they_opened_or_are_assigned_to_administrators_included() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        for role in [&acme.senior, &acme.admin] {
            let opened = house.opens(role, "mine").await;
            house.applies(&acme.admin, opened.reference, CaseAction::StartReview, None).await.unwrap();
            let fixed = Some(Resolution::Fixed);
            let outcome = house.applies(role, opened.reference, CaseAction::ApproveClosure, fixed).await;
            assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");

            let assigned = acme.in_review(&house).await;
            house.assigns(&acme.senior, assigned.reference, role).await;
            let outcome = house.applies(role, assigned.reference, CaseAction::ApproveClosure, fixed).await;
            assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_approved_does_not_close_administrators_included() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.in_review(&house).await;
        let fixed = Some(Resolution::Fixed);
        house.applies(&acme.admin, case.reference, CaseAction::ApproveClosure, fixed).await.unwrap();
        let outcome = house.applies(&acme.admin, case.reference, CaseAction::Close, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
        house.assigns(&acme.admin, case.reference, &acme.senior).await;
        house.applies(&acme.senior, case.reference, CaseAction::Close, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_four_eyes_one_person_does_it_all_and_the_case_says_so() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        house.set_four_eyes(&acme.admin, false).await;
        let case = house.opens(&acme.admin, "mine").await;
        house.applies(&acme.admin, case.reference, CaseAction::StartReview, None).await.unwrap();
        let fixed = Some(Resolution::Fixed);
        house.applies(&acme.admin, case.reference, CaseAction::ApproveClosure, fixed).await.unwrap();
        let case = house.applies(&acme.admin, case.reference, CaseAction::Close, None).await.unwrap();
        assert!(case.closed_without_four_eyes);
        let closing = house.trail(acme.tenant).await.pop().unwrap();
        assert_eq!(closing.event.details["four_eyes"], false);
    })
    .await;
}

#[tokio::test]
async fn what_the_state_table_lacks_is_not_possible() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        for action in [CaseAction::Close, CaseAction::ApproveClosure, CaseAction::Reopen, CaseAction::ProvideEvidence] {
            let outcome = house.applies(&acme.admin, case.reference, action, Some(Resolution::Fixed)).await;
            let Err(ApplyActionError::NotPossible { from, action: asked }) = outcome else { panic!("{outcome:?}") };
            assert_eq!((from, asked), (CaseStatus::Open, action));
        }
    })
    .await;
}

#[tokio::test]
async fn only_casemate_itself_closes_what_is_gone_and_voids_approvals() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.approved(&house, Resolution::Fixed).await;
        for action in [CaseAction::CloseGone, CaseAction::VoidApproval] {
            let outcome = house.applies(&acme.admin, case.reference, action, None).await;
            assert!(matches!(outcome, Err(ApplyActionError::Denied(_))), "{outcome:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stale_version_is_refused_and_tells_the_one_there_is() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let request = |version| ApplyAction {
            action: CaseAction::Escalate,
            reason: reason("now"),
            resolution: None,
            version: Some(version),
        };
        let outcome = apply_action(&house.service, &acme.senior, case.reference, request(7)).await;
        assert!(matches!(outcome, Err(ApplyActionError::Stale { now: 1 })), "{outcome:?}");
        let next = apply_action(&house.service, &acme.senior, case.reference, request(1)).await.unwrap();
        assert_eq!(next.version, 2);
    })
    .await;
}

#[tokio::test]
async fn closing_needs_a_resolution() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.in_review(&house).await;
        let outcome = house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::ResolutionNeeded)), "{outcome:?}");
        let request = EditCase { resolution: Some(Some(Resolution::FalsePositive)), ..EditCase::default() };
        edit_case(&house.service, &acme.editor, case.reference, case.version, request).await.unwrap();
        let case = house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, None).await.unwrap();
        assert_eq!(case.resolution, Some(Resolution::FalsePositive));
    })
    .await;
}

#[tokio::test]
async fn an_accepted_risk_ends_in_the_future_and_within_a_year() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.in_review(&house).await;
        let now = house.service.now();
        for days in [-1, 0, 367] {
            let resolution = Resolution::AcceptedRisk { until: now + time::Duration::days(days) };
            let outcome =
                house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, Some(resolution)).await;
            assert!(matches!(outcome, Err(ApplyActionError::BadResolution(_))), "{days}: {outcome:?}");
        }
        let resolution = Resolution::AcceptedRisk { until: now + time::Duration::days(30) };
        house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, Some(resolution)).await.unwrap();
        // By the time somebody closes it, the acceptance is over.
        house.clock.advance(time::Duration::days(31));
        let outcome = house.applies(&acme.admin, case.reference, CaseAction::Close, None).await;
        assert!(matches!(outcome, Err(ApplyActionError::BadResolution(_))), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn a_duplicate_is_of_another_case_that_the_caller_may_see() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let original = house.opens(&acme.editor, "the original").await;
        let case = acme.in_review(&house).await;
        let theirs = house.opens(&acme.stranger, "theirs").await;
        assert_eq!(theirs.reference, original.reference, "tenants count on their own");
        for of in [case.reference, "CASE-99".parse().unwrap()] {
            let duplicate = Some(Resolution::Duplicate { of });
            let outcome = house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, duplicate).await;
            assert!(matches!(outcome, Err(ApplyActionError::BadResolution(_))), "{outcome:?}");
        }
        let duplicate = Some(Resolution::Duplicate { of: original.reference });
        house.applies(&acme.senior, case.reference, CaseAction::ApproveClosure, duplicate).await.unwrap();
        let closed = house.applies(&acme.admin, case.reference, CaseAction::Close, None).await.unwrap();
        assert_eq!(closed.resolution, duplicate);
    })
    .await;
}

#[tokio::test]
async fn what_was_approved_is_what_is_closed() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.approved(&house, Resolution::Fixed).await;
        let other = Some(Resolution::FalsePositive);
        let outcome = house.applies(&acme.admin, case.reference, CaseAction::Close, other).await;
        assert!(matches!(outcome, Err(ApplyActionError::BadResolution(_))), "{outcome:?}");
        house.applies(&acme.admin, case.reference, CaseAction::Close, Some(Resolution::Fixed)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_reopened_case_has_no_resolution_and_no_approval() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = acme.closed(&house, Resolution::Fixed).await;
        let case = house.applies(&acme.reviewer, case.reference, CaseAction::Reopen, None).await.unwrap();
        assert_eq!((case.status, case.resolution, case.approved_by), (CaseStatus::Reopened, None, None));
    })
    .await;
}

#[tokio::test]
async fn of_two_at_once_one_is_told_that_the_other_was_faster() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let request = || ApplyAction {
            action: CaseAction::Escalate,
            reason: reason("now"),
            resolution: None,
            version: Some(case.version),
        };
        let (one, other) = tokio::join!(
            apply_action(&house.service, &acme.senior, case.reference, request()),
            apply_action(&house.service, &acme.admin, case.reference, request()),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
        let history = read_case_history(&house.service, &acme.viewer, case.reference).await.unwrap();
        assert_eq!(history.transitions.len(), 1);
        assert_eq!(history.case.version, 2);
    })
    .await;
}
