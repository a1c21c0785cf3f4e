//! The first administrator.

use casemate_model::audit::Chain;
use casemate_model::member::Role;
use casemate_service::SecretText;
use casemate_service::sessions::sign_in::PasswordFault;
use casemate_service::setup::begin_setup::begin_setup;
use casemate_service::setup::finish_setup::{FinishSetup, FinishSetupError, finish_setup, is_setup_link_good};

use crate::office::{ADMIN, PASSWORD, on_each, origin, setup};

#[tokio::test]
async fn the_link_makes_tenant_and_administrator_once() {
    on_each(|office| async move {
        let token = begin_setup(&office.service).await.unwrap().unwrap();
        assert!(is_setup_link_good(&office.service, &token).await.unwrap());
        let signed_in = finish_setup(&office.service, setup(token.clone()), &origin()).await.unwrap();
        let resumed = office.resume(&signed_in.token).await.unwrap();
        assert_eq!((resumed.caller.role, resumed.tenant.four_eyes), (Role::Admin, true));
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_ok());
        let actions = office.actions(Chain::Tenant(resumed.tenant.id)).await;
        assert_eq!(actions[..3], ["tenant_create", "user_created", "authn_login_success"]);

        assert!(!is_setup_link_good(&office.service, &token).await.unwrap());
        let again = finish_setup(&office.service, setup(token), &origin()).await;
        assert!(matches!(again, Err(FinishSetupError::BadLink)));
        assert!(begin_setup(&office.service).await.unwrap().is_none(), "there is nothing to set up anymore");
    })
    .await;
}

#[tokio::test]
async fn a_newer_link_voids_the_older_and_all_end() {
    on_each(|office| async move {
        let older = begin_setup(&office.service).await.unwrap().unwrap();
        let newer = begin_setup(&office.service).await.unwrap().unwrap();
        assert!(!is_setup_link_good(&office.service, &older).await.unwrap());
        assert!(is_setup_link_good(&office.service, &newer).await.unwrap());
        assert!(!is_setup_link_good(&office.service, &SecretText::from("guess")).await.unwrap());
        office.clock.advance_secs(86_401);
        assert!(!is_setup_link_good(&office.service, &newer).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn of_two_who_hold_the_link_one_becomes_administrator() {
    on_each(|office| async move {
        let token = begin_setup(&office.service).await.unwrap().unwrap();
        let mut other = setup(token.clone());
        other.tenant = "Other".parse().unwrap();
        other.email = "eve@example.org".parse().unwrap();
        let origin = origin();
        let (one, two) = tokio::join!(
            finish_setup(&office.service, setup(token), &origin),
            finish_setup(&office.service, other, &origin),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1, "{one:?} {two:?}");
        let mut tx = office.store.begin_instance().await.unwrap();
        assert_eq!(tx.tenants().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_password_made_of_the_tenants_name_is_refused_and_the_link_stays_good() {
    on_each(|office| async move {
        let token = begin_setup(&office.service).await.unwrap().unwrap();
        let request = FinishSetup { password: "AcmeAcmeAcme2026".into(), ..setup(token.clone()) };
        let refused = finish_setup(&office.service, request, &origin()).await;
        assert!(matches!(refused, Err(FinishSetupError::Password(PasswordFault::Guessable(_)))), "{refused:?}");
        assert!(is_setup_link_good(&office.service, &token).await.unwrap());
    })
    .await;
}
