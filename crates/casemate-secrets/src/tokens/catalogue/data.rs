//! Databases and storage as a service.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "databricks-token",
        "Databricks",
        "Databricks access token",
        "https://docs.databricks.com/dev-tools/auth/pat",
        r"dapi[0-9a-f]{32}(?:-[0-9])?",
    )
    .at(&["dapi"]),
    Detector::starts(
        "databricks-oauth-secret",
        "Databricks",
        "Databricks OAuth secret",
        "https://docs.databricks.com/dev-tools/auth/oauth-m2m",
        r"dose[0-9a-f]{32,36}",
    )
    .at(&["dose"]),
    Detector::starts(
        "supabase-token",
        "Supabase",
        "Supabase personal access token",
        "https://supabase.com/dashboard/account/tokens",
        r"sbp_(?:oauth_)?[0-9a-f]{40}",
    )
    .at(&["sbp_"])
    .asked(Verify::bearer("https://api.supabase.com/v1/organizations")),
    Detector::starts(
        "supabase-secret-key",
        "Supabase",
        "Supabase secret key",
        "https://supabase.com/dashboard/project/_/settings/api-keys",
        r"sb_secret_[0-9A-Za-z_-]{22}_[0-9A-Za-z_-]{8}",
    )
    .at(&["sb_secret_"]),
    Detector::starts(
        "planetscale-token",
        "PlanetScale",
        "PlanetScale service token",
        "https://app.planetscale.com/",
        r"pscale_tkn_[0-9A-Za-z_=.-]{32,64}",
    )
    .at(&["pscale_tkn_"]),
    Detector::starts(
        "planetscale-password",
        "PlanetScale",
        "PlanetScale database password",
        "https://app.planetscale.com/",
        r"pscale_pw_[0-9A-Za-z_=.-]{32,64}",
    )
    .at(&["pscale_pw_"]),
    Detector::starts(
        "planetscale-oauth-token",
        "PlanetScale",
        "PlanetScale OAuth token",
        "https://app.planetscale.com/",
        r"pscale_oauth_[0-9A-Za-z_=.-]{32,64}",
    )
    .at(&["pscale_oauth_"]),
    Detector::starts(
        "neon-key",
        "Neon",
        "Neon API key",
        "https://console.neon.tech/app/settings/api-keys",
        r"napi_[0-9a-z]{64}",
    )
    .at(&["napi_"])
    .asked(Verify::bearer("https://console.neon.tech/api/v2/users/me")),
    Detector::starts(
        "neon-password",
        "Neon",
        "Neon database password",
        "https://console.neon.tech/",
        r"npg_[0-9A-Za-z]{12}",
    )
    .at(&["npg_"]),
    Detector::starts(
        "airtable-token",
        "Airtable",
        "Airtable personal access token",
        "https://airtable.com/create/tokens",
        r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}",
    )
    .at(&["pat"])
    .asked(Verify::bearer("https://api.airtable.com/v0/meta/whoami")),
    Detector::near(
        "airtable-key",
        "Airtable",
        "Airtable API key",
        "https://airtable.com/account",
        r"key[0-9A-Za-z]{14}",
        &["key", "token"],
    )
    .at(&["airtable"]),
    Detector::starts(
        "influxdb-token",
        "InfluxData",
        "InfluxDB token",
        "https://docs.influxdata.com/influxdb/cloud/security/tokens/delete-tokens/",
        r#"(?i:influx_token)["']?\s{0,3}[=:]\s{0,3}["']?([0-9A-Za-z_-]{86}==)"#,
    )
    .at(&["INFLUX_TOKEN", "influx_token"]),
    Detector::near(
        "mongodb-atlas-key",
        "MongoDB",
        "MongoDB Atlas private key",
        "https://cloud.mongodb.com/",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["mongodbatlas", "mongodb_atlas", "atlas_private"]),
    Detector::near(
        "elastic-key",
        "Elastic",
        "Elasticsearch API key",
        "https://www.elastic.co/docs/deploy-manage/api-keys/elasticsearch-api-keys",
        r"[0-9A-Za-z+/]{58}==",
        &["key"],
    )
    .at(&["elasticsearch", "elastic_api", "es_api_key", "elastic_cloud"]),
    Detector::starts(
        "elastic-cloud-key",
        "Elastic",
        "Elastic Cloud API key",
        "https://cloud.elastic.co/account/keys",
        r"essu_[0-9A-Za-z+/_-]{60,200}={0,2}",
    )
    .at(&["essu_"]),
    Detector::near(
        "algolia-key",
        "Algolia",
        "Algolia admin API key",
        "https://dashboard.algolia.com/account/api-keys/all",
        r"[0-9a-f]{32}",
        &["admin", "write", "secret", "monitoring"],
    )
    .at(&["algolia"]),
    Detector::starts("xata-key", "Xata", "Xata API key", "https://app.xata.io/settings", r"xau_[0-9A-Za-z]{20,40}")
        .at(&["xau_"])
        .check(proof::three_classes),
    Detector::starts("fauna-key", "Fauna", "Fauna secret", "https://dashboard.fauna.com/", r"fnA[0-9A-Za-z_-]{36,38}")
        .at(&["fnA"])
        .check(proof::three_classes),
    Detector::starts(
        "tinybird-token",
        "Tinybird",
        "Tinybird token",
        "https://cloud.tinybird.co/tokens",
        r"p\.eyJ[0-9A-Za-z_-]{40,300}\.[0-9A-Za-z_-]{43}",
    )
    .at(&["p.eyJ"])
    .check(proof::json_in_the_middle),
    Detector::near(
        "upstash-token",
        "Upstash",
        "Upstash REST token",
        "https://console.upstash.com/",
        r"[0-9A-Za-z]{40,80}={0,2}",
        &["token"],
    )
    .at(&["upstash"])
    .check(proof::three_classes),
    Detector::starts(
        "pinecone-key",
        "Pinecone",
        "Pinecone API key",
        "https://app.pinecone.io/",
        r"pcsk_[0-9A-Za-z]{5,8}_[0-9A-Za-z]{55,70}",
    )
    .at(&["pcsk_"])
    .asked(Verify::get("https://api.pinecone.io/indexes", &[("Api-Key", "{token}")])),
    Detector::near(
        "pinecone-legacy-key",
        "Pinecone",
        "Pinecone API key (older form)",
        "https://app.pinecone.io/",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["pinecone"]),
    Detector::near(
        "redis-cloud-key",
        "Redis",
        "Redis Cloud API secret",
        "https://app.redislabs.com/",
        r"[0-9A-Za-z]{48,56}",
        &["secret", "key"],
    )
    .at(&["rediscloud", "redislabs"])
    .check(proof::three_classes),
    Detector::near(
        "meilisearch-key",
        "Meilisearch",
        "Meilisearch key",
        "https://www.meilisearch.com/docs/learn/security/basic_security",
        r"(?:[0-9a-f]{64}|[0-9A-Za-z_-]{43})",
        &["key"],
    )
    .at(&["meili"])
    .check(proof::letters_and_digits),
    Detector::starts(
        "prefect-key",
        "Prefect",
        "Prefect Cloud API key",
        "https://app.prefect.cloud/my/api-keys",
        r"pn[ub]_[0-9A-Za-z]{36}",
    )
    .at(&["pnu_", "pnb_"])
    .asked(Verify::bearer("https://api.prefect.cloud/api/me/")),
    Detector::starts(
        "dbt-token",
        "dbt",
        "dbt Cloud token",
        "https://docs.getdbt.com/docs/dbt-cloud-apis/service-tokens",
        r"dbt[cu]_[0-9A-Za-z_-]{30,50}=?",
    )
    .at(&["dbtc_", "dbtu_"])
    .check(proof::three_classes),
    Detector::starts(
        "confluent-secret",
        "Confluent",
        "Confluent Cloud API secret",
        "https://confluent.cloud/settings/api-keys",
        r"cflt[0-9A-Za-z+/]{60}",
    )
    .at(&["cflt"])
    .check(proof::three_classes),
    Detector::near(
        "confluent-legacy-secret",
        "Confluent",
        "Confluent Cloud API secret (older form)",
        "https://confluent.cloud/settings/api-keys",
        r"[0-9A-Za-z+/]{64}",
        &["secret", "password"],
    )
    .at(&["confluent"])
    .check(proof::three_classes),
    Detector::starts(
        "apify-token",
        "Apify",
        "Apify API token",
        "https://console.apify.com/settings/integrations",
        r"apify_api_[0-9A-Za-z]{34,40}",
    )
    .at(&["apify_api_"])
    .asked(Verify::bearer("https://api.apify.com/v2/users/me")),
    Detector::starts(
        "kaggle-token",
        "Kaggle",
        "Kaggle API token",
        "https://www.kaggle.com/settings",
        r"KGAT_[0-9a-f]{32}",
    )
    .at(&["KGAT_"]),
    Detector::near(
        "kaggle-key",
        "Kaggle",
        "Kaggle API key",
        "https://www.kaggle.com/settings",
        r"[0-9a-f]{32}",
        &["key"],
    )
    .at(&["kaggle"]),
];
