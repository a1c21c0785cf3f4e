//! Containers, workflows, servers and what else configures a project.

pub(crate) mod backdoor_pattern;
pub(crate) mod cloud_public_access;
pub(crate) mod cloud_unencrypted;
pub(crate) mod compose_privileged;
pub(crate) mod container_root;
pub(crate) mod container_secret;
pub(crate) mod container_unpinned_base;
pub(crate) mod dockerfile;
pub(crate) mod env_file_committed;
mod expression;
mod files;
mod image;
pub(crate) mod notebook_shell_magic;
pub(crate) mod pre_commit_unpinned;
mod scripts;
pub(crate) mod server_config_insecure;
mod shell;
pub(crate) mod trojan_source;
pub(crate) mod unverified_download;
pub(crate) mod workflow_risk;
pub(crate) mod yaml;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&container_root::RULE, &[Check::Text(container_root::check)]),
    (&container_secret::RULE, &[Check::Text(container_secret::check)]),
    (&container_unpinned_base::RULE, &[Check::Text(container_unpinned_base::check)]),
    (&unverified_download::RULE, &[Check::Text(unverified_download::check)]),
    (&compose_privileged::RULE, &[Check::Text(compose_privileged::check)]),
    (&workflow_risk::RULE, &[Check::Text(workflow_risk::check)]),
    (&env_file_committed::RULE, &[Check::Text(env_file_committed::check)]),
    (
        &server_config_insecure::RULE,
        &[Check::Module(server_config_insecure::check), Check::Text(server_config_insecure::check_text)],
    ),
    (&notebook_shell_magic::RULE, &[Check::Text(notebook_shell_magic::check)]),
    (
        &cloud_public_access::RULE,
        &[Check::Module(cloud_public_access::check), Check::Text(cloud_public_access::check_text)],
    ),
    (&pre_commit_unpinned::RULE, &[Check::Text(pre_commit_unpinned::check)]),
    (&trojan_source::RULE, &[Check::Module(trojan_source::check), Check::Text(trojan_source::check_text)]),
    (&backdoor_pattern::RULE, &[Check::Module(backdoor_pattern::check)]),
    (&cloud_unencrypted::RULE, &[Check::Module(cloud_unencrypted::check)]),
];
