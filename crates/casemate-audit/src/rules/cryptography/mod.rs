//! Keys, ciphers and hashes.

pub(crate) mod broken_cipher;
pub(crate) mod custom_crypto;
pub(crate) mod deprecated_crypto_library;
pub(crate) mod ecb_mode;
pub(crate) mod hardcoded_crypto_key;
pub(crate) mod insecure_random;
pub(crate) mod password_as_key;
pub(crate) mod predictable_seed;
pub(crate) mod secrecy;
pub(crate) mod secret_prefix_mac;
pub(crate) mod short_token;
pub(crate) mod signature_result_ignored;
pub(crate) mod static_iv_or_nonce;
pub(crate) mod unauthenticated_encryption;
pub(crate) mod uuid1_as_secret;
pub(crate) mod weak_hash;
pub(crate) mod weak_key_size;
pub(crate) mod weak_padding;

use super::{Check, Entry};

pub(crate) use secrecy::{Generator, Purpose, bindings, made_of};

pub(crate) const ENTRIES: &[Entry] = &[
    (&weak_hash::RULE, &[Check::Module(weak_hash::check)]),
    (&broken_cipher::RULE, &[Check::Module(broken_cipher::check)]),
    (&ecb_mode::RULE, &[Check::Module(ecb_mode::check)]),
    (&unauthenticated_encryption::RULE, &[Check::Module(unauthenticated_encryption::check)]),
    (&static_iv_or_nonce::RULE, &[Check::Module(static_iv_or_nonce::check)]),
    (&hardcoded_crypto_key::RULE, &[Check::Module(hardcoded_crypto_key::check)]),
    (&weak_key_size::RULE, &[Check::Module(weak_key_size::check)]),
    (&weak_padding::RULE, &[Check::Module(weak_padding::check)]),
    (&insecure_random::RULE, &[Check::Module(insecure_random::check)]),
    (&predictable_seed::RULE, &[Check::Module(predictable_seed::check)]),
    (&uuid1_as_secret::RULE, &[Check::Module(uuid1_as_secret::check)]),
    (&short_token::RULE, &[Check::Module(short_token::check)]),
    (&custom_crypto::RULE, &[Check::Module(custom_crypto::check)]),
    (&deprecated_crypto_library::RULE, &[Check::Module(deprecated_crypto_library::check)]),
    (&signature_result_ignored::RULE, &[Check::Module(signature_result_ignored::check)]),
    (&password_as_key::RULE, &[Check::Taint(&password_as_key::TAINT), Check::Taint(&password_as_key::DIGEST)]),
    (&secret_prefix_mac::RULE, &[Check::Module(secret_prefix_mac::check)]),
];
