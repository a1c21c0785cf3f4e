//! Reading a case.

use casemate_service::cases::name_readers::{Readers, name_readers};
use casemate_service::cases::read_case::{ReadCaseError, read_case, read_case_history};

use super::Acme;
use crate::house::{client, on_each};

#[tokio::test]
async fn user_cannot_get_case_from_other_tenant() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let outcome = read_case(&house.service, &acme.stranger, case.reference).await;
        assert!(matches!(outcome, Err(ReadCaseError::NotFound)), "{outcome:?}");
        let outcome = read_case_history(&house.service, &acme.stranger, case.reference).await;
        assert!(matches!(outcome, Err(ReadCaseError::NotFound)), "{outcome:?}");
        assert!(house.trail(acme.stranger.caller.tenant()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_client_reads_with_its_scope_alone() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        read_case(&house.service, &client(acme.tenant, "cases:read"), case.reference).await.unwrap();
        let outcome = read_case(&house.service, &client(acme.tenant, "cases:write"), case.reference).await;
        assert!(matches!(outcome, Err(ReadCaseError::Denied(_))), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn an_administrators_look_at_a_restricted_case_is_recorded() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        name_readers(&house.service, &acme.senior, case.reference, None, Readers::Named(Vec::new())).await.unwrap();
        read_case(&house.service, &acme.senior, case.reference).await.unwrap();
        assert_eq!(house.actions(acme.tenant).await, ["case_create", "case_name_readers"]);
        read_case(&house.service, &acme.admin, case.reference).await.unwrap();
        read_case_history(&house.service, &acme.admin, case.reference).await.unwrap();
        let trail = house.trail(acme.tenant).await;
        let looks: Vec<_> = trail.iter().filter(|event| event.event.action == "case_break_glass").collect();
        assert_eq!(looks.len(), 2);
        assert_eq!(looks[0].event.actor, acme.admin.caller.actor());
        assert_eq!(looks[0].event.object, "case:CASE-1");
    })
    .await;
}
