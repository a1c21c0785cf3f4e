//! Reads of one case a second: the tracker, a bare axum handler and a FastAPI twin, under the same load from `wrk`.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Ground, clear, median};
use crate::Result;
use crate::workspace::{line, output};

const CONNECTIONS: &str = "16";

/// The path of the case in all three.
const CASE: &str = "/api/v1/cases/CASE-1";

/// A server of ours on this machine, stopped when it is dropped.
struct Server {
    name: &'static str,
    process: Child,
    address: SocketAddr,
    /// Of the case, from the root.
    path: &'static str,
    token: Option<String>,
    a_second: Vec<f64>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Prints the table.
pub(super) fn run(ground: &Ground) -> Result<()> {
    if output(Command::new("sh").args(["-c", "command -v wrk"])).is_err() {
        return Err("the load comes from `wrk`; install the Debian package wrk and try again".into());
    }
    let (rounds, duration) = if ground.is_short { (1, "2s") } else { (5, "8s") };
    let mut servers = vec![tracker(ground)?, bare_axum(ground)?, fastapi(ground)?];
    for round in 0..=rounds {
        for server in &mut servers {
            let a_second = server.measure(if round == 0 { "1s" } else { duration })?;
            // The first round fills caches and does not count.
            if round > 0 {
                server.a_second.push(a_second);
            }
        }
    }

    println!(
        "\nreads of one case, {CONNECTIONS} connections; median of {rounds} rounds of {duration}, taken in turns\n"
    );
    println!("| server | reads a second | times the tracker |\n|---|---|---|");
    let ours = median(&servers[0].a_second);
    for server in &servers {
        let a_second = median(&server.a_second);
        println!("| {} | {a_second:.0} | {:.2} |", server.name, a_second / ours);
    }
    Ok(())
}

/// The tracker as a newcomer starts it, but for limits that would end the run at once.
fn tracker(ground: &Ground) -> Result<Server> {
    let address = free_address()?;
    let said = ground.folder.join("tracker.txt");
    let mut command = Command::new(ground.our_program("casemate"));
    command
        .current_dir(&ground.folder)
        .env_clear()
        .args(["serve", "--demo", "--limit-per-address", "1000000/1", "--limit-per-caller", "1000000/1", "--listen"])
        .arg(address.to_string())
        .stdout(File::create(&said)?)
        .stderr(File::create(ground.folder.join("tracker.log"))?);
    let mut server =
        Server::start("casemate, token verified, policy asked, SQLite", &mut command, address, CASE, None)?;
    let (email, password) = administrator(&said)?;
    let mut sign_in = ground.workspace.command(&ground.python.to_string_lossy());
    sign_in.args(["bench/sign_in.py", &address.to_string(), &email, &password]);
    server.token = Some(output(&mut sign_in)?.trim().to_owned());
    Ok(server)
}

/// The sign-in that the demo prints once it has filled its tenant; it listens before that.
fn administrator(said: &Path) -> Result<(String, String)> {
    for _ in 0..600 {
        let text = std::fs::read_to_string(said)?;
        let words = text.lines().find_map(|line| line.trim().strip_prefix("admin "));
        if let Some((email, password)) = words.and_then(|words| words.trim().split_once(' ')) {
            return Ok((email.to_owned(), password.trim().to_owned()));
        }
        sleep(Duration::from_millis(100));
    }
    Err("the demo printed no sign-in for an administrator".into())
}

fn bare_axum(ground: &Ground) -> Result<Server> {
    let database = ground.folder.join("bare-axum.db");
    for ending in ["", "-wal", "-shm"] {
        clear(&ground.folder.join(format!("bare-axum.db{ending}")))?;
    }
    let address = free_address()?;
    let mut command = Command::new(ground.our_program("bare-axum"));
    command.arg(&database).arg(address.port().to_string()).stdout(Stdio::null());
    Server::start("bare axum + SQLite, no authorization", &mut command, address, CASE, None)
}

fn fastapi(ground: &Ground) -> Result<Server> {
    let folder = ground.folder.join("fastapi");
    let token = output(
        ground.workspace.command(&ground.python.to_string_lossy()).arg("bench/fastapi/prepare.py").arg(&folder),
    )?;
    let address = free_address()?;
    let mut command = Command::new(&ground.python);
    command
        .current_dir(ground.workspace.path("bench/fastapi"))
        .env("BENCH_FOLDER", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-m", "uvicorn", "app:app", "--workers", "1", "--no-access-log", "--log-level", "warning", "--port"])
        .arg(address.port().to_string())
        .stdout(Stdio::null());
    let token = Some(token.trim().to_owned());
    Server::start("FastAPI + SQLAlchemy + SQLite", &mut command, address, CASE, token)
}

impl Server {
    fn start(
        name: &'static str,
        command: &mut Command,
        address: SocketAddr,
        path: &'static str,
        token: Option<String>,
    ) -> Result<Self> {
        let process = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("could not start {}: {error}", line(command)))?;
        let mut server = Self { name, process, address, path, token, a_second: Vec::new() };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if server.process.try_wait()?.is_some() || begun.elapsed() > Duration::from_secs(60) {
                return Err(format!("{} does not listen on {address}", line(command)).into());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Requests a second over one round; any answer but 200 spoils the run.
    fn measure(&self, duration: &str) -> Result<f64> {
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", CONNECTIONS, "--duration", duration]);
        if let Some(token) = &self.token {
            wrk.arg("--header").arg(format!("Authorization: Bearer {token}"));
        }
        let said = output(wrk.arg(format!("http://{}{}", self.address, self.path)))?;
        requests_a_second(&said).map_err(|error| format!("{}: {error}", self.name).into())
    }
}

/// Reads what `wrk` prints.
fn requests_a_second(said: &str) -> Result<f64> {
    if let Some(line) =
        said.lines().map(str::trim).find(|line| line.starts_with("Non-2xx") || line.starts_with("Socket errors"))
    {
        return Err(format!("not every read was answered with the case: {line}").into());
    }
    let number = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")).ok_or("`wrk` named no rate")?;
    Ok(number.trim().parse()?)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_with_refused_reads_is_no_measurement() {
        assert_eq!(requests_a_second("  100 requests in 1s\nRequests/sec:    533.11\n").unwrap(), 533.11);
        assert!(requests_a_second("Non-2xx or 3xx responses: 3\nRequests/sec:    533.11\n").is_err());
        assert!(requests_a_second("  Socket errors: connect 0, read 9\nRequests/sec: 1.0\n").is_err());
        assert!(requests_a_second("").is_err());
    }
}
