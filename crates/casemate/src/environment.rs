//! What is installed: a virtual environment or a folder of packages, as `casemate audit --installed` reads it.

use std::fs;
use std::path::{Path, PathBuf};

use casemate_audit::{Place, Position, Problem, Source};

use crate::commands::{Failure, failure};
use crate::discovery::name_below;

/// Descriptions are part of it; more than this is no description.
pub(crate) const LARGEST: u64 = 16 << 20;

/// How people name the folder of packages of an installation.
const PACKAGES: [&str; 2] = ["site-packages", "dist-packages"];

/// The packages of one environment.
#[derive(Debug)]
pub(crate) struct Environment {
    /// What was named, as reports tell it.
    pub(crate) name: String,
    /// What each package says of itself, and the file it says it in.
    pub(crate) files: Vec<(Source, PathBuf)>,
    /// What kept packages from being looked at.
    pub(crate) problems: Vec<Problem>,
}

impl Environment {
    /// Reads the names of what is installed in an environment, or in the active one.
    pub(crate) fn find(named: Option<&Path>, root: &Path) -> Result<Self, Failure> {
        let active = std::env::var_os("VIRTUAL_ENV").filter(|value| !value.is_empty()).map(PathBuf::from);
        let (path, from) = match (named, active) {
            (Some(path), _) => (path.to_path_buf(), ""),
            (None, Some(path)) => (path, " (from VIRTUAL_ENV)"),
            (None, None) => {
                return failure(
                    "no virtual environment is active (VIRTUAL_ENV is not set); name one, or its site-packages: \
                     --installed .venv",
                );
            }
        };
        let shown = path.display();
        let full = path.canonicalize();
        let full = full.map_err(|error| Failure(format!("`{shown}`{from} cannot be audited: {error}")))?;
        if !full.is_dir() {
            return failure(format!(
                "`{shown}`{from} is not a folder; name a virtual environment or its site-packages"
            ));
        }
        let folders = folders_of(&full);
        if folders.is_empty() {
            return failure(format!(
                "`{shown}`{from} is no environment: it has no site-packages, and no package stands in it; name a \
                 virtual environment or its site-packages"
            ));
        }
        let mut found = Self { name: name(root, &full), files: Vec::new(), problems: Vec::new() };
        for folder in folders {
            found.look_into(root, &folder);
        }
        found.look_at_configuration(root, &full);
        found.files.sort();
        found.files.dedup();
        Ok(found)
    }

    /// All packages of one folder.
    fn look_into(&mut self, root: &Path, folder: &Path) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.problem(root, folder, format!("could not be looked at: {error}")),
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => {
                    self.problem(root, folder, format!("could not be looked at whole: {error}"));
                    continue;
                }
            };
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_wheel = name.ends_with(".dist-info");
            if !is_wheel && !name.ends_with(".egg-info") && !name.ends_with(".egg") {
                continue;
            }
            // pip sets packages aside under such a name, and does not see them either.
            if name.starts_with('~') {
                self.problem(
                    root,
                    &path,
                    "is left over from an installation that was broken off; delete it".to_owned(),
                );
                continue;
            }
            // Links are followed here, for some installers link to their cache: what is read is small, and shown nowhere
            // but for the name of the package.
            let told = match (is_wheel, name.ends_with(".egg")) {
                (true, _) => path.join("METADATA"),
                (false, true) => path.join("EGG-INFO").join("PKG-INFO"),
                (false, false) if path.is_file() => path.clone(),
                (false, false) => path.join("PKG-INFO"),
            };
            if !told.is_file() {
                let file = told.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let message = match told.symlink_metadata() {
                    Ok(_) => format!("its `{file}` is no regular file, so the package was not checked"),
                    Err(_) => format!("has no `{file}`, so the package was not checked"),
                };
                self.problem(root, &path, message);
                continue;
            }
            let beside = |name: &str| told.parent().map(|folder| folder.join(name)).filter(|_| told != path);
            let others =
                ["top_level.txt", "direct_url.json"].into_iter().filter_map(beside).filter(|file| file.is_file());
            let files: Vec<PathBuf> = others.chain([told.clone()]).collect();
            self.files.extend(files.into_iter().map(|file| (Source::installed(self::name(root, &file)), file)));
        }
    }

    /// Packages of the system that are let into a virtual environment stand elsewhere.
    fn look_at_configuration(&mut self, root: &Path, folder: &Path) {
        let file = folder.join("pyvenv.cfg");
        let Ok(text) = crate::project::regular_text(&file, 1 << 20) else { return };
        let lets_in = text.lines().filter_map(|line| line.split_once('=')).any(|(key, value)| {
            key.trim() == "include-system-site-packages" && value.trim().eq_ignore_ascii_case("true")
        });
        if lets_in {
            let message = "lets the packages of the system in, which were not audited; audit their folder, too";
            self.problem(root, &file, message.to_owned());
        }
    }

    fn problem(&mut self, root: &Path, path: &Path, message: String) {
        let start = Position { line: 1, column: 1 };
        let place = Place { path: name(root, path), start, end: start };
        self.problems.push(Problem { place, message });
    }
}

/// The folders of packages in an environment; the folder itself, if it is one.
fn folders_of(path: &Path) -> Vec<PathBuf> {
    let is_named_so = PACKAGES.iter().any(|name| path.ends_with(name));
    if is_named_so || holds_packages(path) {
        return vec![path.to_path_buf()];
    }
    let mut folders = Vec::new();
    for lib in ["lib", "lib64", "Lib"] {
        let lib = path.join(lib);
        let below = fs::read_dir(&lib).into_iter().flatten().flatten().map(|entry| entry.path());
        for folder in below.chain([lib.clone()]) {
            folders.extend(PACKAGES.iter().map(|name| folder.join(name)).filter(|folder| folder.is_dir()));
        }
    }
    // `lib64` is a link to `lib` mostly, and `Lib` is `lib` where names have no case.
    let mut folders: Vec<PathBuf> = folders.into_iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Whether something is installed right here, as by `pip install --target`.
fn holds_packages(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.path().extension().is_some_and(|extension| extension == "dist-info"))
}

/// The path from the root, also where it leads out of it.
fn name(root: &Path, path: &Path) -> String {
    let shared = root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().count() - shared;
    let above: PathBuf = root.components().take(shared).collect();
    match (up, name_below(&above, path)) {
        (0, below) => below,
        // On another drive.
        (_, _) if shared == 0 => path.to_string_lossy().replace('\\', "/"),
        (up, below) if below == "." => vec![".."; up].join("/"),
        (up, below) => format!("{}{below}", "../".repeat(up)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_root_wherever_it_is() {
        let named = |path: &str| name(Path::new("/srv/shop"), Path::new(path));
        assert_eq!(named("/srv/shop/.venv/METADATA"), ".venv/METADATA");
        assert_eq!(named("/srv/envs/a/METADATA"), "../envs/a/METADATA");
        assert_eq!(named("/srv"), "..");
        assert_eq!(named("/opt/venv/METADATA"), "../../opt/venv/METADATA");
    }
}
