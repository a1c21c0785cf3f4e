//! Writes the examples of all rule pages into `corpus/`, for the fuzzer to begin with.

use std::path::Path;
use std::{fs, io};

use casemate_fuzz::{MANIFESTS, NAMES, examples};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut count = 0;
    for rule in casemate_audit::rules::ALL {
        for (path, text) in examples(rule.page).into_iter().flatten() {
            for (target, names) in [("texts", NAMES), ("manifests", MANIFESTS), ("secrets", NAMES)] {
                // The same ending means that it is read in the same way.
                let ending = |path: &str| path.rsplit(['.', '/']).next().map(str::to_owned);
                let Some(at) = names.iter().position(|name| ending(name) == ending(&path)) else { continue };
                let number = u8::try_from(at).map_err(io::Error::other)?;
                write(&corpus.join(target), count, &[&[number], text.as_bytes()].concat())?;
            }
            if path.ends_with(".py") {
                write(&corpus.join("python"), count, text.as_bytes())?;
            }
            if path.starts_with("advisories/") {
                write(&corpus.join("advisories"), count, text.as_bytes())?;
            }
            count += 1;
        }
    }
    Ok(())
}

fn write(folder: &Path, number: usize, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("page-{number}")), bytes)
}
