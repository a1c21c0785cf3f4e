//! The index against a real export, if `CASEMATE_TEST_ADVISORIES` names one.
//!
//! Every version that a record lists is asked about, and a second, plainer reading of the records must agree:
//! `any version of any record is found under its ids, and nothing else is`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::str::FromStr;

use casemate_packages::Version;
use casemate_packages::advisories::{Advisories, Collection, Index, Limits, Provenance, build, read_export};
use casemate_packages::manifest::PackageName;
use serde_json::Value;

/// Affected or not, straight from the text of the schema, one event after the other.
fn is_affected(affected: &Value, version: &Version) -> bool {
    let parse = |text: &Value| Version::from_str(text.as_str().unwrap()).ok();
    let listed = affected["versions"].as_array().map_or(&[][..], Vec::as_slice);
    if listed.iter().any(|listed| parse(listed).as_ref() == Some(version)) {
        return true;
    }
    let ranges = affected["ranges"].as_array().map_or(&[][..], Vec::as_slice);
    ranges.iter().filter(|range| range["type"] == "ECOSYSTEM").any(|range| {
        let mut events: Vec<(Option<Version>, String)> = Vec::new();
        for event in range["events"].as_array().unwrap() {
            for (kind, at) in event.as_object().unwrap() {
                events.push((if at == "0" { None } else { parse(at) }, kind.clone()));
            }
        }
        events.sort_by(|a, b| a.0.cmp(&b.0));
        let mut is_in = false;
        for (at, kind) in events {
            let at = at.as_ref();
            match kind.as_str() {
                "introduced" => is_in |= at.is_none_or(|at| version >= at),
                "fixed" => is_in &= at.is_some_and(|at| version < at),
                "last_affected" => is_in &= at.is_some_and(|at| version <= at),
                other => panic!("{other}"),
            }
        }
        is_in
    })
}

#[test]
fn every_listed_version_of_a_real_export_is_answered_as_its_records_say() {
    let Some(path) = std::env::var_os("CASEMATE_TEST_ADVISORIES") else {
        eprintln!("SKIPPED: set CASEMATE_TEST_ADVISORIES to an export of OSV for PyPI (all.zip) to run this test");
        return;
    };
    let mut collection = Collection::new();
    read_export(File::open(&path).unwrap(), &Limits::default(), &mut collection).unwrap();
    assert_eq!(collection.counts().skipped, 0, "{:?}", collection.counts().reasons);
    let bytes = build(collection, Provenance::default()).unwrap();
    eprintln!("index of {} bytes", bytes.len());
    let index = Index::open(bytes).unwrap();
    index.verify().unwrap();

    let mut zip = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
    let mut packages: BTreeMap<PackageName, Vec<(BTreeSet<String>, Value)>> = BTreeMap::new();
    for at in 0..zip.len() {
        let mut text = String::new();
        zip.by_index(at).unwrap().read_to_string(&mut text).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        if !record["withdrawn"].is_null() {
            continue;
        }
        let mut ids: BTreeSet<String> = BTreeSet::from([record["id"].as_str().unwrap().to_owned()]);
        ids.extend(
            record["aliases"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|id| id.as_str().unwrap().trim_end_matches(',').to_owned()),
        );
        for affected in record["affected"].as_array().unwrap() {
            if affected["package"]["ecosystem"] == "PyPI" {
                let name = PackageName::parse(affected["package"]["name"].as_str().unwrap()).unwrap();
                packages.entry(name).or_default().push((ids.clone(), affected.clone()));
            }
        }
    }
    let (mut asked, mut affected) = (0, 0);
    for (name, records) in &packages {
        let listed = records.iter().filter_map(|(_, record)| record["versions"].as_array()).flatten();
        let ends = records.iter().filter_map(|(_, record)| record["ranges"].as_array()).flatten();
        let ends = ends.filter(|range| range["type"] == "ECOSYSTEM").filter_map(|range| range["events"].as_array());
        let ends = ends.flatten().filter_map(Value::as_object).flat_map(|event| event.values());
        let versions: BTreeSet<Version> =
            listed.chain(ends).filter_map(|version| Version::from_str(version.as_str().unwrap()).ok()).collect();
        for version in versions {
            let expected: BTreeSet<String> = records
                .iter()
                .filter(|(_, record)| is_affected(record, &version))
                .flat_map(|(ids, _)| ids.iter().cloned())
                .collect();
            let found = index.about(name, &version).unwrap();
            let told: Vec<String> =
                found.iter().flat_map(|one| one.ids().map(str::to_owned).collect::<Vec<_>>()).collect();
            assert_eq!(told.len(), told.iter().collect::<BTreeSet<_>>().len(), "{name:?} {version}: an id twice");
            assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected, "{name:?} {version}");
            asked += 1;
            affected += usize::from(!found.is_empty());
        }
    }
    eprintln!("{asked} versions of {} packages asked about, {affected} affected", packages.len());
    assert!(affected > 0);
}
