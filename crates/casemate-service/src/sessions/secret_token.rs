//! Random secrets that are given away once and stored as hashes.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_store::SecretHash;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{Fault, SecretText};

/// 256 random bits as text, after a prefix that secret scanners know.
pub(crate) fn new_token(prefix: &str) -> Result<SecretText, Fault> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(&mut bytes[..]).map_err(|_| Fault::new("the system gives no random numbers"))?;
    Ok(SecretText::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(&bytes[..]))))
}

/// What is stored instead of a token. Fast and unsalted on purpose: nobody guesses 256 random bits.
pub(crate) fn hash_of(token: &SecretText) -> SecretHash {
    tagged("casemate/token/v1", token)
}

/// What forms of a session must carry. SECURITY: not computable from the hash in the database.
pub(crate) fn csrf_of(token: &SecretText) -> String {
    URL_SAFE_NO_PAD.encode(tagged("casemate/csrf/v1", token))
}

fn tagged(tag: &str, token: &SecretText) -> SecretHash {
    let mut sha = Sha256::new();
    sha.update(tag);
    sha.update([0]);
    sha.update(token.expose_secret());
    sha.finalize().into()
}
