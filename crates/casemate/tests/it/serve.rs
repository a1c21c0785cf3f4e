//! `casemate serve` and `casemate admin` as an operator meets them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

fn casemate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casemate"));
    command.args(arguments).env_remove("CASEMATE_LOG").stdin(Stdio::null());
    for name in ["DATA_DIR", "DATABASE_URL", "LISTEN", "BASE_URL", "TRUSTED_PROXY", "CORS_ORIGIN"] {
        command.env_remove(format!("CASEMATE_{name}"));
    }
    command
}

/// Runs a command that must end by itself: exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = casemate(arguments).output().expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("is UTF-8");
    (output.status.code().expect("ends by itself"), text(output.stdout), text(output.stderr))
}

/// A server that runs, ended when dropped.
struct Running {
    child: Child,
    address: String,
    /// What it printed for the person who started it.
    welcome: String,
}

impl Running {
    fn start(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().expect("is UTF-8");
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--data-dir", data], more].concat();
        let log = fs::OpenOptions::new().create(true).append(true).open(format!("{data}.log")).expect("a log");
        let mut child = casemate(&arguments).stdout(Stdio::piped()).stderr(log).spawn().expect("starts");
        let mut out = BufReader::new(child.stdout.take().expect("is piped"));
        // The welcome ends with an empty line, or is one line; whatever comes later is not read.
        let (told, welcome) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|read| read > 0) {
                if told.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        let first = welcome.recv_timeout(Duration::from_secs(120)).expect("a welcome");
        let address = first.trim().rsplit(' ').next().expect("ends with the address").to_owned();
        let rest: Vec<String> = std::iter::from_fn(|| welcome.recv_timeout(Duration::from_millis(300)).ok()).collect();
        Self { child, address, welcome: first + &rest.concat() }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let mut answer = agent.get(format!("{}{path}", self.address)).call().expect("answers");
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text).expect("is text");
        (answer.status().as_u16(), text)
    }

    /// Asks it to end, as a service manager does.
    #[cfg(unix)]
    fn end(mut self) -> i32 {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success());
        self.child.wait().expect("ends").code().expect("ends by itself")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("may change it");
}

// ASVS 13.3.1, 16.2.5: keys are made for their owner only, and the one-time link is told to a person, not to the log
#[cfg(unix)]
#[test]
fn the_first_start_makes_keys_and_tells_a_link() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let server = Running::start(&data, &[]);
    let link = server.welcome.lines().find(|line| line.contains("/setup/")).expect("a link").trim().to_owned();
    let token = link.rsplit('/').next().expect("a token").to_owned();

    assert_eq!((server.get("/healthz").0, server.get("/readyz").0), (200, 200));
    assert_eq!(server.get(&format!("/setup/{token}")).0, 200);
    assert_eq!(server.get("/setup/another").0, 404);
    assert_eq!(mode(&data), 0o700);
    for entry in fs::read_dir(&data).expect("is a folder") {
        let path = entry.expect("is there").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let (code, _, told) = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().expect("is UTF-8")]);
    assert_eq!(code, 2);
    assert!(told.contains("another casemate serves"), "{told}");

    let keys = fs::read_to_string(data.join("secrets")).expect("is there");
    assert_eq!(server.end(), 0);
    let log = fs::read_to_string(home.path().join("data.log")).expect("is there");
    assert!(log.contains("sys_startup") && log.contains("sys_shutdown"), "{log}");
    assert!(!log.contains(&token), "the log tells the link");
    assert!(log.lines().all(|line| line.starts_with('{')), "{log}");

    // A later start keeps the keys, and tells a new link that voids the old one.
    let server = Running::start(&data, &[]);
    assert_eq!(fs::read_to_string(data.join("secrets")).expect("is there"), keys);
    assert!(!server.welcome.contains(&token));
    assert_eq!(server.get(&format!("/setup/{token}")).0, 404);
}

