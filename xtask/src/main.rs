//! Chores of the workspace: `cargo xtask ci | tidy | generate | bench`.
#![expect(clippy::print_stdout, reason = "a chore talks to the person who started it")]

mod bench;
mod ci;
mod generate;
mod hooks;
mod python;
mod tidy;
mod wheel;
mod workspace;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// What a chore comes to: nothing, or one sentence that says why it failed.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Chores of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Everything a change must pass: format, lints, small build, tidy, generated pages, all tests
    Ci,
    /// Holds the walls: arrows between crates, signs, forbidden words, licences, file manners
    Tidy,
    /// Writes the generated pages under docs/
    Generate {
        /// Fails when a page is not up to date, and writes nothing
        #[arg(long)]
        check: bool,
    },
    /// Builds the wheel of the auditor under target/wheels/, installs it in a clean environment and runs it
    Wheel,
    /// Compares an audit and a case read with others, side by side in one run
    Bench {
        /// Fewer and shorter rounds: shows that it works, not how fast
        #[arg(long)]
        short: bool,
        /// Only this comparison
        #[arg(long)]
        only: Option<bench::Comparison>,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: &Chore) -> Result<()> {
    let workspace = Workspace::open()?;
    match chore {
        Chore::Ci => ci::run(&workspace),
        Chore::Tidy => tidy::run(&workspace),
        Chore::Generate { check } => generate::run(&workspace, *check),
        Chore::Wheel => wheel::check(&workspace),
        Chore::Bench { short, only } => bench::run(&workspace, *short, *only),
    }
}
