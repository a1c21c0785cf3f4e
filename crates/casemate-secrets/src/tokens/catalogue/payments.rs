//! Payments and banking.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "stripe-secret-key",
        "Stripe",
        "Stripe live secret key",
        "https://dashboard.stripe.com/apikeys",
        r"sk_live_(?:5[0-9A-Za-z]{70,120}|[0-9A-Za-z]{24,34})",
    )
    .at(&["sk_live_"])
    .asked(Verify::get("https://api.stripe.com/v1/balance", &[("Authorization", "Bearer {token}")])),
    Detector::starts(
        "stripe-restricted-key",
        "Stripe",
        "Stripe live restricted key",
        "https://dashboard.stripe.com/apikeys",
        r"rk_live_(?:5[0-9A-Za-z]{70,120}|[0-9A-Za-z]{24,34})",
    )
    .at(&["rk_live_"])
    .asked(Verify::get("https://api.stripe.com/v1/balance", &[("Authorization", "Bearer {token}")])),
    Detector::starts(
        "stripe-test-key",
        "Stripe",
        "Stripe test mode secret key",
        "https://dashboard.stripe.com/test/apikeys",
        r"[sr]k_test_(?:5[0-9A-Za-z]{70,120}|[0-9A-Za-z]{24,34})",
    )
    .at(&["sk_test_", "rk_test_"])
    .asked(Verify::get("https://api.stripe.com/v1/balance", &[("Authorization", "Bearer {token}")])),
    Detector::starts(
        "stripe-organisation-key",
        "Stripe",
        "Stripe organisation key",
        "https://dashboard.stripe.com/",
        r"sk_org_(?:live_|test_)?[0-9A-Za-z]{24,120}",
    )
    .at(&["sk_org_"]),
    Detector::starts(
        "stripe-webhook-secret",
        "Stripe",
        "webhook signing secret of Stripe or Svix",
        "https://dashboard.stripe.com/webhooks",
        r"whsec_[0-9A-Za-z+/]{32,64}={0,2}",
    )
    .at(&["whsec_"]),
    Detector::starts(
        "paystack-key",
        "Paystack",
        "Paystack secret key",
        "https://dashboard.paystack.com/#/settings/developers",
        r"sk_(?:live|test)_[0-9a-f]{40}",
    )
    .at(&["sk_live_", "sk_test_"])
    .asked(Verify::bearer("https://api.paystack.co/balance")),
    Detector::starts(
        "square-access-token",
        "Square",
        "Square access token",
        "https://developer.squareup.com/apps",
        r"sq0atp-[0-9A-Za-z_-]{22}",
    )
    .at(&["sq0atp-"])
    .asked(Verify::bearer("https://connect.squareup.com/v2/merchants")),
    Detector::starts(
        "square-oauth-secret",
        "Square",
        "Square OAuth secret",
        "https://developer.squareup.com/apps",
        r"sq0csp-[0-9A-Za-z_-]{43}",
    )
    .at(&["sq0csp-"]),
    Detector::starts(
        "square-new-token",
        "Square",
        "Square access token",
        "https://developer.squareup.com/apps",
        r"EAAA[l-m][0-9A-Za-z_-]{59}",
    )
    .at(&["EAAA"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://connect.squareup.com/v2/merchants")),
    Detector::near(
        "paypal-client-secret",
        "PayPal",
        "PayPal client secret",
        "https://developer.paypal.com/dashboard/applications/",
        r"E[0-9A-Za-z_-]{79}",
        &["secret"],
    )
    .at(&["paypal"])
    .check(proof::three_classes),
    Detector::starts(
        "braintree-token",
        "PayPal",
        "Braintree access token",
        "https://www.braintreegateway.com/",
        r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
    )
    .at(&["access_token$"]),
    Detector::starts(
        "adyen-key",
        "Adyen",
        "Adyen API key",
        "https://docs.adyen.com/development-resources/api-credentials/",
        r#"AQE[0-9A-Za-z+/*.]{80,250}[-.][0-9A-Za-z+/*.=]{20,80}-[^\s"'`<>]{10,30}"#,
    )
    .at(&["AQE"])
    .check(proof::three_classes),
    Detector::starts(
        "razorpay-key-id",
        "Razorpay",
        "Razorpay live key id",
        "https://dashboard.razorpay.com/app/keys",
        r"rzp_live_[0-9A-Za-z]{14}",
    )
    .at(&["rzp_live_"]),
    Detector::near(
        "razorpay-secret",
        "Razorpay",
        "Razorpay key secret",
        "https://dashboard.razorpay.com/app/keys",
        r"[0-9A-Za-z]{24}",
        &["secret"],
    )
    .at(&["razorpay", "rzp_live_", "rzp_test_"])
    .check(proof::three_classes),
    Detector::near(
        "plaid-secret",
        "Plaid",
        "Plaid secret",
        "https://dashboard.plaid.com/developers/keys",
        r"[0-9a-f]{30}",
        &["secret"],
    )
    .at(&["plaid"]),
    Detector::starts(
        "plaid-access-token",
        "Plaid",
        "Plaid access token",
        "https://plaid.com/docs/api/items/#itemremove",
        r"access-(?:production|sandbox|development)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["access-production-", "access-sandbox-", "access-development-"]),
    Detector::starts(
        "flutterwave-key",
        "Flutterwave",
        "Flutterwave secret key",
        "https://app.flutterwave.com/dashboard/settings/apis",
        r"FLWSECK(?:_TEST)?-[0-9A-Za-z]{32,44}-X",
    )
    .at(&["FLWSECK"]),
    Detector::starts(
        "gocardless-token",
        "GoCardless",
        "GoCardless access token",
        "https://manage.gocardless.com/developers",
        r"(?:live|sandbox)_[0-9A-Za-z_-]{40}",
    )
    .at(&["live_", "sandbox_"])
    .check(proof::three_classes),
    Detector::near(
        "mollie-key",
        "Mollie",
        "Mollie API key",
        "https://my.mollie.com/dashboard/developers/api-keys",
        r"(?:live|test)_[0-9A-Za-z]{30}",
        &["key", "token"],
    )
    .at(&["mollie"]),
    Detector::near(
        "coinbase-secret",
        "Coinbase",
        "Coinbase API secret",
        "https://portal.cdp.coinbase.com/access/api",
        r"[0-9A-Za-z+/]{86}==",
        &["secret", "key"],
    )
    .at(&["coinbase"]),
    Detector::near(
        "lob-key",
        "Lob",
        "Lob API key",
        "https://dashboard.lob.com/settings/api-keys",
        r"(?:live|test)_[0-9a-f]{35}",
        &["key"],
    )
    .at(&["lob_api", "lob_key"]),
    Detector::starts(
        "klarna-key",
        "Klarna",
        "Klarna API key",
        "https://portal.klarna.com/",
        r"klarna_live_api_[0-9A-Za-z*()!?#/_-]{30,120}",
    )
    .at(&["klarna_live_api_"]),
    Detector::starts(
        "mercado-pago-token",
        "Mercado Pago",
        "Mercado Pago access token",
        "https://www.mercadopago.com/developers/panel/app",
        r"APP_USR-[0-9]{10,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{5,12}",
    )
    .at(&["APP_USR-"]),
    Detector::starts(
        "paddle-key",
        "Paddle",
        "Paddle API key",
        "https://vendors.paddle.com/authentication-v2",
        r"pdl_(?:live|sdbx)_apikey_[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3}",
    )
    .at(&["pdl_live_apikey_", "pdl_sdbx_apikey_"]),
    Detector::starts(
        "easypost-key",
        "EasyPost",
        "EasyPost API key",
        "https://www.easypost.com/account/api-keys",
        r"EZ[AT]K[0-9A-Za-z]{54}",
    )
    .at(&["EZAK", "EZTK"]),
    Detector::starts(
        "shippo-token",
        "Shippo",
        "Shippo API token",
        "https://apps.goshippo.com/settings/api",
        r"shippo_(?:live|test)_[0-9a-f]{40}",
    )
    .at(&["shippo_live_", "shippo_test_"]),
    Detector::starts(
        "duffel-token",
        "Duffel",
        "Duffel access token",
        "https://app.duffel.com/",
        r"duffel_(?:live|test)_[0-9A-Za-z_-]{43}",
    )
    .at(&["duffel_live_", "duffel_test_"]),
    Detector::starts(
        "xendit-key",
        "Xendit",
        "Xendit secret key",
        "https://dashboard.xendit.co/settings/developers",
        r"xnd_(?:production|development)_[0-9A-Za-z]{40,70}",
    )
    .at(&["xnd_production_", "xnd_development_"]),
    Detector::starts(
        "midtrans-key",
        "Midtrans",
        "Midtrans server key",
        "https://dashboard.midtrans.com/",
        r"Mid-server-[0-9A-Za-z_-]{24}",
    )
    .at(&["Mid-server-"]),
    Detector::starts(
        "polar-token",
        "Polar",
        "Polar organisation access token",
        "https://polar.sh/settings",
        r"polar_oat_[0-9A-Za-z]{40,60}",
    )
    .at(&["polar_oat_"]),
    Detector::starts(
        "sumup-key",
        "SumUp",
        "SumUp secret key",
        "https://me.sumup.com/settings/api-keys",
        r"sup_sk_[0-9A-Za-z]{32}",
    )
    .at(&["sup_sk_"]),
];
