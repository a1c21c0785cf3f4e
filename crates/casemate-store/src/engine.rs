//! Which database runs, how transactions begin, and how one SQL text serves both.
//!
//! A function of the store is a method of [`Tx`]; its SQL is written once, with `$1` parameters, in the dialect both
//! engines read (`ON CONFLICT`, `RETURNING`, no `FOR UPDATE`, no `NOW()`), and [`on!`] runs it on the engine at hand:
//!
//! ```ignore
//! #[derive(sqlx::FromRow)]
//! struct ProjectRow { id: Uuid, name: String, created_at: Timestamp }
//!
//! impl Tx {
//!     pub async fn projects(&mut self, scope: &Scope) -> Result<Vec<Project>, StoreError> {
//!         let rows: Vec<ProjectRow> = on!(self, |c| {
//!             // SECURITY: the tenant stands in every statement; row-level security is the second wall, and SQLite has none.
//!             sqlx::query_as("SELECT id, name, created_at FROM projects WHERE tenant_id = $1 ORDER BY name")
//!                 .bind(scope.tenant().0)
//!                 .fetch_all(c) // `&mut *c` when the body uses it more than once
//!                 .await
//!         })?;
//!         rows.into_iter().map(Project::try_from).collect()
//!     }
//! }
//! ```
//!
//! Two PostgreSQL habits to know: an untyped `$1 IS NULL` needs a cast (`CAST($1 AS TEXT) IS NULL`, which SQLite reads
//! too), and numbers are `BIGINT`, bound as `i64`. Times order by text on SQLite, exact to the millisecond: order by a number
//! or a version 7 id where it matters.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use casemate_model::access::Walls;
use casemate_model::id::{ClientId, TenantId, UserId};
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, Postgres, SqlSafeStr, Sqlite, SqliteConnection, Transaction};
use uuid::Uuid;

/// The migrations, in order. A released one never changes: sqlx compares its digest.
macro_rules! migrations {
    ($engine:literal: $($version:literal $name:literal),* $(,)?) => {
        Migrator::with_migrations(vec![$(
            Migration::new(
                $version,
                $name.into(),
                MigrationType::Simple,
                include_str!(concat!("../migrations/", $engine, "/", $name, ".sql")).into_sql_str(),
                false,
            ),
        )*])
    };
}

fn sqlite_migrations() -> Migrator {
    migrations!("sqlite":
        1 "0001_identity",
        2 "0002_cases",
    )
}

fn postgres_migrations() -> Migrator {
    migrations!("postgres":
        1 "0001_identity",
        2 "0002_cases",
    )
}

/// Where the rows are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// SQLite in memory, for tests; gone with the [`Store`].
    Memory,
    /// SQLite in this file, made if it is not there.
    File(PathBuf),
    /// PostgreSQL: `postgres://user:password@host/database`.
    Postgres(String),
}

impl Place {
    /// The database file in a data directory.
    pub fn in_data_dir(dir: &Path) -> Self {
        Self::File(dir.join("casemate.db"))
    }

    /// Reads `postgres://…`, `postgresql://…` or `sqlite:PATH`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(url: &str) -> Result<Self, OpenStoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest)) {
            Some(":memory:") => Ok(Self::Memory),
            Some(path) if !path.is_empty() => Ok(Self::File(path.into())),
            // SECURITY: the address may hold a password, so the message does not repeat it.
            _ => Err(OpenStoreError::BadUrl),
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // SECURITY: the address may hold a password.
            Self::Postgres(_) => f.write_str("Postgres"),
        }
    }
}

