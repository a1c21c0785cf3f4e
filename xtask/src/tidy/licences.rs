//! Licences, banned crates and sources of everything we build with, by the lists in deny.toml.

use serde::Deserialize;

use super::Problem;
use crate::workspace::Metadata;

/// deny.toml, as far as it is read here; `cargo deny` reads the rest of it.
#[derive(Debug, Deserialize)]
pub(super) struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// Every package of the graph against the lists.
pub(super) fn check(metadata: &Metadata, deny: &Deny) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let place = format!("{} {}", package.name, package.version);
        let is_ours = metadata.workspace_members.contains(&package.id);
        let is_allowed = |licence: &str| {
            let excepted = deny.licenses.exceptions.iter().filter(|exception| exception.name == package.name);
            deny.licenses.allow.iter().chain(excepted.flat_map(|exception| &exception.allow)).any(|one| one == licence)
        };
        match &package.license {
            None => problems.push(Problem::new(&place, "names no licence")),
            Some(expression) if !satisfies(expression, &is_allowed) => {
                problems.push(Problem::new(&place, format!("is under `{expression}`, which deny.toml does not allow")));
            }
            Some(_) => {}
        }
        if let Some(ban) = deny.bans.deny.iter().find(|ban| ban.name == package.name) {
            problems.push(Problem::new(&place, format!("is banned: {}", ban.reason)));
        }
        let registry = package.source.as_deref().and_then(|source| source.strip_prefix("registry+"));
        if !is_ours && !registry.is_some_and(|from| deny.sources.allow_registry.iter().any(|one| one == from)) {
            problems.push(Problem::new(&place, "does not come from a registry that deny.toml allows"));
        }
    }
    problems
}

/// Whether an SPDX expression can be met with allowed licences. `/` is the old way to write `OR`.
fn satisfies(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "+WITH+");
    let words: Vec<String> = spaced.split_whitespace().map(|word| word.replace("+WITH+", " WITH ")).collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, is_allowed) && rest.is_empty()
}

fn any_of(rest: &mut &[String], is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = all_of(rest, is_allowed);
    while rest.first().is_some_and(|word| word == "OR") {
        *rest = &rest[1..];
        met |= all_of(rest, is_allowed);
    }
    met
}

fn all_of(rest: &mut &[String], is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(rest, is_allowed);
    while rest.first().is_some_and(|word| word == "AND") {
        *rest = &rest[1..];
        met &= one(rest, is_allowed);
    }
    met
}

fn one(rest: &mut &[String], is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some((word, after)) = rest.split_first() else { return false };
    *rest = after;
    if word != "(" {
        return is_allowed(word);
    }
    let met = any_of(rest, is_allowed);
    match rest.split_first() {
        Some((word, after)) if word == ")" => {
            *rest = after;
            met
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;

    fn found(name: &str, licence: Option<&str>, source: &str) -> Vec<String> {
        let deny: Deny = toml::from_str(
            r#"
            licenses.allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"]
            licenses.exceptions = [{ crate = "special", allow = ["MPL-2.0"] }]
            bans.deny = [{ crate = "openssl-sys", reason = "we use rustls" }]
            sources.allow-registry = ["https://index"]
            "#,
        )
        .unwrap();
        let package = Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: licence.map(str::to_owned),
            source: Some(source.to_owned()),
            ..Package::default()
        };
        let metadata = Metadata { packages: vec![package], ..Metadata::default() };
        check(&metadata, &deny).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for fine in
            ["MIT OR GPL-3.0", "MIT/GPL-3.0", "ISC AND (GPL-3.0 OR MIT)", "Apache-2.0 WITH LLVM-exception OR GPL-3.0"]
        {
            assert_eq!(found("some", Some(fine), "registry+https://index"), Vec::<String>::new(), "{fine}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 WITH LLVM-exception", "(MIT OR ISC", "MIT ISC", ""] {
            assert_eq!(found("some", Some(bad), "registry+https://index").len(), 1, "{bad}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_crate_only() {
        assert!(found("special", Some("MPL-2.0"), "registry+https://index").is_empty());
        assert_eq!(found("other", Some("MPL-2.0"), "registry+https://index").len(), 1);
    }

    #[test]
    fn a_missing_licence_a_banned_crate_and_a_foreign_source_are_found() {
        assert_eq!(found("some", None, "registry+https://index"), ["some 1.0.0: names no licence"]);
        assert_eq!(
            found("openssl-sys", Some("MIT"), "registry+https://index"),
            ["openssl-sys 1.0.0: is banned: we use rustls"]
        );
        assert_eq!(found("some", Some("MIT"), "git+https://index").len(), 1);
    }
}
