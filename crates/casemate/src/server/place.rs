//! Which instance a command works on: its data directory and its database.

use std::path::PathBuf;
use std::sync::Arc;

use casemate_service::outside::clock::SystemClock;
use casemate_service::{Service, ServiceSettings};
use casemate_store::{Place, Store};

use super::data_dir::DataDir;
use crate::commands::Failure;

/// Which instance.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PlaceArgs {
    /// Folder for keys, the SQLite database and audit checkpoints; made on first start, for its owner only
    #[arg(
        long,
        value_name = "DIR",
        env = "CASEMATE_DATA_DIR",
        default_value = "casemate-data",
        hide_env_values = true
    )]
    pub(crate) data_dir: PathBuf,
    /// PostgreSQL instead of SQLite: postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL", env = "CASEMATE_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
}

impl PlaceArgs {
    /// Where the rows are.
    pub(crate) fn place(&self, data_dir: &DataDir) -> Result<Place, Failure> {
        match &self.database_url {
            None => Ok(Place::in_data_dir(data_dir.path())),
            Some(url) => match Place::parse(url) {
                Ok(Place::Memory) => Err(Failure("a database in memory would be gone with the server".to_owned())),
                Ok(place) => Ok(place),
                Err(error) => Err(Failure(format!("--database-url: {error}"))),
            },
        }
    }

    /// The use cases of an instance that is there already.
    pub(crate) async fn open(&self, base_url: &str) -> Result<Service, Failure> {
        let data_dir = DataDir::find(&self.data_dir)?;
        let place = self.place(&data_dir)?;
        open(&data_dir, &place, base_url).await
    }
}

/// The use cases over a place.
pub(crate) async fn open(data_dir: &DataDir, place: &Place, base_url: &str) -> Result<Service, Failure> {
    let secrets = data_dir.secrets()?;
    if matches!(place, Place::File(_)) {
        data_dir.prepare_database()?;
    }
    let store = Store::open(place).await.map_err(|error| Failure(error.to_string()))?;
    let settings = ServiceSettings::new(base_url);
    Service::open(store, settings, secrets, Arc::new(SystemClock)).map_err(fault)
}

/// What a command says when the use case could not do its work.
#[expect(clippy::needless_pass_by_value, reason = "the form `map_err` takes")]
pub(crate) fn fault(fault: casemate_service::Fault) -> Failure {
    let cause = std::error::Error::source(&fault).map(ToString::to_string).unwrap_or_default();
    Failure(format!("{fault}: {cause}"))
}
