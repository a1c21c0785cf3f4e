//! Writes the pages that the code itself knows best, and says when they are not up to date.

mod asvs;
mod cli;
mod rules;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::workspace::{Workspace, output, succeed};

/// Path from the root → what the page must say.
type Pages = BTreeMap<String, String>;

/// Folders that hold generated pages only; a page there that nobody generates is a leftover.
const GENERATED_FOLDERS: &[&str] = &["docs/rules/"];

/// Writes all generated pages, or with `check` fails when one is not up to date.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let files = workspace.files()?;
    let mut pages = rules::pages();
    pages.insert("docs/asvs.md".to_owned(), asvs::page(&files)?);
    let binary = binary(workspace)?;
    pages.insert("docs/cli.md".to_owned(), cli::page(&binary)?);
    pages.insert("docs/api.json".to_owned(), output(Command::new(&binary).args(["admin", "openapi"]))?);

    let on_disk: Pages = files
        .into_iter()
        .filter(|file| pages.contains_key(&file.path) || is_in_generated_folder(&file.path))
        .map(|file| (file.path, file.text))
        .collect();
    let stale = differences(&pages, &on_disk);
    if stale.is_empty() {
        println!("generate: {} pages are up to date", pages.len());
        return Ok(());
    }
    if check {
        return Err(format!("run `cargo xtask generate`; not up to date: {}", stale.join(", ")).into());
    }
    for path in &stale {
        let file = workspace.path(path);
        match pages.get(path) {
            Some(text) => {
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&file, text)?;
                println!("generate: wrote {path}");
            }
            None => {
                std::fs::remove_file(&file)?;
                println!("generate: removed {path}");
            }
        }
    }
    Ok(())
}

/// A fresh build of the whole product.
fn binary(workspace: &Workspace) -> Result<PathBuf> {
    succeed(workspace.cargo().args(["build", "--quiet", "--locked", "--package", "casemate"]))?;
    Ok(workspace.target().join("debug").join(format!("casemate{}", std::env::consts::EXE_SUFFIX)))
}

fn is_in_generated_folder(path: &str) -> bool {
    GENERATED_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// Pages that are missing, say something else, or belong to nothing.
fn differences(wanted: &Pages, on_disk: &Pages) -> Vec<String> {
    let stale = wanted.iter().filter(|(path, text)| on_disk.get(*path) != Some(text)).map(|(path, _)| path.clone());
    let left_over = on_disk.keys().filter(|path| !wanted.contains_key(*path)).cloned();
    stale.chain(left_over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(of: &[(&str, &str)]) -> Pages {
        of.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn stale_missing_and_left_over_pages_are_named() {
        let wanted = pages(&[("docs/a.md", "a"), ("docs/b.md", "b"), ("docs/c.md", "c")]);
        let on_disk = pages(&[("docs/a.md", "a"), ("docs/b.md", "old"), ("docs/d.md", "d")]);
        assert_eq!(differences(&wanted, &on_disk), ["docs/b.md", "docs/c.md", "docs/d.md"]);
        assert_eq!(differences(&wanted, &wanted), Vec::<String>::new());
    }
}
