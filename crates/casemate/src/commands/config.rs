//! `casemate config`: which settings hold, and who says so.

use std::path::PathBuf;

use casemate_audit::report::text::printable;
use casemate_audit::settings::Origin;

use super::audit::SettingsArgs;
use super::{Exit, Failure};
use crate::console;
use crate::project::{self, Project};

/// Show which settings hold, and where each comes from
#[derive(clap::Args)]
#[command(after_help = "\
The command line wins over casemate.toml, that over [tool.casemate] of pyproject.toml, that over the defaults.
The files are looked for from the audited path upwards, to the top of the repository, unless --config names one.

Example:
  casemate config src --fail-on high")]
pub(crate) struct Args {
    /// The path whose settings are asked for
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    printable(&serde_json::Value::from(text).to_string())
}

/// Prints a table that is also a valid `casemate.toml`.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let project = Project::locate(std::slice::from_ref(&args.path))?;
    let files = args.settings.files(&project)?;
    let read: Vec<String> = files.layers.iter().map(|(_, file, _)| printable(&file.display().to_string())).collect();
    let is_named = files.is_named;
    let endpoints = files.layers.iter().flat_map(|(origin, _, layer)| {
        layer
            .endpoints
            .iter()
            .map(|one| (*origin, format!("verify.endpoints.{}", quoted(&one.detector)), quoted(&one.url)))
    });
    let endpoints: Vec<(Origin, String, String)> = endpoints.collect();
    let in_force = project::settings(&project, files, args.settings.layer())?;
    let table = in_force.resolved.table();
    let widest = table.iter().map(|(key, value, _)| key.len() + value.len()).max().unwrap_or(0);
    console::print(|out| {
        for file in &read {
            writeln!(out, "# read {file}")?;
        }
        for (key, value, origin) in &table {
            let padding = " ".repeat(widest - key.len() - value.len());
            writeln!(out, "{key} = {}{padding}  # {origin}", printable(value))?;
        }
        for (origin, key, value) in &endpoints {
            if is_named {
                writeln!(out, "{key} = {value}  # {origin}")?;
            } else {
                writeln!(out, "# not followed, name the file with --config: {key} = {value}  # {origin}")?;
            }
        }
        Ok(())
    })
    .map_err(|error| Failure(format!("the settings could not be printed: {error}")))?;
    Ok(Exit::Clean)
}
