//! Mail and marketing.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "sendgrid-key",
        "SendGrid",
        "SendGrid API key",
        "https://app.sendgrid.com/settings/api_keys",
        r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
    )
    .at(&["SG."])
    .asked(Verify::bearer("https://api.sendgrid.com/v3/scopes")),
    Detector::starts(
        "mailgun-key",
        "Mailgun",
        "Mailgun API key",
        "https://app.mailgun.com/settings/api_security",
        r"key-[0-9a-f]{32}",
    )
    .at(&["key-"])
    .asked(Verify::get("https://api.mailgun.net/v3/domains?limit=1", &[("Authorization", "Basic {basic:api}")])),
    Detector::near(
        "mailgun-new-key",
        "Mailgun",
        "Mailgun API key",
        "https://app.mailgun.com/settings/api_security",
        r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}",
        &[""],
    )
    .at(&["mailgun"])
    .asked(Verify::get("https://api.mailgun.net/v3/domains?limit=1", &[("Authorization", "Basic {basic:api}")])),
    Detector::holds(
        "mailchimp-key",
        "Mailchimp",
        "Mailchimp API key",
        "https://admin.mailchimp.com/account/api/",
        r"[0-9a-f]{32}-us[0-9]{1,2}",
    )
    .at(&["-us"]),
    Detector::starts(
        "mandrill-key",
        "Mailchimp",
        "Mailchimp Transactional (Mandrill) API key",
        "https://mandrillapp.com/settings",
        r"md-[0-9A-Za-z_-]{22}",
    )
    .at(&["md-"])
    .check(proof::three_classes),
    Detector::starts(
        "brevo-key",
        "Brevo",
        "Brevo API key",
        "https://app.brevo.com/settings/keys/api",
        r"xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}",
    )
    .at(&["xkeysib-"])
    .asked(Verify::get("https://api.brevo.com/v3/account", &[("api-key", "{token}")])),
    Detector::starts(
        "brevo-smtp-key",
        "Brevo",
        "Brevo SMTP key",
        "https://app.brevo.com/settings/keys/smtp",
        r"xsmtpsib-[0-9a-f]{64}-[0-9A-Za-z]{16}",
    )
    .at(&["xsmtpsib-"]),
    Detector::near(
        "postmark-token",
        "Postmark",
        "Postmark server or account token",
        "https://account.postmarkapp.com/",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["token", "key"],
    )
    .at(&["postmark"])
    .asked(Verify::get(
        "https://api.postmarkapp.com/server",
        &[("X-Postmark-Server-Token", "{token}"), ("Accept", "application/json")],
    )),
    Detector::starts(
        "resend-key",
        "Resend",
        "Resend API key",
        "https://resend.com/api-keys",
        r"re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}",
    )
    .at(&["re_"])
    .asked(Verify::bearer("https://api.resend.com/domains")),
    Detector::near(
        "mailjet-secret",
        "Mailjet",
        "Mailjet secret key",
        "https://app.mailjet.com/account/apikeys",
        r"[0-9a-f]{32}",
        &["secret", "private"],
    )
    .at(&["mailjet", "mj_apikey"]),
    Detector::near(
        "sparkpost-key",
        "SparkPost",
        "SparkPost API key",
        "https://app.sparkpost.com/account/api-keys",
        r"[0-9a-f]{40}",
        &["key"],
    )
    .at(&["sparkpost"]),
    Detector::near(
        "klaviyo-key",
        "Klaviyo",
        "Klaviyo private API key",
        "https://www.klaviyo.com/settings/account/api-keys",
        r"pk_[0-9a-f]{34}",
        &[""],
    )
    .at(&["klaviyo"]),
    Detector::starts(
        "mailersend-key",
        "MailerSend",
        "MailerSend API token",
        "https://app.mailersend.com/api-tokens",
        r"mlsn\.[0-9a-f]{64}",
    )
    .at(&["mlsn."]),
    Detector::near(
        "customerio-key",
        "Customer.io",
        "Customer.io API key",
        "https://fly.customer.io/settings/api_credentials",
        r"[0-9a-f]{20,32}",
        &["key"],
    )
    .at(&["customerio", "customer_io", "customer.io"]),
    Detector::near(
        "braze-key",
        "Braze",
        "Braze REST API key",
        "https://dashboard.braze.com/app_settings/developer_console",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["braze"]),
    Detector::near(
        "iterable-key",
        "Iterable",
        "Iterable API key",
        "https://app.iterable.com/settings/apiKeys",
        r"[0-9a-f]{32}",
        &["key"],
    )
    .at(&["iterable_api"]),
    Detector::starts(
        "hubspot-token",
        "HubSpot",
        "HubSpot private app token",
        "https://app.hubspot.com/private-apps",
        r"pat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["pat-na", "pat-eu", "pat-ap"])
    .asked(Verify::bearer("https://api.hubapi.com/account-info/v3/details")),
    Detector::near(
        "hubspot-key",
        "HubSpot",
        "HubSpot API key",
        "https://app.hubspot.com/",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["hubspot", "hapikey"]),
    Detector::starts(
        "intercom-token",
        "Intercom",
        "Intercom access token",
        "https://app.intercom.com/a/apps/_/developer-hub",
        r"dG9rO[0-9A-Za-z+/]{50,90}={0,2}",
    )
    .at(&["dG9rO"])
    .check(proof::intercom)
    .asked(Verify::bearer("https://api.intercom.io/me")),
    Detector::near(
        "zendesk-token",
        "Zendesk",
        "Zendesk API token",
        "https://support.zendesk.com/hc/articles/4408889192858",
        r"[0-9A-Za-z]{40}",
        &["token", "key", "secret"],
    )
    .at(&["zendesk"])
    .check(proof::three_classes),
    Detector::near(
        "freshdesk-key",
        "Freshworks",
        "Freshdesk API key",
        "https://support.freshdesk.com/",
        r"[0-9A-Za-z]{18,22}",
        &["key", "token"],
    )
    .at(&["freshdesk", "freshservice"])
    .check(proof::three_classes),
];