/// Why the store cannot be opened. The messages are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// Not an address of a database.
    #[error("the database address must look like `postgres://user:password@host/database` or `sqlite:PATH`")]
    BadUrl,
    /// It does not answer.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// This role would see through the walls between tenants.
    #[error(
        "the database role `{0}` is a superuser or bypasses row-level security, so tenants would not be kept apart; \
         set up one that does not: CREATE ROLE casemate LOGIN PASSWORD '…' NOSUPERUSER NOBYPASSRLS; \
         CREATE DATABASE casemate OWNER casemate"
    )]
    UnsafeRole(String),
    /// The tables are older than this program and this role may not change them.
    #[error("the database needs `casemate admin migrate` with a role that may create tables: {0}")]
    Outdated(String),
    /// The tables are newer than this program.
    #[error("the database was made by a newer casemate; use that version or later")]
    Newer,
    /// Anything else.
    #[error("the database cannot be used: {0}")]
    Broken(String),
}

impl OpenStoreError {
    fn reaching(error: sqlx::Error) -> Self {
        match StoreError::from(error) {
            StoreError::Unavailable(message) => Self::Unreachable(message),
            StoreError::Conflict => Self::Broken("conflict".to_owned()),
            StoreError::Broken(message) => Self::Broken(message),
        }
    }
}

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with this key is there already.
    #[error("exists already")]
    Conflict,
    /// Busy or not reachable: trying again later may help.
    #[error("the database is busy or not reachable: {0}")]
    Unavailable(String),
    /// Anything else, for the log alone.
    #[error("the database failed: {0}")]
    Broken(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(inner) => {
                let code = inner.code().unwrap_or_default();
                // SQLITE_BUSY and SQLITE_LOCKED with their extensions; PostgreSQL's serialization failure, deadlock, lock not
                // available, connection and resource classes, shutdown.
                let passes = match code.parse::<u32>() {
                    Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6),
                    _ => {
                        matches!(&*code, "40001" | "40P01" | "55P03")
                            || ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
                    }
                };
                let message = inner.message().to_owned();
                if passes { Self::Unavailable(message) } else { Self::Broken(message) }
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Broken(error.to_string()),
        }
    }
}

impl StoreError {
    /// A row that this program did not write, or no longer reads.
    pub(crate) fn row(what: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Broken(format!("stored {what}: {error}"))
    }
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    /// SQLite has one writer at a time: a pool of one makes writers queue in order instead of failing as busy.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens it, and brings its tables up to date if they are not and the role may.
    ///
    /// # Errors
    /// See [`OpenStoreError`].
    pub async fn open(place: &Place) -> Result<Self, OpenStoreError> {
        let engine = match place {
            Place::Memory => Engine::open_memory().await?,
            Place::File(path) => Engine::open_file(path).await?,
            Place::Postgres(url) => Engine::open_postgres(url).await?,
        };
        Ok(Self { engine })
    }

    /// Brings the tables up to date. On PostgreSQL it may be run as another role than the server's, the owner of the tables;
    /// `grant_to` then names the server's role, which is given the rights it needs and no more.
    ///
    /// # Errors
    /// See [`OpenStoreError`].
    pub async fn migrate(place: &Place, grant_to: Option<&str>) -> Result<(), OpenStoreError> {
        match place {
            Place::Memory | Place::File(_) => Self::open(place).await.map(drop),
            Place::Postgres(url) => {
                let pool = postgres_pool(url, 1).await?;
                let mut connection = pool.acquire().await.map_err(OpenStoreError::reaching)?;
                bring_postgres_up_to_date(&mut connection).await?;
                if let Some(role) = grant_to {
                    sqlx::query("SELECT casemate_grant($1)")
                        .bind(role)
                        .execute(&mut *connection)
                        .await
                        .map_err(OpenStoreError::reaching)?;
                }
                Ok(())
            }
        }
    }

