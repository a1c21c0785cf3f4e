//! What belongs to no single provider: private keys, signed tokens, connection strings.

use crate::leak::LeakKind;
use crate::tokens::detector::Detector;
use crate::tokens::{connection, jwt, private_key, proof};

const NEW_PAIR: &str = "Make a new pair, and take the old public key or certificate out of every place that trusts it.";
const NEW_PASSWORD: &str = "Change the password at the server, and look there for sign-ins that are not yours.";

pub(super) const ALL: &[Detector] = &[
    Detector::code("pem-private-key", "any", "private key in PEM form", NEW_PAIR, private_key::pem)
        .at(&["-----BEGIN ", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY"])
        .kind(LeakKind::PrivateKey),
    Detector::code(
        "gcp-service-account-key",
        "Google",
        "private key of a Google Cloud service account",
        "https://console.cloud.google.com/iam-admin/serviceaccounts",
        private_key::told_by_pem,
    )
    .kind(LeakKind::PrivateKey),
    Detector::code("putty-private-key", "any", "private key in PuTTY form", NEW_PAIR, private_key::putty)
        .at(&["PuTTY-User-Key-File-"])
        .kind(LeakKind::PrivateKey),
    Detector::code("jwk-private-key", "any", "private key in JWK form", NEW_PAIR, private_key::jwk)
        .at(&["\"kty\"", "'kty'"])
        .kind(LeakKind::PrivateKey),
    Detector::code("base64-private-key", "any", "private key in PEM form, encoded in Base64 once more", NEW_PAIR, private_key::base64_pem)
        .at(&["LS0tLS1CRUdJTi"])
        .kind(LeakKind::PrivateKey),
    Detector::starts("age-private-key", "age", "age private key", NEW_PAIR, "AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")
        .at(&["AGE-SECRET-KEY-1"])
        .kind(LeakKind::PrivateKey)
        .check(proof::bech32),
    Detector::starts(
        "wireguard-private-key",
        "WireGuard",
        "WireGuard private or preshared key",
        NEW_PAIR,
        r#"(?i:PrivateKey|PresharedKey|Private_Key|wg_key)["']?\s{0,3}[=:]\s{0,3}["']?([0-9A-Za-z+/]{43}=)"#,
    )
    .at(&["PrivateKey", "PresharedKey", "privateKey", "private_key", "WG_KEY", "PRIVATE_KEY"])
    .kind(LeakKind::PrivateKey)
    .check(proof::clamped_25519),
    Detector::code(
        "json-web-token",
        "any",
        "JSON Web Token",
        "End its session where it was given out, or change the key it is signed with; by itself it is valid until it expires.",
        jwt::find,
    )
    .at(&["eyJ", "ewog"]),
    Detector::code(
        "supabase-service-key",
        "Supabase",
        "Supabase service role key",
        "https://supabase.com/dashboard/project/_/settings/api-keys",
        jwt::told_by_claims,
    ),
    Detector::code(
        "kubernetes-service-account-token",
        "Kubernetes",
        "Kubernetes service account token",
        "Delete the secret that holds it, or the service account: kubectl delete secret NAME.",
        jwt::told_by_claims,
    ),
    Detector::code("url-credentials", "any", "password in a URL", NEW_PASSWORD, connection::url)
        .at(&["://"])
        .kind(LeakKind::ConnectionString),
    Detector::code("url-parameter", "any", "secret in the parameters of a URL", NEW_PASSWORD, connection::query)
        .at(&["://"])
        .kind(LeakKind::ConnectionString),
    Detector::code("connection-string-password", "any", "password in a connection string", NEW_PASSWORD, connection::pairs)
        .at(&["password=", "pwd=", "password =", "pwd ="])
        .kind(LeakKind::ConnectionString),
    Detector::code("jdbc-oracle-credentials", "Oracle", "password in a connection string", NEW_PASSWORD, connection::oracle)
        .at(&["jdbc:oracle:"])
        .kind(LeakKind::ConnectionString),
    Detector::code("basic-authorization", "any", "user and password in a Basic authorization header", NEW_PASSWORD, connection::basic)
        .at(&["Basic "])
        .kind(LeakKind::ConnectionString),
    Detector::code("docker-registry-auth", "any", "user and password of a container registry", NEW_PASSWORD, connection::docker)
        .at(&["\"auth\""])
        .kind(LeakKind::ConnectionString),
    Detector::code("netrc-password", "any", "password in a netrc line", NEW_PASSWORD, connection::netrc)
        .at(&["machine "])
        .kind(LeakKind::ConnectionString),
];
