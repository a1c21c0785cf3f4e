//! A token goes to the address that was given and no other, and every answer is one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use casemate_remote::verify::{NoReply, Question, Reply, ask, is_safe};

/// A server that answers each connection with this text, and tells what it was sent.
fn server(answer: &'static str, pause: Duration) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap_or(0);
            let _ = tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned());
            thread::sleep(pause);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, told)
}

fn question(url: &str) -> Question {
    let headers = vec![("authorization".to_owned(), "Bearer not-a-real-one".to_owned())];
    Question { method: "GET".to_owned(), url: url.to_owned(), headers, body: None }
}

fn reply(url: &str) -> Result<Reply, NoReply> {
    ask(&[question(url)], Duration::from_millis(600), "test").remove(0)
}

fn answered(answer: &'static str) -> Result<Reply, NoReply> {
    reply(&server(answer, Duration::ZERO).0)
}

#[test]
fn the_question_is_sent_as_it_is_and_the_answer_comes_back() {
    let (address, told) =
        server("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno", Duration::ZERO);
    let body = Some("a=b".to_owned());
    let asked = Question { method: "POST".to_owned(), body, ..question(&format!("{address}/user")) };
    let replies = ask(&[asked], Duration::from_secs(5), "test");

    assert_eq!(replies, [Ok(Reply { status: 401, body: "no".to_owned() })]);
    let sent = told.recv().unwrap();
    assert!(sent.starts_with("POST /user HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("authorization: Bearer not-a-real-one\r\n"), "{sent}");
}

#[test]
fn a_redirect_takes_the_token_nowhere() {
    let (other, told) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Duration::ZERO);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = write!(stream, "HTTP/1.1 302 Found\r\nlocation: {other}/\r\ncontent-length: 0\r\n\r\n");
    });

    assert_eq!(reply(&address).map(|reply| reply.status), Ok(302));
    assert!(told.recv_timeout(Duration::from_millis(300)).is_err(), "nobody else was asked");
}

#[test]
fn bad_answers_are_told_apart_and_name_no_token() {
    assert_eq!(answered("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n").map(|reply| reply.status), Ok(500));
    assert!(answered("this is no HTTP\r\n\r\n").is_err());
    assert!(answered("").is_err());
    assert!(answered("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort").is_err());
    let slow = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Duration::from_secs(3)).0;
    assert_eq!(reply(&slow), Err(NoReply::Timeout));
    let told = reply(&format!("{slow}/bot-not-a-real-one/getMe")).unwrap_err().to_string();
    assert!(!told.contains("not-a-real-one"), "{told}");
}

#[test]
fn nothing_is_sent_by_http_to_another_machine() {
    assert_eq!(reply("http://example.org/user"), Err(NoReply::Unsafe));
    for safe in ["https://api.example.org/user", "http://localhost:1/", "http://127.0.0.1/", "http://[::1]:80/"] {
        assert!(is_safe(safe), "{safe}");
    }
    for unsafe_address in ["http://localhost.example.org/", "ftp://localhost/", "file:///etc/passwd", "user", ""] {
        assert!(!is_safe(unsafe_address), "{unsafe_address}");
    }
}

#[test]
fn replies_come_in_the_order_of_the_questions() {
    let (good, _told) = server("HTTP/1.1 204 Fine\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", Duration::ZERO);
    let questions: Vec<Question> =
        (0..12).map(|number| question(if number % 3 == 0 { "http://example.org/" } else { &good })).collect();
    let replies = ask(&questions, Duration::from_secs(5), "test");

    for (number, reply) in replies.iter().enumerate() {
        assert_eq!(reply.is_err(), number % 3 == 0, "{number}: {reply:?}");
    }
    assert_eq!(ask(&[], Duration::from_secs(1), "test"), []);
}
