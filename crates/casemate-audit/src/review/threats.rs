//! A draft of the threat model: what the code tells of assets, actors, boundaries, threats, controls and tests.

use std::collections::BTreeMap;

use super::endpoint::{Endpoint, Question, State};

/// The draft, one section after the other.
#[derive(Clone, Debug, Default)]
pub struct ThreatModel {
    /// Assets, actors, trust boundaries, threats, controls, tests.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Its points.
    pub points: Vec<String>,
}

/// Points of one kind that are spelled out; the rest is counted.
const MOST: usize = 8;

/// Puts the draft together.
pub(super) fn draft(endpoints: &[Endpoint]) -> ThreatModel {
    if endpoints.is_empty() {
        return ThreatModel::default();
    }
    let sections = vec![
        Section { heading: "Assets", points: assets(endpoints) },
        Section { heading: "Actors", points: actors(endpoints) },
        Section { heading: "Trust boundaries", points: boundaries(endpoints) },
        Section { heading: "Threats", points: threats(endpoints) },
        Section { heading: "Controls", points: controls(endpoints) },
        Section { heading: "Tests", points: tests(endpoints) },
    ];
    ThreatModel { sections }
}

fn state_of(endpoint: &Endpoint, question: Question) -> Option<State> {
    endpoint.answer(question).map(|answer| answer.state)
}

fn assets(endpoints: &[Endpoint]) -> Vec<String> {
    let mut models = BTreeMap::new();
    for model in endpoints.iter().flat_map(|endpoint| &endpoint.models) {
        models.entry(model.name.clone()).or_insert(model);
    }
    let mut points: Vec<String> = models
        .into_values()
        .map(|model| {
            let mut said = Vec::new();
            said.extend(model.owner.as_ref().map(|owner| format!("belongs to somebody by `{owner}`")));
            said.extend(model.tenant.as_ref().map(|tenant| format!("belongs to a tenant by `{tenant}`")));
            if !model.secrets.is_empty() {
                said.push(format!("holds secrets in `{}`", model.secrets.join("`, `")));
            }
            if said.is_empty() { model.name.clone() } else { format!("{}: {}", model.name, said.join("; ")) }
        })
        .collect();
    let credentials =
        endpoints.iter().filter(|endpoint| state_of(endpoint, Question::Secrecy) == Some(State::Shown)).count();
    if credentials > 0 {
        points.push(format!(
            "Credentials: {} or keep passwords or tokens",
            counted(credentials, "endpoint takes", "endpoints take")
        ));
    }
    if points.is_empty() {
        points.push("No stored model was recognised; name what is worth protecting".to_owned());
    }
    points
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn actors(endpoints: &[Endpoint]) -> Vec<String> {
    let strangers =
        endpoints.iter().filter(|endpoint| state_of(endpoint, Question::Authentication) != Some(State::Shown)).count();
    let roles = endpoints.iter().filter(|endpoint| state_of(endpoint, Question::Callers) == Some(State::Shown)).count();
    let signed = endpoints.len() - strangers;
    vec![
        format!("A stranger: {} nobody in", counted(strangers, "endpoint asks", "endpoints ask")),
        format!("Somebody who has signed in: {} who is calling", counted(signed, "endpoint asks", "endpoints ask")),
        format!("Somebody with a role or permission: {} for one", counted(roles, "endpoint asks", "endpoints ask")),
        "Somebody inside who means harm".to_owned(),
    ]
}

fn boundaries(endpoints: &[Endpoint]) -> Vec<String> {
    let mut frameworks: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.framework).collect();
    frameworks.sort_unstable();
    frameworks.dedup();
    let mut points = vec![format!(
        "The network and the application: {} ({})",
        counted(endpoints.len(), "endpoint", "endpoints"),
        frameworks.join(", ")
    )];
    let sockets = endpoints.iter().filter(|endpoint| endpoint.methods == ["WEBSOCKET"]).count();
    if sockets > 0 {
        points.push(format!("Sockets: {}", counted(sockets, "endpoint", "endpoints")));
    }
    let stores = endpoints.iter().filter(|endpoint| endpoint.changes || !endpoint.models.is_empty()).count();
    if stores > 0 {
        points.push(format!("The application and its database: {}", counted(stores, "endpoint", "endpoints")));
    }
    for (word, what) in [
        ("file (", "The application and the file system"),
        ("network (", "The application and other servers"),
        ("process (", "The application and other programs"),
    ] {
        let count = endpoints
            .iter()
            .filter(|endpoint| endpoint.answer(Question::Outside).is_some_and(|answer| answer.text.contains(word)))
            .count();
        if count > 0 {
            points.push(format!("{what}: {}", counted(count, "endpoint", "endpoints")));
        }
    }
    points
}

