//! `casemate audit --verify`: providers are asked when the user says so, and never otherwise.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, Ended};

/// A token that nobody has, put together here.
fn token() -> String {
    ["glp", "at-", "x7Qz", "9LmR", "2vTb", "K4wN", "e6Yc"].concat()
}

fn server(status: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/user", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap_or(0);
            let _ = tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned());
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (address, told)
}

fn bench() -> Bench {
    let line = format!("TOKEN = \"{}\"\n", token());
    Bench::new().with("app/a.py", &line).with("app/b.py", &line)
}

fn severities(ended: &Ended) -> Vec<String> {
    assert!(!ended.stdout.contains(&token()) && !ended.stderr.contains(&token()), "the token is shown");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    let all = report["findings"].as_array().unwrap().clone();
    let of_rule = all.iter().filter(|finding| finding["rule"] == "SEC1001");
    of_rule.map(|finding| finding["severity"].as_str().unwrap().to_owned()).collect()
}

fn verified(status: &'static str) -> (Vec<String>, Receiver<String>) {
    let (address, told) = server(status);
    let endpoint = format!("gitlab-personal-token={address}");
    let ended = bench().run(&["audit", ".", "--format", "json", "--verify", "--verify-endpoint", &endpoint]);
    (severities(&ended), told)
}

#[test]
fn a_live_token_is_critical_and_is_asked_about_once() {
    let (severities, told) = verified("200 OK");
    assert_eq!(severities, ["critical", "critical"]);
    assert!(told.recv().unwrap().contains(&token()));
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "two places, one question");
}

#[test]
fn a_dead_token_matters_less() {
    assert_eq!(verified("401 Unauthorized").0, ["low", "low"]);
}

#[test]
fn a_provider_that_does_not_say_changes_nothing() {
    let before = severities(&bench().run(&["audit", ".", "--format", "json"]));
    assert_eq!(before.len(), 2);
    assert_eq!(verified("503 Busy").0, before);
    assert_eq!(verified("302 Found").0, before);
}

#[test]
fn an_address_that_could_be_overheard_is_refused() {
    let bench = bench();
    for (endpoint, why) in [
        ("gitlab-personal-token=http://gitlab.example.org/user", "by https"),
        ("no-such-token=https://gitlab.example.org/user", "no kind of token"),
        ("https", "ID=URL"),
    ] {
        let ended = bench.run(&["audit", ".", "--verify", "--verify-endpoint", endpoint]);
        assert_eq!((ended.code, ended.stderr.contains(why)), (2, true), "{}", ended.stderr);
    }
}

#[test]
fn without_the_word_nobody_is_asked() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let bench = bench();
    for arguments in [&["audit", "."][..], &["rule"], &["config"], &["rule", "SEC1001"]] {
        let mut command = bench.command(arguments);
        for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(name, &address);
        }
        command.output().unwrap();
        assert!(proxy.accept().is_err(), "{arguments:?} went to the network");
    }
}

#[test]
fn an_endpoint_of_a_named_file_is_asked() {
    let (address, told) = server("200 OK");
    let settings = format!("[verify]\nendpoints = {{ gitlab-personal-token = \"{address}\" }}\n");
    let bench = bench().with("mine.toml", settings);
    let ended = bench.run(&["audit", ".", "--format", "json", "--verify", "--config", "mine.toml"]);
    assert_eq!(severities(&ended), ["critical", "critical"]);
    assert!(told.recv_timeout(Duration::from_secs(5)).unwrap().contains(&token()));
    let shown = bench.run(&["config", "--config", "mine.toml"]).stdout;
    let line = format!("verify.endpoints.\"gitlab-personal-token\" = \"{address}\"  # casemate.toml");
    assert!(shown.contains(&line), "{shown}");

    // The command line has the first word.
    let (other, asked) = server("401 Unauthorized");
    let endpoint = format!("gitlab-personal-token={other}");
    let arguments =
        ["audit", ".", "--format", "json", "--verify", "--config", "mine.toml", "--verify-endpoint", &endpoint];
    assert_eq!(severities(&bench.run(&arguments)), ["low", "low"]);
    assert!(asked.recv_timeout(Duration::from_secs(5)).is_ok());
}

#[test]
fn a_project_cannot_say_where_secrets_are_sent() {
    let (address, told) = server("200 OK");
    let table = format!("endpoints = {{ gitlab-personal-token = \"{address}\" }}\n");
    let places = [
        ("casemate.toml", format!("[verify]\n{table}")),
        ("pyproject.toml", format!("[tool.casemate.verify]\n{table}")),
        ("app/casemate.toml", format!("[verify]\n{table}")),
    ];
    for (file, text) in places {
        let bench = bench().with(file, text);
        let path = if file.starts_with("app") { "app" } else { "." };
        let (mine, _kept) = server("401 Unauthorized");
        let endpoint = format!("gitlab-personal-token={mine}");
        for more in [&[][..], &["--verify-endpoint", &endpoint]] {
            let ended = bench.run(&[&["audit", path, "--verify"], more].concat());
            assert_eq!(ended.code, 2, "{file}: {}", ended.stdout);
            assert!(ended.stderr.contains("--config") && ended.stderr.contains("nobody was asked"), "{}", ended.stderr);
        }
        // Without the word it stands in nobody's way, and neither does a file that is not read.
        assert_eq!(bench.run(&["audit", path]).code, 1);
        let shown = bench.run(&["config", path]).stdout;
        assert!(shown.contains("# not followed, name the file with --config: verify.endpoints."), "{shown}");
        let isolated = ["audit", path, "--format", "json", "--verify", "--isolated", "--verify-endpoint", &endpoint];
        assert_eq!(severities(&bench.run(&isolated)), ["low", "low"]);
    }
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "the host of the project was asked");
}

#[test]
fn a_named_file_may_not_name_what_could_be_overheard_either() {
    for (entry, why) in [
        ("gitlab-personal-token = \"http://gitlab.example.org/user\"", "by https"),
        ("no-such-token = \"https://gitlab.example.org/user\"", "no kind of token"),
    ] {
        let bench = bench().with("mine.toml", format!("[verify]\nendpoints = {{ {entry} }}\n"));
        let ended = bench.run(&["audit", ".", "--verify", "--config", "mine.toml"]);
        assert_eq!((ended.code, ended.stderr.contains(why)), (2, true), "{}", ended.stderr);
    }
}
