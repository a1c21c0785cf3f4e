//! The project around the paths a user names: its root, and the settings that hold there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use casemate_audit::baseline::Anchor;
use casemate_audit::rules;
use casemate_audit::settings::{Layer, Origin, Resolved, SettingsError};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::commands::{Failure, failure};
use crate::discovery::name_below;

/// Where an audit takes place.
#[derive(Debug)]
pub(crate) struct Project {
    /// What paths in reports are relative to: the current folder if everything is below it.
    pub(crate) root: PathBuf,
    /// What to put before a path to open it from the current folder.
    pub(crate) prefix: String,
    /// The named paths, absolute, as they are after following links.
    pub(crate) paths: Vec<PathBuf>,
    /// The named paths as reports tell them.
    pub(crate) names: Vec<String>,
}

impl Project {
    /// Finds the paths, or says which is wrong.
    pub(crate) fn locate(named: &[PathBuf]) -> Result<Self, Failure> {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let here = here.map_err(|error| Failure(format!("the current folder cannot be used: {error}")))?;
        let mut paths = Vec::new();
        for path in named {
            match path.canonicalize() {
                Ok(found) => paths.push(found),
                Err(error) => return failure(not_found(path, &error)),
            }
        }
        let (root, prefix) = if paths.iter().all(|path| path.starts_with(&here)) {
            (here, String::new())
        } else {
            let root = common_folder(&paths).unwrap_or(here);
            let shown = root.display().to_string();
            let prefix = if shown.ends_with(std::path::MAIN_SEPARATOR) { shown } else { format!("{shown}/") };
            (root, prefix)
        };
        let names = paths.iter().map(|path| name_below(&root, path)).collect();
        Ok(Self { root, prefix, paths, names })
    }

    /// The top of the repository around the paths; without one, what paths in reports are relative to.
    pub(crate) fn top(&self) -> PathBuf {
        let folder = self.folder();
        let top = folder.iter().flat_map(|folder| folder.ancestors()).find(|folder| is_repository(folder));
        top.map_or_else(|| self.root.clone(), Path::to_path_buf)
    }

    /// Whether all of the repository is audited, and not a part of it.
    pub(crate) fn is_whole(&self) -> bool {
        let top = self.top();
        self.paths.iter().any(|path| top.starts_with(path))
    }

    /// How a file that stands in, or speaks of, this folder names the paths of reports.
    pub(crate) fn anchor(&self, folder: &Path) -> Anchor {
        let below = |root: &Path, path: &Path| if root == path { String::new() } else { name_below(root, path) + "/" };
        match (self.root.starts_with(folder), folder.starts_with(&self.root)) {
            (true, _) => Anchor { strip: String::new(), add: below(folder, &self.root) },
            (false, true) => Anchor { strip: below(&self.root, folder), add: String::new() },
            (false, false) => Anchor::default(),
        }
    }

    /// The folder from which settings are looked for, upwards.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        common_folder(&self.paths)
    }
}

fn not_found(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("`{shown}` does not exist; name a file or a folder to audit"),
        _ => format!("`{shown}` cannot be audited: {error}"),
    }
}

/// The deepest folder that holds all the paths.
fn common_folder(paths: &[PathBuf]) -> Option<PathBuf> {
    let folders = paths.iter().map(|path| if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(path) });
    folders.map(Path::to_path_buf).reduce(|common, folder| {
        let shared = common.components().zip(folder.components()).take_while(|(a, b)| a == b);
        shared.map(|(part, _)| part).collect()
    })
}

/// The settings files of a project.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// What they say, in the order in which later ones win, with where they are.
    pub(crate) layers: Vec<(Origin, PathBuf, Layer)>,
    /// Whether the user has named the file, and not the project brought it.
    pub(crate) is_named: bool,
}

impl Files {
    /// One file that the user has named.
    pub(crate) fn named(file: &Path) -> Result<Self, Failure> {
        let shown = file.display();
        let full = file.canonicalize().map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
        let is_pyproject = full.file_name().is_some_and(|name| name == "pyproject.toml");
        let layer = if is_pyproject {
            read(&full, Layer::from_pyproject)?.flatten().map(|layer| (Origin::Pyproject, layer))
        } else {
            read(&full, Layer::from_casemate_toml)?.map(|layer| (Origin::CasemateToml, layer))
        };
        let Some((origin, layer)) = layer else {
            return failure(format!("`{shown}` has no settings: there is no [tool.casemate] in it"));
        };
        Ok(Self { layers: vec![(origin, full, layer)], is_named: true })
    }

