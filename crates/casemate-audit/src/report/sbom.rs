//! CycloneDX 1.6: what the project is made of, who asks for what, and what is known about it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use casemate_packages::Version;
use casemate_packages::manifest::{Dependency, License, Manifest, Origin, PackageName, without_credentials};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::upgrades::known_hole;
use super::{Report, TOOL_NAME, TOOL_URL, TOOL_VERSION};
use crate::finding::{DependencyDetail, Finding};

/// What the project itself is called in references.
const ROOT: &str = "project";

/// Writes the document, ending with a newline; `now` is the time in the form of RFC 3339, if it shall be told.
pub fn write(report: &Report<'_>, now: Option<&str>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report, now))?;
    out.write_all(b"\n")
}

/// One package in one version, put together from everything that names it.
#[derive(Default)]
struct Component {
    purl: String,
    name: String,
    version: Option<String>,
    hashes: BTreeSet<String>,
    addresses: BTreeSet<(&'static str, String)>,
    files: BTreeSet<String>,
    /// Whether something that runs asks for it, not only tests, documentation or the build.
    is_required: bool,
    requires: BTreeSet<String>,
    licenses: BTreeSet<License>,
}

/// What belongs together: a manifest, or everything that is installed in one place.
fn together(manifests: &[Manifest]) -> Vec<Vec<&Manifest>> {
    let mut environments: BTreeMap<&str, Vec<&Manifest>> = BTreeMap::new();
    let mut groups = Vec::new();
    for manifest in manifests {
        match manifest.environment() {
            Some(environment) => environments.entry(environment).or_default().push(manifest),
            None => groups.push(vec![manifest]),
        }
    }
    groups.extend(environments.into_values());
    groups
}

fn document(report: &Report<'_>, now: Option<&str>) -> Value {
    let manifests = &report.outcome.manifests;
    let mut components: BTreeMap<String, Component> = BTreeMap::new();
    let mut direct: BTreeSet<String> = BTreeSet::new();
    let locked: BTreeSet<&PackageName> =
        manifests.iter().flat_map(all).filter(|(one, _)| one.version.is_some()).map(|(one, _)| &one.name).collect();
    for group in together(manifests) {
        let parts = || {
            let all =
                group.iter().flat_map(|manifest| all(manifest).map(move |(one, builds)| (*manifest, one, builds)));
            all.filter(|(_, one, _)| is_part(one, &locked))
        };
        let asked: BTreeSet<&PackageName> = parts().flat_map(|(_, one, _)| &one.requires).collect();
        // Where a name leads to here; more than one version may be locked, each for other surroundings.
        let mut named: BTreeMap<&PackageName, Vec<String>> = BTreeMap::new();
        for (_, one, _) in parts() {
            named.entry(&one.name).or_default().push(purl(one));
        }
        for (manifest, one, builds) in parts() {
            let purl = purl(one);
            let component = components.entry(purl.clone()).or_default();
            component.name = one.name.as_str().to_owned();
            component.version = one.version.as_ref().map(ToString::to_string);
            component.hashes.extend(one.hashes.iter().cloned());
            component.addresses.extend(address(one));
            component.files.insert(manifest.path.clone());
            component.licenses.extend(one.licenses.iter().cloned());
            component.is_required |= !builds && one.groups.is_empty();
            let leads = one.requires.iter().filter_map(|name| named.get(name)).flatten();
            component.requires.extend(leads.filter(|other| **other != purl).cloned());
            if one.is_direct.unwrap_or(!asked.contains(&one.name)) {
                direct.insert(purl.clone());
            }
            component.purl = purl;
        }
    }
    let own = manifests.iter().filter(|manifest| manifest.environment().is_none());
    let name = own.filter_map(|manifest| manifest.project.as_ref()).next().map_or("project", PackageName::as_str);
    let mut metadata = json!({
        "tools": {"components": [{
            "type": "application", "name": TOOL_NAME, "version": TOOL_VERSION,
            "externalReferences": [{"type": "website", "url": TOOL_URL}],
        }]},
        "component": {"type": "application", "bom-ref": ROOT, "name": name},
    });
    if let (Some(now), Value::Object(metadata)) = (now, &mut metadata) {
        metadata.insert("timestamp".to_owned(), now.into());
    }
    let mut graph = vec![json!({"ref": ROOT, "dependsOn": direct})];
    graph.extend(components.values().map(|one| json!({"ref": one.purl, "dependsOn": one.requires})));
    let vulnerabilities = vulnerabilities(report, &components);
    let mut document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": metadata,
        "components": components.values().map(told).collect::<Vec<_>>(),
        "dependencies": graph,
        "vulnerabilities": vulnerabilities,
    });
    // The same content has the same number, so that documents can be compared.
    let serial = serial_number(&document);
    if let Value::Object(document) = &mut document {
        document.insert("serialNumber".to_owned(), serial.into());
    }
    document
}

