//! `casemate advisories`: a server that behaves, servers that do not, and what stays in use then.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::{Bench, Ended, ended};

fn record(number: usize) -> Value {
    json!({
        "id": format!("GHSA-{number}"), "summary": "It leaks.", "aliases": [format!("CVE-2026-{number}")],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": format!("package-{number}")},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }],
    })
}

fn export(count: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..count {
        zip.start_file(format!("GHSA-{number}.json"), SimpleFileOptions::default()).expect("is begun");
        zip.write_all(record(number).to_string().as_bytes()).expect("is written");
    }
    zip.finish().expect("is finished").into_inner()
}

type Answer = Box<dyn Fn(&mut TcpStream, &str) + Send>;

/// Answers every request the same way, until the test is over.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/PyPI/all.zip", listener.local_addr().expect("has an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut request = String::new();
                let mut reader = BufReader::new(stream.try_clone().expect("is cloned"));
                while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
                seen.lock().expect("is whole").push(request.to_ascii_lowercase());
                // Whoever hangs up in the middle has seen enough.
                answer(&mut stream, &request.to_ascii_lowercase());
            }
        });
        Self { address, requests }
    }

    /// As the public storage answers.
    fn well_behaved(body: Vec<u8>) -> Self {
        Self::new(Box::new(move |stream, request| {
            if request.contains("if-none-match: \"v1\"") {
                let _ = write!(stream, "HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\nconnection: close\r\n\r\n");
            } else {
                send(stream, "200 OK", "etag: \"v1\"\r\ncontent-type: application/zip\r\n", &body);
            }
        }))
    }

    fn answering(status: &'static str, headers: &'static str, body: Vec<u8>) -> Self {
        Self::new(Box::new(move |stream, _| send(stream, status, headers, &body)))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("is whole").clone()
    }
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(body);
}

/// A home of its own for the index.
struct Home(Bench);

impl Home {
    fn new() -> Self {
        Self(Bench::new())
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.0.command(&[&["advisories"], arguments].concat());
        command.env("XDG_DATA_HOME", self.0.path("data")).env("HOME", self.0.path("home"));
        command.env("LOCALAPPDATA", self.0.path("data"));
        command.env_remove("CASEMATE_ADVISORIES").env_remove("CASEMATE_ADVISORIES_URL");
        ended(command)
    }

    fn update(&self, server: &Server, more: &[&str]) -> Ended {
        self.run(&[&["update", "--url", &server.address], more].concat())
    }

    fn status(&self) -> Value {
        let status = self.run(&["status", "--json"]);
        assert_eq!(status.code, 0, "{}", status.stderr);
        serde_json::from_str(&status.stdout).expect("is JSON")
    }