    /// Walks up from the audited paths to the first folder with settings, or to the top of the repository.
    pub(crate) fn find(project: &Project) -> Result<Self, Failure> {
        let Some(start) = project.folder() else { return Ok(Self::default()) };
        for folder in start.ancestors() {
            let mut layers = Vec::new();
            let pyproject = folder.join("pyproject.toml");
            if let Some(layer) = read(&pyproject, Layer::from_pyproject)?.flatten() {
                layers.push((Origin::Pyproject, pyproject, layer));
            }
            let ours = folder.join("casemate.toml");
            if let Some(layer) = read(&ours, Layer::from_casemate_toml)? {
                layers.push((Origin::CasemateToml, ours, layer));
            }
            // SECURITY: settings can silence rules; above the repository they belong to somebody else (a casemate.toml
            // in a shared /tmp, say).
            if is_repository(folder) || !layers.is_empty() {
                return Ok(Self { layers, is_named: false });
            }
        }
        Ok(Self::default())
    }
}

fn is_repository(folder: &Path) -> bool {
    [".git", ".hg", ".jj", ".svn"].iter().any(|name| folder.join(name).exists())
}

fn read<T>(file: &Path, understand: impl FnOnce(&str) -> Result<T, SettingsError>) -> Result<Option<T>, Failure> {
    let text = match regular_text(file, 1 << 20) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return failure(format!("{}: cannot be read: {error}", file.display())),
    };
    match understand(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        Ok(understood) => Ok(Some(understood)),
        Err(error) => failure(format!("{}: {error}", file.display())),
    }
}

/// SECURITY: a pipe or a device of that name in a hostile project must not keep us waiting or fill our memory.
pub(crate) fn regular_text(file: &Path, largest: u64) -> io::Result<String> {
    let metadata = fs::metadata(file)?;
    if !metadata.is_file() || metadata.len() > largest {
        return Err(io::Error::other(format!("it is not a regular file of at most {} MiB", largest >> 20)));
    }
    fs::read_to_string(file)
}

/// Everything that was said, with who had the last word, and the globs ready to match.
pub(crate) struct InForce {
    /// The settings and their origins.
    pub(crate) resolved: Resolved,
    /// What `exclude` leaves out.
    pub(crate) excluded: Gitignore,
    /// The baseline that a settings file names.
    pub(crate) baseline: Option<PathBuf>,
}

/// Lays the command line over the files over the defaults.
pub(crate) fn settings(project: &Project, mut files: Files, command_line: Layer) -> Result<InForce, Failure> {
    let checked = |layer: &Layer, said_by: &str| {
        let prefix = if said_by.is_empty() { String::new() } else { format!("{said_by}: ") };
        layer.check(rules::ALL).map_err(|error| Failure(format!("{prefix}{error}")))
    };
    let mut folder = project.root.clone();
    let mut baseline = None;
    for (_, file, layer) in &mut files.layers {
        if let Some(parent) = file.parent() {
            layer.stand_in(&name_below(&project.root, file), &project.anchor(parent));
        }
    }
    for (_, file, layer) in &files.layers {
        if let (Some(named), Some(parent)) = (&layer.baseline, file.parent()) {
            baseline = Some(parent.join(named));
        }
        checked(layer, &file.display().to_string())?;
        if let (Some(_), Some(parent)) = (&layer.exclude, file.parent()) {
            folder = parent.to_path_buf();
        }
    }
    checked(&command_line, "")?;
    if command_line.exclude.is_some() {
        folder = project.root.clone();
    }
    let from_files = files.layers.into_iter().map(|(origin, _, layer)| (origin, layer));
    let mut resolved = Resolved::from_layers(from_files.chain([(Origin::CommandLine, command_line)]));
    resolved.settings.today = today();
    let mut globs = GitignoreBuilder::new(&folder);
    for glob in &resolved.settings.exclude {
        globs.add_line(None, glob).map_err(|error| Failure(format!("`exclude`: {error}")))?;
    }
    let excluded = globs.build().map_err(|error| Failure(format!("`exclude`: {error}")))?;
    Ok(InForce { resolved, excluded, baseline })
}

/// Today in UTC, by which suppressions expire; none on a machine whose clock stands before 1970.
fn today() -> Option<(i32, u8, u8)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    date_of(now.as_secs() / 86_400)
}

/// Year, month and day in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn date_of(days_since_1970: u64) -> Option<(i32, u8, u8)> {
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day comes last.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Some((year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(date_of(0), Some((1970, 1, 1)));
        assert_eq!(date_of(11_016), Some((2000, 2, 29)));
        assert_eq!(date_of(20_513), Some((2026, 3, 1)));
        assert_eq!(date_of(20_818), Some((2026, 12, 31)));
        assert_eq!(date_of(u64::MAX / 86_400), None);
    }
}
