//! A PostgreSQL cluster for one run of a test binary, and a database for each test.
//!
//! It listens on a socket in a temporary folder, for nobody else, and is gone shortly after the test binary is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database of one test.
#[derive(Clone, Debug)]
pub struct Database {
    /// As `casemate`: owns the database, is no superuser and does not bypass row-level security.
    pub url: String,
    /// As `postgres`, the superuser, who sees through all walls.
    pub superuser_url: String,
    /// As `server`, who may log in and nothing else yet.
    pub server_url: String,
}

struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

/// A new empty database; `None` where PostgreSQL is not installed, which is said aloud. With `CASEMATE_REQUIRE_ALL=1` in the
/// environment that is a failure.
///
/// # Panics
/// When PostgreSQL is there but does not start.
pub fn fresh_database() -> Option<Database> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let cluster = CLUSTER.get_or_init(Cluster::start).as_ref()?;
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.sql(&format!("CREATE DATABASE {name} OWNER casemate"));
    let url = |role: &str| format!("postgres://{role}@localhost/{name}?host={}", cluster.folder.display());
    Some(Database { url: url("casemate"), superuser_url: url("postgres"), server_url: url("server") })
}

impl Cluster {
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            say_missing();
            return None;
        };
        let folder = ok(as_server_user("mktemp").args(["-d", "-t", "casemate-pg.XXXXXX"]));
        let folder = PathBuf::from(folder.trim());
        let data = folder.join("data");
        ok(as_server_user(programs.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data));
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
             -c max_connections=400 -c shared_buffers=32MB",
            folder.display()
        );
        let cluster = Self { programs, folder };
        cluster.stop_when_we_are_gone(&data);
        ok(as_server_user(cluster.programs.join("pg_ctl"))
            .args(["-w", "-t", "60", "-o", &options, "-l"])
            .arg(cluster.folder.join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start")
            .stdout(Stdio::null()));
        cluster.sql(
            "CREATE ROLE casemate LOGIN NOSUPERUSER NOBYPASSRLS; CREATE ROLE server LOGIN NOSUPERUSER NOBYPASSRLS",
        );
        Some(cluster)
    }

    /// A test binary may end in any way, so somebody else tidies up after it.
    #[expect(clippy::panic, reason = "tests stop here")]
    fn stop_when_we_are_gone(&self, data: &Path) {
        let script =
            "while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; \"$2\" -D \"$3\" -m immediate stop; rm -rf \"$4\"";
        // Not as the server's user: that one may not ask after a process of ours.
        let watcher = Command::new("sh")
            .args(["-c", &wrapped(script), "casemate-tests", &std::process::id().to_string()])
            .arg(self.programs.join("pg_ctl"))
            .arg(data)
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = watcher {
            panic!("sh does not run: {error}");
        }
    }

    fn sql(&self, text: &str) {
        for statement in text.split(';') {
            ok(Command::new(self.programs.join("psql"))
                .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "postgres", "-c", statement, "-h"])
                .arg(&self.folder));
        }
    }
}

/// The script again, with the part after the wait run as the server's user.
fn wrapped(script: &str) -> String {
    if is_root() { script.replace("done; ", "done; runuser -u postgres -- ") } else { script.to_owned() }
}

fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.extend(["/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    folders.into_iter().find(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).exists()))
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests should see what was not tested")]
#[expect(clippy::panic, reason = "tests stop here")]
fn say_missing() {
    if std::env::var_os("CASEMATE_REQUIRE_ALL").is_some_and(|value| value == "1") {
        panic!("PostgreSQL is not installed, and CASEMATE_REQUIRE_ALL=1 demands it");
    }
    eprintln!("\n!! SKIPPED: PostgreSQL is not installed (initdb, pg_ctl, psql), so nothing is tested on it\n");
}

/// PostgreSQL refuses to run as root; its packages make a user for it.
fn as_server_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

fn is_root() -> bool {
    static IS_ROOT: OnceLock<bool> = OnceLock::new();
    *IS_ROOT.get_or_init(|| ok(Command::new("id").arg("-u")).trim() == "0")
}

#[expect(clippy::panic, reason = "tests stop here")]
fn ok(command: &mut Command) -> String {
    match command.stderr(Stdio::piped()).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{command:?}: {error}"),
    }
}
