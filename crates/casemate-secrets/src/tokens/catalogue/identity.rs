//! Identity and secret stores.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::near(
        "okta-token",
        "Okta",
        "Okta API token",
        "https://help.okta.com/en-us/content/topics/security/api.htm",
        r"00[0-9A-Za-z_-]{40}",
        &["token", "key"],
    )
    .at(&["okta"])
    .check(proof::three_classes),
    Detector::near(
        "okta-client-secret",
        "Okta",
        "Okta client secret",
        "https://help.okta.com/",
        r"[0-9A-Za-z_-]{40}",
        &["client_secret", "clientsecret"],
    )
    .at(&["okta"])
    .check(proof::three_classes),
    Detector::near(
        "auth0-secret",
        "Okta",
        "Auth0 client secret",
        "https://manage.auth0.com/",
        r"[0-9A-Za-z_-]{64}",
        &["secret"],
    )
    .at(&["auth0"])
    .check(proof::three_classes),
    Detector::starts(
        "clerk-key",
        "Clerk",
        "Clerk secret key",
        "https://dashboard.clerk.com/",
        r"sk_(?:live|test)_[0-9A-Za-z]{42,50}",
    )
    .at(&["sk_live_", "sk_test_"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.clerk.com/v1/users/count")),
    Detector::starts(
        "workos-key",
        "WorkOS",
        "WorkOS API key",
        "https://dashboard.workos.com/api-keys",
        r"sk_(?:live_|test_)?a2V5X[0-9A-Za-z]{50,90}",
    )
    .at(&["sk_"]),
    Detector::starts(
        "stytch-secret",
        "Stytch",
        "Stytch secret",
        "https://stytch.com/dashboard/api-keys",
        r"secret-(?:live|test)-[0-9A-Za-z_-]{32,48}=?",
    )
    .at(&["secret-live-", "secret-test-"]),
    Detector::starts(
        "ory-token",
        "Ory",
        "Ory API key",
        "https://console.ory.sh/",
        r"ory_(?:pat|wak)_[0-9A-Za-z]{32,40}",
    )
    .at(&["ory_pat_", "ory_wak_"]),
    Detector::starts(
        "one-password-service-token",
        "1Password",
        "1Password service account token",
        "https://developer.1password.com/docs/service-accounts/manage-service-accounts",
        r"ops_eyJ[0-9A-Za-z+/_-]{200,2000}={0,3}",
    )
    .at(&["ops_eyJ"])
    .check(proof::one_password),
    Detector::starts(
        "one-password-secret-key",
        "1Password",
        "1Password secret key",
        "https://support.1password.com/secret-key-security/",
        r"A3-[0-9A-Z]{6}-(?:[0-9A-Z]{11}|[0-9A-Z]{6}-[0-9A-Z]{5})-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}",
    )
    .at(&["A3-"]),
    Detector::near(
        "duo-secret",
        "Cisco",
        "Duo secret key",
        "https://admin.duosecurity.com/",
        r"[0-9A-Za-z]{40}",
        &["skey", "secret", "akey"],
    )
    .at(&["duo_", "duosecurity", "duo.com"])
    .check(proof::three_classes),
    Detector::near(
        "bitwarden-secret",
        "Bitwarden",
        "Bitwarden API client secret",
        "https://vault.bitwarden.com/#/settings/security/security-keys",
        r"[0-9A-Za-z]{30}",
        &["secret"],
    )
    .at(&["bitwarden", "bw_client"])
    .check(proof::three_classes),
    Detector::near(
        "bitwarden-machine-token",
        "Bitwarden",
        "Bitwarden Secrets Manager access token",
        "https://bitwarden.com/help/access-tokens/",
        r"0\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9A-Za-z]{30}:[0-9A-Za-z+/]{22}==",
        &[""],
    )
    .at(&["bws_", "bitwarden"]),
    Detector::near(
        "jumpcloud-key",
        "JumpCloud",
        "JumpCloud API key",
        "https://console.jumpcloud.com/",
        r"(?:jca_[0-9A-Za-z]{36}|[0-9a-f]{40})",
        &["key"],
    )
    .at(&["jumpcloud"]),
    Detector::near(
        "onelogin-secret",
        "OneLogin",
        "OneLogin client secret",
        "https://developers.onelogin.com/api-docs/2/getting-started/working-with-api-credentials",
        r"[0-9a-f]{64}",
        &["secret"],
    )
    .at(&["onelogin"]),
    Detector::near(
        "recaptcha-secret",
        "Google",
        "reCAPTCHA secret key",
        "https://www.google.com/recaptcha/admin",
        r"6L[0-9A-Za-z_-]{38}",
        &["secret", "private"],
    )
    .at(&["recaptcha"])
    .check(proof::three_classes),
    Detector::near(
        "hcaptcha-secret",
        "hCaptcha",
        "hCaptcha secret",
        "https://dashboard.hcaptcha.com/settings",
        r"(?:ES_[0-9a-f]{32}|0x[0-9a-fA-F]{40})",
        &[""],
    )
    .at(&["hcaptcha"]),
    Detector::near(
        "turnstile-secret",
        "Cloudflare",
        "Cloudflare Turnstile secret",
        "https://dash.cloudflare.com/?to=/:account/turnstile",
        r"0x4AAAAAAA[0-9A-Za-z_-]{22,28}",
        &["secret"],
    )
    .at(&["turnstile"]),
];
