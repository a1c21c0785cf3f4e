//! Access tokens for programs.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use casemate_model::client::{Client, TokenScope, TokenScopes};
use casemate_service::clients::revoke_client::revoke_client;
use casemate_service::tokens::issue_token::{IssueTokenError, issue_token};
use casemate_service::tokens::keys::{jwks, rotate_keys};
use casemate_service::tokens::verify_token::{TokenFault, VerifyTokenError, verify_token};
use casemate_service::{SecretText, Secrets, ServiceSettings};
use casemate_store::SigningKey;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::office::{BASE_URL, Log, Office, on_each, origin, settings, token_request};

fn part(token: &str, n: usize) -> Value {
    let part = token.split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn write(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn fault(office: &Office, token: &str) -> Option<TokenFault> {
    match office.verify(&SecretText::from(token)).await {
        Ok(_) => None,
        Err(VerifyTokenError::Refused(fault)) => Some(fault),
        Err(VerifyTokenError::Fault(fault)) => panic!("{fault:?}"),
    }
}

#[tokio::test]
async fn a_token_says_what_rfc_9068_wants_and_opens_what_it_names() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read cases:write").await;
        let request = token_request(&client, &secret, Some("cases:read"));
        let token = issue_token(&office.service, request, &origin()).await.unwrap();
        assert_eq!((token.expires_in_secs, token.scopes.to_string().as_str()), (600, "cases:read"));

        let text = token.token.expose_secret();
        let header = part(text, 0);
        assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("at+jwt")));
        let claims = part(text, 1);
        let id = client.id.to_string();
        assert_eq!(claims["iss"], BASE_URL);
        assert_eq!(claims["aud"], BASE_URL);
        assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some(&*id), Some(&*id)));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
        assert_eq!(claims["tenant"], client.tenant.to_string());
        assert_eq!(claims["scope"], "cases:read");
        assert!(claims["jti"].is_string() && claims["nbf"].is_i64());

        let keys = jwks(&office.service).await.unwrap();
        let key = &keys["keys"][0];
        assert_eq!((&key["kid"], key["kty"].as_str(), key["use"].as_str()), (&header["kid"], Some("RSA"), Some("sig")));
        assert_eq!(URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap().len() * 8, 3_072);
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(key.get(private).is_none(), "{private} stays at home");
        }

        let caller = office.verify(&token.token).await.unwrap();
        assert_eq!((caller.client, caller.tenant), (client.id, client.tenant));
        assert!(caller.scopes.contains(TokenScope::CasesRead) && !caller.scopes.contains(TokenScope::CasesWrite));
    })
    .await;
}

#[tokio::test]
async fn wrong_secret_unknown_client_and_revoked_client_look_the_same() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let (gone, gone_secret) = office.client(&admin, "cases:read").await;
        revoke_client(&office.service, &admin, gone.id).await.unwrap();
        let unknown = Client { id: casemate_model::id::ClientId::fresh(), ..client.clone() };
        for (client, secret) in
            [(&client, &SecretText::from("casemate_cs_guess")), (&unknown, &secret), (&gone, &gone_secret)]
        {
            let answer = issue_token(&office.service, token_request(client, secret, None), &origin()).await;
            assert!(matches!(answer, Err(IssueTokenError::InvalidClient)), "{answer:?}");
        }
        for scope in ["cases:read cases:write", "everything", ""] {
            let answer = issue_token(&office.service, token_request(&client, &secret, Some(scope)), &origin()).await;
            assert!(matches!(answer, Err(IssueTokenError::InvalidScope)), "`{scope}`: {answer:?}");
        }
        let mut slowed = false;
        for _ in 0..6 {
            let request = token_request(&client, &SecretText::from("guess"), None);
            slowed |=
                matches!(issue_token(&office.service, request, &origin()).await, Err(IssueTokenError::SlowDown { .. }));
        }
        assert!(slowed);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_client_is_refused_at_once() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let token = office.token(&client, &secret).await;
        assert!(office.verify(&token).await.is_ok());
        revoke_client(&office.service, &admin, client.id).await.unwrap();
        assert_eq!(fault(&office, token.expose_secret()).await, Some(TokenFault::Revoked));
    })
    .await;
}

