//! What an index answers, and what it says when it is broken.

use casemate_packages::advisories::{Collection, Index, IndexError, Provenance, Rating, build};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{about, bytes_of, index_of, record};

fn ids(found: &[casemate_packages::advisories::Advisory]) -> Vec<String> {
    found.iter().map(|one| one.ids().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_package_is_found_under_any_spelling_and_others_are_not() {
    let index = index_of(&[record("GHSA-1", &[], "Shop_Core", "1.2"), record("GHSA-2", &[], "shop", "9")]);

    assert_eq!(ids(&about(&index, "shop.core", "1.1")), ["GHSA-1"]);
    assert!(about(&index, "shop-core", "1.2").is_empty());
    assert!(about(&index, "shop-cor", "1.1").is_empty());
    assert!(about(&index, "zzz", "1").is_empty());
    assert_eq!((index.provenance().records, index.provenance().packages), (2, 2));
}

#[test]
fn records_of_one_hole_are_one_advisory_with_every_id() {
    let mut github = record("GHSA-1", &["CVE-2026-1"], "shop", "1.2");
    github["severity"] = json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    let index = index_of(&[
        record("PYSEC-2026-1", &["BIT-shop-1"], "shop", "1.2"),
        github,
        record("BIT-shop-1", &["CVE-2026-1"], "shop", "1.2"),
        record("GHSA-other", &["CVE-2026-2"], "shop", "1.1"),
    ]);

    let found = about(&index, "shop", "1.0");

    assert_eq!(ids(&found), ["CVE-2026-1 BIT-shop-1 GHSA-1 PYSEC-2026-1", "CVE-2026-2 GHSA-other"]);
    assert_eq!((found[0].score, found[0].rating), (Some(9.8), Some(Rating::Critical)));
    assert_eq!(found[0].summary, "GHSA-1 of shop");
}

#[test]
fn one_record_that_says_so_is_enough_and_only_it_speaks() {
    let index = index_of(&[
        record("PYSEC-2026-1", &["CVE-2026-1"], "shop", "1.2"),
        record("GHSA-1", &["CVE-2026-1", "CVE-2026-9"], "shop", "1.1"),
    ]);

    assert_eq!(ids(&about(&index, "shop", "1.1")), ["CVE-2026-1 PYSEC-2026-1"]);
    assert_eq!(ids(&about(&index, "shop", "1.0")), ["CVE-2026-1 CVE-2026-9 GHSA-1 PYSEC-2026-1"]);
    // 1.1 mends one account of the hole and not the other.
    assert_eq!(about(&index, "shop", "1.0")[0].fixed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1.2"]);
}

#[test]
fn records_that_only_refer_to_each_other_stay_apart() {
    let mut one = record("PYSEC-2026-1", &[], "shop", "2");
    one["related"] = json!(["CVE-2026-1"]);
    one["upstream"] = json!(["CVE-2026-1"]);
    let index = index_of(&[one, record("GHSA-1", &["CVE-2026-1"], "shop", "2")]);

    assert_eq!(ids(&about(&index, "shop", "1")), ["CVE-2026-1 GHSA-1", "PYSEC-2026-1"]);
}

#[test]
fn the_mend_of_the_same_line_comes_first() {
    let mut one = record("GHSA-1", &[], "shop", "3.2.5");
    one["affected"][0]["ranges"][0]["events"] =
        json!([{"introduced": "4.0"}, {"fixed": "4.1"}, {"introduced": "3.0"}, {"fixed": "3.2.5"}]);
    let index = index_of(&[one]);
    let fixed = |version: &str| {
        about(&index, "shop", version).iter().flat_map(|one| &one.fixed).map(ToString::to_string).collect::<Vec<_>>()
    };

    assert_eq!(fixed("3.1"), ["3.2.5", "4.1"]);
    assert_eq!(fixed("4.0.1"), ["4.1"]);
}

#[test]
fn the_worst_comes_first() {
    let scored = |id: &str, vector: &str| {
        let mut one = record(id, &[], "shop", "2");
        one["severity"] = json!([{"type": "CVSS_V4", "score": vector}]);
        one
    };
    let mut word = record("GHSA-word", &[], "shop", "2");
    word["database_specific"] = json!({"severity": "CRITICAL"});
    let index = index_of(&[
        record("GHSA-unknown", &[], "shop", "2"),
        scored("GHSA-low", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"),
        scored("GHSA-high", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"),
        word,
        record("MAL-2026-1", &[], "shop", "2"),
    ]);

    let found = about(&index, "shop", "1");

    assert_eq!(ids(&found), ["MAL-2026-1", "GHSA-word", "GHSA-high", "GHSA-low", "GHSA-unknown"]);
    assert_eq!(found.iter().map(|one| one.is_malicious).collect::<Vec<_>>(), [true, false, false, false, false]);
}

#[test]
fn the_same_records_make_the_same_bytes() {
    let (a, b) = (record("GHSA-1", &["CVE-2026-1"], "a", "2"), record("GHSA-2", &[], "b", "2"));
    assert_eq!(bytes_of(&[a.clone(), b.clone()]), bytes_of(&[b, a]));
}

#[test]
fn a_later_record_replaces_an_earlier_one() {
    let index = index_of(&[record("GHSA-1", &[], "a", "2"), record("GHSA-1", &[], "a", "3")]);
    assert_eq!(about(&index, "a", "2.5").len(), 1);
    assert_eq!(index.provenance().records, 1);
}

#[test]
fn what_is_not_understood_is_counted_with_its_reason() {
    let mut collection = Collection::new();
    collection.add("a.json", b"{\"id\": 1}");
    collection.add("b.json", record("GHSA-1", &[], "a", "2").to_string().as_bytes());

    let counts = collection.counts();

    assert_eq!((counts.records, counts.skipped), (1, 1));
    assert!(counts.reasons[0].starts_with("a.json: "), "{:?}", counts.reasons);
}

#[test]
fn an_index_can_say_that_it_was_found_unchanged() {
    let old = index_of(&some());
    let told = Provenance { fetched_at: 1_800_000_000, ..old.provenance().clone() };

    let new = Index::open(old.with_provenance(&told).unwrap()).unwrap();

    new.verify().unwrap();
    assert_eq!(new.provenance(), &told);
    assert_eq!(about(&new, "package-3", "1"), about(&old, "package-3", "1"));
}

#[test]
fn an_index_of_another_format_says_so() {
    let mut bytes = bytes_of(&[record("GHSA-1", &[], "a", "2")]);
    bytes[8] = 9;
    assert!(matches!(Index::open(bytes), Err(IndexError::OtherFormat(9))));
}

#[test]
fn an_empty_index_is_whole() {
    let index = Index::open(build(Collection::new(), Provenance::default()).unwrap()).unwrap();
    index.verify().unwrap();
}

fn some() -> Vec<Value> {
    (0..5).map(|at| record(&format!("GHSA-{at}"), &["CVE-2026-1"], &format!("package-{at}"), "2")).collect()
}

#[test]
fn a_cut_index_is_an_error_at_every_length() {
    let whole = bytes_of(&some());
    for length in 0..whole.len() {
        let error = Index::open(whole[..length].to_vec()).expect_err("a cut index opens");
        assert!(matches!(error, IndexError::Damaged(_) | IndexError::NotIndex), "{length}: {error}");
    }
    let mut longer = whole;
    longer.push(0);
    assert!(matches!(Index::open(longer), Err(IndexError::Damaged(_))));
}

#[test]
fn a_changed_bit_is_never_a_silent_zero() {
    let whole = bytes_of(&some());
    Index::open(whole.clone()).unwrap().verify().unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let told = Index::open(changed).and_then(|index| index.verify());
        assert!(told.is_err(), "byte {at} was changed and nobody noticed");
    }
}

#[test]
fn asking_for_a_changed_record_is_an_error() {
    let mut bytes = bytes_of(&[record("GHSA-1", &[], "a", "2")]);
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    let index = Index::open(bytes).unwrap();
    let name = casemate_packages::manifest::PackageName::parse("a").unwrap();
    let version = "1".parse().unwrap();
    let told = casemate_packages::advisories::Advisories::about(&index, &name, &version);
    assert!(matches!(told, Err(IndexError::Damaged(_))), "{told:?}");
}

proptest! {
    #[test]
    fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Index::open(bytes.clone()).map(|index| index.verify());
        let mut ours = b"CSMTADV\n\x01\0\0\0".to_vec();
        ours.extend(bytes);
        let _ = Index::open(ours).map(|index| index.verify());
    }

    #[test]
    fn any_json_is_borne(text in "\\PC{0,80}") {
        Collection::new().add("x.json", text.as_bytes());
    }
}
