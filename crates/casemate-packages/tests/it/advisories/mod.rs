//! The index of advisories, from records to answers.

mod export;
mod index;
mod real;

use std::str::FromStr;

use casemate_packages::Version;
use casemate_packages::advisories::{Advisories, Advisory, Collection, Index, Provenance, build};
use casemate_packages::manifest::PackageName;
use serde_json::{Value, json};

fn bytes_of(records: &[Value]) -> Vec<u8> {
    let mut collection = Collection::new();
    for record in records {
        collection.add("record.json", record.to_string().as_bytes());
    }
    assert_eq!(collection.counts().reasons, Vec::<String>::new());
    build(collection, Provenance { source: "test".to_owned(), fetched_at: 1_700_000_000, ..Provenance::default() })
        .unwrap()
}

fn index_of(records: &[Value]) -> Index<Vec<u8>> {
    Index::open(bytes_of(records)).unwrap()
}

fn about(index: &Index<Vec<u8>>, name: &str, version: &str) -> Vec<Advisory> {
    index.about(&PackageName::parse(name).unwrap(), &Version::from_str(version).unwrap()).unwrap()
}

/// A record of one package with one range from the first version to `fixed`.
fn record(id: &str, aliases: &[&str], name: &str, fixed: &str) -> Value {
    json!({
        "id": id, "aliases": aliases, "summary": format!("{id} of {name}"),
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
}