#[tokio::test]
async fn a_client_revoked_by_another_process_is_refused_within_a_second() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let (client, secret) = office.client(&admin, "cases:read").await;
    let token = office.token(&client, &secret).await;
    assert!(office.verify(&token).await.is_ok());
    let other = office.again(settings(), office.secrets.clone());
    revoke_client(&other, &admin, client.id).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    assert_eq!(fault(&office, token.expose_secret()).await, Some(TokenFault::Revoked));
}

#[tokio::test]
async fn a_token_ends_and_does_not_begin_early() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let token = office.token(&client, &secret).await;
        office.clock.advance_secs(-6);
        assert_eq!(fault(&office, token.expose_secret()).await, Some(TokenFault::NotYetValid));
        office.clock.advance_secs(1);
        assert_eq!(fault(&office, token.expose_secret()).await, None, "another clock may be a little ahead");
        office.clock.advance_secs(5 + 599);
        assert_eq!(fault(&office, token.expose_secret()).await, None);
        office.clock.advance_secs(1);
        assert_eq!(
            fault(&office, token.expose_secret()).await,
            Some(TokenFault::Expired),
            "also when it was good before"
        );
    })
    .await;
}

#[tokio::test]
async fn keys_rotate_with_an_overlap() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let old = office.token(&client, &secret).await;
        let kid = rotate_keys(&office.service).await.unwrap();
        let new = office.token(&client, &secret).await;
        assert_eq!(part(new.expose_secret(), 0)["kid"], kid);
        assert_ne!(part(old.expose_secret(), 0)["kid"], kid);
        assert!(office.verify(&old).await.is_ok(), "tokens of the old key live on");
        assert_eq!(jwks(&office.service).await.unwrap()["keys"].as_array().unwrap().len(), 2);
        office.clock.advance_secs(700);
        assert_eq!(fault(&office, old.expose_secret()).await, Some(TokenFault::UnknownKey));
        assert_eq!(jwks(&office.service).await.unwrap()["keys"].as_array().unwrap().len(), 1);
        casemate_service::chores::sweep::sweep(&office.service).await.unwrap();
        office.token(&client, &secret).await;
    })
    .await;
}

#[tokio::test]
async fn another_process_knows_the_keys_and_another_seal_key_does_not_open_them() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (client, secret) = office.client(&admin, "cases:read").await;
        let token = office.token(&client, &secret).await;
        let twin = office.again(settings(), office.secrets.clone());
        assert!(verify_token(&twin, &token, &origin()).await.is_ok());
        let request = token_request(&client, &secret, None);
        let other = issue_token(&twin, request, &origin()).await.unwrap();
        assert_eq!(part(other.token.expose_secret(), 0)["kid"], part(token.expose_secret(), 0)["kid"]);

        let stranger = office.again(settings(), Secrets::generate().unwrap());
        let answer = issue_token(&stranger, token_request(&client, &secret, None), &origin()).await;
        assert!(matches!(answer, Err(IssueTokenError::Fault(_))), "{answer:?}");
        let stored = office.store.begin_instance().await.unwrap().signing_keys().await.unwrap();
        let plain = STANDARD.encode(&stored[0].sealed_key);
        assert!(!plain.contains("MII") && stored[0].sealed_key[0] == 1, "what is stored is no key");
    })
    .await;
}

#[tokio::test]
async fn a_token_for_another_instance_is_refused() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let (client, secret) = office.client(&admin, "cases:read").await;
    let elsewhere = ServiceSettings { base_url: "https://elsewhere.example".to_owned(), ..settings() };
    let other = office.again(elsewhere, office.secrets.clone());
    let token = issue_token(&other, token_request(&client, &secret, None), &origin()).await.unwrap().token;
    assert_eq!(fault(&office, token.expose_secret()).await, Some(TokenFault::Issuer));
}

