//! Scans folders, prints where secrets are (never what), and how fast that went.

#![allow(clippy::print_stdout, reason = "a program to look at")]

use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let begun = Instant::now();
    casemate_secrets::scan("empty", "");
    println!("start: {:?}", begun.elapsed());
    let mut files = Vec::new();
    let show = std::env::args().any(|argument| argument == "--show");
    for folder in std::env::args().skip(1).filter(|argument| !argument.starts_with('-')) {
        collect(Path::new(&folder), &mut files);
    }
    let texts: Vec<(String, String)> = files
        .iter()
        .filter_map(|path| Some((path.to_string_lossy().into_owned(), std::fs::read_to_string(path).ok()?)))
        .filter(|(_, text)| !text.contains('\0'))
        .collect();
    let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let begun = Instant::now();
    let mut count = 0_usize;
    let mut found = Vec::new();
    for (path, text) in &texts {
        for leak in casemate_secrets::scan(path, text) {
            count += 1;
            if show {
                found.push((path, text, leak));
            }
        }
    }
    let took = begun.elapsed();
    for (path, text, leak) in found {
        let line = text.get(..leak.span.start).unwrap_or_default().matches('\n').count() + 1;
        println!("{path}:{line}: {} {:?} {}", leak.detector, leak.proof, leak.what);
    }
    let mebibytes = size as f64 / 1024.0 / 1024.0;
    println!(
        "{} files, {mebibytes:.1} MiB, {count} leaks, {took:?}, {:.0} MiB/s",
        texts.len(),
        mebibytes / took.as_secs_f64()
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
