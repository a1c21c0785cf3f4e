//! What installed packages say of themselves.

use casemate_packages::manifest::{License, Manifest, Origin, PackageName, kind_of};
use casemate_packages::project;
use proptest::prelude::*;

use crate::support::{manifest, pins, problems};

fn metadata(name: &str, version: &str, more: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}\nA description: with colons\nName: no\n")
}

fn joined(files: &[(&str, String)]) -> Vec<Manifest> {
    let mut all: Vec<Manifest> = files.iter().map(|(path, text)| manifest(path, text)).collect();
    project::join(&mut all.iter_mut().collect::<Vec<_>>());
    all
}

#[test]
fn a_package_is_read_with_what_it_needs() {
    let needs = "Requires-Dist: asgiref (>=3.3)\nRequires-Dist: pytz\nRequires-Dist: argon2-cffi ; extra == 'argon2'\n";
    let read = manifest("site-packages/Django-3.2.1.dist-info/METADATA", &metadata("Django", "3.2.1", needs));
    assert_eq!((pins(&read), problems(&read)), (vec!["django 3.2.1".to_owned()], vec![]));
    let requires: Vec<&str> = read.dependencies[0].requires.iter().map(PackageName::as_str).collect();
    assert_eq!(requires, ["asgiref", "pytz"]);
    assert_eq!(read.environment(), Some("site-packages/"));
}

#[test]
fn every_form_of_installation_is_known_by_its_path() {
    for (path, environment) in [
        ("v/site-packages/a-1.dist-info/METADATA", "v/site-packages/"),
        ("v/site-packages/a-1.egg-info/PKG-INFO", "v/site-packages/"),
        ("v/site-packages/a-1.egg-info", "v/site-packages/"),
        ("v/site-packages/a-1-py3.8.egg/EGG-INFO/PKG-INFO", "v/site-packages/"),
        ("a-1.dist-info/METADATA", ""),
    ] {
        assert!(kind_of(path).is_some(), "{path}");
        let read = manifest(path, &metadata("a", "1", ""));
        assert_eq!((pins(&read), read.environment()), (vec!["a 1".to_owned()], Some(environment)), "{path}");
    }
    assert_eq!(kind_of("v/site-packages/a-1.dist-info/RECORD"), None);
    assert_eq!(manifest("requirements.txt", "a==1\n").environment(), None);
}

#[test]
fn who_is_needed_by_nobody_was_asked_for() {
    let all = joined(&[
        ("s/web-1.dist-info/METADATA", metadata("web", "1", "Requires-Dist: wsgi>=1\n")),
        ("s/wsgi-2.dist-info/METADATA", metadata("wsgi", "2", "")),
        ("other/wsgi-2.dist-info/METADATA", metadata("wsgi", "2", "")),
    ]);
    let direct: Vec<Option<bool>> = all.iter().map(|one| one.dependencies[0].is_direct).collect();
    assert_eq!(direct, [Some(true), Some(false), Some(true)]);
}

#[test]
fn a_package_from_elsewhere_says_so() {
    let vcs = r#"{"url": "https://git.example/a.git", "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "0123456789012345678901234567890123456789"}}"#;
    let folder = r#"{"url": "file:///srv/b", "dir_info": {"editable": true}}"#;
    let archive = r#"{"url": "https://files.example/c-1.zip", "archive_info": {}}"#;
    let all = joined(&[
        ("s/a-1.dist-info/METADATA", metadata("a", "1", "")),
        ("s/a-1.dist-info/direct_url.json", vcs.to_owned()),
        ("s/b-1.dist-info/METADATA", metadata("b", "1", "")),
        ("s/b-1.dist-info/direct_url.json", folder.to_owned()),
        ("s/c-1.dist-info/METADATA", metadata("c", "1", "")),
        ("s/c-1.dist-info/direct_url.json", archive.to_owned()),
        ("s/d-1.dist-info/METADATA", metadata("d", "1", "")),
    ]);
    let of = |at: usize| &all[at].dependencies[0];
    assert!(matches!(&of(0).origin, Origin::Repository { is_commit: true, .. }));
    assert!(matches!(&of(2).origin, Origin::Local(_)) && of(2).is_editable && !of(2).is_public());
    assert!(matches!(&of(4).origin, Origin::Url(_)));
    assert_eq!(of(6).origin, Origin::Index(None));
    let broken = manifest("s/a-1.dist-info/direct_url.json", "{\"url\": ");
    assert_eq!(problems(&broken).len(), 1);
}

#[test]
fn licences_come_from_the_expression_then_the_classifiers_then_the_old_key() {
    let of =
        |more: &str| manifest("a-1.dist-info/METADATA", &metadata("a", "1", more)).dependencies[0].licenses.clone();
    let classifiers = "Classifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: License :: No\nClassifier: License :: OSI Approved\n";
    let all = format!("License: BSD\n{classifiers}License-Expression: MIT OR Apache-2.0\n");
    assert_eq!(of(&all), [License::Expression("MIT OR Apache-2.0".into())]);
    assert_eq!(of(&format!("License: BSD\n{classifiers}")), [License::Name("MIT License".into())]);
    assert_eq!(of("License: BSD\n"), [License::Name("BSD".into())]);
    assert_eq!(of("License: UNKNOWN\nLicense-Expression: <script>\n"), []);
    assert_eq!(of(&format!("License: {}\n", "Permission is hereby granted ".repeat(9))), []);
}

#[test]
fn broken_files_are_told() {
    for (text, why) in [
        ("", "there is no `Name:`"),
        ("Version: 1\n", "there is no `Name:`"),
        ("Name: a\n", "there is no `Version:`"),
        ("Name: a\nVersion: one\n", "is not a version"),
        ("Name: ../..\nVersion: 1\n", "no package can be called"),
        ("\n\nName: a\nVersion: 1\n", "there is no `Name:`"),
    ] {
        let read = manifest("a-1.dist-info/METADATA", text);
        assert!(problems(&read).iter().any(|told| told.contains(why)), "{text:?}: {:?}", problems(&read));
    }
}

proptest! {
    #[test]
    fn nothing_an_installer_could_leave_makes_us_panic(text in ".{0,300}", name in "[A-Za-z0-9._-]{0,20}") {
        for file in ["METADATA", "top_level.txt", "direct_url.json"] {
            let path = format!("s/{name}.dist-info/{file}");
            if kind_of(&path).is_some() {
                let read = manifest(&path, &text);
                prop_assert_eq!(read.environment(), Some("s/"));
            }
        }
    }
}
