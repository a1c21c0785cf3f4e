//! Which files are audited: what git would track, from the paths the user names.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use casemate_audit::{Place, Position, Problem, Source, SourceKind, SourceSet, Unread};
use casemate_packages::manifest::{ManifestKind, kind_of};
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::environment::{self, Environment};
use crate::stamp;

/// Generated code of this size says little and takes long; it is reported, not audited.
const LARGEST: u64 = 10 << 20;

/// Data of this size is no configuration; secrets in it are looked for up to here.
pub(crate) const LARGEST_TEXT: u64 = 64 << 20;

/// What these hold is not text, so they are not even opened.
const BINARY: [&str; 62] = [
    "7z", "a", "avi", "avif", "bmp", "bz2", "class", "dll", "dylib", "eot", "exe", "feather", "flac", "gif", "gz",
    "h5", "hdf5", "heic", "ico", "jar", "jpeg", "jpg", "lib", "mkv", "mo", "mov", "mp3", "mp4", "mpg", "npy", "npz",
    "o", "obj", "ogg", "otf", "parquet", "pdf", "png", "psd", "pyc", "pyd", "pyo", "rar", "rlib", "so", "tar", "tgz",
    "tif", "tiff", "ttf", "wasm", "wav", "webm", "webp", "whl", "woff", "woff2", "xlsx", "xz", "zip", "zst", "docx",
];

/// Folders that hold no source of the project, whatever .gitignore says.
const SKIPPED: [&str; 18] = [
    ".git",
    ".hg",
    ".svn",
    ".jj",
    ".bzr",
    "_darcs",
    "CVS",
    "node_modules",
    "__pycache__",
    "__pypackages__",
    "site-packages",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
];

/// Folders that build tools fill, unless they are packages of that name.
const BUILT: [&str; 4] = ["build", "dist", "_build", "buck-out"];

/// The sources found below some paths.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    sources: Vec<Source>,
    files: Vec<PathBuf>,
    /// The folders among the paths, as sources name what is in them.
    named: Vec<String>,
    /// What kept parts of the paths from being looked at.
    pub(crate) problems: Vec<Problem>,
}

impl Tree {
    /// Walks the paths, which are absolute and below `root`; `excluded` says what the settings leave out.
    pub(crate) fn find(root: &Path, paths: &[PathBuf], excluded: &Gitignore) -> Self {
        let Some((first, others)) = paths.split_first() else { return Self::default() };
        let mut walk = WalkBuilder::new(first);
        for path in others {
            walk.add(path);
        }
        // SECURITY: links are not followed, or a hostile project could lead us anywhere on this machine. What they lead
        // to inside the project is found where it is.
        walk.follow_links(false);
        // Hidden folders such as .github hold scripts too, and `.ignore` is for search tools, not for auditors.
        walk.hidden(false).ignore(false);
        let matcher = excluded.clone();
        walk.filter_entry(move |entry| entry.depth() == 0 || is_looked_at(entry, &matcher));

        let found = Mutex::new((Vec::new(), Vec::new()));
        walk.build_parallel().run(|| {
            Box::new(|entry| {
                let entry = classify(root, entry);
                if let Ok(mut found) = found.lock() {
                    match entry {
                        Entry::Source(file, kind) => found.0.push((file, kind)),
                        Entry::Other => {}
                        Entry::Problem(problem) => found.1.push(problem),
                    }
                }
                WalkState::Continue
            })
        });
        let (mut files, mut problems) = found.into_inner().unwrap_or_default();
        // Two of the paths may hold the same file.
        files.sort();
        files.dedup();
        problems.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
        problems.dedup();
        let mut named: Vec<(Source, PathBuf)> =
            files.into_iter().map(|(file, kind)| (Source { path: name_below(root, &file), kind }, file)).collect();
        named.sort();
        let (sources, files) = named.into_iter().unzip();
        let named = paths.iter().filter(|path| path.is_dir()).map(|path| name_below(root, path)).collect();
        Self { sources, files, named, problems }
    }

    /// Takes in what is installed; where the walk has come upon the same files, they are what an environment says.
    pub(crate) fn with(self, environment: Environment) -> Self {
        let Self { sources, files, named, mut problems } = self;
        let installed: HashSet<PathBuf> = environment.files.iter().map(|(_, file)| file.clone()).collect();
        let walked = sources.into_iter().zip(files).filter(|(_, file)| !installed.contains(file));
        let mut all: Vec<(Source, PathBuf)> = walked.chain(environment.files).collect();
        all.sort();
        let (sources, files) = all.into_iter().unzip();
        problems.extend(environment.problems);
        Self { sources, files, named, problems }
    }
}

impl Tree {
    /// Where a source is.
    pub(crate) fn file(&self, source: &Source) -> Option<&Path> {
        self.sources.binary_search(source).ok().and_then(|index| self.files.get(index)).map(PathBuf::as_path)
    }
}

impl SourceSet for Tree {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn named(&self) -> &[String] {
        &self.named
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let index = self.sources.binary_search(source).map_err(|_| "it is not among the sources".to_owned())?;
        let file = self.files.get(index).ok_or("it is not among the sources")?;
        read_limited(file, limit(source.kind))
    }

    fn unread(&self, source: &Source) -> Option<Unread> {
        let (file, limit) = (self.file(source)?.to_owned(), limit(source.kind));
        let stamp = stamp::of(&file)?;
        Some(Unread { stamp, read: Box::new(move || read_limited(&file, limit)) })
    }
}