// ASVS 13.2.1, 13.4.2: whatever is unsafe is refused, with what to set
#[test]
fn unsafe_settings_are_refused() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let data = data.to_str().expect("is UTF-8");
    let cases: [(&[&str], &str); 13] = [
        (&["--listen", "0.0.0.0:0"], "set --tls-cert and --tls-key"),
        (&["--listen", "[::]:0"], "set --tls-cert and --tls-key"),
        (&["--listen", "0.0.0.0:0", "--trusted-proxy", "10.0.0.1/32"], "set --base-url"),
        (
            &["--listen", "0.0.0.0:0", "--trusted-proxy", "10.0.0.1/32", "--base-url", "http://127.0.0.1"],
            "must begin with https://",
        ),
        (
            &["--listen", "0.0.0.0:0", "--trusted-proxy", "0.0.0.0/0", "--base-url", "https://casemate.example.org"],
            "would believe everybody",
        ),
        (&["--base-url", "http://casemate.example.org"], "must begin with https://"),
        (&["--base-url", "casemate.example.org"], "must be like"),
        (&["--cors-origin", "*"], "is a wildcard"),
        (&["--cors-origin", "https://*.example.org"], "is a wildcard"),
        (&["--cors-origin", "null"], "is a wildcard"),
        (&["--cors-origin", "http://dashboard.example.org"], "https unless loopback"),
        (&["--database-url", "mysql://localhost/casemate"], "must look like"),
        (&["--tls-cert", "cert.pem"], "--tls-key"),
    ];
    for (arguments, expected) in cases {
        let all = [&["serve", "--listen", "127.0.0.1:0", "--data-dir", data], arguments].concat();
        let all =
            if arguments.contains(&"--listen") { [&["serve", "--data-dir", data], arguments].concat() } else { all };
        let (code, out, told) = run(&all);
        assert_eq!(code, 2, "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
        assert!(out.is_empty() && !told.contains("panicked"), "{arguments:?}: {out}{told}");
    }
}

// ASVS 13.3.1, 13.3.2: keys that others could have read, that are weak or that are not there are not used
#[cfg(unix)]
#[test]
fn keys_that_are_not_safe_are_refused() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    drop(Running::start(&data, &[]));
    let keys = data.join("secrets");
    let good = fs::read_to_string(&keys).expect("is there");
    let start = || run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().expect("is UTF-8")]);
    let is_refused = |expected: &str| {
        let (code, _, told) = start();
        assert_eq!(code, 2, "{told}");
        assert!(told.contains(expected), "{expected}: {told}");
        assert!(!told.contains(good.lines().last().expect("a key").rsplit(' ').next().expect("a word")));
    };

    set_mode(&keys, 0o644);
    is_refused("others can read");
    set_mode(&keys, 0o600);
    set_mode(&data, 0o755);
    is_refused("others can look into");
    set_mode(&data, 0o700);

    let weak = "A".repeat(43);
    let zeros: Vec<String> = good
        .lines()
        .map(|line| match line.rsplit_once(' ') {
            Some((start, _)) if !line.starts_with('#') => format!("{start} {weak}"),
            _ => line.to_owned(),
        })
        .collect();
    for (text, expected) in [
        (String::new(), "is empty"),
        (zeros.join("\n"), "not random"),
        (good.replace("seal-key ", "seal-key x"), "cannot be used"),
        ("pepper a short\n".to_owned(), "cannot be used"),
    ] {
        fs::write(&keys, text).expect("may write");
        is_refused(expected);
    }
    fs::write(&keys, &good).expect("may write");
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&keys, &elsewhere).expect("may move");
    is_refused("is missing, but there is a database");
    std::os::unix::fs::symlink(&elsewhere, &keys).expect("may link");
    is_refused("not a plain file");
}

#[test]
fn a_port_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("has an address").to_string();
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let (code, _, told) = run(&["serve", "--listen", &address, "--data-dir", data.to_str().expect("is UTF-8")]);
    assert_eq!(code, 2);
    assert!(told.contains("is in use") && told.contains("--listen"), "{told}");
}