    /// Everything in the folder of the index, so that nothing half-made stays behind.
    fn files(&self) -> Vec<String> {
        let below =
            if cfg!(target_os = "macos") { "home/Library/Application Support/casemate" } else { "data/casemate" };
        let mut names: Vec<String> = fs::read_dir(self.0.path(below))
            .map(|entries| {
                entries.map(|entry| entry.expect("is read").file_name().to_string_lossy().into_owned()).collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }

    /// With twenty advisories in use.
    fn furnished() -> Self {
        let home = Self::new();
        let ended = home.update(&Server::well_behaved(export(20)), &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
        home
    }

    /// The update fails, says so in one line, and leaves what was there.
    fn refuses(&self, server: &Server, more: &[&str]) -> String {
        let before = self.status();
        let ended = self.update(server, more);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
        assert!(ended.stderr.trim_end().ends_with("stay in use"), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert_eq!(self.status(), before, "the old index stays as it was");
        assert_eq!(self.files(), [".advisories.index.lock", "advisories.index"]);
        ended.stderr
    }
}

#[test]
fn an_export_is_fetched_once_and_asked_for_again_by_its_tag() {
    let (home, server) = (Home::new(), Server::well_behaved(export(20)));

    let first = home.update(&server, &[]);
    let second = home.update(&server, &[]);
    let forced = home.update(&server, &["--force"]);

    assert_eq!((first.code, second.code, forced.code), (0, 0, 0), "{}{}", first.stderr, second.stderr);
    assert!(first.stderr.contains("20 advisories in use"), "{}", first.stderr);
    assert!(second.stderr.contains("unchanged since"), "{}", second.stderr);
    let requests = server.requests();
    assert!(requests[0].starts_with("get /pypi/all.zip http/1.1") && !requests[0].contains("if-none-match"));
    assert!(requests[0].contains("user-agent: casemate/"), "{}", requests[0]);
    assert!(requests[1].contains("if-none-match: \"v1\""), "{}", requests[1]);
    assert!(!requests[2].contains("if-none-match"), "{}", requests[2]);
    let status = home.status();
    assert_eq!((&status["records"], &status["packages"], &status["age_days"]), (&json!(20), &json!(20), &json!(0)));
    assert_eq!(status["source"], server.address);
    assert_eq!(status["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn unchanged_makes_an_old_index_young() {
    let (home, server) = (Home::new(), Server::well_behaved(export(3)));
    home.update(&server, &[]);
    let before = home.status()["fetched_at"].as_u64();
    thread::sleep(Duration::from_millis(1100));

    home.update(&server, &[]);

    assert!(home.status()["fetched_at"].as_u64() > before);
}

#[test]
fn the_tag_of_one_server_is_not_shown_to_another() {
    let home = Home::furnished();
    let other = Server::well_behaved(export(20));
    assert_eq!(home.update(&other, &[]).code, 0);
    assert!(!other.requests()[0].contains("if-none-match"));
}

#[test]
fn a_body_that_is_cut_short_is_not_used() {
    let body = export(20);
    let server = Server::new(Box::new(move |stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(&body[..body.len() / 2]);
    }));
    let told = Home::furnished().refuses(&server, &[]);
    assert!(told.contains("closed the connection"), "{told}");
}

#[test]
fn a_chunked_body_that_is_cut_short_is_not_used() {
    let body = export(20);
    let server = Server::new(Box::new(move |stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
        let _ = write!(stream, "{:x}\r\n", body.len());
        let _ = stream.write_all(&body);
        let _ = write!(stream, "\r\n");
    }));
    Home::furnished().refuses(&server, &[]);
}

#[test]
fn a_whole_answer_with_half_a_zip_is_not_used() {
    let mut body = export(20);
    body.truncate(body.len() - 30);
    let told = Home::furnished().refuses(&Server::answering("200 OK", "", body), &[]);
    assert!(told.contains("damaged"), "{told}");
}

#[test]
fn a_changed_byte_in_a_record_is_found_by_its_checksum() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a.json", stored).expect("is begun");
    zip.write_all(record(7).to_string().as_bytes()).expect("is written");
    let mut body = zip.finish().expect("is finished").into_inner();
    let at = body.windows(9).position(|window| window == b"package-7").expect("is stored as it is");
    body[at + 8] = b'8';
    let told = Home::furnished().refuses(&Server::answering("200 OK", "", body), &["--accept-smaller"]);
    assert!(told.contains("damaged"), "{told}");
}

#[test]
fn a_server_that_drips_is_given_up() {
    let server = Server::new(Box::new(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\nconnection: close\r\n\r\n");
        for _ in 0..600 {
            if stream.write_all(b"P").and_then(|()| stream.flush()).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }));
    let home = Home::furnished();
    let told = home.refuses(&server, &["--timeout", "1"]);
    assert!(told.contains("in time"), "{told}");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Server::new(Box::new(|_, _| thread::sleep(Duration::from_secs(20))));
    let told = Home::furnished().refuses(&server, &["--timeout", "1"]);
    assert!(told.contains("in time"), "{told}");
}

#[test]
fn a_server_that_falls_silent_in_the_middle_is_given_up() {
    let body = export(20);
    for until in ["HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nPK"] {
        let server = Server::new(Box::new(move |stream, _| {
            let _ = write!(stream, "{until}");
            let _ = stream.flush();
            thread::sleep(Duration::from_secs(60));
        }));
        let told = Home::furnished().refuses(&server, &["--timeout", "1"]);
        assert!(told.contains("in time") && told.contains("--timeout"), "{told}");
    }
    // All of it but the end: a minute for each byte that is left would be an hour.
    let server = Server::new(Box::new(move |stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(&body[..body.len() - 60]);
        thread::sleep(Duration::from_secs(60));
    }));
    let told = Home::furnished().refuses(&server, &["--timeout", "1"]);
    assert!(told.contains("in time"), "{told}");
}

#[test]
fn headers_without_end_are_left() {
    let server = Server::new(Box::new(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"x-more: and more and more and more and more and more\r\n").is_ok() {}
    }));
    Home::furnished().refuses(&server, &["--timeout", "5"]);
}

