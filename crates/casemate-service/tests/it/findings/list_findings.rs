//! Listing findings.

use casemate_model::case::CaseSeverity;
use casemate_model::finding::FindingState;
use casemate_model::member::Role;
use casemate_model::page::PageSize;
use casemate_model::text::SearchText;
use casemate_service::cases::name_readers::{Readers, name_readers};
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::projects::list_projects::list_projects;

use super::{report, result};
use crate::house::on_each;

#[tokio::test]
async fn findings_come_in_pages_and_every_filter_narrows() {
    on_each(|house| async move {
        let tenant = house.tenant("Acme").await;
        let reviewer = house.member(tenant, Role::Reviewer).await;
        let mut low = result("a low one");
        low["level"] = "note".into();
        house.submits(&reviewer, &report(&[result("100% high"), low, result("soon gone")])).await;
        let mut low = result("a low one");
        low["level"] = "note".into();
        house.submits(&reviewer, &report(&[result("100% high"), low])).await;
        let project = list_projects(&house.service, &reviewer).await.unwrap()[0].id;
        let all = ListFindings::default;
        let text = |text: &str| SearchText::parse(text).ok();
        for (request, expected) in [
            (all(), vec!["a low one", "soon gone", "100% high"]),
            (ListFindings { state: Some(FindingState::Gone), ..all() }, vec!["soon gone"]),
            (ListFindings { severities: vec![CaseSeverity::Low], ..all() }, vec!["a low one"]),
            (ListFindings { project: Some(project), ..all() }, vec!["a low one", "soon gone", "100% high"]),
            (ListFindings { project: Some(casemate_model::id::ProjectId::fresh()), ..all() }, vec![]),
            (ListFindings { rule: text("x-rule"), state: Some(FindingState::Gone), ..all() }, vec!["soon gone"]),
            (ListFindings { rule: text("X9"), ..all() }, vec![]),
            (ListFindings { text: text("100%"), ..all() }, vec!["100% high"]),
            (ListFindings { text: text("SRC/APP"), state: Some(FindingState::Gone), ..all() }, vec!["soon gone"]),
            (ListFindings { text: text("' OR 1=1 --"), ..all() }, vec![]),
        ] {
            let page = list_findings(&house.service, &reviewer, request.clone()).await.unwrap();
            let mut found: Vec<&str> = page.items.iter().map(|finding| finding.message.as_str()).collect();
            let mut expected = expected;
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{request:?}");
        }
        let (mut before, mut serials) = (None, Vec::new());
        for _ in 0..3 {
            let request = ListFindings { before, size: PageSize::new(1).unwrap(), ..all() };
            let page = list_findings(&house.service, &reviewer, request).await.unwrap();
            serials.extend(page.items.iter().map(|finding| finding.serial));
            before = page.next;
        }
        assert_eq!((serials, before), (vec![3, 2, 1], None));
    })
    .await;
}

#[tokio::test]
async fn the_finding_of_a_restricted_case_is_in_no_list_of_others() {
    on_each(|house| async move {
        let tenant = house.tenant("Acme").await;
        let senior = house.member(tenant, Role::SeniorReviewer).await;
        let viewer = house.member(tenant, Role::Viewer).await;
        house.submits(&senior, &report(&[result("one")])).await;
        let found = list_findings(&house.service, &viewer, ListFindings::default()).await.unwrap().items.remove(0);
        let nobody = Readers::Named(Vec::new());
        name_readers(&house.service, &senior, found.case.unwrap(), None, nobody).await.unwrap();
        assert!(list_findings(&house.service, &viewer, ListFindings::default()).await.unwrap().items.is_empty());
        assert_eq!(list_findings(&house.service, &senior, ListFindings::default()).await.unwrap().items.len(), 1);
    })
    .await;
}
