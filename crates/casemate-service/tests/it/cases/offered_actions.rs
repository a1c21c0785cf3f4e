//! What is offered is what works.

use casemate_model::case::{Case, CaseAction, Resolution};
use casemate_service::cases::apply_action::ApplyActionError;
use casemate_service::cases::offered_actions::{offered_actions, offered_in_tenant};

use super::Acme;
use crate::house::{House, on_each};

async fn cases(house: &House, acme: &Acme) -> Vec<Case> {
    vec![
        house.opens(&acme.editor, "open").await,
        acme.in_review(house).await,
        acme.approved(house, Resolution::Fixed).await,
        acme.closed(house, Resolution::Fixed).await,
    ]
}

#[tokio::test]
async fn what_is_offered_works_and_what_is_not_offered_does_not() {
    let house = House::on_memory().await;
    let acme = Acme::new(&house).await;
    for n in 0..4 {
        for action in CaseAction::OFFERED {
            for asking in [&acme.viewer, &acme.editor, &acme.reviewer, &acme.senior, &acme.admin] {
                let case = cases(&house, &acme).await.swap_remove(n);
                let offered = offered_actions(&house.service, asking, &case, true).actions.contains(&action);
                let outcome = house.applies(asking, case.reference, action, Some(Resolution::Fixed)).await;
                let worked = match outcome {
                    Ok(_) => true,
                    Err(ApplyActionError::Denied(_) | ApplyActionError::NotPossible { .. }) => false,
                    other => panic!("{other:?}"),
                };
                assert_eq!(offered, worked, "{action} of {} by {:?}", case.status, asking.caller);
            }
        }
    }
}

#[tokio::test]
async fn a_viewer_is_offered_nothing_and_an_admin_the_tenant() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let case = house.opens(&acme.editor, "open").await;
        let nothing = offered_actions(&house.service, &acme.viewer, &case, true);
        assert!(nothing.actions.is_empty() && !nothing.may_edit && !nothing.may_add_note && !nothing.may_assign);
        assert!(!offered_in_tenant(&house.service, &acme.viewer).may_create_case);
        let all = offered_in_tenant(&house.service, &acme.admin);
        assert!(all.may_manage_members && all.may_manage_clients && all.may_change_settings && all.may_read_audit);
        let editor = offered_actions(&house.service, &acme.editor, &case, true);
        assert!(editor.may_edit && editor.may_add_note && !editor.may_set_severity && !editor.may_name_readers);
    })
    .await;
}
