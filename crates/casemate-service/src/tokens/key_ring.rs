//! The keys at hand: the public halves as the store had them a second ago or later, and tokens they have vouched for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use casemate_model::Timestamp;
use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_store::{SecretHash, SigningKey};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use time::Duration;
use zeroize::Zeroizing;

use super::client_cache::FRESH;
use super::verify_token::Claims;
use crate::secrets::SecretKey;
use crate::{Fault, Service};

/// How much longer than its last token lives an old key verifies: other processes go on signing with it for a second.
const OVERLAP: Duration = Duration::minutes(1);
/// Most tokens remembered.
const MOST: usize = 10_000;

/// A key that verifies.
pub(crate) struct VerifyingKey {
    pub(crate) key: DecodingKey,
    pub(crate) jwk: Jwk,
    verifies_until: Option<Timestamp>,
}

impl VerifyingKey {
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.verifies_until.is_none_or(|until| until > now)
    }
}

struct Loaded {
    at: Instant,
    /// By name, the oldest first.
    keys: Vec<(String, Arc<VerifyingKey>)>,
    /// The one that signs.
    signing: Option<SigningKey>,
}

#[derive(Default)]
pub(crate) struct KeyRing {
    loaded: RwLock<Option<Arc<Loaded>>>,
    making: tokio::sync::Mutex<()>,
    verified: Mutex<HashMap<SecretHash, Arc<Claims>>>,
}

/// A private key, ready to sign.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pub(crate) key: EncodingKey,
}

impl KeyRing {
    async fn load(&self, service: &Service) -> Result<Arc<Loaded>, Fault> {
        let known = self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = &known
            && known.at.elapsed() < FRESH
        {
            return Ok(known.clone());
        }
        let at = Instant::now();
        let stored = service.store().begin_reading_instance().await?.signing_keys().await?;
        let mut keys = Vec::with_capacity(stored.len());
        for key in &stored {
            let jwk: Jwk = serde_json::from_slice(&key.public_key).map_err(|error| broken(&error))?;
            let decoding = DecodingKey::from_jwk(&jwk).map_err(|error| broken(&error))?;
            let verifying = VerifyingKey { key: decoding, jwk, verifies_until: key.verifies_until };
            keys.push((key.kid.clone(), Arc::new(verifying)));
        }
        let signing = stored.into_iter().rev().find(|key| key.verifies_until.is_none());
        let loaded = Arc::new(Loaded { at, keys, signing });
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(loaded.clone());
        Ok(loaded)
    }

    /// The key with this name, if it still verifies.
    pub(crate) async fn verifying(&self, service: &Service, kid: &str) -> Result<Option<Arc<VerifyingKey>>, Fault> {
        let now = service.now();
        let loaded = self.load(service).await?;
        let key = loaded.keys.iter().find(|(name, _)| name == kid).map(|(_, key)| key.clone());
        Ok(key.filter(|key| key.holds(now)))
    }

    /// All keys that verify; the first is made when there is none.
    pub(crate) async fn all(&self, service: &Service) -> Result<Vec<Arc<VerifyingKey>>, Fault> {
        self.signer(service).await?;
        let now = service.now();
        let loaded = self.load(service).await?;
        Ok(loaded.keys.iter().map(|(_, key)| key.clone()).filter(|key| key.holds(now)).collect())
    }

    /// The key that signs; it is made when there is none.
    pub(crate) async fn signer(&self, service: &Service) -> Result<Signer, Fault> {
        if let Some(key) = &self.load(service).await?.signing {
            return unseal(service, key);
        }
        let _turn = self.making.lock().await;
        if let Some(key) = &self.load(service).await?.signing {
            return unseal(service, key);
        }
        self.make(service).await?;
        match &self.load(service).await?.signing {
            Some(key) => unseal(service, key),
            None => Err(Fault::new("a key that was made a moment ago is gone")),
        }
    }

