//! Plants a secret in every input and looks for it in every output that others see.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use casemate_model::page::PageSize;
use casemate_service::trail::read_trail::{ReadTrail, read_trail};
use http::Method;
use serde_json::json;

use crate::house::{BASE, House};

thread_local! {
    /// What was logged on this thread. Each test has a thread of its own, and its tracker works on it.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy)]
struct ToThisThread;

impl io::Write for ToThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log of a test, at the chattiest level, from when it was started.
pub(crate) struct Log;

impl Log {
    /// One subscriber for all tests: those of single threads lose events while others come and go.
    pub(crate) fn listen() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let lines = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
            lines.with_writer(|| ToThisThread).try_init().unwrap();
        });
    }

    pub(crate) fn start() -> Self {
        Self::listen();
        LINES.with_borrow_mut(Vec::clear);
        Self
    }

    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.text().matches(what).count()
    }
}

const CANARY: &str = "canary7Q2xZp9";

// ASVS 16.2.5, 16.5.1, 14.2.1: no secret reaches the log, the audit trail or an error
#[tokio::test]
async fn a_planted_secret_never_comes_out() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    let case = house.case("rhea").await;
    let finding = house.finding().await;
    let log = Log::start();
    let mut answers = Vec::new();

    // Headers, cookies, tokens, queries, paths.
    let bearer = format!("{CANARY}.{CANARY}.{CANARY}");
    for path in ["/api/v1/cases", "/cases", "/api/v1/nothing", "/nothing"] {
        answers.push(house.get(path).bearer(&bearer).send().await);
        answers.push(house.get(path).header("authorization", &format!("Basic {CANARY}")).send().await);
        answers
            .push(house.get(path).header("cookie", &format!("__Host-casemate={CANARY}; other={CANARY}")).send().await);
        let ask = house.get(&format!("{path}?access_token={CANARY}&{CANARY}={CANARY}")).cookie(&ada);
        answers.push(ask.header("x-custom", CANARY).header("referer", &format!("https://x/{CANARY}")).send().await);
    }
    for filter in ["status", "severity", "assignee", "project", "cursor", "limit", CANARY] {
        answers.push(house.get(&format!("/api/v1/cases?{filter}={CANARY}")).cookie(&ada).send().await);
    }
    for path in ["/api/v1/cases/{}", "/cases/{}", "/api/v1/findings/{}", "/setup/{}", "/invitation/{}", "/reset/{}"] {
        answers.push(house.get(&path.replace("{}", CANARY)).cookie(&ada).send().await);
    }
    answers.push(house.get("/sign-in").header("host", CANARY).send().await);
    let from = house.post("/cases/new").cookie(&ada).header("origin", &format!("https://{CANARY}"));
    answers.push(from.form(&[("csrf", CANARY), ("title", CANARY)]).send().await);

    // Bodies that are refused.
    for body in [
        json!({"title": {"x": CANARY}, "severity": "low"}),
        json!({"title": "x", "severity": CANARY}),
        json!({"title": "x", "severity": "low", CANARY: CANARY}),
        json!({"title": "x", "severity": "low", "due_on": CANARY, "project": CANARY, "tags": [format!("{CANARY}\u{0}")]}),
        json!({"title": CANARY.repeat(30), "severity": "low"}),
        json!(CANARY),
    ] {
        answers.push(house.post("/api/v1/cases").script(&ada).json(&body).send().await);
    }
    answers.push(house.post("/api/v1/cases").script(&ada).raw("application/json", CANARY).send().await);
    answers.push(house.post("/api/v1/cases").script(&ada).raw(CANARY, CANARY).send().await);
    let body = json!({"name": "x", "scopes": [CANARY]});
    answers.push(house.post("/api/v1/clients").script(&ada).json(&body).send().await);
    let body = json!({"action": CANARY, "reason": "x"});
    answers.push(house.post(&format!("/api/v1/cases/{case}/transitions")).script(&ada).json(&body).send().await);
    let body = json!({"kind": CANARY, "reason": "x"});
    let path = format!("/api/v1/findings/{finding}/decision");
    answers.push(house.ask(Method::PUT, &path).script(&ada).json(&body).send().await);
    let ask = house.post("/api/v1/scans?project=x").script(&ada);
    answers.push(ask.raw("application/sarif+json", format!("{{\"version\":{CANARY}}}")).send().await);

    // Passwords and client secrets, right and wrong.
    for (id, secret) in [(CANARY, CANARY), ("01980000-0000-7000-8000-000000000000", CANARY)] {
        let form =
            [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", CANARY)];
        answers.push(house.post("/oauth/token").form(&form).send().await);
    }
    let page = house.get("/sign-in").send().await;
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let csrf = page.text().split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for email in ["ada@example.org", "nobody@example.org"] {
        let form = [("email", email), ("password", CANARY), ("csrf", csrf.as_str())];
        answers.push(house.post("/sign-in").same_origin().header("cookie", &cookie).form(&form).send().await);
    }
    let form = [("password", CANARY), ("csrf", ada.csrf.as_str())];
    answers.push(house.post("/confirm").cookie(&ada).same_origin().form(&form).send().await);

    for answer in &answers {
        assert!(!answer.text().contains(CANARY), "{} {}", answer.status, answer.text());
        for (name, value) in &answer.headers {
            // Who asked for a page is led back to it after signing in.
            let is_next = name == "location" && value.to_str().unwrap().starts_with("/sign-in?next=");
            assert!(is_next || !value.to_str().unwrap().contains(CANARY), "{name}: {value:?}");
        }
    }

    // What is taken in: notes, titles, reasons, descriptions. They are shown to members, and to nobody else.
    let note = json!({"text": format!("the key is {CANARY}")});
    assert_eq!(house.post(&format!("/api/v1/cases/{case}/notes")).script(&ada).json(&note).send().await.status, 201);
    let secret = json!({"title": CANARY, "description": CANARY, "severity": "low", "tags": [CANARY]});
    assert_eq!(house.post("/api/v1/cases").script(&ada).json(&secret).send().await.status, 201);
    let reason = json!({"action": "start_review", "reason": CANARY});
    let path = format!("/api/v1/cases/{case}/transitions");
    assert_eq!(house.post(&path).script(&ada).json(&reason).send().await.status, 201);
    let search = house.get(&format!("/api/v1/cases?text={CANARY}")).cookie(&ada).send().await;
    assert_eq!(search.json()["items"].as_array().unwrap().len(), 1);

    let told = log.text();
    assert!(told.contains("\"target\":\"access\"") && told.contains("\"target\":\"security\""));
    for secret in [CANARY, &ada.token, &ada.csrf, house.password("ada"), "ada@example.org"] {
        if let Some(line) = told.lines().find(|line| line.contains(secret)) {
            panic!("the log says {secret}: {line}");
        }
    }
    let request = ReadTrail { size: PageSize::new(200).unwrap(), ..ReadTrail::default() };
    let trail = format!("{:?}", read_trail(&house.service, &ada.asking, request).await.unwrap());
    assert!(trail.contains("case_add_note") && !trail.contains(CANARY));
    assert!(!BASE.contains(CANARY));
}

// ASVS 16.3.2, 16.3.3: refusals leave an event with who and what
#[tokio::test]
async fn refusals_are_logged_with_who_and_what() {
    let house = House::new().await;
    let vera = house.browser("vera").await;
    let log = Log::start();
    let body = json!({"title": "A case", "severity": "low"});
    let denied = house.post("/api/v1/cases").script(&vera).json(&body).send().await;
    house.post("/api/v1/cases").cookie(&vera).json(&body).send().await.is_problem(403, "csrf_failed");
    house.get("/api/v1/cases?limit=x").cookie(&vera).send().await.is_problem(422, "invalid");
    let told = log.text();
    let event = |name: &str| told.lines().find(|line| line.contains(&format!("\"event\":\"{name}\""))).unwrap();
    let authz = event("authz_fail");
    assert!(
        authz.contains(denied.header("x-request-id")) && authz.contains(&house.user("vera").to_string()),
        "{authz}"
    );
    assert!(authz.contains("case_create"));
    assert!(event("input_validation_fail").contains("csrf_failed"));
    assert_eq!(log.count("\"event\":\"input_validation_fail\""), 2);
}