/// Every dependency, and whether it only builds.
fn all(manifest: &Manifest) -> impl Iterator<Item = (&Dependency, bool)> {
    let runs = manifest.dependencies.iter().map(|one| (one, false));
    runs.chain(manifest.build_requires.iter().map(|one| (one, true)))
}

/// What a lock file or a pin says stands for what a manifest merely asks for; the project's own folders are no parts.
fn is_part(one: &Dependency, locked: &BTreeSet<&PackageName>) -> bool {
    let is_known = one.version.is_some() || !locked.contains(&one.name);
    !one.is_constraint && !matches!(one.origin, Origin::Local(_)) && is_known
}

/// The package as <https://github.com/package-url/purl-spec> writes it.
fn purl(one: &Dependency) -> String {
    let kind = if matches!(one.origin, Origin::Conda(_)) { "conda" } else { "pypi" };
    let mut purl = format!("pkg:{kind}/{}", one.name.as_str());
    if let Some(version) = &one.version {
        purl.push('@');
        purl.push_str(&encoded(&version.to_string()));
    }
    match &one.origin {
        Origin::Repository { url, revision, .. } => {
            let at = revision.as_ref().map(|revision| format!("@{revision}")).unwrap_or_default();
            purl.push_str("?vcs_url=");
            purl.push_str(&encoded(&format!("git+{}{at}", without_credentials(url))));
        }
        Origin::Url(url) => {
            purl.push_str("?download_url=");
            purl.push_str(&encoded(&without_credentials(url)));
        }
        _ => {}
    }
    purl
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn address(one: &Dependency) -> Option<(&'static str, String)> {
    match &one.origin {
        Origin::Repository { url, .. } => Some(("vcs", without_credentials(url))),
        Origin::Url(url) => Some(("distribution", without_credentials(url))),
        // SECURITY: the address of a private index may hold a password.
        Origin::Index(Some(index)) if index.contains("://") => Some(("distribution", without_credentials(index))),
        Origin::Index(_) => Some(("distribution", format!("https://pypi.org/simple/{}/", one.name.as_str()))),
        _ => None,
    }
}

fn told(component: &Component) -> Value {
    let mut told = Map::new();
    told.insert("type".to_owned(), "library".into());
    told.insert("bom-ref".to_owned(), component.purl.as_str().into());
    told.insert("name".to_owned(), component.name.as_str().into());
    if let Some(version) = &component.version {
        told.insert("version".to_owned(), version.as_str().into());
    }
    if let Some(licenses) = licenses(&component.licenses) {
        told.insert("licenses".to_owned(), licenses);
    }
    told.insert("purl".to_owned(), component.purl.as_str().into());
    told.insert("scope".to_owned(), if component.is_required { "required" } else { "optional" }.into());
    let hashes: Vec<Value> = component.hashes.iter().filter_map(|hash| hash_of(hash)).collect();
    let mut references: Vec<Value> =
        component.addresses.iter().map(|(kind, url)| json!({"type": kind, "url": url})).collect();
    // They are of the archives that may be installed, each of another one, and not of the component as such.
    if let (Some(Value::Object(first)), false) = (references.first_mut(), hashes.is_empty()) {
        first.insert("hashes".to_owned(), hashes.into());
    }
    if !references.is_empty() {
        told.insert("externalReferences".to_owned(), references.into());
    }
    let files: Vec<Value> =
        component.files.iter().map(|path| json!({"name": "casemate:manifest", "value": path})).collect();
    told.insert("properties".to_owned(), files.into());
    told.into()
}

/// One expression, or several names, never both (CycloneDX 1.6, `licenseChoice`).
fn licenses(of: &BTreeSet<License>) -> Option<Value> {
    let expression = of.iter().find_map(|one| match one {
        License::Expression(expression) => Some(json!([{"expression": expression}])),
        License::Name(_) => None,
    });
    let names = || {
        of.iter().map(|one| match one {
            License::Name(name) | License::Expression(name) => json!({"license": {"name": name}}),
        })
    };
    expression.or_else(|| (!of.is_empty()).then(|| names().collect()))
}

/// `sha256:…` as CycloneDX writes it; `None` for what it has no name for.
fn hash_of(hash: &str) -> Option<Value> {
    let (algorithm, content) = hash.split_once(':')?;
    let (name, length) = match algorithm.to_ascii_lowercase().as_str() {
        "md5" => ("MD5", 32),
        "sha1" => ("SHA-1", 40),
        "sha256" => ("SHA-256", 64),
        "sha384" => ("SHA-384", 96),
        "sha512" => ("SHA-512", 128),
        _ => return None,
    };
    let is_hash = content.len() == length && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| json!({"alg": name, "content": content.to_ascii_lowercase()}))
}

