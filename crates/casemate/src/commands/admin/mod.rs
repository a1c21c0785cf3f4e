//! `casemate admin`: what an operator does on the machine the tracker runs on.

mod audit;
mod keys;
mod migrate;
mod openapi;
mod password;
mod tenant;

use super::{Exit, Failure};
use crate::console;
use crate::server::place::PlaceArgs;

/// Work on a tracker from the machine it runs on
///
/// The commands open the database themselves; most can be used while the server runs.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Command),
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(keys::Command),
    Migrate(migrate::Args),
    Openapi(openapi::Args),
    /// Passwords of people
    #[command(subcommand)]
    Password(password::Command),
    /// Tenants
    #[command(subcommand)]
    Tenant(tenant::Command),
}

/// Which instance, and where people reach it.
#[derive(clap::Args)]
struct InstanceArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Address people and programs use
    #[arg(
        long,
        value_name = "URL",
        env = "CASEMATE_BASE_URL",
        default_value = "http://127.0.0.1:8080",
        hide_env_values = true
    )]
    base_url: String,
}

impl InstanceArgs {
    /// Its use cases, and the address without a trailing slash.
    async fn open(&self) -> Result<(casemate_service::Service, String), Failure> {
        let settings = casemate_web::WebSettings::new(&self.base_url).map_err(|error| Failure(error.to_string()))?;
        let base_url = settings.base_url().to_owned();
        Ok((self.place.open(&base_url).await?, base_url))
    }
}

/// Runs one command.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure(format!("cannot be started: {error}")))?;
    runtime.block_on(async {
        match &args.command {
            Command::Audit(command) => audit::run(command).await,
            Command::Keys(command) => keys::run(command).await,
            Command::Migrate(args) => migrate::run(args).await,
            Command::Openapi(args) => openapi::run(args),
            Command::Password(command) => password::run(command).await,
            Command::Tenant(command) => tenant::run(command).await,
        }
    })
}

fn say(text: &str) -> Result<(), Failure> {
    console::print(|out| out.write_all(text.as_bytes()))
        .map_err(|error| Failure(format!("standard output cannot be written: {error}")))
}
