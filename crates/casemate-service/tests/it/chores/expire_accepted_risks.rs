//! Accepted risks that run out.

use casemate_model::access::Actor;
use casemate_model::case::{CaseAction, CaseStatus, Resolution};
use casemate_model::member::Role;
use casemate_service::cases::read_case::read_case_history;
use casemate_service::chores::expire_accepted_risks::expire_accepted_risks;

use crate::house::on_each;

#[tokio::test]
async fn a_case_reopens_when_its_acceptance_ends_and_not_before() {
    on_each(|house| async move {
        let mut cases = Vec::new();
        for name in ["Acme", "Elsewhere"] {
            let tenant = house.tenant(name).await;
            let senior = house.member(tenant, Role::SeniorReviewer).await;
            let admin = house.member(tenant, Role::Admin).await;
            let editor = house.member(tenant, Role::Editor).await;
            let case = house.opens(&editor, "a case").await;
            let until = house.service.now() + time::Duration::days(30);
            house.applies(&senior, case.reference, CaseAction::Escalate, None).await.unwrap();
            let accepted = Some(Resolution::AcceptedRisk { until });
            house.applies(&senior, case.reference, CaseAction::ApproveClosure, accepted).await.unwrap();
            house.applies(&admin, case.reference, CaseAction::Close, None).await.unwrap();
            cases.push((admin, case.reference));
        }
        house.clock.advance(time::Duration::days(29));
        assert_eq!(expire_accepted_risks(&house.service).await.unwrap(), 0);
        house.clock.advance(time::Duration::days(1));
        assert_eq!(expire_accepted_risks(&house.service).await.unwrap(), 2);
        assert_eq!(expire_accepted_risks(&house.service).await.unwrap(), 0);
        for (admin, reference) in cases {
            let history = read_case_history(&house.service, &admin, reference).await.unwrap();
            assert_eq!((history.case.status, history.case.resolution), (CaseStatus::Reopened, None));
            let last = history.transitions.last().unwrap();
            assert_eq!((last.action, last.actor), (CaseAction::Reopen, Actor::System));
            assert_eq!(house.actions(admin.caller.tenant()).await.pop().unwrap(), "case_reopen");
        }
    })
    .await;
}
