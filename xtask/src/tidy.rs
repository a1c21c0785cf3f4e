//! Holds the walls of the house: what review would otherwise have to repeat.

mod arrows;
mod catalogue;
mod dependencies;
mod licences;
mod links;
mod manners;
mod reach;
mod rooms;
mod templates;
mod tests_named;

use std::fmt;

use crate::Result;
use crate::workspace::{TextFile, Workspace, output};

/// One wall that is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// File, file and line, or crate.
    pub(crate) place: String,
    /// What is wrong and what to do instead.
    pub(crate) message: String,
}

impl Problem {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    fn at(file: &TextFile, line: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{}:{line}", file.path), message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Looks at the whole repository and fails when a wall is broken.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = workspace.files()?;
    let metadata = workspace.metadata()?;
    let deny = toml::from_str(&workspace.read("deny.toml")?)?;
    let small_build = output(workspace.cargo().args([
        "tree",
        "--locked",
        "--package",
        "casemate",
        "--no-default-features",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;

    let mut problems = Vec::new();
    problems.extend(arrows::check(&metadata));
    problems.extend(arrows::check_small_build(&small_build));
    problems.extend(dependencies::check(&files));
    problems.extend(licences::check(&metadata, &deny));
    problems.extend(rooms::check(&files));
    problems.extend(reach::check(&files));
    problems.extend(catalogue::check(&files));
    problems.extend(templates::check(&files));
    problems.extend(manners::check(&files));
    problems.extend(tests_named::check(&files));
    problems.extend(links::check(&files));

    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("tidy: {} files and {} packages are in order", files.len(), metadata.packages.len());
            Ok(())
        }
        1 => Err("tidy: 1 problem".into()),
        count => Err(format!("tidy: {count} problems").into()),
    }
}

#[cfg(test)]
fn file(path: &str, text: &str) -> TextFile {
    TextFile { path: path.to_owned(), text: text.to_owned() }
}
