//! Programs that call the API.

use casemate_model::access::Denied;
use casemate_model::client::TokenScopes;
use casemate_model::member::Role;
use casemate_service::SecretText;
use casemate_service::clients::create_client::{CreateClient, CreateClientError, create_client};
use casemate_service::clients::list_clients::list_clients;
use casemate_service::clients::revoke_client::{RevokeClientError, revoke_client};
use casemate_service::tenants::create_tenant::create_tenant;
use secrecy::ExposeSecret as _;

use crate::office::{acceptance, on_each, origin};

#[tokio::test]
async fn the_secret_is_shown_once_and_stored_as_a_hash() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read cases:write").await;
        let random = secret.expose_secret().strip_prefix("casemate_cs_").unwrap();
        assert_eq!(random.len(), 43, "256 bits");
        let known = office.store.begin_instance().await.unwrap().client_by_id(client.id).await.unwrap().unwrap();
        assert!(!secret.expose_secret().as_bytes().windows(32).any(|part| part == known.secret_hash));
        assert_eq!(list_clients(&office.service, &admin).await.unwrap(), [client]);
    })
    .await;
}

#[tokio::test]
async fn only_a_fresh_admin_makes_one_and_it_can_do_something() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let request =
            |scopes: &str| CreateClient { name: "ci".parse().unwrap(), scopes: TokenScopes::parse(scopes).unwrap() };
        let answer = create_client(&office.service, &admin, request("")).await;
        assert!(matches!(answer, Err(CreateClientError::NoScopes)));
        let senior = office.join(&admin, "grace@example.org", Role::SeniorReviewer).await;
        let senior = office.asking(&senior.token).await;
        let answer = create_client(&office.service, &senior, request("cases:read")).await;
        assert!(matches!(answer, Err(CreateClientError::Denied(Denied::NotAllowed))));
    })
    .await;
}

#[tokio::test]
async fn another_tenants_client_cannot_be_seen_or_revoked() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let (_, link) =
            create_tenant(&office.service, "Zeta".parse().unwrap(), "z@example.org".parse().unwrap()).await.unwrap();
        let stranger = casemate_service::members::accept_invitation::accept_invitation(
            &office.service,
            acceptance(link),
            &origin(),
        )
        .await
        .unwrap();
        let stranger = office.asking(&stranger.token).await;
        assert_eq!(list_clients(&office.service, &stranger).await.unwrap(), []);
        let answer = revoke_client(&office.service, &stranger, client.id).await;
        assert!(matches!(answer, Err(RevokeClientError::NotFound)));
        let token: SecretText = office.token(&client, &secret).await;
        assert!(office.verify(&token).await.is_ok());
    })
    .await;
}
