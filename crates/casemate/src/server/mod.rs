//! What `serve` and `admin` share: the data directory, the settings, the log.

pub(crate) mod background;
pub(crate) mod connections;
pub(crate) mod data_dir;
pub(crate) mod log;
pub(crate) mod place;
