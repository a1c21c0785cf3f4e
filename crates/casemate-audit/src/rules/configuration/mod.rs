//! Containers, workflows, servers and what else configures a project.

pub(crate) mod compose_privileged;
pub(crate) mod container_root;
pub(crate) mod container_secret;
pub(crate) mod container_unpinned_base;
pub(crate) mod dockerfile;
mod expression;
mod files;
mod image;
mod scripts;
mod shell;
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
];