/// A key whose private half the test holds, put among the instance's own by somebody who can write to its database.
async fn plant_key(office: &Office) -> (EncodingKey, Jwk, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    let planted = SigningKey {
        kid: "planted".to_owned(),
        public_key: serde_json::to_vec(&jwk).unwrap(),
        sealed_key: Vec::new(),
        created_at: office.trail_time(),
        verifies_until: None,
    };
    let mut tx = office.store.begin_instance().await.unwrap();
    tx.insert_signing_key(&planted, office.trail_time() + time::Duration::days(1)).await.unwrap();
    tx.commit().await.unwrap();
    (key, jwk, "planted".to_owned())
}

impl Office {
    fn trail_time(&self) -> casemate_model::Timestamp {
        use casemate_service::outside::clock::Clock as _;
        self.clock.now()
    }
}

#[tokio::test]
async fn each_forgery_is_refused_with_its_own_fault_and_logged() {
    let log = Log::listen();
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let (client, secret) = office.client(&admin, "cases:read").await;
    let token = office.token(&client, &secret).await;
    let token = token.expose_secret();
    let (header, claims) = (part(token, 0), part(token, 1));
    let signature = token.rsplit('.').next().unwrap();
    let (key, jwk, kid) = plant_key(&office).await;
    // Rotating ends the planted key's turn to sign; it verifies for a while.
    rotate_keys(&office.service).await.unwrap();

    let with = |value: &Value, name: &str, to: Value| {
        let mut changed = value.clone();
        changed[name] = to;
        changed
    };
    let headed = |name: &str, to: Value| format!("{}.{}.{signature}", write(&with(&header, name, to)), write(&claims));
    // Signed for real, by the planted key.
    let signed = |claims: &Value| {
        let header = Header { typ: Some("at+jwt".to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let claimed = |name: &str, to: Value| signed(&with(&claims, name, to));
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        signed(&claims)
    };
    assert_eq!(
        fault(&office, &signed(&claims)).await,
        None,
        "the planted key is good, so what follows fails for its own reason"
    );

    // HS256 with the public key as secret (CVE-2015-9235), in the forms it is published in.
    let public = serde_json::to_vec(&jwk).unwrap();
    let confused = |secret: &[u8]| {
        let header = Header { typ: Some("at+jwt".to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let modulus = serde_json::to_value(&jwk).unwrap()["n"].as_str().unwrap().to_owned();
    let now = claims["iat"].as_i64().unwrap();
    let elsewhere = json!("https://elsewhere.example");
    let attacks = [
        (
            "alg none, no signature",
            format!("{}.{}.", write(&with(&header, "alg", json!("none"))), write(&claims)),
            TokenFault::Algorithm,
        ),
        ("alg NoNe", headed("alg", json!("NoNe")), TokenFault::Algorithm),
        ("no alg", headed("alg", Value::Null), TokenFault::Algorithm),
        ("HS256 with the public key", confused(&public), TokenFault::Algorithm),
        ("HS256 with the modulus", confused(modulus.as_bytes()), TokenFault::Algorithm),
        ("PS256", headed("alg", json!("PS256")), TokenFault::Algorithm),
        ("unknown kid", headed("kid", json!("another")), TokenFault::UnknownKey),
        ("kid as a path", headed("kid", json!("../../dev/null")), TokenFault::UnknownKey),
        ("kid as SQL", headed("kid", json!("' UNION SELECT 'x' --")), TokenFault::UnknownKey),
        ("no kid", headed("kid", Value::Null), TokenFault::UnknownKey),
        ("another key's kid", headed("kid", json!(kid)), TokenFault::Signature),
        ("typ JWT", headed("typ", json!("JWT")), TokenFault::Type),
        ("typ of an id token", headed("typ", json!("id+jwt")), TokenFault::Type),
        ("no typ", headed("typ", Value::Null), TokenFault::Type),
        ("jku", headed("jku", json!("https://evil.example/jwks.json")), TokenFault::Header),
        ("jwk", headed("jwk", serde_json::to_value(&jwk).unwrap()), TokenFault::Header),
        ("x5u", headed("x5u", json!("https://evil.example/cert.pem")), TokenFault::Header),
        ("x5c", headed("x5c", json!(["MIIB"])), TokenFault::Header),
        ("crit", headed("crit", json!(["exp"])), TokenFault::Header),
        ("b64", headed("b64", json!(false)), TokenFault::Header),
        (
            "changed payload",
            format!("{}.{}.{signature}", write(&header), write(&with(&claims, "scope", json!("cases:write")))),
            TokenFault::Signature,
        ),
        (
            "changed header",
            format!("{}.{}.{signature}", write(&with(&header, "x", json!(1))), write(&claims)),
            TokenFault::Signature,
        ),
        ("no signature", format!("{}.{}.", write(&header), write(&claims)), TokenFault::Signature),
        ("signature of something else", format!("{token}AAAA"), TokenFault::Signature),
        ("cut in the middle", token[..token.len() / 2].to_owned(), TokenFault::Malformed),
        ("cut before the end", token[..token.len() - 8].to_owned(), TokenFault::Signature),
        ("two parts", format!("{}.{}", write(&header), write(&claims)), TokenFault::Malformed),
        ("four parts", format!("{token}.x"), TokenFault::Malformed),
        ("five parts, as encrypted", "a.b.c.d.e".to_owned(), TokenFault::Malformed),
        ("nothing", String::new(), TokenFault::Malformed),
        ("no JSON", format!("{}.x.x", URL_SAFE_NO_PAD.encode("x")), TokenFault::Malformed),
        ("very long", format!("{token}{}", "A".repeat(9_000)), TokenFault::Malformed),
        ("other issuer", claimed("iss", elsewhere.clone()), TokenFault::Issuer),
        ("other audience", claimed("aud", elsewhere.clone()), TokenFault::Audience),
        ("many audiences", claimed("aud", json!([BASE_URL, "https://elsewhere.example"])), TokenFault::Claims),
        ("no issuer", without("iss"), TokenFault::Claims),
        ("no audience", without("aud"), TokenFault::Claims),
        ("expired", claimed("exp", json!(now)), TokenFault::Expired),
        ("no expiry", without("exp"), TokenFault::Claims),
        ("expiry as text", claimed("exp", json!("9999999999")), TokenFault::Claims),
        ("not before later", claimed("nbf", json!(now + 60)), TokenFault::NotYetValid),
        ("issued later", claimed("iat", json!(now + 60)), TokenFault::NotYetValid),
        ("another subject", claimed("sub", json!("admin")), TokenFault::Claims),
        (
            "another tenant",
            claimed("tenant", json!(casemate_model::id::TenantId::fresh().to_string())),
            TokenFault::Claims,
        ),
        (
            "unknown client",
            claimed("client_id", json!(casemate_model::id::ClientId::fresh().to_string())),
            TokenFault::Claims,
        ),
        ("unknown scope", claimed("scope", json!("everything")), TokenFault::Claims),
    ];
    for (name, forgery, expected) in attacks {
        assert_eq!(fault(&office, &forgery).await, Some(expected), "{name}");
        let lines = log.text();
        let last = lines.lines().last().unwrap();
        assert!(
            last.contains("authn_token_fail") && last.contains(&format!("\"reason\":\"{expected}\"")),
            "{name}: {last}"
        );
        assert!(forgery.len() < 8 || !last.contains(&forgery), "{name} is not itself in the log");
    }

    // More scope than the client has is not more.
    let caller = office.verify(&SecretText::from(claimed("scope", json!("cases:read audit:read")))).await.unwrap();
    assert_eq!(caller.scopes, TokenScopes::new([TokenScope::CasesRead]));
}