    /// Whether it answers, for `/readyz`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_instance().await?;
        on!(tx, |c| sqlx::query("SELECT 1").execute(c).await.map(drop))?;
        Ok(())
    }

    /// Begins to read and write within these walls. Dropping the transaction undoes it.
    ///
    /// # Errors
    /// When the database is busy or gone.
    pub async fn begin(&self, walls: &impl Walls) -> Result<Tx, StoreError> {
        self.begin_as(walls.tenant(), Mode::Write).await
    }

    /// Begins to read within these walls. Does not wait for writers; an attempt to write fails.
    ///
    /// # Errors
    /// When the database is busy or gone.
    pub async fn begin_reading(&self, walls: &impl Walls) -> Result<Tx, StoreError> {
        self.begin_as(walls.tenant(), Mode::Read).await
    }

    /// Begins to work on what belongs to no tenant: tenants, users, sessions, links, keys, and the instance's own trail.
    /// No row of any tenant is seen.
    ///
    /// # Errors
    /// When the database is busy or gone.
    pub async fn begin_instance(&self) -> Result<Tx, StoreError> {
        self.begin_as(INSTANCE, Mode::Write).await
    }

    /// As [`Store::begin_instance`], to read only.
    ///
    /// # Errors
    /// When the database is busy or gone.
    pub async fn begin_reading_instance(&self) -> Result<Tx, StoreError> {
        self.begin_as(INSTANCE, Mode::Read).await
    }

    async fn begin_as(&self, tenant: TenantId, mode: Mode) -> Result<Tx, StoreError> {
        let on = match (&self.engine, mode) {
            (Engine::Sqlite { writer, .. }, Mode::Write) => On::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            (Engine::Sqlite { readers, .. }, Mode::Read) => On::Sqlite(readers.begin_with("BEGIN").await?),
            (Engine::Postgres(pool), mode) => {
                let mut tx = match mode {
                    Mode::Write => pool.begin_with("BEGIN").await?,
                    Mode::Read => pool.begin_with("BEGIN READ ONLY").await?,
                };
                // SECURITY: row-level security compares with these; they end with the transaction.
                sqlx::query(
                    "SELECT set_config('casemate.tenant', $1, true), set_config('casemate.user', '', true), \
                     set_config('casemate.client', '', true)",
                )
                .bind(tenant.to_string())
                .execute(&mut *tx)
                .await?;
                On::Postgres(tx)
            }
        };
        Ok(Tx { on, tenant })
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write,
}

/// INVARIANT: no tenant has the nil id; under it stands the trail of the instance.
const INSTANCE: TenantId = TenantId(Uuid::nil());