    /// Makes a key that signs from now on. Returns its name.
    pub(crate) async fn make(&self, service: &Service) -> Result<String, Fault> {
        let key = tokio::task::spawn_blocking(generate).await.map_err(|error| broken(&error))??;
        let now = service.now();
        let stored = SigningKey {
            sealed_key: seal(service.secrets().seal_key(), &key.kid, &key.pkcs8)?,
            kid: key.kid,
            public_key: serde_json::to_vec(&key.jwk).map_err(|error| broken(&error))?,
            created_at: now,
            verifies_until: None,
        };
        let others_until = now + Duration::seconds(service.settings().access_token_secs) + OVERLAP;
        let mut tx = service.store().begin_instance().await?;
        tx.insert_signing_key(&stored, others_until).await?;
        let object = format!("signing-key:{}", stored.kid);
        tx.append_event(service.event_by(Actor::System, Chain::Instance, None, "signing_key_create", object.as_str()))
            .await?;
        tx.commit().await?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = None;
        tracing::info!(target: "security", event = "signing_key_created", object, outcome = "success");
        Ok(stored.kid)
    }

    /// What a token said when its signature was checked. Everything else about it is checked every time.
    pub(crate) fn vouched(&self, token: &SecretHash) -> Option<Arc<Claims>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Remembers a token whose signature holds.
    pub(crate) fn vouch(&self, token: SecretHash, claims: Arc<Claims>) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= MOST {
            verified.clear();
        }
        verified.insert(token, claims);
    }
}

struct Made {
    kid: String,
    jwk: Jwk,
    pkcs8: Zeroizing<Vec<u8>>,
}

fn generate() -> Result<Made, Fault> {
    let pair = KeyPair::generate(KeySize::Rsa3072).map_err(|error| broken(&error))?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|error| broken(&error))?;
    let pkcs8 = Zeroizing::new(der.as_ref().to_vec());
    let mut jwk = Jwk::from_encoding_key(&encoding(&pkcs8)?, Algorithm::RS256).map_err(|error| broken(&error))?;
    // The name is the key's own digest (RFC 7638).
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|error| broken(&error))?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(Made { kid, jwk, pkcs8 })
}

fn encoding(pkcs8: &[u8]) -> Result<EncodingKey, Fault> {
    let body = Zeroizing::new(STANDARD.encode(pkcs8));
    let mut pem = Zeroizing::new(String::with_capacity(body.len() + 200));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|error| broken(&error))
}

/// Which form of sealing this is, so that another can follow.
const FORM: u8 = 1;

/// SECURITY: sealed with the key's name beside it: no other sealed key can be put in its place.
fn seal(key: &SecretKey, kid: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let sealing = RandomizedNonceKey::new(&AES_256_GCM, key.bytes()).map_err(|error| broken(&error))?;
    let mut text = Zeroizing::new(Vec::with_capacity(plain.len() + 16));
    text.extend_from_slice(plain);
    let nonce = sealing.seal_in_place_append_tag(aad(kid), &mut *text).map_err(|error| broken(&error))?;
    Ok([&[FORM][..], &nonce.as_ref()[..], &text[..]].concat())
}

fn unseal(service: &Service, key: &SigningKey) -> Result<Signer, Fault> {
    const WHY: &str = "the signing key cannot be unsealed; is this the key file it was made with?";
    let [FORM, rest @ ..] = &key.sealed_key[..] else { return Err(Fault::new(WHY)) };
    let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(|| Fault::new(WHY))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|error| broken(&error))?;
    let opening =
        RandomizedNonceKey::new(&AES_256_GCM, service.secrets().seal_key().bytes()).map_err(|error| broken(&error))?;
    let mut text = Zeroizing::new(text.to_vec());
    let plain = opening.open_in_place(nonce, aad(&key.kid), &mut text).map_err(|_| Fault::new(WHY))?;
    Ok(Signer { kid: key.kid.clone(), key: encoding(plain)? })
}

fn aad(kid: &str) -> Aad<Vec<u8>> {
    Aad::from([b"casemate/signing-key/v1\0", kid.as_bytes()].concat())
}

fn broken(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(format!("signing keys: {error}"))
}
