//! `casemate admin keys rotate`: a new key signs access tokens.

use casemate_service::tokens::keys::rotate_keys;

use super::{Exit, Failure, say};
use crate::server::place::{PlaceArgs, fault};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a new key; the old one verifies until its last token has expired
    Rotate(RotateArgs),
}

#[derive(clap::Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

pub(super) async fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::Rotate(args) = command;
    let service = args.place.open("http://127.0.0.1").await?;
    let id = rotate_keys(&service).await.map_err(fault)?;
    say(&format!("key {id} signs from now on\n"))?;
    Ok(Exit::Clean)
}
