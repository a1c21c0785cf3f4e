//! `casemate admin audit verify`: whether the audit trail says what it said when it was written.

use std::path::{Path, PathBuf};

use casemate_service::trail::checkpoint::Checkpoint;
use casemate_service::trail::verify_trail::verify_all_trails;

use super::{Exit, Failure, say};
use crate::server::data_dir::DataDir;
use crate::server::place::{PlaceArgs, fault};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Verify every chain, event by event, and against checkpoints
    ///
    /// A chain shows changed and missing events; a checkpoint, signed with a key outside the database, also shows a cut end
    /// and a trail written anew. Works without a server and beside one.
    #[command(after_help = "Exit codes:\n  0  all of it holds\n  1  something does not\n  2  could not run")]
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Checkpoints kept elsewhere, one JSON object a line [default: those of the data directory]
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

pub(super) async fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::Verify(args) = command;
    let data_dir = DataDir::find(&args.place.data_dir)?;
    let own = data_dir.checkpoints_file();
    let checkpoints = match &args.against {
        Some(file) => read(file)?,
        None if own.exists() => read(&own)?,
        None => Vec::new(),
    };
    let service = args.place.open("http://127.0.0.1").await?;
    let verified = verify_all_trails(&service, &checkpoints).await.map_err(fault)?;
    let mut text = String::new();
    for chain in &verified {
        let name = chain.chain.name();
        let outcome = match (chain.broken_at, &chain.checkpoint_fault) {
            (Some(seq), _) => format!("BROKEN at event {seq}"),
            (None, Some(why)) => format!("BROKEN: {why}"),
            (None, None) => "holds".to_owned(),
        };
        text += &format!("{name}  {} events  {outcome}  {}\n", chain.events, chain.head);
    }
    let is_sound = verified.iter().all(casemate_service::trail::verify_trail::Verified::is_sound);
    text += &format!("{} checkpoints compared\n", checkpoints.len());
    say(&text)?;
    Ok(if is_sound { Exit::Clean } else { Exit::Findings })
}

fn read(file: &Path) -> Result<Vec<Checkpoint>, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| {
            serde_json::from_str(line).map_err(|_| Failure(format!("`{shown}` line {} is no checkpoint", n + 1)))
        })
        .collect()
}
