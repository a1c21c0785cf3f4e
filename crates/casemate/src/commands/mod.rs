//! The commands, one file each.

#[cfg(feature = "server")]
pub(crate) mod admin;
pub(crate) mod advisories;
pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod hook;
pub(crate) mod review;
pub(crate) mod rule;
#[cfg(feature = "server")]
pub(crate) mod serve;
pub(crate) mod submit;

use std::fmt;
use std::process::ExitCode;

/// What the command line can ask for.
#[expect(clippy::large_enum_variant, reason = "there is one, made once")]
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Audit(audit::Args),
    Advisories(advisories::Args),
    Hook(hook::Args),
    Rule(rule::Args),
    Review(review::Args),
    Submit(submit::Args),
    Config(config::Args),
    #[cfg(feature = "server")]
    Serve(Box<serve::Args>),
    #[cfg(feature = "server")]
    Admin(admin::Args),
}

/// Runs one command.
pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Audit(args) => audit::run(&args),
        Command::Advisories(args) => advisories::run(&args),
        Command::Hook(args) => hook::run(&args),
        Command::Rule(args) => rule::run(&args),
        Command::Review(args) => review::run(&args),
        Command::Submit(args) => submit::run(&args),
        Command::Config(args) => config::run(&args),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::run(&args),
        #[cfg(feature = "server")]
        Command::Admin(args) => admin::run(&args),
    }
}

/// How a command ended; scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean = 0,
    /// Findings at or above the gate, or an audit trail that does not hold.
    Findings = 1,
    /// The command could not do its work at all.
    CouldNotRun = 2,
    /// Part of the input could not be audited, and `--strict` was given.
    Incomplete = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work: one line that says what to do.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Short for a failure with this text.
pub(crate) fn failure<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure(text.into()))
}
