//! Building, delivery and infrastructure.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "pulumi-token",
        "Pulumi",
        "Pulumi access token",
        "https://app.pulumi.com/account/tokens",
        r"pul-[0-9a-f]{40}",
    )
    .at(&["pul-"])
    .asked(Verify::get("https://api.pulumi.com/api/user", &[("Authorization", "token {token}")])),
    Detector::holds(
        "terraform-token",
        "HashiCorp",
        "HCP Terraform API token",
        "https://app.terraform.io/app/settings/tokens",
        r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,70}",
    )
    .at(&[".atlasv1."])
    .asked(Verify::bearer("https://app.terraform.io/api/v2/account/details")),
    Detector::starts(
        "vault-service-token",
        "HashiCorp",
        "HashiCorp Vault service token",
        "https://developer.hashicorp.com/vault/docs/commands/token/revoke",
        r"hvs\.[0-9A-Za-z_-]{90,300}",
    )
    .at(&["hvs."]),
    Detector::starts(
        "vault-short-token",
        "HashiCorp",
        "HashiCorp Vault service token",
        "https://developer.hashicorp.com/vault/docs/commands/token/revoke",
        r"hvs\.[0-9A-Za-z]{24}",
    )
    .at(&["hvs."])
    .check(proof::three_classes),
    Detector::starts(
        "vault-batch-token",
        "HashiCorp",
        "HashiCorp Vault batch token",
        "https://developer.hashicorp.com/vault/docs/commands/token/revoke",
        r"hvb\.[0-9A-Za-z_-]{100,400}",
    )
    .at(&["hvb."]),
    Detector::starts(
        "vault-recovery-token",
        "HashiCorp",
        "HashiCorp Vault recovery token",
        "https://developer.hashicorp.com/vault/docs/commands/token/revoke",
        r"hvr\.[0-9A-Za-z_-]{24,300}",
    )
    .at(&["hvr."])
    .check(proof::three_classes),
    Detector::near(
        "vault-legacy-token",
        "HashiCorp",
        "HashiCorp Vault service token (older form)",
        "https://developer.hashicorp.com/vault/docs/commands/token/revoke",
        r"[sb]\.[0-9A-Za-z]{24}",
        &["token"],
    )
    .at(&["vault_token", "x-vault-token", "vault_dev_root_token", "vaulttoken"])
    .check(proof::three_classes),
    Detector::near(
        "consul-token",
        "HashiCorp",
        "Consul token",
        "https://developer.hashicorp.com/consul/commands/acl/token/delete",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["token"],
    )
    .at(&["consul_http_token", "x-consul-token", "consul_token"]),
    Detector::near(
        "nomad-token",
        "HashiCorp",
        "Nomad token",
        "https://developer.hashicorp.com/nomad/commands/acl/token/delete",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["token"],
    )
    .at(&["nomad_token", "x-nomad-token"]),
    Detector::starts(
        "doppler-personal-token",
        "Doppler",
        "Doppler personal token",
        "https://dashboard.doppler.com/",
        r"dp\.pt\.[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.pt."])
    .asked(Verify::bearer("https://api.doppler.com/v3/me")),
    Detector::starts(
        "doppler-service-token",
        "Doppler",
        "Doppler service token",
        "https://dashboard.doppler.com/",
        r"dp\.st\.(?:[a-z0-9_-]{2,35}\.)?[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.st."])
    .asked(Verify::bearer("https://api.doppler.com/v3/me")),
    Detector::starts(
        "doppler-cli-token",
        "Doppler",
        "Doppler command line token",
        "https://dashboard.doppler.com/",
        r"dp\.ct\.[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.ct."])
    .asked(Verify::bearer("https://api.doppler.com/v3/me")),
    Detector::starts(
        "doppler-account-token",
        "Doppler",
        "Doppler service account token",
        "https://dashboard.doppler.com/",
        r"dp\.sa\.[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.sa."]),
    Detector::starts(
        "doppler-scim-token",
        "Doppler",
        "Doppler SCIM token",
        "https://dashboard.doppler.com/",
        r"dp\.scim\.[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.scim."]),
    Detector::starts(
        "doppler-audit-token",
        "Doppler",
        "Doppler audit token",
        "https://dashboard.doppler.com/",
        r"dp\.audit\.[0-9A-Za-z]{40,44}",
    )
    .at(&["dp.audit."]),
    Detector::starts(
        "circleci-token",
        "CircleCI",
        "CircleCI API token",
        "https://app.circleci.com/settings/user/tokens",
        r"CCI(?:PAT|PRJ)_[0-9A-Za-z]{22}_[0-9a-f]{40}",
    )
    .at(&["CCIPAT_", "CCIPRJ_"])
    .asked(Verify::get("https://circleci.com/api/v2/me", &[("Circle-Token", "{token}")])),
    Detector::near(
        "circleci-legacy-token",
        "CircleCI",
        "CircleCI API token (older form)",
        "https://app.circleci.com/settings/user/tokens",
        r"[0-9a-f]{40}",
        &["token", "key"],
    )
    .at(&["circleci", "circle_token", "circle-token"])
    .asked(Verify::get("https://circleci.com/api/v2/me", &[("Circle-Token", "{token}")])),
    Detector::starts(
        "buildkite-token",
        "Buildkite",
        "Buildkite API access token",
        "https://buildkite.com/user/api-access-tokens",
        r"bkua_[0-9a-f]{40}",
    )
    .at(&["bkua_"])
    .asked(Verify::bearer("https://api.buildkite.com/v2/access-token")),
    Detector::starts(
        "buildkite-agent-token",
        "Buildkite",
        "Buildkite agent token",
        "https://buildkite.com/organizations/~/clusters",
        r"bkct_[0-9A-Za-z_-]{40,80}",
    )
    .at(&["bkct_"]),
    Detector::near(
        "travis-token",
        "Travis CI",
        "Travis CI token",
        "https://app.travis-ci.com/account/preferences",
        r"[0-9A-Za-z_-]{22}",
        &["token"],
    )
    .at(&["travis_token", "travis_api", "travis-ci"])
    .check(proof::three_classes),
    Detector::near(
        "jenkins-token",
        "Jenkins",
        "Jenkins API token",
        "https://www.jenkins.io/doc/book/system-administration/authenticating-scripted-clients/",
        r"11[0-9a-f]{32}",
        &["token", "password"],
    )
    .at(&["jenkins"]),
    Detector::starts(
        "octopus-key",
        "Octopus Deploy",
        "Octopus Deploy API key",
        "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
        r"API-[0-9A-Z]{25,36}",
    )
    .at(&["API-"])
    .check(proof::letters_and_digits),
    Detector::starts(
        "harness-token",
        "Harness",
        "Harness access token",
        "https://app.harness.io/",
        r"[ps]at\.[0-9A-Za-z_-]{22}\.[0-9a-f]{24}\.[0-9A-Za-z]{20}",
    )
    .at(&["pat.", "sat."]),
    Detector::near(
        "codecov-token",
        "Codecov",
        "Codecov upload token",
        "https://app.codecov.io/account",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["token"],
    )
    .at(&["codecov"]),
    Detector::near(
        "coveralls-token",
        "Coveralls",
        "Coveralls repository token",
        "https://coveralls.io/",
        r"[0-9A-Za-z]{32,37}",
        &["token"],
    )
    .at(&["coveralls"])
    .check(proof::three_classes),
    Detector::near(
        "codacy-token",
        "Codacy",
        "Codacy API token",
        "https://app.codacy.com/account/access-management",
        r"[0-9A-Za-z]{20,32}",
        &["token"],
    )
    .at(&["codacy"])
    .check(proof::three_classes),
    Detector::starts(
        "sonar-token",
        "Sonar",
        "SonarQube token",
        "https://docs.sonarsource.com/sonarqube-server/user-guide/managing-tokens/",
        r"sq[upa]_[0-9a-f]{40}",
    )
    .at(&["squ_", "sqp_", "sqa_"]),
    Detector::near(
        "sonar-legacy-token",
        "Sonar",
        "SonarQube token (older form)",
        "https://sonarcloud.io/account/security",
        r"[0-9a-f]{40}",
        &["token", "login"],
    )
    .at(&["sonar_token", "sonar.login", "sonar.token", "sonarcloud"]),
    Detector::near(
        "snyk-token",
        "Snyk",
        "Snyk API token",
        "https://app.snyk.io/account",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["token", "key"],
    )
    .at(&["snyk"])
    .asked(Verify::get("https://api.snyk.io/rest/self?version=2024-10-15", &[("Authorization", "token {token}")])),
    Detector::starts(
        "snyk-personal-token",
        "Snyk",
        "Snyk personal access token",
        "https://app.snyk.io/account",
        r"snyk_[us]at\.[0-9a-f]{8}\.[0-9A-Za-z_-]{20,600}\.[0-9A-Za-z_-]{20,200}",
    )
    .at(&["snyk_uat.", "snyk_sat."]),
    Detector::starts(
        "postman-key",
        "Postman",
        "Postman API key",
        "https://go.postman.co/settings/me/api-keys",
        r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    )
    .at(&["PMAK-"])
    .asked(Verify::get("https://api.getpostman.com/me", &[("X-Api-Key", "{token}")])),
    Detector::starts(
        "postman-collection-key",
        "Postman",
        "Postman collection access key",
        "https://go.postman.co/settings/me/api-keys",
        r"PMAT-[0-9A-Z]{26}",
    )
    .at(&["PMAT-"]),
    Detector::starts(
        "infisical-token",
        "Infisical",
        "Infisical service token",
        "https://app.infisical.com/",
        r"st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}",
    )
    .at(&["st."]),
    Detector::starts(
        "teamcity-token",
        "JetBrains",
        "TeamCity access token",
        "https://www.jetbrains.com/help/teamcity/configuring-your-user-profile.html",
        r"eyJ0eXAiOiAiVENWMiJ9\.[0-9A-Za-z_-]{36}\.[0-9A-Za-z_-]{48}",
    )
    .at(&["eyJ0eXAiOiAiVENWMiJ9."]),
    Detector::starts(
        "rootly-token",
        "Rootly",
        "Rootly API key",
        "https://rootly.com/account/api-keys",
        r"rootly_[0-9a-f]{64}",
    )
    .at(&["rootly_"]),
    Detector::starts(
        "settlemint-token",
        "SettleMint",
        "SettleMint access token",
        "https://console.settlemint.com/",
        r"sm_[pas]at_[0-9A-Za-z]{16}",
    )
    .at(&["sm_pat_", "sm_aat_", "sm_sat_"])
    .check(proof::three_classes),
    Detector::near(
        "sauce-labs-key",
        "Sauce Labs",
        "Sauce Labs access key",
        "https://app.saucelabs.com/user-settings",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["key"],
    )
    .at(&["sauce"]),
    Detector::near(
        "browserstack-key",
        "BrowserStack",
        "BrowserStack access key",
        "https://www.browserstack.com/accounts/profile",
        r"[0-9A-Za-z]{20}",
        &["key"],
    )
    .at(&["browserstack"])
    .check(proof::three_classes),
];
