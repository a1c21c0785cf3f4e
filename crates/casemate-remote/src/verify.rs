//! Asks a provider whether a token is alive: one harmless question, to the address that was given and no other.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ureq::Agent;
use ureq::http::Request;
use url::{Host, Url};

/// Questions asked at the same time; providers count them, too.
const AT_ONCE: usize = 4;

/// More of an answer is not read.
const LARGEST_ANSWER: u64 = 256 << 10;

/// One question. SECURITY: holds a secret, so it is not printed.
pub struct Question {
    /// `GET` or `POST`.
    pub method: String,
    /// The address; the secret may be in it.
    pub url: String,
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// What is sent along.
    pub body: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// The body, as far as it is text and not too long.
    pub body: String,
}

/// Why no answer came. SECURITY: says nothing of the question, for the secret may be in its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// An address that no secret is sent to.
    #[error("a token is sent only by https, or by http to this machine")]
    Unsafe,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// Nobody there, or the connection broke.
    #[error("no connection, or it broke")]
    Connection,
    /// It answered with something that is no HTTP, or far too much.
    #[error("the answer could not be read")]
    Garbage,
}

/// Whether a secret may be sent to this address.
pub fn is_safe(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Asks every question once, a few at a time; the replies come in the order of the questions.
pub fn ask(questions: &[Question], timeout: Duration, user_agent: &str) -> Vec<Result<Reply, NoReply>> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // SECURITY: a redirect would take the token to whoever it names.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(timeout))
        .user_agent(user_agent);
    let agent: Agent = config.build().into();
    let next = AtomicUsize::new(0);
    let replies = Mutex::new(vec![Err(NoReply::Connection); questions.len()]);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(questions.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(question) = questions.get(number) else { break };
                    let reply = ask_one(&agent, question);
                    if let Ok(mut replies) = replies.lock()
                        && let Some(place) = replies.get_mut(number)
                    {
                        *place = reply;
                    }
                }
            });
        }
    });
    replies.into_inner().unwrap_or_default()
}

fn ask_one(agent: &Agent, question: &Question) -> Result<Reply, NoReply> {
    if !is_safe(&question.url) {
        return Err(NoReply::Unsafe);
    }
    let mut request = Request::builder().method(question.method.as_str()).uri(question.url.as_str());
    for (name, value) in &question.headers {
        request = request.header(name, value);
    }
    let sent = match &question.body {
        Some(body) => agent.run(request.body(body.as_str()).map_err(|_| NoReply::Garbage)?),
        None => agent.run(request.body(()).map_err(|_| NoReply::Garbage)?),
    };
    let mut response = sent.map_err(|error| why(&error))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LARGEST_ANSWER).lossy_utf8(true).read_to_string();
    Ok(Reply { status, body: body.map_err(|error| why(&error))? })
}

fn why(error: &ureq::Error) -> NoReply {
    match error {
        ureq::Error::Timeout(_) => NoReply::Timeout,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => NoReply::Timeout,
        ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) | ureq::Error::Http(_) => NoReply::Garbage,
        _ => NoReply::Connection,
    }
}
