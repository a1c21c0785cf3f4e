//! Data of a cloud that is kept or sent without encryption.

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, is_none, last_name, path};
use crate::rules::pattern::{Found, Site, tell};
use crate::rules::suspicion::truth;

/// `cloud-unencrypted`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1616",
    name: "cloud-unencrypted",
    summary: "Data of a cloud is kept or sent without encryption",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[311, 319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.3.1",
    page: include_str!("cloud_unencrypted.md"),
};

/// What is made, by which argument it is encrypted, and whether it is unless that says otherwise.
const MADE: &[(&str, &[&str], bool)] = &[
    ("DatabaseInstance", &["storage_encrypted", "storage_encryption_key"], false),
    ("DatabaseCluster", &["storage_encrypted", "storage_encryption_key"], false),
    ("CfnDBInstance", &["storage_encrypted", "kms_key_id"], false),
    ("CfnDBCluster", &["storage_encrypted", "kms_key_id"], false),
    ("ServerlessCluster", &["storage_encryption_key"], true),
    ("FileSystem", &["encrypted", "kms_key"], true),
    ("CfnFileSystem", &["encrypted"], false),
    ("Volume", &["encrypted", "encryption_key"], false),
    ("CfnVolume", &["encrypted"], false),
    ("Topic", &["master_key"], false),
    ("CfnTopic", &["kms_master_key_id"], false),
    ("CfnNotebookInstance", &["kms_key_id"], false),
    ("CfnReplicationGroup", &["at_rest_encryption_enabled"], false),
    ("CfnDomain", &["encryption_at_rest_options"], false),
];

pub(crate) fn check(cx: &mut Context<'_>) {
    if !cx.imports_any(&["aws_cdk", "pulumi_aws", "troposphere"]) {
        return;
    }
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(told(cx, &site));
    }
    tell(cx, &RULE, found);
}

fn told(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let is_off = |at: At<'_>| truth(cx, at) == Some(false) || is_none(cx, at);
    let kept = |found: Found| Some(found.confidence(Confidence::High));
    match site.name() {
        // `enforce_ssl`, of buckets, queues and topics; a search domain has a name of its own for it.
        "Bucket" | "Queue" | "Topic" | "Domain" | "CfnBucket"
            if ["enforce_ssl", "enforce_https", "node_to_node_encryption"]
                .iter()
                .any(|name| site.keyword(cx, name).is_some_and(is_off)) =>
        {
            kept(site.found(
                "what is asked and answered may cross the network without TLS".to_owned(),
                "Set `enforce_ssl=True` (of a search domain `enforce_https=True` and `node_to_node_encryption=True`).",
            ))
        }
        "Bucket" | "Queue" | "Stream" | "Table" => {
            let given = site.keyword(cx, "encryption")?;
            let is_plain = path(cx, given).unwrap_or_else(|| given.written()).ends_with(".UNENCRYPTED");
            is_plain.then(|| unencrypted(site)).and_then(kept)
        }
        "EncryptionAtRestOptions" | "EncryptionAtRestOptionsProperty" => {
            site.keyword(cx, "enabled").is_some_and(is_off).then(|| unencrypted(site)).and_then(kept)
        }
        "StageOptions" | "MethodDeploymentOptions" => {
            let caches = site.keyword(cx, "caching_enabled").is_some_and(|at| truth(cx, at) == Some(true));
            let is_plain = site.keyword(cx, "cache_data_encrypted").is_none_or(is_off);
            (caches && is_plain).then(|| unencrypted(site)).and_then(kept)
        }
        name => {
            let &(_, by, is_default) = MADE.iter().find(|made| made.0 == name)?;
            let of_cloud = site.path.starts_with("aws_cdk.")
                || site.path.starts_with("pulumi_aws.")
                || site.path.starts_with("troposphere.");
            if !of_cloud {
                return None;
            }
            let given: Vec<At<'_>> = by.iter().filter_map(|name| site.keyword(cx, name)).collect();
            if !given.is_empty() {
                let all_off = given.iter().all(|&at| is_off(at));
                return all_off.then(|| unencrypted(site)).and_then(kept);
            }
            // What an account or a snapshot brings along is not seen here; so only who asks is told.
            (!is_default && !site.is_open()).then(|| unencrypted(site).suspicion())
        }
    }
}

fn unencrypted(site: &Site<'_>) -> Found {
    site.found(
        format!("`{}` keeps its data as it is: whoever gets hold of a disk, a backup or a snapshot reads it", last_name(site.callee)),
        "Switch encryption on (`encrypted=True`, `storage_encrypted=True`, `encryption=…KMS`), with a key of your own where others must not decrypt.",
    )
}
