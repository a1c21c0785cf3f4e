//! Asks the providers of found tokens whether they are alive. Only when the user asks for it.

use std::collections::HashMap;
use std::time::Duration;

use casemate_audit::{Detail, Finding, Liveness, Outcome, Severity};
use casemate_remote::verify::{NoReply, Question, Reply, ask, is_safe};
use casemate_secrets::{Verify, detector};

use crate::commands::{Failure, failure};
use crate::console;
use crate::project::Files;

/// For one answer.
const TIMEOUT: Duration = Duration::from_secs(15);

const USER_AGENT: &str = concat!("casemate/", env!("CARGO_PKG_VERSION"));

/// Another address to ask for the tokens of a detector: `ID=URL`.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    detector: String,
    url: String,
}

/// Understands `github-personal-token=https://ghe.example/api/v3/user`.
pub(crate) fn parse_endpoint(text: &str) -> Result<Endpoint, String> {
    let Some((name, url)) = text.split_once('=') else { return Err("write it as ID=URL".to_owned()) };
    endpoint(name, url)
}

fn endpoint(name: &str, url: &str) -> Result<Endpoint, String> {
    if detector(name).is_none_or(|known| known.verify().is_none()) {
        return Err(format!("`{name}` is no kind of token whose provider can be asked"));
    }
    if !is_safe(url) {
        return Err("a token is sent only by https, or by http to this machine".to_owned());
    }
    Ok(Endpoint { detector: name.to_owned(), url: url.to_owned() })
}

/// Where to ask instead: what the command line says, then what a settings file says.
///
/// SECURITY: whoever says this gets the secrets that are found. Only the user may: a project that is audited could
/// otherwise name a host of its author's and have the user's secrets sent there.
pub(crate) fn endpoints(named: &[Endpoint], files: &Files) -> Result<Vec<Endpoint>, Failure> {
    let mut all = named.to_vec();
    for (_, file, layer) in files.layers.iter().rev().filter(|(_, _, layer)| !layer.endpoints.is_empty()) {
        let shown = file.display();
        if !files.is_named {
            return failure(format!(
                "{shown}: [verify] endpoints say where found secrets are sent, so a project's own settings are not \
                 followed in it, and nobody was asked; if you trust this file, name it: --config {shown}"
            ));
        }
        for one in &layer.endpoints {
            let known = endpoint(&one.detector, &one.url);
            all.push(known.map_err(|why| Failure(format!("{shown}: line {}: verify.endpoints: {why}", one.line)))?);
        }
    }
    Ok(all)
}

/// Asks for each different token once, and puts what the providers say into the findings.
pub(crate) fn verify(outcome: &mut Outcome, endpoints: &[Endpoint]) -> Result<(), Failure> {
    let mut asked: Vec<(&'static Verify, Question)> = Vec::new();
    let mut places: HashMap<(&'static str, String), usize> = HashMap::new();
    for secret in outcome.findings.iter().filter_map(Finding::secret) {
        let key = (secret.detector, secret.value.expose().to_owned());
        let Some(verify) = detector(secret.detector).and_then(|known| known.verify()) else { continue };
        if places.contains_key(&key) {
            continue;
        }
        let other = endpoints.iter().find(|endpoint| endpoint.detector == secret.detector);
        places.insert(key, asked.len());
        asked.push((verify, question(verify, other.map(|other| other.url.as_str()), secret.value.expose())));
    }
    let questions: Vec<Question> = Vec::with_capacity(asked.len());
    let (rules, questions) = asked.into_iter().fold((Vec::new(), questions), |(mut rules, mut all), (rule, one)| {
        rules.push(rule);
        all.push(one);
        (rules, all)
    });
    let replies = ask(&questions, TIMEOUT, USER_AGENT);
    if replies.len() != rules.len() {
        return failure("the providers could not be asked");
    }
    tell_silence(&replies)?;
    let said: Vec<Liveness> = rules
        .iter()
        .zip(replies)
        .map(|(rule, reply)| match reply.ok().and_then(|reply| rule.judge(reply.status, &reply.body)) {
            Some(true) => Liveness::Live,
            Some(false) => Liveness::Dead,
            None => Liveness::Unknown,
        })
        .collect();
    for finding in &mut outcome.findings {
        let Detail::Secret(secret) = &mut finding.detail else { continue };
        let key = (secret.detector, secret.value.expose().to_owned());
        let Some(liveness) = places.get(&key).and_then(|place| said.get(*place)) else { continue };
        secret.liveness = Some(*liveness);
        match liveness {
            Liveness::Live => finding.severity = Severity::Critical,
            // Somebody revoked it; what is left to do is to see that it was not used before.
            Liveness::Dead => finding.severity = finding.severity.min(Severity::Low),
            Liveness::Unknown => {}
        }
    }
    outcome.arrange();
    Ok(())
}

/// That nobody could be asked is not the same as that nobody knew.
fn tell_silence(replies: &[Result<Reply, NoReply>]) -> Result<(), Failure> {
    let silent = || replies.iter().filter_map(|reply| reply.as_ref().err());
    let Some(first) = silent().next() else { return Ok(()) };
    if silent().count() == replies.len() {
        return failure(format!("--verify reached no provider: {first}; without --verify nobody is asked"));
    }
    let (count, all) = (silent().count(), replies.len());
    console::complain(&format!("{count} of {all} tokens could not be verified: {first}"));
    Ok(())
}

fn question(verify: &Verify, other: Option<&str>, token: &str) -> Question {
    let url = Verify::fill(other.unwrap_or(verify.url), &encoded(token));
    let headers = verify.headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), Verify::fill(value, token))).collect();
    let body = verify.body.map(|body| Verify::fill(body, token));
    Question { method: verify.method.to_owned(), url, headers, body }
}

/// A token as a part of an address: RFC 3986, with the `:` that some providers expect there.
fn encoded(token: &str) -> String {
    let mut encoded = String::with_capacity(token.len());
    for byte in token.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
