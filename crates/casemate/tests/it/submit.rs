//! `casemate submit`: what goes over the wire, and what people are told when it does not work.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::bench::{Bench, Ended, ended};

const REPORT: &str = r#"{"version": "2.1.0", "runs": []}"#;
const TOKEN: &str = r#"{"access_token": "abc.def.ghi", "token_type": "Bearer", "expires_in": 300}"#;
const SECRET: &str = "s3cret+/=canary";

/// One request as it arrived.
struct Request {
    line: String,
    headers: String,
    body: String,
}

/// Answers one request after another with these, then is gone.
struct Server {
    address: String,
    requests: JoinHandle<Vec<Request>>,
}

impl Server {
    fn answering(answers: Vec<(u16, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("has an address"));
        let requests = thread::spawn(move || {
            answers
                .into_iter()
                .map(|(status, body)| {
                    let (mut stream, _) = listener.accept().expect("somebody calls");
                    let request = read(&stream);
                    write!(
                        stream,
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nlocation: http://127.0.0.1:9/\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    )
                    .expect("is sent");
                    request
                })
                .collect()
        });
        Self { address, requests }
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut headers = String::new();
    loop {
        let start = headers.len();
        reader.read_line(&mut headers).expect("a header");
        if headers[start..].trim().is_empty() {
            break;
        }
    }
    let headers = headers.to_lowercase();
    if headers.contains("expect: 100-continue") {
        return Request { line: line.trim().to_owned(), headers, body: String::new() };
    }
    let length = headers
        .lines()
        .find_map(|header| header.strip_prefix("content-length: "))
        .map_or(0, |n| n.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    Request { line: line.trim().to_owned(), headers, body: String::from_utf8(body).expect("is UTF-8") }
}

fn submit(to: &str, more: &[&str]) -> Ended {
    let bench = Bench::new().with("report.sarif", REPORT);
    let mut command = bench.command(&[&["submit", "report.sarif", "--to", to], more].concat());
    command.env("CASEMATE_CLIENT_ID", "ci bot").env("CASEMATE_CLIENT_SECRET", SECRET);
    let ended = ended(command);
    for told in [&ended.stdout, &ended.stderr] {
        assert!(!told.contains("s3cret") && !told.contains("abc.def"), "a secret was told: {told}");
    }
    ended
}

fn refused(answers: Vec<(u16, &'static str)>) -> String {
    let server = Server::answering(answers);
    let ended = submit(&server.address, &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    server.requests.join().expect("the server was asked what it expected");
    ended.stderr
}

#[test]
fn a_report_is_sent_with_a_token_and_the_outcome_is_told() {
    let outcome = r#"{"new": 3, "unchanged": 4, "reopened": 1, "gone": 2, "cases_opened": 3, "cases_reopened": 0, "cases_closed": 2,
        "scans": [{"id": "0192"}], "url": "http://127.0.0.1/findings"}"#;
    let server = Server::answering(vec![(200, TOKEN), (201, outcome)]);
    let ended = submit(&server.address, &["--project", "my shop", "--branch", "fix/a&b", "--commit", "abc123"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(
        ended.stdout,
        "findings: 3 new, 1 reopened, 4 unchanged, 2 gone\ncases: 3 opened, 0 reopened, 2 closed\nhttp://127.0.0.1/findings\n"
    );
    let requests = server.requests.join().expect("both came");
    assert_eq!(requests[0].line, "POST /oauth/token HTTP/1.1");
    assert_eq!(requests[0].body, "grant_type=client_credentials&scope=findings%3Awrite");
    // "ci%20bot:s3cret%2B%2F%3Dcanary", RFC 6749, section 2.3.1
    assert!(
        requests[0].headers.contains(&"authorization: Basic Y2klMjBib3Q6czNjcmV0JTJCJTJGJTNEY2FuYXJ5".to_lowercase()),
        "{}",
        requests[0].headers
    );
    assert_eq!(requests[1].line, "POST /api/v1/scans?project=my%20shop&branch=fix%2Fa%26b&commit=abc123 HTTP/1.1");
    assert!(requests[1].headers.contains("authorization: bearer abc.def.ghi"));
    assert!(requests[1].headers.contains("content-type: application/sarif+json"));
    assert_eq!(requests[1].body, REPORT);
}

#[test]
fn a_report_can_come_from_standard_input() {
    let server = Server::answering(vec![(200, TOKEN), (200, "{\"new\": 0}")]);
    let bench = Bench::new();
    let mut command = bench.command(&["submit", "-", "--to", &format!("{}/", server.address), "--client-id", "x"]);
    command.env("CASEMATE_CLIENT_SECRET", SECRET).write_stdin(REPORT);
    let ended = ended(command);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "findings: 0 new\n"), "{}", ended.stderr);
}

#[test]
fn the_secret_can_come_from_a_file() {
    let bench = Bench::new().with("report.sarif", REPORT).with("secret", "abc\n");
    let server = Server::answering(vec![(200, TOKEN), (200, "{\"new\": 0}")]);
    let ended = bench.run(&[
        "submit",
        "report.sarif",
        "--to",
        &server.address,
        "--client-id",
        "x",
        "--client-secret-file",
        "secret",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let requests = server.requests.join().expect("both came");
    assert!(requests[0].headers.contains(&"authorization: Basic eDphYmM=".to_lowercase()));
}

#[test]
fn missing_credentials_say_what_to_set() {
    let bench = Bench::new().with("report.sarif", REPORT);
    let ended = bench.run(&["submit", "report.sarif", "--to", "http://127.0.0.1:9"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (2, "casemate: no client id: set CASEMATE_CLIENT_ID or give --client-id\n")
    );
    let ended = bench.run(&["submit", "report.sarif", "--to", "http://127.0.0.1:9", "--client-id", "x"]);
    assert_eq!(ended.stderr, "casemate: no client secret: set CASEMATE_CLIENT_SECRET or give --client-secret-file\n");
}

#[test]
fn unencrypted_http_is_refused_except_to_this_machine() {
    for address in
        ["http://casemate.example", "http://localhost.example.org", "http://10.0.0.1", "http://[2001:db8::1]:80"]
    {
        let ended = submit(address, &[]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains("http would send the secret unencrypted"), "{}", ended.stderr);
    }
    for address in ["http://127.0.0.1:9", "http://[::1]:9", "http://LOCALHOST:9"] {
        let ended = submit(address, &[]);
        assert!(!ended.stderr.contains("unencrypted"), "{}", ended.stderr);
    }
}

#[test]
fn an_address_that_is_none_or_holds_more_is_refused() {
    for address in
        ["casemate.example", "ftp://127.0.0.1", "http://a:b@127.0.0.1", "http://127.0.0.1/?x=1", "https://", ""]
    {
        let ended = submit(address, &[]);
        assert_eq!(ended.code, 2, "{address}");
        assert!(ended.stderr.contains("--to"), "{}", ended.stderr);
    }
}

#[test]
fn a_refused_connection_asks_whether_the_tracker_runs() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("has an address");
    let ended = submit(&format!("http://{free}"), &[]);
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        format!("casemate: http://{free} refused the connection; is `casemate serve` running there?\n")
    );
}

#[test]
fn a_tracker_that_does_not_answer_is_not_waited_for_without_end() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let ended = submit(&format!("http://{}", listener.local_addr().expect("has one")), &["--timeout", "1"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("did not answer in time; --timeout waits longer"), "{}", ended.stderr);
}

#[test]
fn wrong_credentials_are_told_with_the_reason() {
    let told = refused(vec![(401, r#"{"error": "invalid_client", "error_description": "unknown client"}"#)]);
    assert_eq!(told, "casemate: 127.0.0.1 refused the client credentials: invalid_client; unknown client\n");
}

#[test]
fn each_refusal_of_a_report_says_what_to_do() {
    let problem = r#"{"title": "not usable", "message": "no results", "request_id": "0198", "errors": [{"field": "runs", "message": "is empty"}]}"#;
    let told = |status| refused(vec![(200, TOKEN), (status, problem)]);
    assert_eq!(told(422), "casemate: 127.0.0.1 could not use the report: not usable; no results; runs: is empty\n");
    assert!(told(403).contains("needs `findings:write`"));
    assert!(told(401).contains("its own token"));
    assert!(told(404).contains("no such project"));
    assert!(told(413).contains("too large"));
    assert!(told(429).contains("later"));
    assert!(
        told(500).contains("failed (500): not usable; no results; runs: is empty (its log knows it as request 0198)")
    );
}

#[test]
fn a_large_report_is_not_sent_to_a_tracker_that_does_not_take_it() {
    let server = Server::answering(vec![(200, TOKEN), (413, r#"{"title": "Too large"}"#)]);
    let padding = format!("{{\"version\": \"2.1.0\", \"runs\": [], \"padding\": \"{}\"}}", "x".repeat(20 << 20));
    let bench = Bench::new().with("large.sarif", padding);
    let mut command = bench.command(&["submit", "large.sarif", "--to", &server.address, "--client-id", "x"]);
    command.env("CASEMATE_CLIENT_SECRET", SECRET);
    let ended = ended(command);
    assert_eq!(
        ended.stderr,
        "casemate: the report is too large for 127.0.0.1: Too large; audit fewer paths at a time\n"
    );
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let told = refused(vec![(status, "")]);
        assert!(told.contains(&format!("answered the sign-in with a redirect ({status})")), "{told}");
    }
    let told = refused(vec![(200, TOKEN), (302, "")]);
    assert!(told.contains("answered the submission with a redirect (302)"), "{told}");
}

#[test]
fn an_answer_that_is_no_tracker_s_is_told() {
    assert!(refused(vec![(200, "<html>hello</html>")]).contains("is that a casemate tracker?"));
    assert!(refused(vec![(404, "")]).contains("is that the address of a casemate tracker?"));
}

#[test]
fn a_file_that_holds_no_certificate_is_told() {
    let bench = Bench::new().with("report.sarif", REPORT).with("ca.pem", "hello");
    let mut command = bench.command(&["submit", "report.sarif", "--to", "https://127.0.0.1:9", "--ca-file", "ca.pem"]);
    command.env("CASEMATE_CLIENT_ID", "x").env("CASEMATE_CLIENT_SECRET", SECRET);
    assert_eq!(ended(command).stderr, "casemate: `ca.pem` holds no certificate\n");
}

#[test]
fn control_sequences_in_an_answer_do_not_reach_the_terminal() {
    let told = refused(vec![(200, TOKEN), (422, "{\"title\": \"\\u001b[2J\\u009b31m\"}")]);
    assert!(!told.contains('\u{1b}') && !told.contains('\u{9b}'), "{told:?}");
}

#[test]
fn a_report_that_is_not_sarif_is_not_sent() {
    let bench = Bench::new().with("report.json", "{\"version\": 1}");
    let mut command = bench.command(&["submit", "report.json", "--to", "http://127.0.0.1:9", "--client-id", "x"]);
    command.env("CASEMATE_CLIENT_SECRET", SECRET);
    let ended = ended(command);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("`report.json` is not a SARIF 2.1.0 report"), "{}", ended.stderr);
}
