//! An export is read as far as was agreed, and no further.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use casemate_remote::advisories::{Answer, Ask, FetchError, fetch, parse_address};

/// Answers one request, and tells how many bytes of a body went out before the other side hung up.
fn server(
    head: &'static str,
    send: impl Fn(&mut TcpStream, usize) -> bool + Send + 'static,
) -> (String, Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/all.zip", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
        stream.write_all(head.as_bytes()).unwrap();
        let mut pieces = 0;
        while send(&mut stream, pieces) {
            pieces += 1;
        }
        let _ = tell.send(pieces);
    });
    (address, told)
}

fn ask(address: &str, most_bytes: u64) -> (Result<Answer, FetchError>, usize) {
    let ask = Ask {
        url: parse_address(address).unwrap(),
        etag: None,
        user_agent: "casemate/test".to_owned(),
        most_bytes,
        timeout: Duration::from_secs(20),
        authorities: None,
    };
    let mut kept = Vec::new();
    let answer = fetch(&ask, &mut kept, &|_, _| {});
    (answer, kept.len())
}

const PIECE: [u8; 1000] = [b'P'; 1000];

#[test]
fn a_body_that_never_ends_is_left_when_it_is_larger_than_any_export() {
    for head in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]
    {
        let is_chunked = head.contains("chunked");
        let (address, told) = server(head, move |stream, _| {
            let framed = [b"3e8\r\n", &PIECE[..], b"\r\n"].concat();
            stream.write_all(if is_chunked { &framed } else { &PIECE }).is_ok()
        });
        let (answer, kept) = ask(&address, 100_000);
        assert!(matches!(answer, Err(FetchError::TooLarge { .. })), "{answer:?}");
        assert!(answer.unwrap_err().to_string().contains("more than 100000 bytes"));
        assert!(kept <= 100_000, "{kept} bytes were kept");
        told.recv_timeout(Duration::from_secs(20)).expect("the server was hung up on");
    }
}

#[test]
fn a_body_that_says_how_long_it_is_is_read_so_far_and_one_larger_than_agreed_not_at_all() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n";
    let send = |stream: &mut TcpStream, pieces: usize| pieces < 50 && stream.write_all(&PIECE).is_ok();
    let (address, _told) = server(head, send);
    let (answer, kept) = ask(&address, 50_000);
    assert_eq!((answer.unwrap(), kept), (Answer::Fetched { etag: None, bytes: 50_000 }, 50_000));
    let (address, _told) = server(head, send);
    let (answer, kept) = ask(&address, 49_999);
    assert!(matches!(answer, Err(FetchError::TooLarge { .. })), "{answer:?}");
    assert_eq!(kept, 0);
}