/// Known holes, each once with every package it is in; those that were settled say how.
fn vulnerabilities(report: &Report<'_>, components: &BTreeMap<String, Component>) -> Vec<Value> {
    let outcome = report.outcome;
    let open = outcome.findings.iter().chain(&outcome.baselined).map(|finding| (finding, None));
    let settled = outcome.suppressed.iter().map(|(finding, reason)| (finding, Some(reason)));
    let mut told: BTreeMap<&str, (Value, BTreeSet<&str>)> = BTreeMap::new();
    for (finding, reason) in open.chain(settled) {
        let Some(detail) = known_hole(finding) else { continue };
        let Some(id) = detail.advisories.first() else { continue };
        let of = |one: &&Component| one.name == detail.package && one.version.as_deref() == Some(&*detail.version);
        let refs = components.values().filter(of).map(|one| one.purl.as_str());
        let (_, affects) = told
            .entry(id)
            .or_insert_with(|| (vulnerability(id, finding, detail, reason.map(String::as_str)), BTreeSet::new()));
        affects.extend(refs);
    }
    let with_places = told.into_values().map(|(mut vulnerability, affects)| {
        if let Value::Object(vulnerability) = &mut vulnerability {
            let affects: Vec<Value> = affects.into_iter().map(|purl| json!({"ref": purl})).collect();
            vulnerability.insert("affects".to_owned(), affects.into());
        }
        vulnerability
    });
    with_places.collect()
}

fn vulnerability(id: &str, finding: &Finding, detail: &DependencyDetail, reason: Option<&str>) -> Value {
    let source = |id: &str| json!({"name": "OSV", "url": format!("https://osv.dev/vulnerability/{id}")});
    let mut rating = json!({"severity": finding.severity.as_str()});
    if let (Some(score), Value::Object(rating)) = (detail.score, &mut rating) {
        rating.insert("score".to_owned(), super::detail::rounded(score).into());
        let vector = detail.vector.as_deref().unwrap_or_default();
        let method = match vector.split('/').next() {
            Some("CVSS:4.0") => "CVSSv4",
            Some("CVSS:3.1") => "CVSSv31",
            Some("CVSS:3.0") => "CVSSv3",
            _ => "CVSSv2",
        };
        rating.insert("method".to_owned(), method.into());
        rating.insert("vector".to_owned(), vector.into());
    }
    let others: Vec<Value> =
        detail.advisories.iter().skip(1).map(|id| json!({"id": id, "source": source(id)})).collect();
    let mut told = json!({
        "id": id, "source": source(id), "references": others, "ratings": [rating],
        "description": finding.message, "recommendation": finding.remedy,
    });
    if let (Some(reason), Value::Object(told)) = (reason, &mut told) {
        told.insert("analysis".to_owned(), json!({"state": "not_affected", "detail": reason}));
    }
    told
}

/// A UUID of version 8 (RFC 9562): what is in it is ours to say, and it is a digest of the document.
fn serial_number(document: &Value) -> String {
    let digest = Sha256::digest(document.to_string().as_bytes());
    let mut number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    number = number & !(0xf << 76) | 8 << 76;
    number = number & !(0x3 << 62) | 2 << 62;
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// The package of a finding as a package URL, for other documents.
pub(super) fn purl_of(package: &str, version: &str) -> String {
    let known: Option<Version> = version.parse().ok();
    match known {
        Some(version) => format!("pkg:pypi/{package}@{}", encoded(&version.to_string())),
        None => format!("pkg:pypi/{package}"),
    }
}
