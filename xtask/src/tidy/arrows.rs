//! Who may use whom: the drawing of ARCHITECTURE.md, held against the manifests and the resolved graph.

use std::collections::BTreeSet;

use super::Problem;
use crate::workspace::Metadata;

/// For each of our crates, the others it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("casemate-python", &[]),
    ("casemate-secrets", &[]),
    ("casemate-packages", &[]),
    ("casemate-git", &[]),
    ("casemate-remote", &[]),
    ("casemate-audit", &["casemate-python", "casemate-secrets", "casemate-packages"]),
    ("casemate-model", &[]),
    ("casemate-store", &["casemate-model"]),
    ("casemate-service", &["casemate-audit", "casemate-model", "casemate-store"]),
    ("casemate-web", &["casemate-model", "casemate-service"]),
    (
        "casemate",
        &[
            "casemate-python",
            "casemate-secrets",
            "casemate-packages",
            "casemate-git",
            "casemate-remote",
            "casemate-audit",
            "casemate-model",
            "casemate-store",
            "casemate-service",
            "casemate-web",
        ],
    ),
    ("casemate-testing", &[]),
    ("xtask", &["casemate-audit"]),
    ("bare-axum", &[]),
];

/// Serves tests everywhere and the product nowhere.
const FOR_TESTS: &str = "casemate-testing";

/// Foreign crates that only some rooms may name, and those whose tests may too. A name ending in `*` is a prefix.
const OWNED: &[(&str, &[&str], &[&str])] = &[
    ("ruff_*", &["casemate-python"], &[]),
    ("cedar-*", &["casemate-model"], &[]),
    // Tests of the trail play the person who has the database.
    ("sqlx*", &["casemate-store", "bare-axum"], &["casemate-service"]),
    ("axum*", &["casemate-web", "casemate", "bare-axum"], &[]),
    ("askama*", &["casemate-web"], &[]),
    ("utoipa*", &["casemate-web"], &[]),
    ("gix*", &["casemate-git"], &[]),
    ("pep440_rs", &["casemate-packages"], &[]),
    ("pep508_rs", &["casemate-packages"], &[]),
];

/// What a room must not reach, not even through somebody else.
const OUT_OF_REACH: &[(&str, &[&str])] = &[
    ("casemate-python", SERVER_OR_NETWORK),
    ("casemate-secrets", SERVER_OR_NETWORK),
    ("casemate-packages", SERVER_OR_NETWORK),
    ("casemate-git", &["axum*", "hyper", "sqlx*", "tokio", "cedar-*", "ureq", "rustls", "reqwest"]),
    ("casemate-remote", &["axum*", "sqlx*", "cedar-*"]),
    ("casemate-audit", SERVER_OR_NETWORK),
    ("casemate-model", &["axum", "hyper", "sqlx*", "tokio", "ureq", "rustls", "reqwest"]),
    ("casemate-store", &["axum", "askama", "hyper"]),
    ("casemate-service", &["axum", "askama"]),
];

const SERVER_OR_NETWORK: &[&str] =
    &["axum*", "hyper", "sqlx*", "tokio", "cedar-*", "ureq", "rustls", "reqwest", "time", "chrono"];

/// What the small auditor that Python users install must not contain.
const NOT_IN_THE_SMALL_BUILD: &[&str] = &[
    "axum*",
    "hyper",
    "sqlx*",
    "tokio",
    "cedar-*",
    "argon2",
    "casemate-model",
    "casemate-store",
    "casemate-service",
    "casemate-web",
];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

