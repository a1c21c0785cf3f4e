//! Documents, planning and design.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts("notion-token", "Notion", "Notion integration token", "https://www.notion.so/profile/integrations", r"ntn_[0-9]{10,12}[0-9A-Za-z]{34,36}").at(&["ntn_"]).asked(Verify::get("https://api.notion.com/v1/users/me", &[("Authorization", "Bearer {token}"), ("Notion-Version", "2022-06-28")])),
    Detector::starts("notion-legacy-token", "Notion", "Notion integration token (older form)", "https://www.notion.so/profile/integrations", r"secret_[0-9A-Za-z]{43}").at(&["secret_"]).check(proof::three_classes).asked(Verify::get("https://api.notion.com/v1/users/me", &[("Authorization", "Bearer {token}"), ("Notion-Version", "2022-06-28")])),
    Detector::starts("linear-key", "Linear", "Linear API key", "https://linear.app/settings/account/security", r"lin_api_[0-9A-Za-z]{40}").at(&["lin_api_"]),
    Detector::starts("linear-oauth-token", "Linear", "Linear OAuth token", "https://linear.app/settings/account/security", r"lin_oauth_[0-9a-f]{64}").at(&["lin_oauth_"]),
    Detector::near("linear-webhook-secret", "Linear", "Linear client or webhook secret", "https://linear.app/settings/api", r"(?:lin_wh_[0-9A-Za-z]{40}|[0-9a-f]{32})", &["secret"]).at(&["linear_"]),
    Detector::starts("asana-token", "Asana", "Asana personal access token", "https://app.asana.com/0/my-apps", r"[12]/1[0-9]{14,16}(?:/[0-9]{15,17})?:[0-9a-f]{32}").at(&["1/1", "2/1"]).asked(Verify::bearer("https://app.asana.com/api/1.0/users/me")),
    Detector::starts("trello-token", "Atlassian", "Trello token", "https://trello.com/power-ups/admin", r"ATTA[0-9a-f]{64}[0-9A-F]{8}").at(&["ATTA"]),
    Detector::near("trello-key", "Atlassian", "Trello API token (older form)", "https://trello.com/power-ups/admin", r"[0-9a-f]{64}", &["token"]).at(&["trello"]),
    Detector::starts("clickup-token", "ClickUp", "ClickUp API token", "https://app.clickup.com/settings/apps", r"pk_[0-9]{6,9}_[0-9A-Z]{32}").at(&["pk_"]).asked(Verify::get("https://api.clickup.com/api/v2/user", &[("Authorization", "{token}")])),
    Detector::starts("figma-token", "Figma", "Figma personal access token", "https://www.figma.com/settings", r"figd_[0-9A-Za-z_-]{38,42}").at(&["figd_"]).asked(Verify::get("https://api.figma.com/v1/me", &[("X-Figma-Token", "{token}")])),
    Detector::starts("figma-legacy-token", "Figma", "Figma personal access token (older form)", "https://www.figma.com/settings", r#"(?i:figma[_-]?(?:access[_-]?|api[_-]?)?(?:token|key))["']?\s{0,3}[=:]\s{0,3}["']?([0-9]{4,6}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"#).at(&["figma"]),
    Detector::starts("typeform-token", "Typeform", "Typeform personal access token", "https://admin.typeform.com/user/tokens", r"tfp_[0-9A-Za-z_-]{40,44}_[0-9A-Za-z]{12,16}").at(&["tfp_"]).asked(Verify::bearer("https://api.typeform.com/me")),
    Detector::starts("dropbox-token", "Dropbox", "Dropbox access token", "https://www.dropbox.com/account/connected_apps", r"sl\.(?:u\.)?[0-9A-Za-z_-]{130,1500}").at(&["sl."]).asked(Verify::bearer("https://api.dropboxapi.com/2/check/user").post("{}")),
    Detector::near("dropbox-secret", "Dropbox", "Dropbox app secret", "https://www.dropbox.com/developers/apps", r"[0-9a-z]{15}", &["secret"]).at(&["dropbox"]).check(proof::letters_and_digits),
    Detector::near("box-secret", "Box", "Box client secret", "https://app.box.com/developers/console", r"[0-9A-Za-z]{32}", &["secret"]).at(&["box_client", "boxsdk", "box_app"]).check(proof::three_classes),
    Detector::starts("frameio-token", "Frame.io", "Frame.io developer token", "https://developer.frame.io/app/tokens", r"fio-u-[0-9A-Za-z_=-]{64}").at(&["fio-u-"]).asked(Verify::bearer("https://api.frame.io/v2/me")),
    Detector::starts("adobe-client-secret", "Adobe", "Adobe client secret", "https://developer.adobe.com/console/", r"p8[eE]-[0-9A-Za-z_-]{32}").at(&["p8e-", "p8E-"]),
    Detector::starts("zoho-token", "Zoho", "Zoho OAuth token", "https://accounts.zoho.com/home#security/connectedapps", r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}").at(&["1000."]).asked(Verify::get("https://accounts.zoho.com/oauth/user/info", &[("Authorization", "Zoho-oauthtoken {token}")])),
    Detector::holds("salesforce-token", "Salesforce", "Salesforce session or access token", "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_revoke_token.htm", r"00D[0-9A-Za-z]{12,15}!A[QR][0-9A-Za-z._]{80,120}").at(&["!AQ", "!AR"]),
    Detector::starts("zapier-webhook", "Zapier", "Zapier webhook", "https://zapier.com/app/zaps", r"hooks\.zapier\.com/hooks/catch/[0-9]{3,12}/([0-9a-z]{5,12})").at(&["hooks.zapier.com/hooks/catch/"]),
    Detector::starts("transifex-token", "Transifex", "Transifex API token", "https://app.transifex.com/user/settings/api/", r"1/[0-9a-f]{40}").at(&["1/0", "1/1", "1/2", "1/3", "1/4", "1/5", "1/6", "1/7", "1/8", "1/9", "1/a", "1/b", "1/c", "1/d", "1/e", "1/f"]),
    Detector::near("lokalise-token", "Lokalise", "Lokalise API token", "https://app.lokalise.com/profile#apitokens", r"[0-9a-f]{40}", &["token", "key"]).at(&["lokalise"]),
    Detector::near("crowdin-token", "Crowdin", "Crowdin personal token", "https://crowdin.com/settings#api-key", r"[0-9a-f]{80}", &["token"]).at(&["crowdin"]),
    Detector::near("pipedrive-token", "Pipedrive", "Pipedrive API token", "https://app.pipedrive.com/settings/api", r"[0-9a-f]{40}", &["token", "key"]).at(&["pipedrive"]),
    Detector::near("monday-token", "monday.com", "monday.com API token", "https://monday.com/developers/v2", r"eyJhbGciOiJIUzI1NiJ9\.[0-9A-Za-z_-]{60,500}\.[0-9A-Za-z_-]{43}", &[""]).at(&["monday"]),
];
