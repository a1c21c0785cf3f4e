//! Restricting a case.

use casemate_service::cases::add_note::{AddNoteError, add_note};
use casemate_service::cases::name_readers::{NameReadersError, Readers, name_readers};
use casemate_service::cases::read_case::{ReadCaseError, read_case, read_case_history};

use super::Acme;
use crate::house::{client, on_each};

#[tokio::test]
async fn a_restricted_case_is_not_there_for_those_it_does_not_name() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let named = Readers::Named(acme.viewer.caller.user().into_iter().collect());
        let restricted = name_readers(&house.service, &acme.senior, case.reference, Some(1), named).await.unwrap();
        assert!(restricted.restricted);
        for named in [&acme.viewer, &acme.senior] {
            read_case(&house.service, named, case.reference).await.unwrap();
        }
        for blind in [&acme.editor, &acme.reviewer, &acme.stranger, &client(acme.tenant, "cases:read cases:write")] {
            let outcome = read_case(&house.service, blind, case.reference).await;
            assert!(matches!(outcome, Err(ReadCaseError::NotFound)), "{outcome:?}");
            let outcome = add_note(&house.service, blind, case.reference, "no".parse().unwrap()).await;
            assert!(matches!(outcome, Err(AddNoteError::NotFound)), "{outcome:?}");
        }
        let history = read_case_history(&house.service, &acme.senior, case.reference).await.unwrap();
        assert_eq!(history.readers.len(), 2);
        name_readers(&house.service, &acme.senior, case.reference, None, Readers::All).await.unwrap();
        read_case(&house.service, &acme.editor, case.reference).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn each_way_it_is_refused() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "a case").await;
        let name = async |asking, version, readers| {
            name_readers(&house.service, asking, case.reference, version, readers).await
        };
        assert!(matches!(name(&acme.reviewer, None, Readers::All).await, Err(NameReadersError::Denied(_))));
        assert!(matches!(name(&acme.stranger, None, Readers::All).await, Err(NameReadersError::NotFound)));
        assert!(matches!(name(&acme.senior, Some(2), Readers::All).await, Err(NameReadersError::Stale { now: 1 })));
        let theirs = Readers::Named(acme.stranger.caller.user().into_iter().collect());
        assert!(matches!(name(&acme.senior, None, theirs).await, Err(NameReadersError::NotAMember)));
    })
    .await;
}