/// Endpoints by name, the first few.
fn named(endpoints: &[&Endpoint]) -> String {
    let mut titles: Vec<String> = endpoints.iter().take(MOST).map(|endpoint| endpoint.title()).collect();
    if endpoints.len() > MOST {
        titles.push(format!("and {} more", endpoints.len() - MOST));
    }
    titles.join("; ")
}

fn threats(endpoints: &[Endpoint]) -> Vec<String> {
    let mut points = Vec::new();
    let mut threat = |what: &str, wanted: &dyn Fn(&Endpoint) -> bool| {
        let found: Vec<&Endpoint> = endpoints.iter().filter(|endpoint| wanted(endpoint)).collect();
        if !found.is_empty() {
            points.push(format!("{what}: {}", named(&found)));
        }
    };
    threat("A stranger changes what is stored", &|endpoint| endpoint.is_open && endpoint.changes);
    threat("A stranger reads what is not for everybody", &|endpoint| endpoint.is_open && !endpoint.changes);
    threat("Somebody reaches the object of another by its id", &|endpoint| {
        state_of(endpoint, Question::Objects) == Some(State::Missing)
    });
    threat("Somebody reaches the data of another tenant", &|endpoint| {
        state_of(endpoint, Question::Tenant) == Some(State::Missing)
    });
    threat("Input that nobody has checked reaches the code behind", &|endpoint| {
        state_of(endpoint, Question::Validation) == Some(State::Missing)
    });
    threat("A forged link makes a browser change something", &|endpoint| {
        state_of(endpoint, Question::Idempotence) == Some(State::Missing)
    });
    threat("Input decides about a file, another server or a program", &|endpoint| {
        state_of(endpoint, Question::Outside) == Some(State::Open)
    });
    threat("Somebody tries passwords or codes without end", &|endpoint| {
        endpoint.is_public
            && state_of(endpoint, Question::Limit) == Some(State::Missing)
            && endpoint.answer(Question::Secrecy).is_some_and(|answer| answer.state == State::Shown)
    });
    threat("A change leaves no trace", &|endpoint| state_of(endpoint, Question::Logging) == Some(State::Missing));
    if points.is_empty() {
        points.push("The code shows none of the usual gaps; think of what only you know of the domain".to_owned());
    }
    points
}

fn controls(endpoints: &[Endpoint]) -> Vec<String> {
    let mut guards: BTreeMap<&str, usize> = BTreeMap::new();
    for endpoint in endpoints {
        let mut own: Vec<&str> = endpoint.guards.iter().map(String::as_str).collect();
        own.sort_unstable();
        own.dedup();
        for guard in own {
            *guards.entry(guard).or_default() += 1;
        }
    }
    let mut guards: Vec<(&str, usize)> = guards.into_iter().collect();
    guards.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let mut points: Vec<String> = guards
        .iter()
        .take(MOST)
        .map(|(name, count)| format!("`{name}` guards {}", counted(*count, "endpoint", "endpoints")))
        .collect();
    for (question, what) in [
        (Question::Objects, "tie the object to the caller"),
        (Question::Validation, "validate their input"),
        (Question::Limit, "are limited in rate"),
        (Question::Logging, "write to a log"),
    ] {
        let count = endpoints.iter().filter(|endpoint| state_of(endpoint, question) == Some(State::Shown)).count();
        points.push(format!("{count} of {} {what}", counted(endpoints.len(), "endpoint", "endpoints")));
    }
    points
}

fn tests(endpoints: &[Endpoint]) -> Vec<String> {
    let untested: Vec<&Endpoint> =
        endpoints.iter().filter(|endpoint| state_of(endpoint, Question::Tests) == Some(State::Missing)).collect();
    let tested = endpoints.len() - untested.len();
    let mut points =
        vec![format!("{tested} of {} named by a test", counted(endpoints.len(), "endpoint is", "endpoints are"))];
    if !untested.is_empty() {
        points.push(format!("No test names: {}", named(&untested)));
    }
    points.push("To write: each endpoint without credentials, with another's object, with another tenant's, with input that is too long".to_owned());
    points
}
