//! Tenants and their settings.

use casemate_model::access::Denied;
use casemate_model::audit::Chain;
use casemate_model::member::Role;
use casemate_service::chores::sweep::sweep;
use casemate_service::members::accept_invitation::accept_invitation;
use casemate_service::tenants::change_settings::{ChangeSettingsError, ChangeTenantSettings, change_settings};
use casemate_service::tenants::create_tenant::{CreateTenantError, create_tenant};

use crate::office::{ADMIN, acceptance, on_each, origin};

#[tokio::test]
async fn a_tenant_is_made_once_with_an_invitation_for_its_admin() {
    on_each(|office| async move {
        let (tenant, link) =
            create_tenant(&office.service, "Zeta".parse().unwrap(), "z@example.org".parse().unwrap()).await.unwrap();
        let again = create_tenant(&office.service, "Zeta".parse().unwrap(), ADMIN.parse().unwrap()).await;
        assert!(matches!(again, Err(CreateTenantError::NameTaken(_))));
        let admin = accept_invitation(&office.service, acceptance(link), &origin()).await.unwrap();
        let resumed = office.resume(&admin.token).await.unwrap();
        assert_eq!((resumed.tenant.id, resumed.caller.role), (tenant.id, Role::Admin));
    })
    .await;
}

#[tokio::test]
async fn an_admin_turns_four_eyes_off_and_that_is_remembered() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let senior = office.join(&admin, "grace@example.org", Role::SeniorReviewer).await;
        let off = ChangeTenantSettings { four_eyes: false };
        let answer = change_settings(&office.service, &office.asking(&senior.token).await, off).await;
        assert!(matches!(answer, Err(ChangeSettingsError::Denied(Denied::NotAllowed))));
        assert!(!change_settings(&office.service, &admin, off).await.unwrap().four_eyes);
        assert!(!office.resume(&senior.token).await.unwrap().tenant.four_eyes);
        let trail = office.trail(Chain::Tenant(admin.caller.tenant())).await;
        let event = &trail.last().unwrap().event;
        assert_eq!((event.action.as_str(), &event.details["four_eyes"]), ("settings_change", &false.into()));
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_swept_away_and_nothing_else() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        assert_eq!(sweep(&office.service).await.unwrap(), 0);
        let _ = office.sign_in("nobody@example.org", "wrong wrong wrong").await;
        casemate_service::members::reset_password::begin_reset(&office.service, &ADMIN.parse().unwrap()).await.unwrap();
        office.clock.advance_secs(2 * 86_400);
        let fresh = office.sign_in(ADMIN, crate::office::PASSWORD).await.unwrap();
        assert_eq!(sweep(&office.service).await.unwrap(), 3, "a session, a link, a failure");
        assert!(office.resume(&fresh.token).await.is_some());
        assert!(!office.trail(Chain::Tenant(admin.caller.tenant())).await.is_empty());
    })
    .await;
}