/// A transaction, confined to one tenant or to the instance. Nothing happened until [`Tx::commit`].
pub struct Tx {
    pub(crate) on: On,
    pub(crate) tenant: TenantId,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// The engine a transaction runs on.
pub(crate) enum On {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes it so.
    ///
    /// # Errors
    /// When the database is gone; then nothing happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.on {
            On::Sqlite(tx) => tx.commit().await?,
            On::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// From here on the memberships of this person are seen too: what decides their tenant is read before it is known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn see_memberships_of(&mut self, user: UserId) -> Result<(), StoreError> {
        if let On::Postgres(tx) = &mut self.on {
            sqlx::query("SELECT set_config('casemate.user', $1, true)")
                .bind(user.to_string())
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// From here on the row of this client is seen too: it says which tenant is its.
    pub(crate) async fn see_client(&mut self, client: ClientId) -> Result<(), StoreError> {
        if let On::Postgres(tx) = &mut self.on {
            sqlx::query("SELECT set_config('casemate.client', $1, true)")
                .bind(client.to_string())
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// The connection, if this is SQLite; for tests that look behind the walls.
    #[doc(hidden)]
    pub fn raw_sqlite(&mut self) -> Option<&mut SqliteConnection> {
        match &mut self.on {
            On::Sqlite(tx) => Some(&mut **tx),
            On::Postgres(_) => None,
        }
    }

    /// The connection, if this is PostgreSQL; for tests that look behind the walls.
    #[doc(hidden)]
    pub fn raw_postgres(&mut self) -> Option<&mut PgConnection> {
        match &mut self.on {
            On::Sqlite(_) => None,
            On::Postgres(tx) => Some(&mut **tx),
        }
    }
}

/// Runs one body on whichever engine the transaction runs on; in it, the name between the bars is the connection.
macro_rules! on {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match &mut $tx.on {
            $crate::engine::On::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::engine::On::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use on;

impl Engine {
    async fn open_memory() -> Result<Self, OpenStoreError> {
        let options = sqlite_options(SqliteConnectOptions::new().in_memory(true));
        // A database in memory lives as long as its only connection.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(OpenStoreError::reaching)?;
        bring_sqlite_up_to_date(&pool).await?;
        Ok(Self::Sqlite { writer: pool.clone(), readers: pool })
    }

    async fn open_file(path: &Path) -> Result<Self, OpenStoreError> {
        make_private(path).map_err(|error| OpenStoreError::Unreachable(format!("{}: {error}", path.display())))?;
        let options = sqlite_options(SqliteConnectOptions::new().filename(path))
            .journal_mode(SqliteJournalMode::Wal)
            // SECURITY: a change that was answered survives a power cut.
            .synchronous(SqliteSynchronous::Full);
        let pool = |most| {
            // A file does not hang up: asking each connection first whether it is still there would cost as much as a query.
            SqlitePoolOptions::new()
                .max_connections(most)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .acquire_timeout(PATIENCE)
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(OpenStoreError::reaching)?;
        bring_sqlite_up_to_date(&writer).await?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let most = u32::try_from(cores.clamp(2, 8)).unwrap_or(2);
        let readers =
            pool(most).connect_with(options.pragma("query_only", "ON")).await.map_err(OpenStoreError::reaching)?;
        Ok(Self::Sqlite { writer, readers })
    }

    async fn open_postgres(url: &str) -> Result<Self, OpenStoreError> {
        let pool = postgres_pool(url, 16).await?;
        let mut connection = pool.acquire().await.map_err(OpenStoreError::reaching)?;
        // SECURITY: superusers and roles with BYPASSRLS see every tenant's rows, whatever the policies say. The session's own
        // role counts too: SET ROLE can be undone.
        let (role, sees_all): (String, bool) = sqlx::query_as(
            "SELECT current_user::text, coalesce(bool_or(rolsuper OR rolbypassrls), true) FROM pg_roles \
             WHERE rolname IN (current_user, session_user)",
        )
        .fetch_one(&mut *connection)
        .await
        .map_err(OpenStoreError::reaching)?;
        if sees_all {
            return Err(OpenStoreError::UnsafeRole(role));
        }
        bring_postgres_up_to_date(&mut connection).await?;
        drop(connection);
        Ok(Self::Postgres(pool))
    }
}

fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.create_if_missing(true).foreign_keys(true).busy_timeout(PATIENCE)
}

/// SECURITY: the file, and with it the journal beside it, is for its owner alone.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

async fn postgres_pool(url: &str, most: u32) -> Result<PgPool, OpenStoreError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenStoreError::BadUrl)?.application_name("casemate");
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(OpenStoreError::reaching)
}

async fn bring_sqlite_up_to_date(pool: &SqlitePool) -> Result<(), OpenStoreError> {
    sqlite_migrations().run(pool).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(_) => OpenStoreError::Newer,
        other => OpenStoreError::Broken(other.to_string()),
    })
}

/// Runs what is missing. When nothing is, no right to change tables is needed.
async fn bring_postgres_up_to_date(connection: &mut PgConnection) -> Result<(), OpenStoreError> {
    let migrations = postgres_migrations();
    let is_begun: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .map_err(OpenStoreError::reaching)?;
    if is_begun {
        let applied = connection
            .list_applied_migrations("_sqlx_migrations")
            .await
            .map_err(|error| OpenStoreError::Broken(error.to_string()))?;
        if applied.iter().any(|one| !migrations.version_exists(one.version)) {
            return Err(OpenStoreError::Newer);
        }
        let is_applied = |wanted: &Migration| {
            applied.iter().any(|one| one.version == wanted.version && one.checksum == wanted.checksum)
        };
        if migrations.iter().all(is_applied) {
            return Ok(());
        }
    }
    migrations.run_direct(None, connection, false).await.map_err(|error| OpenStoreError::Outdated(error.to_string()))
}
