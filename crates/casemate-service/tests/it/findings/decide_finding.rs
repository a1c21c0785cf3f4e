//! Deciding about a finding.

use casemate_model::finding::DecisionKind;
use casemate_model::member::Role;
use casemate_service::findings::decide_finding::{DecideFindingError, decide_finding};
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::findings::read_finding::read_finding;

use super::{report, result};
use crate::house::{client, on_each, reason};

#[tokio::test]
async fn a_decision_is_kept_with_its_reason() {
    on_each(|house| async move {
        let tenant = house.tenant("Acme").await;
        let reviewer = house.member(tenant, Role::Reviewer).await;
        house.submits(&reviewer, &report(&[result("one")])).await;
        let found = list_findings(&house.service, &reviewer, ListFindings::default()).await.unwrap().items.remove(0);
        let kind = DecisionKind::FalsePositive;
        let decided =
            decide_finding(&house.service, &reviewer, found.id, Some(1), kind, reason("a test")).await.unwrap();
        assert_eq!(decided.version, 2);
        let (read, may_decide) = read_finding(&house.service, &reviewer, found.id).await.unwrap();
        assert_eq!(read, decided);
        assert!(may_decide);
        let decision = read.decision.unwrap();
        assert_eq!((decision.kind, decision.by), (kind, reviewer.caller.actor()));
        let event = house.trail(tenant).await.pop().unwrap().event;
        assert_eq!((event.action.as_str(), event.object), ("finding_decide", format!("finding:{}", found.id)));
    })
    .await;
}

#[tokio::test]
async fn each_way_it_is_refused() {
    on_each(|house| async move {
        let tenant = house.tenant("Acme").await;
        let senior = house.member(tenant, Role::SeniorReviewer).await;
        let reviewer = house.member(tenant, Role::Reviewer).await;
        let editor = house.member(tenant, Role::Editor).await;
        let elsewhere = house.tenant("Elsewhere").await;
        let stranger = house.member(elsewhere, Role::Admin).await;
        house.submits(&senior, &report(&[result("one")])).await;
        let found = list_findings(&house.service, &senior, ListFindings::default()).await.unwrap().items.remove(0);
        house.assigns(&senior, found.case.unwrap(), &senior).await;
        let decide = async |asking, version| {
            let kind = DecisionKind::Confirmed;
            decide_finding(&house.service, asking, found.id, version, kind, reason("because")).await
        };
        // The case is somebody else's.
        assert!(matches!(decide(&reviewer, None).await, Err(DecideFindingError::Denied(_))));
        assert!(matches!(decide(&editor, None).await, Err(DecideFindingError::Denied(_))));
        let program = client(tenant, "cases:read cases:write findings:write");
        assert!(matches!(decide(&program, None).await, Err(DecideFindingError::Denied(_))));
        assert!(matches!(decide(&stranger, None).await, Err(DecideFindingError::NotFound)));
        assert!(matches!(decide(&senior, Some(9)).await, Err(DecideFindingError::Stale { now: 1 })));
    })
    .await;
}
