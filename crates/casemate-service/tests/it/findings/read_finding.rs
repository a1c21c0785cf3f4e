//! Reading one finding.

use casemate_model::member::Role;
use casemate_service::cases::name_readers::{Readers, name_readers};
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::findings::read_finding::{ReadFindingError, read_finding};

use super::{report, result};
use crate::house::on_each;

#[tokio::test]
async fn a_finding_is_read_by_those_who_see_its_case() {
    on_each(|house| async move {
        let tenant = house.tenant("Acme").await;
        let senior = house.member(tenant, Role::SeniorReviewer).await;
        let viewer = house.member(tenant, Role::Viewer).await;
        let admin = house.member(tenant, Role::Admin).await;
        let elsewhere = house.tenant("Elsewhere").await;
        let stranger = house.member(elsewhere, Role::Admin).await;
        house.submits(&senior, &report(&[result("one")])).await;
        let found = list_findings(&house.service, &viewer, ListFindings::default()).await.unwrap().items.remove(0);
        let (read, may_decide) = read_finding(&house.service, &viewer, found.id).await.unwrap();
        assert_eq!((read, may_decide), (found.clone(), false));
        let outcome = read_finding(&house.service, &stranger, found.id).await;
        assert!(matches!(outcome, Err(ReadFindingError::NotFound)), "{outcome:?}");

        let nobody = Readers::Named(Vec::new());
        name_readers(&house.service, &senior, found.case.unwrap(), None, nobody).await.unwrap();
        let outcome = read_finding(&house.service, &viewer, found.id).await;
        assert!(matches!(outcome, Err(ReadFindingError::NotFound)), "{outcome:?}");
        read_finding(&house.service, &admin, found.id).await.unwrap();
        assert_eq!(house.actions(tenant).await.pop().unwrap(), "case_break_glass");
    })
    .await;
}