#[test]
fn a_database_that_does_not_answer_is_told_without_its_password() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let url = "postgres://casemate:s3cret-canary@127.0.0.1:9/casemate";
    let data = data.to_str().expect("is UTF-8");
    let (code, out, told) = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--database-url", url]);
    assert_eq!(code, 2);
    assert!(told.contains("cannot be reached"), "{told}");
    assert!(!told.contains("s3cret") && !out.contains("s3cret"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_demo_has_a_sign_in_for_each_role_and_real_cases() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("demo");
    let server = Running::start(&data, &["--demo"]);
    for role in ["viewer", "editor", "reviewer", "senior reviewer", "admin"] {
        assert!(server.welcome.lines().any(|line| line.trim().starts_with(role)), "{role}: {}", server.welcome);
    }
    assert_eq!(server.get("/readyz").0, 200);
    let log = fs::read_to_string(home.path().join("demo.log")).expect("is there");
    for line in server.welcome.lines().filter(|line| line.contains('@')) {
        let password = line.rsplit("  ").next().expect("a password");
        assert!(!log.contains(password), "the log tells a password");
    }
    assert_eq!(server.end(), 0);
}

#[test]
fn a_demo_does_not_touch_real_data() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    drop(Running::start(&data, &[]));
    let data = data.to_str().expect("is UTF-8");
    let (code, _, told) = run(&["serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir", data]);
    assert_eq!(code, 2);
    assert!(told.contains("holds real data"), "{told}");
}

// ASVS 16.4.2: a trail that does not hold shows, also against checkpoints
#[cfg(unix)]
#[test]
fn the_trail_is_verified_beside_a_server_and_without_one() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let server = Running::start(&data, &[]);
    let verify = || run(&["admin", "audit", "verify", "--data-dir", data.to_str().expect("is UTF-8")]);
    let (code, out, told) = verify();
    assert_eq!(code, 0, "{out}{told}");
    assert_eq!(server.end(), 0);
    let (code, out, told) = verify();
    assert_eq!(code, 0, "{out}{told}");
    assert!(out.contains("instance") && out.contains("holds"), "{out}");

    let file = data.join("checkpoints.jsonl");
    let checkpoints = fs::read_to_string(&file).expect("is there");
    fs::write(&file, checkpoints.replacen("\"seq\":", "\"seq\":9", 1)).expect("may write");
    let (code, out, _) = verify();
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("BROKEN"), "{out}");

    let (code, _, told) = run(&["admin", "audit", "verify", "--data-dir", home.path().to_str().expect("is UTF-8")]);
    assert_eq!(code, 2);
    assert!(told.contains("no data directory"), "{told}");
}

#[test]
fn an_operator_makes_a_tenant_rotates_keys_and_helps_who_forgot() {
    let home = TempDir::new().expect("a folder");
    let data = home.path().join("data");
    let server = Running::start(&data, &[]);
    let data = data.to_str().expect("is UTF-8");
    let base = server.address.as_str();
    let instance = ["--data-dir", data, "--base-url", base];
    let admin = |arguments: &[&str]| run(&[&["admin"], arguments, &instance].concat());

    let (code, out, told) = admin(&["tenant", "create", "Acme", "--admin", "ada@example.org"]);
    assert_eq!(code, 0, "{told}");
    let link = out.split_whitespace().find(|word| word.contains("/invitation/")).expect("a link");
    assert_eq!(server.get(link.strip_prefix(base).expect("is here")).0, 200);
    assert_eq!(admin(&["tenant", "create", "Acme", "--admin", "ada@example.org"]).0, 2);
    assert_eq!(admin(&["password", "reset-link", "nobody@example.org"]).0, 2);
    let (code, out, told) = run(&["admin", "keys", "rotate", "--data-dir", data]);
    assert_eq!(code, 0, "{told}");
    let id = out.split_whitespace().nth(1).expect("an id");
    assert!(server.get("/.well-known/jwks.json").1.contains(id));
    let (code, out, _) = run(&["admin", "openapi"]);
    assert_eq!(code, 0);
    assert!(out.contains("\"openapi\": \"3.1"));
}
