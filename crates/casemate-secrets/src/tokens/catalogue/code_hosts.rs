//! Code hosts and package registries.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "github-personal-token",
        "GitHub",
        "GitHub personal access token",
        "https://github.com/settings/tokens",
        r"ghp_[0-9A-Za-z]{36,251}",
    )
    .at(&["ghp_"])
    .check(proof::crc_base62)
    .asked(Verify::get(
        "https://api.github.com/user",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.github+json")],
    )),
    Detector::starts(
        "github-oauth-token",
        "GitHub",
        "GitHub OAuth access token",
        "https://github.com/settings/applications",
        r"gho_[0-9A-Za-z]{36,251}",
    )
    .at(&["gho_"])
    .check(proof::crc_base62)
    .asked(Verify::get(
        "https://api.github.com/user",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.github+json")],
    )),
    Detector::starts(
        "github-user-token",
        "GitHub",
        "GitHub App user access token",
        "https://github.com/settings/apps/authorizations",
        r"ghu_[0-9A-Za-z]{36,251}",
    )
    .at(&["ghu_"])
    .check(proof::crc_base62)
    .asked(Verify::get(
        "https://api.github.com/user",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.github+json")],
    )),
    Detector::starts(
        "github-server-token",
        "GitHub",
        "GitHub App installation access token",
        "https://github.com/settings/installations",
        r"ghs_[0-9A-Za-z]{36,251}",
    )
    .at(&["ghs_"])
    .check(proof::crc_base62)
    .asked(Verify::get("https://api.github.com/rate_limit", &[("Authorization", "Bearer {token}")])),
    Detector::starts(
        "github-installation-token",
        "GitHub",
        "GitHub App installation access token",
        "https://github.com/settings/installations",
        r"ghs_[0-9]{1,12}_eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}",
    )
    .at(&["ghs_"]),
    Detector::starts(
        "github-refresh-token",
        "GitHub",
        "GitHub App refresh token",
        "https://github.com/settings/apps/authorizations",
        r"ghr_[0-9A-Za-z]{36,251}",
    )
    .at(&["ghr_"])
    .check(proof::crc_base62),
    Detector::starts(
        "github-fine-grained-token",
        "GitHub",
        "GitHub fine-grained personal access token",
        "https://github.com/settings/personal-access-tokens",
        r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59,220}",
    )
    .at(&["github_pat_"])
    .asked(Verify::get(
        "https://api.github.com/user",
        &[("Authorization", "Bearer {token}"), ("Accept", "application/vnd.github+json")],
    )),
    Detector::starts(
        "gitlab-personal-token",
        "GitLab",
        "GitLab personal access token",
        "https://gitlab.com/-/user_settings/personal_access_tokens",
        r"glpat-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["glpat-"])
    .check(proof::gitlab)
    .asked(Verify::get("https://gitlab.com/api/v4/user", &[("PRIVATE-TOKEN", "{token}")])),
    Detector::starts(
        "gitlab-deploy-token",
        "GitLab",
        "GitLab deploy token",
        "https://docs.gitlab.com/user/project/deploy_tokens/",
        r"gldt-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["gldt-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-runner-token",
        "GitLab",
        "GitLab runner authentication token",
        "https://docs.gitlab.com/ci/runners/",
        r"glrt-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|(?:t[0-9]_)?[0-9A-Za-z_-]{20})",
    )
    .at(&["glrt-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-runner-registration-token",
        "GitLab",
        "GitLab runner registration token",
        "https://docs.gitlab.com/ci/runners/",
        r"glrtr-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["glrtr-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-trigger-token",
        "GitLab",
        "GitLab pipeline trigger token",
        "https://docs.gitlab.com/ci/triggers/",
        r"glptt-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|(?:[0-9a-f]{40}|[0-9A-Za-z_-]{20}))",
    )
    .at(&["glptt-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-job-token",
        "GitLab",
        "GitLab CI job token",
        "https://docs.gitlab.com/ci/jobs/ci_job_token/",
        r"glcbt-[0-9A-Za-z]{1,5}_[0-9A-Za-z_-]{20}",
    )
    .at(&["glcbt-"]),
    Detector::starts(
        "gitlab-feed-token",
        "GitLab",
        "GitLab feed token",
        "https://gitlab.com/-/user_settings/personal_access_tokens",
        r"glft-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["glft-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-mail-token",
        "GitLab",
        "GitLab incoming mail token",
        "https://gitlab.com/-/user_settings/personal_access_tokens",
        r"glimt-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{25})",
    )
    .at(&["glimt-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-agent-token",
        "GitLab",
        "GitLab agent token for Kubernetes",
        "https://docs.gitlab.com/user/clusters/agent/",
        r"glagent-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{50})",
    )
    .at(&["glagent-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-oauth-secret",
        "GitLab",
        "GitLab OAuth application secret",
        "https://gitlab.com/-/user_settings/applications",
        r"gloas-[0-9a-f]{64}",
    )
    .at(&["gloas-"]),
    Detector::starts(
        "gitlab-scim-token",
        "GitLab",
        "GitLab SCIM token",
        "https://docs.gitlab.com/user/group/saml_sso/scim_setup/",
        r"glsoat-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["glsoat-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-feature-flag-token",
        "GitLab",
        "GitLab feature flags client token",
        "https://docs.gitlab.com/operations/feature_flags/",
        r"glffct-(?:[0-9A-Za-z_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[0-9A-Za-z_-]{20})",
    )
    .at(&["glffct-"])
    .check(proof::gitlab),
    Detector::starts(
        "gitlab-legacy-registration-token",
        "GitLab",
        "GitLab runner registration token",
        "https://docs.gitlab.com/ci/runners/",
        r"GR1348941[0-9A-Za-z_-]{20}",
    )
    .at(&["GR1348941"]),
    Detector::starts(
        "bitbucket-app-password",
        "Atlassian",
        "Bitbucket app password",
        "https://bitbucket.org/account/settings/app-passwords/",
        r"ATBB[0-9A-Za-z_-]{24}[0-9A-F]{8}",
    )
    .at(&["ATBB"]),
    Detector::starts(
        "bitbucket-repository-token",
        "Atlassian",
        "Bitbucket repository access token",
        "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
        r"ATCTT3xFfG[0-9A-Za-z+/_-]{50,300}=[0-9A-F]{8}",
    )
    .at(&["ATCTT3xFfG"])
    .asked(Verify::bearer("https://api.bitbucket.org/2.0/user")),
    Detector::near(
        "bitbucket-client-secret",
        "Atlassian",
        "Bitbucket OAuth client secret",
        "https://bitbucket.org/account/settings/api",
        r"[0-9A-Za-z_-]{32}",
        &["secret"],
    )
    .at(&["bitbucket"]),
    Detector::starts(
        "atlassian-api-token",
        "Atlassian",
        "Atlassian API token",
        "https://id.atlassian.com/manage-profile/security/api-tokens",
        r"ATATT3xFfG[0-9A-Za-z+/_-]{50,300}=[0-9A-F]{8}",
    )
    .at(&["ATATT3xFfG"]),
    Detector::starts(
        "npm-token",
        "npm",
        "npm access token",
        "https://www.npmjs.com/settings/~/tokens",
        r"npm_[0-9A-Za-z]{36,48}",
    )
    .at(&["npm_"])
    .check(proof::npm)
    .asked(Verify::bearer("https://registry.npmjs.org/-/whoami")),
    Detector::near(
        "npm-legacy-token",
        "npm",
        "npm access token (older form)",
        "https://www.npmjs.com/settings/~/tokens",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        &["authtoken"],
    )
    .at(&["_authToken"]),
    Detector::starts(
        "pypi-token",
        "PyPI",
        "PyPI API token",
        "https://pypi.org/manage/account/token/",
        r"pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{70,1000}",
    )
    .at(&["pypi-AgEIcHlwaS5vcmc"])
    .check(proof::macaroon),
    Detector::starts(
        "testpypi-token",
        "PyPI",
        "TestPyPI API token",
        "https://test.pypi.org/manage/account/token/",
        r"pypi-AgENdGVzdC5weXBpLm9yZ[0-9A-Za-z_-]{70,1000}",
    )
    .at(&["pypi-AgENdGVzdC5weXBpLm9yZ"])
    .check(proof::macaroon),
    Detector::starts(
        "rubygems-token",
        "RubyGems",
        "RubyGems API key",
        "https://rubygems.org/profile/api_keys",
        r"rubygems_[0-9a-f]{48}",
    )
    .at(&["rubygems_"])
    .asked(Verify::get("https://rubygems.org/api/v1/gems.json", &[("Authorization", "{token}")])),
    Detector::starts(
        "crates-io-token",
        "crates.io",
        "crates.io API token",
        "https://crates.io/settings/tokens",
        r"cio[0-9A-Za-z]{32}",
    )
    .at(&["cio"])
    .check(proof::three_classes),
    Detector::starts(
        "nuget-key",
        "NuGet",
        "NuGet API key",
        "https://www.nuget.org/account/apikeys",
        r"oy2[a-z0-9]{43}",
    )
    .at(&["oy2"]),
    Detector::starts(
        "docker-personal-token",
        "Docker",
        "Docker Hub personal access token",
        "https://app.docker.com/settings/personal-access-tokens",
        r"dckr_pat_[0-9A-Za-z_-]{27}",
    )
    .at(&["dckr_pat_"]),
    Detector::starts(
        "docker-organisation-token",
        "Docker",
        "Docker Hub organisation access token",
        "https://docs.docker.com/enterprise/security/access-tokens/",
        r"dckr_oat_[0-9A-Za-z_-]{32}",
    )
    .at(&["dckr_oat_"]),
    Detector::starts(
        "jfrog-api-key",
        "JFrog",
        "JFrog Artifactory API key",
        "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
        r"AKCp[0-9A-Za-z]{69}",
    )
    .at(&["AKCp"]),
    Detector::starts(
        "jfrog-reference-token",
        "JFrog",
        "JFrog reference token",
        "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
        r"cmVmdGtu[0-9A-Za-z]{56}",
    )
    .at(&["cmVmdGtu"])
    .check(proof::jfrog_reference),
    Detector::starts(
        "sourcegraph-token",
        "Sourcegraph",
        "Sourcegraph access token",
        "https://sourcegraph.com/user/settings/tokens",
        r"sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}",
    )
    .at(&["sgp_"])
    .asked(
        Verify::get("https://sourcegraph.com/.api/graphql", &[("Authorization", "token {token}")])
            .post("{\"query\":\"query{currentUser{username}}\"}")
            .says("username"),
    ),
    Detector::starts(
        "sourcegraph-licence-token",
        "Sourcegraph",
        "Sourcegraph licence token",
        "https://sourcegraph.com/user/settings/tokens",
        r"slk_[0-9a-f]{64}",
    )
    .at(&["slk_"]),
    Detector::starts(
        "clojars-token",
        "Clojars",
        "Clojars deploy token",
        "https://clojars.org/tokens",
        r"CLOJARS_[0-9a-f]{60}",
    )
    .at(&["CLOJARS_"]),
    Detector::starts(
        "packagist-token",
        "Packagist",
        "Private Packagist token",
        "https://packagist.com/profile",
        r"packagist_[ou][ru]t_[0-9a-f]{60,80}",
    )
    .at(&["packagist_"]),
    Detector::starts(
        "open-vsx-token",
        "Open VSX",
        "Open VSX access token",
        "https://open-vsx.org/user-settings/tokens",
        r"ovsxat_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["ovsxat_"]),
    Detector::starts(
        "jetbrains-token",
        "JetBrains",
        "JetBrains Hub permanent token",
        "https://www.jetbrains.com/help/youtrack/cloud/manage-permanent-token.html",
        r"perm[:-][0-9A-Za-z+/=]{4,60}\.[0-9A-Za-z+/=]{2,60}\.[0-9A-Za-z]{20,60}",
    )
    .at(&["perm:", "perm-"]),
    Detector::holds(
        "azure-devops-token",
        "Microsoft",
        "Azure DevOps personal access token",
        "https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate",
        r"[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}",
    )
    .at(&["AZDO"]),
    Detector::near(
        "azure-devops-legacy-token",
        "Microsoft",
        "Azure DevOps personal access token (older form)",
        "https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate",
        r"[a-z2-7]{52}",
        &["token", "pat", "key", "password"],
    )
    .at(&["azure_devops", "azuredevops", "dev.azure.com", "system_accesstoken", "vsts"])
    .check(proof::letters_and_digits),
    Detector::near(
        "gitea-token",
        "Gitea",
        "Gitea access token",
        "https://docs.gitea.com/development/oauth2-provider",
        r"[0-9a-f]{40}",
        &["token"],
    )
    .at(&["gitea", "forgejo", "codeberg"]),
    Detector::starts("readme-token", "ReadMe", "ReadMe API key", "https://dash.readme.com/", r"rdme_[a-z0-9]{70}")
        .at(&["rdme_"]),
];
