//! `casemate hook`: the audit of what is about to be committed.

mod install;
mod run;

use std::path::PathBuf;

use casemate_git::{GitError, Repository, Whereabouts};

use super::{Exit, Failure};

/// Stop secrets and mistakes before they are committed
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

/// What to do about the hook.
#[derive(clap::Subcommand)]
enum Action {
    Run(run::Args),
    Install(install::InstallArgs),
    /// Take the hook out of this repository, and put back what was there before
    Uninstall,
    /// Tell whether git runs the hook in this repository
    Status,
}

/// Does it.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Run(args) => run::run(args),
        Action::Install(args) => install::install(args),
        Action::Uninstall => install::uninstall(),
        Action::Status => install::status(),
    }
}

/// The repository of this folder, or the one git is working on: it says so to the hooks it runs.
fn repository() -> Result<Repository, Failure> {
    let start =
        std::env::current_dir().map_err(|error| Failure(format!("the current folder cannot be used: {error}")))?;
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let whereabouts = Whereabouts {
        start,
        git_dir: named("GIT_DIR"),
        work_tree: named("GIT_WORK_TREE"),
        index_file: named("GIT_INDEX_FILE"),
    };
    Repository::open(&whereabouts).map_err(|error| told(&error))
}

fn told(error: &GitError) -> Failure {
    Failure(match error {
        GitError::NoRepository(_) => "this folder is in no git repository; `git init` makes one".to_owned(),
        other => other.to_string(),
    })
}
