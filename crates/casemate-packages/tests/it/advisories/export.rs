//! Reading an export: whole or not at all.

use std::io::{Cursor, Write};

use casemate_packages::advisories::{Collection, ExportError, Limits, read_export};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::record;

fn zip_of(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read_with(bytes: &[u8], limits: &Limits) -> Result<usize, ExportError> {
    let mut collection = Collection::new();
    read_export(Cursor::new(bytes), limits, &mut collection).map(|()| collection.counts().records)
}

fn read(bytes: &[u8]) -> Result<usize, ExportError> {
    read_with(bytes, &Limits::default())
}

fn records() -> [(String, Vec<u8>); 3] {
    ["GHSA-1", "GHSA-2", "GHSA-3"]
        .map(|id| (format!("{id}.json"), record(id, &[], "shop", "2").to_string().into_bytes()))
}

fn zip_of_records(method: CompressionMethod) -> Vec<u8> {
    let records = records();
    let files: Vec<(&str, &[u8])> = records.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    zip_of(&files, method)
}

#[test]
fn every_record_of_a_zip_is_read() {
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        assert_eq!(read(&zip_of_records(method)).unwrap(), 3);
    }
    let beside = zip_of(&[("README.md", b"hello"), ("dir/x.json", br#"{"id": 7}"#)], CompressionMethod::Stored);
    assert_eq!(read(&beside).unwrap(), 0);
}

#[test]
fn what_is_no_zip_says_what_it_is() {
    let told = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(told(b"").contains("empty"), "{}", told(b""));
    assert!(told(b"<!DOCTYPE html><p>Sign in").contains("web page"));
    assert!(matches!(read(b"{\"message\": \"slow down\"}"), Err(ExportError::NotZip(_))));
}

#[test]
fn a_zip_cut_anywhere_is_refused() {
    let whole = zip_of_records(CompressionMethod::Deflated);
    for length in 4..whole.len() {
        let told = read(&whole[..length]);
        assert!(matches!(told, Err(ExportError::Damaged(_))), "{length}: {told:?}");
    }
}

#[test]
fn a_changed_record_in_a_zip_is_refused() {
    let mut bytes = zip_of_records(CompressionMethod::Stored);
    let at = bytes.windows(6).position(|window| window == b"GHSA-2").unwrap();
    // The first is the name of the file, the second stands in the record.
    let second = bytes[at + 6..].windows(6).position(|window| window == b"GHSA-2").unwrap() + at + 6;
    bytes[second + 5] = b'9';
    assert!(matches!(read(&bytes), Err(ExportError::Damaged(_))));
}

#[test]
fn a_zip_that_swells_is_refused() {
    let zeros = vec![b' '; 3 << 20];
    let bomb = zip_of(&[("a.json", &zeros), ("b.json", &zeros)], CompressionMethod::Deflated);
    assert!(bomb.len() < 20_000);
    let limits = Limits { entries: 10, entry_bytes: 4 << 20, total_bytes: 5 << 20 };
    assert!(read_with(&bomb, &Limits { total_bytes: 7 << 20, ..limits }).is_ok());
    assert!(matches!(read_with(&bomb, &limits), Err(ExportError::TooLarge(_))));
    assert!(matches!(read_with(&bomb, &Limits { entry_bytes: 2 << 20, ..limits }), Err(ExportError::TooLarge(_))));
    assert!(matches!(read_with(&bomb, &Limits { entries: 1, ..limits }), Err(ExportError::TooLarge(_))));
}
