//! `casemate admin migrate`: bring the tables up to date.

use casemate_store::{Place, Store};

use super::{Exit, Failure, say};
use crate::server::data_dir::DataDir;
use crate::server::place::PlaceArgs;

/// Bring the tables of a PostgreSQL database up to date, with a role that may
///
/// `serve` does it by itself where its role owns the tables. Where it does not, run this with the owner's URL and name the
/// server's role with --grant-to.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Role of the server: gets no more rights on the tables than it needs
    #[arg(long, value_name = "ROLE")]
    grant_to: Option<String>,
}

pub(super) async fn run(args: &Args) -> Result<Exit, Failure> {
    let place = match &args.place.database_url {
        Some(url) => Place::parse(url).map_err(|error| Failure(format!("--database-url: {error}")))?,
        None => args.place.place(&DataDir::find(&args.place.data_dir)?)?,
    };
    Store::migrate(&place, args.grant_to.as_deref()).await.map_err(|error| Failure(error.to_string()))?;
    say("the tables are up to date\n")?;
    Ok(Exit::Clean)
}
