//! Clouds and hosting.

use crate::tokens::connection;
use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "aws-access-key-id",
        "AWS",
        "AWS access key id",
        "https://console.aws.amazon.com/iam/home#/security_credentials",
        r"AKIA[A-Z2-7]{16}",
    )
    .at(&["AKIA"])
    .check(proof::aws_key_id),
    Detector::starts(
        "aws-temporary-key-id",
        "AWS",
        "AWS temporary access key id",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html",
        r"ASIA[A-Z2-7]{16}",
    )
    .at(&["ASIA"])
    .check(proof::aws_key_id),
    Detector::near(
        "aws-secret-access-key",
        "AWS",
        "AWS secret access key",
        "https://console.aws.amazon.com/iam/home#/security_credentials",
        r"[0-9A-Za-z+/]{40}",
        &["secret"],
    )
    .at(&["aws_secret", "secret_access_key", "secretaccesskey", "aws_secret_key", "AKIA", "aws_key", "secretkey"])
    .check(proof::three_classes),
    Detector::starts(
        "aws-session-token",
        "AWS",
        "AWS session token",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html",
        r"(?:FwoGZXIvYXdz|IQoJb3JpZ2lu|FQoGZXIvYXdz)[0-9A-Za-z+/]{100,2000}={0,2}",
    )
    .at(&["FwoGZXIvYXdz", "IQoJb3JpZ2lu", "FQoGZXIvYXdz"]),
    Detector::starts(
        "aws-bedrock-key",
        "AWS",
        "Amazon Bedrock API key",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
        r"ABSKQmVkcm9ja0FQSUtleS[0-9A-Za-z+/]{80,200}={0,2}",
    )
    .at(&["ABSKQmVkcm9ja0FQSUtleS"]),
    Detector::starts(
        "aws-bedrock-short-term-key",
        "AWS",
        "Amazon Bedrock short-term API key",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
        r"bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[0-9A-Za-z+/]{80,3000}={0,2}",
    )
    .at(&["bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t"]),
    Detector::starts(
        "aws-appsync-key",
        "AWS",
        "AWS AppSync API key",
        "https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html",
        r"da2-[a-z0-9]{26}",
    )
    .at(&["da2-"]),
    Detector::starts(
        "amazon-mws-token",
        "Amazon",
        "Amazon MWS auth token",
        "https://sellercentral.amazon.com/",
        r"amzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["amzn.mws."]),
    Detector::starts(
        "amazon-login-secret",
        "Amazon",
        "Login with Amazon client secret",
        "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html",
        r"amzn1\.oa2-cs\.v1\.[0-9a-f]{64}",
    )
    .at(&["amzn1.oa2-cs.v1."]),
    Detector::starts(
        "google-api-key",
        "Google",
        "Google API key",
        "https://console.cloud.google.com/apis/credentials",
        r"AIza[0-9A-Za-z_-]{35}",
    )
    .at(&["AIza"]),
    Detector::starts(
        "google-oauth-client-secret",
        "Google",
        "Google OAuth client secret",
        "https://console.cloud.google.com/apis/credentials",
        r"GOCSPX-[0-9A-Za-z_-]{28}",
    )
    .at(&["GOCSPX-"]),
    Detector::starts(
        "google-oauth-access-token",
        "Google",
        "Google OAuth access token",
        "https://myaccount.google.com/permissions",
        r"ya29\.[0-9A-Za-z_-]{30,1000}",
    )
    .at(&["ya29."])
    .asked(Verify::get("https://oauth2.googleapis.com/tokeninfo?access_token={token}", &[]).statuses(&[200], &[400])),
    Detector::starts(
        "google-oauth-refresh-token",
        "Google",
        "Google OAuth refresh token",
        "https://myaccount.google.com/permissions",
        r"1//0[0-9A-Za-z_-]{40,200}",
    )
    .at(&["1//0"])
    .check(proof::three_classes),
    Detector::near(
        "google-oauth-legacy-secret",
        "Google",
        "Google OAuth client secret (older form)",
        "https://console.cloud.google.com/apis/credentials",
        r"[0-9A-Za-z_-]{24}",
        &["secret"],
    )
    .at(&["apps.googleusercontent.com"])
    .check(proof::three_classes),
    Detector::holds(
        "firebase-server-key",
        "Google",
        "Firebase Cloud Messaging server key",
        "https://console.firebase.google.com/",
        r"AAAA[0-9A-Za-z_-]{7}:APA91b[0-9A-Za-z_-]{134}",
    )
    .at(&["APA91b"]),
    Detector::holds(
        "azure-client-secret",
        "Microsoft",
        "Microsoft Entra client secret",
        "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        r"[0-9A-Za-z_~.-]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}",
    )
    .at(&["0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"])
    .check(proof::three_classes),
    Detector::starts(
        "azure-storage-key",
        "Microsoft",
        "Azure storage or Cosmos DB account key",
        "https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
        r"AccountKey=([0-9A-Za-z+/]{86}==)",
    )
    .at(&["AccountKey="])
    .check(proof::bytes_64),
    Detector::near(
        "azure-account-key",
        "Microsoft",
        "Azure storage or Cosmos DB account key",
        "https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
        r"[0-9A-Za-z+/]{86}==",
        &["key", "credential"],
    )
    .at(&[
        "account_key",
        "accountkey",
        "storage_key",
        "storagekey",
        "storage_access_key",
        "cosmos",
        "primary_key",
        "azure_storage",
    ])
    .check(proof::bytes_64),
    Detector::starts(
        "azure-shared-access-key",
        "Microsoft",
        "Azure Service Bus, Event Hubs or IoT Hub shared access key",
        "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas",
        r"SharedAccessKey=([0-9A-Za-z+/]{43}=)",
    )
    .at(&["SharedAccessKey="]),
    Detector::code(
        "azure-sas",
        "Microsoft",
        "Azure shared access signature",
        "https://learn.microsoft.com/azure/storage/common/storage-sas-overview",
        connection::azure_sas,
    )
    .at(&["sig="]),
    Detector::holds(
        "azure-annotated-key",
        "Microsoft",
        "Azure API key",
        "https://portal.azure.com/",
        r"[0-9A-Za-z]{52}JQQJ99[0-9A-Za-z]{26}",
    )
    .at(&["JQQJ99"]),
    Detector::holds(
        "azure-functions-key",
        "Microsoft",
        "Azure Functions key",
        "https://learn.microsoft.com/azure/azure-functions/function-keys-how-to",
        r"[0-9A-Za-z_-]{44}AzFu[0-9A-Za-z_-]{5}[AQgw]==",
    )
    .at(&["AzFu"]),
    Detector::holds(
        "azure-search-key",
        "Microsoft",
        "Azure AI Search key",
        "https://learn.microsoft.com/azure/search/search-security-api-keys",
        r"[0-9A-Za-z]{42}AzSe[A-D][0-9A-Za-z]{5}",
    )
    .at(&["AzSe"]),
    Detector::holds(
        "azure-cache-key",
        "Microsoft",
        "Azure Cache for Redis key",
        "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure",
        r"[0-9A-Za-z]{33}AzCa[A-P][0-9A-Za-z]{5}=",
    )
    .at(&["AzCa"]),
    Detector::holds(
        "azure-container-registry-password",
        "Microsoft",
        "Azure Container Registry password",
        "https://learn.microsoft.com/azure/container-registry/container-registry-authentication",
        r"[0-9A-Za-z+/]{42}[+]ACR[A-D][0-9A-Za-z]{5}",
    )
    .at(&["+ACR"]),
    Detector::near(
        "azure-cognitive-key",
        "Microsoft",
        "Azure AI services key",
        "https://portal.azure.com/",
        r"[0-9a-f]{32}",
        &["key"],
    )
    .at(&["ocp-apim-subscription-key", "azure_openai", "cognitiveservices", "azure_speech", "azure_translator"]),
    Detector::starts(
        "digitalocean-token",
        "DigitalOcean",
        "DigitalOcean personal access token",
        "https://cloud.digitalocean.com/account/api/tokens",
        r"dop_v1_[0-9a-f]{64}",
    )
    .at(&["dop_v1_"])
    .asked(Verify::bearer("https://api.digitalocean.com/v2/account")),
    Detector::starts(
        "digitalocean-oauth-token",
        "DigitalOcean",
        "DigitalOcean OAuth access token",
        "https://cloud.digitalocean.com/account/api/access",
        r"doo_v1_[0-9a-f]{64}",
    )
    .at(&["doo_v1_"])
    .asked(Verify::bearer("https://api.digitalocean.com/v2/account")),
    Detector::starts(
        "digitalocean-refresh-token",
        "DigitalOcean",
        "DigitalOcean refresh token",
        "https://cloud.digitalocean.com/account/api/access",
        r"dor_v1_[0-9a-f]{64}",
    )
    .at(&["dor_v1_"]),
    Detector::starts(
        "digitalocean-spaces-key",
        "DigitalOcean",
        "DigitalOcean Spaces access key",
        "https://cloud.digitalocean.com/spaces/access_keys",
        r"DO00[0-9A-Z]{16}",
    )
    .at(&["DO00"])
    .check(proof::letters_and_digits),
    Detector::starts(
        "alibaba-access-key-id",
        "Alibaba Cloud",
        "Alibaba Cloud access key id",
        "https://ram.console.aliyun.com/manage/ak",
        r"LTAI[0-9A-Za-z]{17,21}",
    )
    .at(&["LTAI"])
    .check(proof::three_classes),
    Detector::near(
        "alibaba-access-key-secret",
        "Alibaba Cloud",
        "Alibaba Cloud access key secret",
        "https://ram.console.aliyun.com/manage/ak",
        r"[0-9A-Za-z]{30}",
        &["secret"],
    )
    .at(&["LTAI", "aliyun", "alibaba", "alicloud"])
    .check(proof::three_classes),
    Detector::starts(
        "tencent-secret-id",
        "Tencent Cloud",
        "Tencent Cloud secret id",
        "https://console.cloud.tencent.com/cam/capi",
        r"AKID[0-9A-Za-z]{32}",
    )
    .at(&["AKID"]),
    Detector::near(
        "tencent-secret-key",
        "Tencent Cloud",
        "Tencent Cloud secret key",
        "https://console.cloud.tencent.com/cam/capi",
        r"[0-9A-Za-z]{32}",
        &["secret"],
    )
    .at(&["AKID", "tencent"])
    .check(proof::three_classes),
    Detector::near(
        "ibm-cloud-key",
        "IBM",
        "IBM Cloud API key",
        "https://cloud.ibm.com/iam/apikeys",
        r"[0-9A-Za-z_-]{44}",
        &["key"],
    )
    .at(&["ibmcloud", "ibm_cloud", "bluemix", "iam_apikey", "watson"])
    .check(proof::three_classes),
    Detector::starts(
        "yandex-api-key",
        "Yandex",
        "Yandex Cloud API key",
        "https://yandex.cloud/docs/iam/operations/authentication/manage-api-keys",
        r"AQVN[0-9A-Za-z_-]{35,38}",
    )
    .at(&["AQVN"]),
    Detector::starts(
        "yandex-iam-token",
        "Yandex",
        "Yandex Cloud IAM token",
        "https://yandex.cloud/docs/iam/operations/iam-token/revoke-iam-token",
        r"t1\.[0-9A-Za-z_-]{100,400}[=]{0,2}\.[0-9A-Za-z_-]{86}[=]{0,2}",
    )
    .at(&["t1."]),
    Detector::starts(
        "yandex-static-key",
        "Yandex",
        "Yandex Cloud static access key",
        "https://yandex.cloud/docs/iam/operations/authentication/manage-access-keys",
        r"YCA[0-9A-Za-z_-]{22}",
    )
    .at(&["YCA"])
    .check(proof::three_classes),
    Detector::starts(
        "yandex-static-secret",
        "Yandex",
        "Yandex Cloud static secret key",
        "https://yandex.cloud/docs/iam/operations/authentication/manage-access-keys",
        r"YCP[0-9A-Za-z_-]{37}",
    )
    .at(&["YCP"])
    .check(proof::three_classes),
    Detector::starts(
        "yandex-oauth-token",
        "Yandex",
        "Yandex OAuth token",
        "https://id.yandex.ru/security/connected",
        r"y[0-3]_[0-9A-Za-z_-]{55,60}",
    )
    .at(&["y0_", "y1_", "y2_", "y3_"])
    .check(proof::three_classes),
    Detector::near(
        "linode-token",
        "Akamai",
        "Linode personal access token",
        "https://cloud.linode.com/profile/tokens",
        r"[0-9a-f]{64}",
        &["token", "key"],
    )
    .at(&["linode"])
    .asked(Verify::bearer("https://api.linode.com/v4/profile")),
    Detector::near(
        "vultr-key",
        "Vultr",
        "Vultr API key",
        "https://my.vultr.com/settings/#settingsapi",
        r"[0-9A-Z]{36}",
        &["key", "token"],
    )
    .at(&["vultr"])
    .check(proof::letters_and_digits)
    .asked(Verify::bearer("https://api.vultr.com/v2/account")),
    Detector::near(
        "hetzner-token",
        "Hetzner",
        "Hetzner Cloud API token",
        "https://console.hetzner.cloud/",
        r"[0-9A-Za-z]{64}",
        &["token", "key"],
    )
    .at(&["hcloud", "hetzner"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.hetzner.cloud/v1/locations")),
    Detector::near(
        "scaleway-secret-key",
        "Scaleway",
        "Scaleway secret key",
        "https://console.scaleway.com/iam/api-keys",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["secret"],
    )
    .at(&["scw_", "scaleway"]),
    Detector::starts(
        "fly-token",
        "Fly.io",
        "Fly.io access token",
        "https://fly.io/user/personal_access_tokens",
        r"fm2_[0-9A-Za-z+/]{100,2000}={0,3}",
    )
    .at(&["fm2_"]),
    Detector::starts(
        "fly-personal-token",
        "Fly.io",
        "Fly.io personal access token",
        "https://fly.io/user/personal_access_tokens",
        r"fo1_[0-9A-Za-z_-]{43}",
    )
    .at(&["fo1_"]),
    Detector::starts(
        "heroku-key",
        "Heroku",
        "Heroku API key",
        "https://dashboard.heroku.com/account",
        r"HRKU-(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|AA[0-9A-Za-z_-]{58})",
    )
    .at(&["HRKU-"])
    .asked(Verify::get(
        "https://api.heroku.com/account",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.heroku+json; version=3")],
    )),
    Detector::near(
        "heroku-legacy-key",
        "Heroku",
        "Heroku API key (older form)",
        "https://dashboard.heroku.com/account",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key", "token"],
    )
    .at(&["heroku"])
    .asked(Verify::get(
        "https://api.heroku.com/account",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.heroku+json; version=3")],
    )),
    Detector::starts(
        "render-key",
        "Render",
        "Render API key",
        "https://dashboard.render.com/u/settings#api-keys",
        r"rnd_[0-9A-Za-z]{28,32}",
    )
    .at(&["rnd_"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.render.com/v1/owners?limit=1")),
    Detector::starts(
        "vercel-token",
        "Vercel",
        "Vercel token",
        "https://vercel.com/account/settings/tokens",
        r"vc[pkair]_[0-9A-Za-z]{50,60}",
    )
    .at(&["vcp_", "vck_", "vca_", "vci_", "vcr_"])
    .asked(Verify::bearer("https://api.vercel.com/v2/user")),
    Detector::near(
        "vercel-legacy-token",
        "Vercel",
        "Vercel token (older form)",
        "https://vercel.com/account/settings/tokens",
        r"[0-9A-Za-z]{24}",
        &["token"],
    )
    .at(&["vercel"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.vercel.com/v2/user")),
    Detector::starts(
        "netlify-token",
        "Netlify",
        "Netlify personal access token",
        "https://app.netlify.com/user/applications#personal-access-tokens",
        r"nfp_[0-9A-Za-z]{36}",
    )
    .at(&["nfp_"])
    .asked(Verify::bearer("https://api.netlify.com/api/v1/user")),
    Detector::near(
        "netlify-legacy-token",
        "Netlify",
        "Netlify access token (older form)",
        "https://app.netlify.com/user/applications#personal-access-tokens",
        r"[0-9A-Za-z_-]{43,45}",
        &["token", "key"],
    )
    .at(&["netlify"])
    .check(proof::three_classes),
    Detector::starts(
        "cloudflare-origin-key",
        "Cloudflare",
        "Cloudflare origin CA key",
        "https://dash.cloudflare.com/profile/api-tokens",
        r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
    )
    .at(&["v1.0-"]),
    Detector::near(
        "cloudflare-token",
        "Cloudflare",
        "Cloudflare API token",
        "https://dash.cloudflare.com/profile/api-tokens",
        r"[0-9A-Za-z_-]{40}",
        &["token", "key"],
    )
    .at(&["cloudflare", "cf_api", "cf_token"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.cloudflare.com/client/v4/user/tokens/verify")),
    Detector::near(
        "cloudflare-global-key",
        "Cloudflare",
        "Cloudflare global API key",
        "https://dash.cloudflare.com/profile/api-tokens",
        r"[0-9a-f]{37}",
        &["key"],
    )
    .at(&["cloudflare", "cf_api", "x-auth-key"]),
    Detector::starts(
        "cloudflare-tunnel-token",
        "Cloudflare",
        "Cloudflare tunnel token",
        "https://one.dash.cloudflare.com/",
        r"eyJhIjoi[0-9A-Za-z+/_-]{100,400}={0,2}",
    )
    .at(&["eyJhIjoi"])
    .check(proof::cloudflare_tunnel),
    Detector::near(
        "fastly-token",
        "Fastly",
        "Fastly API token",
        "https://manage.fastly.com/account/personal/tokens",
        r"[0-9A-Za-z_-]{32}",
        &["token", "key"],
    )
    .at(&["fastly"])
    .check(proof::three_classes)
    .asked(Verify::get("https://api.fastly.com/tokens/self", &[("Fastly-Key", "{token}")])),
    Detector::starts(
        "akamai-token",
        "Akamai",
        "Akamai EdgeGrid token",
        "https://control.akamai.com/apps/identity-management/",
        r"akab-[a-z0-9]{16}-[a-z0-9]{16}",
    )
    .at(&["akab-"]),
    Detector::starts(
        "tailscale-key",
        "Tailscale",
        "Tailscale key",
        "https://login.tailscale.com/admin/settings/keys",
        r"tskey-(?:auth|api|client|scim|webhook)-[0-9A-Za-z]{8,20}-[0-9A-Za-z]{20,40}",
    )
    .at(&["tskey-"])
    .asked(Verify::get("https://api.tailscale.com/api/v2/tailnet/-/keys", &[("Authorization", "Basic {basic}")])),
    Detector::near(
        "ngrok-token",
        "ngrok",
        "ngrok authentication token",
        "https://dashboard.ngrok.com/tunnels/authtokens",
        r"[0-9A-Za-z]{20,30}_[0-9A-Za-z]{19,23}",
        &["token", "key", "auth"],
    )
    .at(&["ngrok"])
    .check(proof::three_classes),
    Detector::starts(
        "backblaze-key",
        "Backblaze",
        "Backblaze B2 application key",
        "https://secure.backblaze.com/app_keys.htm",
        r"K00[0-5][0-9A-Za-z+/]{27}",
    )
    .at(&["K000", "K001", "K002", "K003", "K004", "K005"])
    .check(proof::three_classes),
    Detector::starts(
        "scalingo-token",
        "Scalingo",
        "Scalingo API token",
        "https://dashboard.scalingo.com/account/tokens",
        r"tk-us-[0-9A-Za-z_-]{48}",
    )
    .at(&["tk-us-"]),
    Detector::starts(
        "aiven-password",
        "Aiven",
        "Aiven service password",
        "https://console.aiven.io/",
        r"AVNS_[0-9A-Za-z_-]{19}",
    )
    .at(&["AVNS_"]),
];
