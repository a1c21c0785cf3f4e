//! The token endpoint and what it tells about itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use casemate_model::client::TokenScope;
use casemate_service::clients::revoke_client::revoke_client;
use casemate_service::tokens::keys::rotate_keys;

use crate::house::{BASE, House};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

// ASVS 10.4.1, 10.4.10: a client that proves itself gets a token for its scopes and no more
#[tokio::test]
async fn a_client_gets_a_token_and_uses_it() {
    let house = House::new().await;
    let program = house.program(&[TokenScope::CasesRead, TokenScope::FindingsWrite]).await;
    let id = program.id.to_string();

    let by_header = house.post("/oauth/token").header("authorization", &basic(&id, &program.secret));
    let answer = by_header.form(&[GRANT, ("scope", "cases:read")]).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let token = answer.json();
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&"Bearer".into(), &600.into(), &"cases:read".into())
    );

    let access = token["access_token"].as_str().unwrap();
    assert_eq!(house.get("/api/v1/cases").bearer(access).send().await.status, 200);
    let me = house.get("/api/v1/me").bearer(access).send().await.json();
    assert_eq!((&me["kind"], &me["client_id"]), (&"client".into(), &id.as_str().into()));
    let submit = house.post("/api/v1/scans").bearer(access).raw("application/sarif+json", crate::house::SARIF);
    submit.send().await.is_problem(403, "not_allowed");

    let by_form = house.post("/oauth/token").form(&[GRANT, ("client_id", &id), ("client_secret", &program.secret)]);
    assert_eq!(by_form.send().await.json()["scope"], "cases:read findings:write");
}

// ASVS 10.4.2, 15.3.7: everything else is refused in the words of RFC 6749
#[tokio::test]
async fn token_requests_fail_as_the_standard_says() {
    let house = House::new().await;
    let program = house.program(&[TokenScope::CasesRead]).await;
    let (id, secret) = (program.id.to_string(), program.secret.clone());
    let both = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let form = |more: &[(&str, &str)]| house.post("/oauth/token").form(&[&both[..], more].concat());
    let cases = [
        (form(&[GRANT, ("client_secret", "again")]), 400, "invalid_request"),
        (form(&[GRANT, GRANT]), 400, "invalid_request"),
        (form(&[]), 400, "invalid_request"),
        (form(&[("grant_type", "password"), ("username", "ada"), ("password", "x")]), 400, "unsupported_grant_type"),
        (form(&[("grant_type", "authorization_code"), ("code", "x")]), 400, "unsupported_grant_type"),
        (form(&[GRANT, ("scope", "audit:read")]), 400, "invalid_scope"),
        (form(&[GRANT, ("scope", "cases:read admin")]), 400, "invalid_scope"),
        (form(&[GRANT]).header("authorization", &basic(&id, &secret)), 400, "invalid_request"),
        (house.post("/oauth/token?client_id=x").form(&[GRANT]), 400, "invalid_request"),
        (house.post("/oauth/token").raw("application/json", "{}"), 400, "invalid_request"),
        (
            house.post("/oauth/token").form(&[GRANT, ("client_id", &id), ("client_secret", "wrong")]),
            401,
            "invalid_client",
        ),
        (
            house.post("/oauth/token").form(&[GRANT, ("client_id", "' OR 1=1 --"), ("client_secret", "x")]),
            401,
            "invalid_client",
        ),
        (house.post("/oauth/token").form(&[GRANT]), 401, "invalid_client"),
        (house.post("/oauth/token").header("authorization", "Basic !!!").form(&[GRANT]), 401, "invalid_client"),
    ];
    for (n, (ask, status, error)) in cases.into_iter().enumerate() {
        let answer = ask.send().await;
        assert_eq!((n, answer.status.as_u16(), answer.json()["error"].as_str()), (n, status, Some(error)));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(status == 401, answer.header("www-authenticate").starts_with("Basic"));
    }
}

#[tokio::test]
async fn a_revoked_client_is_out_at_once() {
    let house = House::new().await;
    let program = house.program(&[TokenScope::CasesRead]).await;
    let token = house.token(&program).await;
    assert_eq!(house.get("/api/v1/cases").bearer(&token).send().await.status, 200);
    let ada = house.browser("ada").await;
    revoke_client(&house.service, &ada.asking, program.id).await.unwrap();
    house.get("/api/v1/cases").bearer(&token).send().await.is_problem(401, "invalid_token");
}

#[tokio::test]
async fn tokens_outlive_a_rotation_of_the_keys() {
    let house = House::new().await;
    let program = house.program(&[TokenScope::CasesRead]).await;
    let old = house.token(&program).await;
    rotate_keys(&house.service).await.unwrap();
    let new = house.token(&program).await;
    for token in [&old, &new] {
        assert_eq!(house.get("/api/v1/cases").bearer(token).send().await.status, 200);
    }
    let keys = house.get("/.well-known/jwks.json").send().await.json();
    let ids: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none() && key["alg"] == "RS256"));
}

// RFC 8414: the issuer is the address, and what is listed is what answers.
#[tokio::test]
async fn the_metadata_lists_what_is_there() {
    let house = House::new().await;
    let told = house.get("/.well-known/oauth-authorization-server").send().await.json();
    assert_eq!(told["issuer"], BASE);
    assert_eq!(told["grant_types_supported"], serde_json::json!(["client_credentials"]));
    for place in ["token_endpoint", "jwks_uri"] {
        let path = told[place].as_str().unwrap().strip_prefix(BASE).unwrap();
        assert!(casemate_web::routes::table().iter().any(|route| route.path == path), "{path}");
    }
    assert!(told.get("authorization_endpoint").is_none());
    let contact = house.get("/.well-known/security.txt").send().await.text();
    assert!(contact.contains("Contact: mailto:") && contact.contains("Expires: "), "{contact}");
}