/// How many bytes of a source are read at most.
fn limit(kind: SourceKind) -> u64 {
    match kind {
        SourceKind::Python => LARGEST,
        SourceKind::Text => LARGEST_TEXT,
        SourceKind::Installed => environment::LARGEST,
    }
}

enum Entry {
    Source(PathBuf, SourceKind),
    Other,
    Problem(Problem),
}

fn classify(root: &Path, entry: Result<DirEntry, ignore::Error>) -> Entry {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = path_of(&error).map_or_else(|| ".".to_owned(), |path| name_below(root, path));
            return Entry::Problem(whole_file(path, format!("could not be looked at: {}", reason(&error))));
        }
    };
    let Some(kind) = entry.file_type() else { return Entry::Other };
    let is_named = entry.depth() == 0;
    let path = entry.path();
    if kind.is_symlink() {
        return link(root, path);
    }
    if kind.is_dir() {
        return Entry::Other;
    }
    let is_python = has_python_name(path) || has_python_shebang(path);
    if !kind.is_file() {
        if !(is_named || is_python || is_expected(path)) {
            return Entry::Other;
        }
        return Entry::Problem(whole_file(
            name_below(root, path),
            "is not a regular file and was not audited".to_owned(),
        ));
    }
    // Whoever names a file of no known kind means a script.
    let kind = if is_python || (is_named && path.extension().is_none() && !is_known_text(path)) {
        SourceKind::Python
    } else if is_named || !is_binary(path) {
        SourceKind::Text
    } else {
        return Entry::Other;
    };
    Entry::Source(entry.into_path(), kind)
}

/// Whether a file of this name is one that people expect to be audited though it is not Python.
fn is_expected(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    kind_of(name).is_some_and(|kind| kind != ManifestKind::Installed) || name == ".env" || name.ends_with(".ipynb")
}

/// A link to what is expected to be audited, and is not under its own name, is worth a word.
fn link(root: &Path, path: &Path) -> Entry {
    if !(has_python_name(path) || is_expected(path)) {
        return Entry::Other;
    }
    let message = match path.canonicalize() {
        Ok(target) if target.starts_with(root) => return Entry::Other,
        Ok(_) => "is a link that leads out of the audited folder and was not followed".to_owned(),
        Err(error) => format!("is a link that leads nowhere: {error}"),
    };
    Entry::Problem(whole_file(name_below(root, path), message))
}

/// Whether a file of this path can hold text, or a folder sources of the project, as far as the name tells.
pub(crate) fn is_of_interest(path: &Path, is_folder: bool) -> bool {
    if is_folder { !SKIPPED.iter().any(|name| path.file_name() == Some(OsStr::new(name))) } else { !is_binary(path) }
}

fn is_looked_at(entry: &DirEntry, excluded: &Gitignore) -> bool {
    let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
    if excluded.matched(entry.path(), is_dir).is_ignore() {
        return false;
    }
    if !is_dir {
        return true;
    }
    let is_one_of = |names: &[&str]| names.iter().any(|name| entry.file_name() == *name);
    let is_built = is_one_of(&BUILT) && !entry.path().join("__init__.py").exists();
    let is_egg_info = entry.path().extension() == Some(OsStr::new("egg-info"));
    let is_virtual_environment = entry.path().join("pyvenv.cfg").exists();
    !(is_one_of(&SKIPPED) || is_built || is_egg_info || is_virtual_environment)
}

fn has_python_name(path: &Path) -> bool {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    extension.is_some_and(|extension| ["py", "pyw", "pyi"].iter().any(|known| extension == *known))
}

fn is_binary(path: &Path) -> bool {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    extension.is_some_and(|extension| BINARY.iter().any(|known| extension == *known))
}

/// A file without an extension that is known by its name: `Dockerfile`, `.env`.
fn is_known_text(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.starts_with('.') || name.starts_with(char::is_uppercase)
}

/// A script without an extension whose first line names Python.
fn has_python_shebang(path: &Path) -> bool {
    if path.extension().is_some() || !path.is_file() {
        return false;
    }
    let mut start = Vec::with_capacity(128);
    let read = File::open(path).and_then(|file| file.take(128).read_to_end(&mut start));
    read.is_ok() && names_python(&start)
}

/// Whether the first line of a script names Python.
pub(crate) fn names_python(start: &[u8]) -> bool {
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first_line.starts_with(b"#!") && first_line.windows(6).any(|word| word == b"python")
}

fn read_limited(file: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let opened = File::open(file).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    opened.map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(format!("it is larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// The path below the root with `/` between its parts; bytes that are not Unicode as `\xff`, so that no two files share
/// a name.
pub(crate) fn name_below(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = below.components().map(|part| legible(part.as_os_str())).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn legible(name: &OsStr) -> String {
    let mut legible = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        legible.push_str(chunk.valid());
        for byte in chunk.invalid() {
            legible.push_str(&format!("\\x{byte:02x}"));
        }
    }
    legible
}

fn whole_file(path: String, message: String) -> Problem {
    let start = Position { line: 1, column: 1 };
    Problem { place: Place { path, start, end: start }, message }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// The reason alone; the path is told beside it.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => reason(err),
        other => other.to_string(),
    }
}
