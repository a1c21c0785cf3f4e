//! What an audit leaves for the next one of the same folder.
//!
//! It may be deleted at any time, and one that is damaged, old or of another version counts for nothing: the audit is
//! the same without it, only slower. It holds what the code says and no secret; it is readable by its owner alone.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use casemate_audit::Settings;
use casemate_packages::advisories::Provenance;
use sha2::{Digest, Sha256};

/// Larger ones are not read: somebody else has put them there.
const LARGEST: u64 = 1 << 30;

/// Those that nobody has used for so long are removed.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whether and where audits are remembered.
#[derive(clap::Args)]
pub(crate) struct CacheArgs {
    /// Ask every rule about every file, and remember nothing for the next run
    #[arg(long)]
    no_cache: bool,
}

/// The place of one audit among those that are remembered.
#[derive(Debug)]
pub(crate) struct Cache {
    file: PathBuf,
    earlier: Option<Vec<u8>>,
}

impl CacheArgs {
    /// What is remembered of this audit; nothing if it is not wanted or there is no place for it.
    pub(crate) fn open(&self, root: &Path, paths: &[PathBuf], settings: &Settings) -> Option<Cache> {
        if self.no_cache {
            return None;
        }
        let mut digest = Sha256::new();
        // Audits of other paths and with other rules do not push each other out.
        let what = format!("{paths:?}\n{:?}\n{:?}\n{:?}", settings.persona, settings.select, settings.ignore);
        for part in [root.as_os_str().as_encoded_bytes(), what.as_bytes(), &[u8::from(settings.library)]] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        let name: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let file = folder()?.join(format!("{name}.audit"));
        let earlier = read(&file).ok();
        Some(Cache { file, earlier })
    }
}

impl Cache {
    /// What an earlier audit left.
    pub(crate) fn earlier(&self) -> Option<&[u8]> {
        self.earlier.as_deref()
    }

    /// Keeps what this audit leaves. Nobody has to know when that cannot be done: the next audit takes longer.
    pub(crate) fn keep(&self, left: Option<&[u8]>) {
        if let Some(left) = left {
            let _ = self.write(left);
        }
    }

    fn write(&self, left: &[u8]) -> io::Result<()> {
        let Some(folder) = self.file.parent() else { return Ok(()) };
        make_private(folder)?;
        let unfinished = self.file.with_extension(format!("{}.unfinished", std::process::id()));
        let written = private(&unfinished)
            .and_then(|mut file| file.write_all(left))
            .and_then(|()| fs::rename(&unfinished, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        remove_unused(folder);
        written
    }
}

/// Everything the outcome depends on besides sources and settings.
pub(crate) fn tool(advisories: Option<&Provenance>) -> String {
    let program = std::env::current_exe().and_then(fs::metadata);
    let built = program.as_ref().ok().map(|file| (file.len(), file.modified().ok()));
    format!("{} {built:?} {advisories:?}", env!("CARGO_PKG_VERSION"))
}

/// `CASEMATE_CACHE`, or where the system wants such files.
fn folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = named("CASEMATE_CACHE") {
        return Some(folder);
    }
    let home = || named("HOME").filter(|home| home.is_absolute());
    let folder = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        named("XDG_CACHE_HOME").filter(|folder| folder.is_absolute()).or_else(|| home().map(|home| home.join(".cache")))
    };
    Some(folder?.join("casemate"))
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(file)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(io::Error::other("it is not a regular file of at most 1 GiB"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// SECURITY: what is kept tells the code of the project; others on the machine have no business with it.
#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private(file: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

#[cfg(not(unix))]
fn private(file: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create_new(true).open(file)
}

/// Removes what nobody has written to for long, and what killed audits left unfinished.
fn remove_unused(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = path.extension().is_some_and(|end| end == "audit" || end == "unfinished");
        let written = entry.metadata().and_then(|file| file.modified());
        let is_old = written.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > UNUSED));
        if is_ours && is_old {
            let _ = fs::remove_file(path);
        }
    }
}
