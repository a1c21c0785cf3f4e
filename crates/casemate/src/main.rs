//! Where it starts.

mod cache;
mod commands;
mod console;
#[cfg(feature = "server")]
mod demo_sources;
mod discovery;
mod environment;
mod fixes;
mod history;
mod output;
mod page;
mod project;
#[cfg(feature = "server")]
mod server;
mod since;
mod stamp;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Casemate finds the security holes in Python code and sees every one of them through to closure.
#[derive(Parser)]
#[command(name = "casemate", version, after_help = AFTER_HELP, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  casemate audit .                        audit the project in this folder
  casemate rule sqlalchemy-text-injection explain a rule and how to mend what it finds
  casemate audit . --format sarif --output report.sarif
  casemate submit report.sarif --to https://casemate.example.org --project shop

`casemate COMMAND --help` tells more about a command.";

fn main() -> ExitCode {
    match commands::run(Cli::parse().command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            console::complain(&failure.to_string());
            commands::Exit::CouldNotRun.into()
        }
    }
}