#[test]
fn a_stream_of_pieces_without_end_is_left() {
    let server = Server::new(Box::new(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while stream.write_all(b"4\r\nPKPK\r\n").is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    }));
    let told = Home::furnished().refuses(&server, &["--timeout", "1"]);
    assert!(told.contains("in time"), "{told}");
}

#[test]
fn another_digest_than_the_one_asked_for_is_not_used() {
    let home = Home::furnished();
    let told = home.refuses(&Server::well_behaved(export(21)), &["--sha256", &"0".repeat(64)]);
    assert!(told.contains("SHA-256"), "{told}");

    let body = export(22);
    let digest: String =
        <sha2::Sha256 as sha2::Digest>::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(home.update(&Server::well_behaved(body), &["--sha256", &digest]).code, 0);
    assert_eq!(home.status()["records"], 22);
}

#[test]
fn a_server_that_fails_says_so() {
    for (status, words) in [
        ("500 Internal Server Error", "500"),
        ("503 Service Unavailable", "try again later"),
        ("404 Not Found", "is the address right"),
        ("403 Forbidden", "403"),
        ("429 Too Many Requests", "try again later"),
    ] {
        let told = Home::furnished().refuses(&Server::answering(status, "", b"no".to_vec()), &[]);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_redirect_to_http_elsewhere_is_not_followed() {
    let server = Server::answering("302 Found", "location: http://mirror.example.org/all.zip\r\n", Vec::new());
    let told = Home::furnished().refuses(&server, &[]);
    assert!(told.contains("http://mirror.example.org/all.zip") && told.contains("https"), "{told}");
}

#[test]
fn a_redirect_on_this_machine_is_followed_and_a_circle_is_left() {
    let home = Home::furnished();
    let real = Server::well_behaved(export(25));
    let location = format!("location: {}\r\n", real.address);
    let first = Server::new(Box::new(move |stream, _| send(stream, "307 Temporary Redirect", &location, b"")));
    assert_eq!(home.update(&first, &[]).code, 0);
    assert_eq!(home.status()["records"], 25);

    let circle = Server::answering("302 Found", "location: all.zip\r\n", Vec::new());
    let told = home.refuses(&circle, &[]);
    assert!(told.contains("without end"), "{told}");
    assert!(circle.requests().len() < 10);
}

#[test]
fn http_is_for_this_machine_alone() {
    let home = Home::new();
    let ended = home.run(&["update", "--url", "http://mirror.example.org/all.zip"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("use https") && ended.stderr.contains("still no advisories"), "{}", ended.stderr);
}

#[test]
fn a_body_without_end_is_left() {
    let announced = Server::new(Box::new(|stream, _| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n");
    }));
    let told = Home::furnished().refuses(&announced, &[]);
    assert!(told.contains("never that large"), "{told}");
}

#[test]
fn what_is_no_export_is_not_used() {
    let page = b"<!DOCTYPE html><html>Please sign in to the guest network".to_vec();
    for (body, words) in [
        (page, "web page"),
        (Vec::new(), "empty"),
        (export(0), "no advisories"),
        (b"PK but nothing else".to_vec(), "damaged"),
    ] {
        let told = Home::furnished().refuses(&Server::answering("200 OK", "", body), &[]);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_set_that_has_shrunk_is_taken_only_on_word() {
    let home = Home::furnished();
    let small = Server::answering("200 OK", "", export(9));
    let told = home.refuses(&small, &[]);
    assert!(told.contains("--accept-smaller"), "{told}");
    assert_eq!(home.update(&small, &["--accept-smaller"]).code, 0);
    assert_eq!(home.status()["records"], 9);
}

#[test]
fn a_set_that_cannot_be_understood_is_not_used() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..30 {
        zip.start_file(format!("{number}.json"), SimpleFileOptions::default()).expect("is begun");
        let mut one = record(number);
        if number % 3 == 0 {
            one["affected"] = json!("everything");
        }
        zip.write_all(one.to_string().as_bytes()).expect("is written");
    }
    let body = zip.finish().expect("is finished").into_inner();
    let told = Home::furnished().refuses(&Server::answering("200 OK", "", body), &[]);
    assert!(told.contains("10 of 30"), "{told}");
}

#[test]
fn an_update_waits_for_no_other() {
    let home = Home::furnished();
    let path = home.0.path(if cfg!(target_os = "macos") {
        "home/Library/Application Support/casemate/.advisories.index.lock"
    } else {
        "data/casemate/.advisories.index.lock"
    });
    let lock = fs::File::open(path).expect("is there");
    lock.lock().expect("is free");

    let ended = home.update(&Server::well_behaved(export(20)), &[]);

    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("another update"), "{}", ended.stderr);
}

#[test]
fn files_folders_and_an_index_are_imported_without_the_network() {
    let home = Home::new();
    fs::write(home.0.path("all.zip"), export(20)).expect("is written");
    fs::create_dir_all(home.0.path("ours/deep")).expect("is made");
    fs::write(home.0.path("ours/deep/a.json"), record(100).to_string()).expect("is written");
    fs::write(home.0.path("list.json"), json!([record(200), record(201)]).to_string()).expect("is written");

    let ended = home.run(&["import", "all.zip", "ours", "list.json"]);

    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    assert_eq!(home.status()["records"], 23);
    assert_eq!(home.status()["source"], "all.zip, ours, list.json");

    let ready = home.0.path(if cfg!(target_os = "macos") {
        "home/Library/Application Support/casemate/advisories.index"
    } else {
        "data/casemate/advisories.index"
    });
    let ended = home.run(&["import", &ready.to_string_lossy(), "--advisories", "copy.index"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(fs::read(home.0.path("copy.index")).unwrap(), fs::read(ready).unwrap());
}

#[test]
fn an_import_that_fails_leaves_what_was_there() {
    let home = Home::furnished();
    let before = home.status();
    for (name, bytes) in [
        ("cut.zip", &export(20)[..200]),
        ("page.html", b"<html>".as_slice()),
        ("wrong.json", br#"{"id": 7}"#),
        ("cut.index", b"CSMTADV\n\x01\0\0\0"),
        ("empty.zip", b""),
    ] {
        fs::write(home.0.path(name), bytes).expect("is written");
        let ended = home.run(&["import", name]);
        assert_eq!(ended.code, 2, "{name}");
        assert!(ended.stderr.trim_end().ends_with("stay in use"), "{}", ended.stderr);
        assert_eq!(home.status(), before);
    }
    assert_eq!(home.run(&["import", "nowhere.zip"]).code, 2);
}

#[test]
fn status_says_what_is_missing_broken_or_old() {
    let home = Home::new();
    let none = home.run(&["status"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("casemate advisories update"), "{}", none.stderr);

    fs::write(home.0.path("list.json"), json!([record(1)]).to_string()).expect("is written");
    assert_eq!(home.run(&["import", "list.json", "--advisories", "a.index"]).code, 0);
    let mut bytes = fs::read(home.0.path("a.index")).expect("is there");
    let last = bytes.len() - 5;
    bytes[last] ^= 1;
    fs::write(home.0.path("a.index"), bytes).expect("is written");
    let broken = home.run(&["status", "--advisories", "a.index"]);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("damaged"), "{}", broken.stderr);

    let old = casemate_packages::advisories::Provenance { fetched_at: 1_600_000_000, ..Default::default() };
    let mut collection = casemate_packages::advisories::Collection::new();
    collection.add("a.json", record(1).to_string().as_bytes());
    let bytes = casemate_packages::advisories::build(collection, old).expect("is built");
    fs::write(home.0.path("old.index"), bytes).expect("is written");
    let told = home.run(&["status", "--advisories", "old.index"]);
    assert_eq!(told.code, 0);
    assert!(told.stderr.contains("days old") && told.stdout.contains("2020-09-13"), "{}{}", told.stdout, told.stderr);
    assert_eq!(home.run(&["status", "--advisories", "old.index", "--max-age", "30"]).code, 1);
}

const REQUIREMENTS: &str = "package-1==1.0\npackage-2==2.0\npackage-3>=1\n";

fn audit(home: &Home, more: &[&str]) -> Ended {
    let mut command = home.0.command(&[&["audit", ".", "--select", "DEP1501"], more].concat());
    command.env("XDG_DATA_HOME", home.0.path("data")).env("HOME", home.0.path("home"));
    command.env("LOCALAPPDATA", home.0.path("data")).env_remove("CASEMATE_ADVISORIES");
    ended(command)
}

#[test]
fn an_audit_looks_packages_up_in_what_was_fetched() {
    let home = Home::furnished();
    fs::write(home.0.path("requirements.txt"), REQUIREMENTS).expect("is written");

    let found = audit(&home, &["--format", "json"]);

    assert_eq!(found.code, 1, "{}", found.stderr);
    let report: Value = serde_json::from_str(&found.stdout).expect("is JSON");
    let findings = report["findings"].as_array().expect("is a list");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["dependency"]["advisories"], json!(["CVE-2026-1", "GHSA-1"]));
    assert_eq!(findings[0]["dependency"]["fixed"], json!(["2.0"]));
    assert!(findings[0]["remedy"].as_str().is_some_and(|remedy| remedy.contains("package-1==2.0")));
    assert_eq!(report["complete"], json!(false), "only some rules ran");
    let told = audit(&home, &[]).stdout;
    assert!(told.contains("looked up in 20 advisories of "), "{told}");
    assert!(told.contains("1 more has no exact version"), "{told}");
}

#[test]
fn an_audit_without_advisories_says_that_nothing_was_looked_up() {
    let home = Home::new();
    fs::write(home.0.path("requirements.txt"), REQUIREMENTS).expect("is written");

    let told = audit(&home, &[]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(
        told.stdout.contains("NOT looked up") && told.stdout.contains("casemate advisories update"),
        "{}",
        told.stdout
    );
    assert_eq!(audit(&home, &["--strict"]).code, 3);
    assert_eq!(audit(&home, &["--strict", "--no-advisories"]).code, 0);

    fs::write(home.0.path("requirements.txt"), "# nothing yet\n").expect("is written");
    assert_eq!(audit(&home, &["--strict"]).code, 0);
}

#[test]
fn an_audit_with_a_broken_index_does_not_run() {
    let home = Home::furnished();
    fs::write(home.0.path("requirements.txt"), REQUIREMENTS).expect("is written");
    fs::write(home.0.path("cut.index"), b"CSMTADV\n").expect("is written");

    for (index, words) in
        [("cut.index", "cut short"), ("none.index", "there is no index"), ("requirements.txt", "not an index")]
    {
        let told = audit(&home, &["--advisories", index]);
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{}", told.stderr);
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
}

#[test]
fn documents_are_written_beside_the_report_and_decisions_are_followed() {
    let home = Home::furnished();
    fs::write(home.0.path("requirements.txt"), REQUIREMENTS).expect("is written");

    let first = audit(&home, &["--sbom", "sbom.json", "--vex-out", "vex.json"]);
    assert_eq!(first.code, 1, "{}", first.stderr);
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(home.0.path(name)).expect("is there")).expect("is JSON")
    };
    let bill = read("sbom.json");
    assert_eq!(bill["components"].as_array().map(Vec::len), Some(3));
    assert_eq!(bill["vulnerabilities"][0]["id"], "CVE-2026-1");
    let mut decided = read("vex.json");
    assert_eq!(decided["statements"][0]["status"], "under_investigation");

    decided["statements"][0]["status"] = json!("not_affected");
    decided["statements"][0]["impact_statement"] = json!("It is behind the proxy.");
    fs::write(home.0.path("decided.json"), decided.to_string()).expect("is written");
    let second = audit(&home, &["--vex", "decided.json", "--format", "json"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    let report: Value = serde_json::from_str(&second.stdout).expect("is JSON");
    let because = report["suppressed"][0]["suppressed_because"].as_str().expect("is told");
    assert!(because.contains("It is behind the proxy."), "{because}");

    fs::write(home.0.path("broken.json"), "{}").expect("is written");
    assert_eq!(audit(&home, &["--vex", "broken.json"]).code, 2);
    assert_eq!(audit(&home, &["--vex", "nowhere.json"]).code, 2);
}
