//! `casemate admin password reset-link`: for who forgot.

use casemate_model::text::Email;
use casemate_service::members::reset_password::begin_reset;
use secrecy::ExposeSecret as _;

use super::{Exit, Failure, InstanceArgs, say};
use crate::commands::failure;
use crate::server::place::fault;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Print a link with which a person chooses a new password; it works once, for 30 minutes
    ResetLink(ResetLinkArgs),
}

#[derive(clap::Args)]
pub(super) struct ResetLinkArgs {
    /// E-mail address the person signs in with
    #[arg(value_name = "EMAIL")]
    email: Email,
    #[command(flatten)]
    instance: InstanceArgs,
}

pub(super) async fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::ResetLink(args) = command;
    let (service, base_url) = args.instance.open().await?;
    match begin_reset(&service, &args.email).await.map_err(fault)? {
        None => failure(format!("nobody signs in as `{}`", args.email)),
        Some(token) => {
            say(&format!("{base_url}/reset/{}\n", token.expose_secret()))?;
            Ok(Exit::Clean)
        }
    }
}