/// The manifests and the resolved graph against the drawing.
pub(super) fn check(metadata: &Metadata) -> Vec<Problem> {
    let mut problems = Vec::new();
    let ours: BTreeSet<&str> = metadata.members().map(|package| package.name.as_str()).collect();
    for package in metadata.members() {
        let Some((_, may_use)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            problems.push(Problem::new(
                &package.name,
                "this crate has no arrows; decide what it may use in ARCHITECTURE.md and `xtask/src/tidy/arrows.rs`",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let is_test_only = dependency.kind.as_deref() == Some("dev");
            let name = dependency.name.as_str();
            if ours.contains(name) && !may_use.contains(&name) {
                let below = may_use.iter().any(|used| metadata.closure(used).contains(&name));
                if !(is_test_only && (below || name == package.name || name == FOR_TESTS)) {
                    problems.push(Problem::new(&package.name, format!("may not use `{name}`; nothing points up")));
                }
            }
            for (pattern, owners, in_tests) in OWNED {
                let room = package.name.as_str();
                let may = owners.contains(&room) || (is_test_only && in_tests.contains(&room));
                if matches(pattern, name) && !may {
                    problems.push(Problem::new(
                        &package.name,
                        format!("may not use `{name}`; only {} may", owners.join(", ")),
                    ));
                }
            }
            if name.starts_with("ruff_") && !dependency.req.starts_with('=') {
                problems.push(Problem::new(&package.name, format!("`{name}` is unstable; pin it with `=`")));
            }
        }
    }
    for (room, forbidden) in OUT_OF_REACH {
        for name in metadata.closure(room) {
            if forbidden.iter().any(|pattern| matches(pattern, name)) {
                problems.push(Problem::new(*room, format!("reaches `{name}`, which belongs to another floor")));
            }
        }
    }
    problems
}

/// `cargo tree` of the build without the server, one package a line.
pub(super) fn check_small_build(tree: &str) -> Vec<Problem> {
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    if !names.contains("casemate-audit") {
        return vec![Problem::new("casemate --no-default-features", "does not contain the auditor")];
    }
    names
        .into_iter()
        .filter(|name| NOT_IN_THE_SMALL_BUILD.iter().any(|pattern| matches(pattern, name)))
        .map(|name| {
            Problem::new(
                "casemate --no-default-features",
                format!("contains `{name}`; hide it behind the feature `server`"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Dependency, Edge, EdgeKind, Node, Package, Resolve};

    /// A package and what it uses, each with the kind of use.
    type Drawn = (&'static str, &'static [(&'static str, Option<&'static str>)]);

    /// Names that start with `casemate` are ours.
    fn graph(packages: &[Drawn]) -> Metadata {
        let kind = |kind: Option<&str>| kind.map(str::to_owned);
        Metadata {
            workspace_members: packages
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .filter(|name| name.starts_with("casemate"))
                .collect(),
            packages: packages
                .iter()
                .map(|(name, used)| Package {
                    id: (*name).to_owned(),
                    name: (*name).to_owned(),
                    dependencies: used
                        .iter()
                        .map(|(name, why)| Dependency {
                            name: (*name).to_owned(),
                            kind: kind(*why),
                            req: "=1.0.0".to_owned(),
                        })
                        .collect(),
                    ..Package::default()
                })
                .collect(),
            resolve: Resolve {
                nodes: packages
                    .iter()
                    .map(|(name, used)| Node {
                        id: (*name).to_owned(),
                        deps: used
                            .iter()
                            .map(|(name, why)| Edge {
                                pkg: (*name).to_owned(),
                                dep_kinds: vec![EdgeKind { kind: kind(*why) }],
                            })
                            .collect(),
                    })
                    .collect(),
            },
        }
    }

    fn messages(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_drawn_arrows_are_allowed() {
        let metadata = graph(&[
            ("casemate-python", &[("ruff_python_parser", None)]),
            ("casemate-audit", &[("casemate-python", None)]),
            ("casemate-model", &[("cedar-policy", None)]),
            ("casemate-store", &[("casemate-model", None), ("sqlx", None), ("tokio", Some("dev"))]),
            ("ruff_python_parser", &[]),
            ("cedar-policy", &[]),
            ("sqlx", &[]),
            ("tokio", &[]),
        ]);
        assert_eq!(check(&metadata), []);
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let metadata = graph(&[("casemate-model", &[("casemate-service", None)]), ("casemate-service", &[])]);
        assert_eq!(messages(&check(&metadata)), ["casemate-model: may not use `casemate-service`; nothing points up"]);
    }

    #[test]
    fn a_test_may_look_below_its_room_but_not_above() {
        let below = graph(&[
            ("casemate-web", &[("casemate-service", None), ("casemate-store", Some("dev"))]),
            ("casemate-service", &[("casemate-store", None)]),
            ("casemate-store", &[]),
        ]);
        assert_eq!(check(&below), []);
        let above = graph(&[("casemate-store", &[("casemate-service", Some("dev"))]), ("casemate-service", &[])]);
        assert_eq!(check(&above).len(), 1);
    }

    #[test]
    fn what_serves_tests_stays_out_of_the_product() {
        let in_tests = graph(&[("casemate-store", &[("casemate-testing", Some("dev"))]), ("casemate-testing", &[])]);
        assert_eq!(check(&in_tests), []);
        let in_product = graph(&[("casemate-store", &[("casemate-testing", None)]), ("casemate-testing", &[])]);
        assert_eq!(check(&in_product).len(), 1);
    }

    #[test]
    fn a_foreign_crate_in_the_wrong_room_is_found_in_tests_too() {
        let metadata = graph(&[("casemate-web", &[("sqlx", Some("dev"))]), ("sqlx", &[])]);
        assert_eq!(
            messages(&check(&metadata)),
            ["casemate-web: may not use `sqlx`; only casemate-store, bare-axum may"]
        );
    }

    #[test]
    fn a_foreign_crate_allowed_in_tests_is_not_allowed_in_the_product() {
        let in_tests = graph(&[("casemate-service", &[("sqlx", Some("dev"))]), ("sqlx", &[])]);
        assert_eq!(check(&in_tests), []);
        let in_product = graph(&[("casemate-service", &[("sqlx", None)]), ("sqlx", &[])]);
        assert_eq!(check(&in_product).len(), 1);
    }

    #[test]
    fn the_auditor_may_not_reach_the_server_through_somebody_else() {
        let metadata =
            graph(&[("casemate-audit", &[("innocent", None)]), ("innocent", &[("tokio", None)]), ("tokio", &[])]);
        assert_eq!(messages(&check(&metadata)), ["casemate-audit: reaches `tokio`, which belongs to another floor"]);
    }

    #[test]
    fn a_new_crate_must_be_drawn() {
        assert_eq!(check(&graph(&[("casemate-extra", &[])])).len(), 1);
    }

    #[test]
    fn the_small_build_is_free_of_the_server() {
        let small = "casemate v0.1.0 (/x)\ncasemate-audit v0.1.0\nclap v4.6.0\n";
        assert_eq!(check_small_build(small), []);
        assert_eq!(check_small_build(&format!("{small}sqlx-core v0.9.0\n")).len(), 1);
        assert_eq!(check_small_build("").len(), 1);
    }
}
