//! Shops and content.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "shopify-admin-token",
        "Shopify",
        "Shopify Admin API access token",
        "https://help.shopify.com/manual/apps/app-types/custom-apps",
        r"shpat_[0-9a-fA-F]{32}",
    )
    .at(&["shpat_"]),
    Detector::starts(
        "shopify-shared-secret",
        "Shopify",
        "Shopify app shared secret",
        "https://help.shopify.com/manual/apps/app-types/custom-apps",
        r"shpss_[0-9a-fA-F]{32}",
    )
    .at(&["shpss_"]),
    Detector::starts(
        "shopify-custom-token",
        "Shopify",
        "Shopify custom app access token",
        "https://help.shopify.com/manual/apps/app-types/custom-apps",
        r"shpca_[0-9a-fA-F]{32}",
    )
    .at(&["shpca_"]),
    Detector::starts(
        "shopify-private-token",
        "Shopify",
        "Shopify private app password",
        "https://help.shopify.com/manual/apps/app-types/custom-apps",
        r"shppa_[0-9a-fA-F]{32}",
    )
    .at(&["shppa_"]),
    Detector::starts(
        "shopify-user-token",
        "Shopify",
        "Shopify user access token",
        "https://help.shopify.com/manual/apps/app-types/custom-apps",
        r"shpua_[0-9a-fA-F]{32}",
    )
    .at(&["shpua_"]),
    Detector::starts(
        "woocommerce-key",
        "WooCommerce",
        "WooCommerce consumer key or secret",
        "https://woocommerce.com/document/woocommerce-rest-api/",
        r"c[ks]_[0-9a-f]{40}",
    )
    .at(&["ck_", "cs_"]),
    Detector::starts(
        "contentful-token",
        "Contentful",
        "Contentful management token",
        "https://app.contentful.com/account/profile/cma_tokens",
        r"CFPAT-[0-9A-Za-z_-]{43}",
    )
    .at(&["CFPAT-"])
    .asked(Verify::bearer("https://api.contentful.com/users/me")),
    Detector::near(
        "contentful-delivery-token",
        "Contentful",
        "Contentful delivery token",
        "https://app.contentful.com/",
        r"[0-9A-Za-z_-]{43}",
        &["token"],
    )
    .at(&["contentful"])
    .check(proof::three_classes),
    Detector::near(
        "sanity-token",
        "Sanity",
        "Sanity API token",
        "https://www.sanity.io/manage",
        r"sk[0-9A-Za-z]{80,180}",
        &["token"],
    )
    .at(&["sanity"])
    .check(proof::three_classes),
    Detector::near(
        "ghost-admin-key",
        "Ghost",
        "Ghost admin API key",
        "https://ghost.org/docs/admin-api/",
        r"[0-9a-f]{24}:[0-9a-f]{64}",
        &[""],
    )
    .at(&["ghost"]),
    Detector::near(
        "etsy-key",
        "Etsy",
        "Etsy shared secret",
        "https://www.etsy.com/developers/your-apps",
        r"[0-9a-z]{10}",
        &["shared_secret", "sharedsecret"],
    )
    .at(&["etsy"])
    .check(proof::letters_and_digits),
    Detector::starts(
        "ebay-secret",
        "eBay",
        "eBay production certificate id",
        "https://developer.ebay.com/my/keys",
        r"PRD-[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}",
    )
    .at(&["PRD-"]),
    Detector::near(
        "cloudinary-secret",
        "Cloudinary",
        "Cloudinary API secret",
        "https://console.cloudinary.com/settings/api-keys",
        r"[0-9A-Za-z_-]{27}",
        &["secret"],
    )
    .at(&["cloudinary"])
    .check(proof::three_classes),
    Detector::near(
        "uploadcare-secret",
        "Uploadcare",
        "Uploadcare secret key",
        "https://app.uploadcare.com/",
        r"[0-9a-f]{20}",
        &["secret"],
    )
    .at(&["uploadcare"]),
    Detector::near(
        "bunny-key",
        "bunny.net",
        "bunny.net access key",
        "https://dash.bunny.net/account/api-key",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["bunny_", "bunnycdn"]),
    Detector::starts(
        "revenuecat-key",
        "RevenueCat",
        "RevenueCat secret key",
        "https://app.revenuecat.com/",
        r#"(?i:revenuecat[_-]?(?:api[_-]?|secret[_-]?)*key)["']?\s{0,3}[=:]\s{0,3}["']?(sk_[0-9A-Za-z]{28,32})"#,
    )
    .at(&["REVENUECAT", "revenuecat"]),
];
