//! The API as a well-behaved program uses it.

use casemate_model::case::CaseAction;
use casemate_model::client::TokenScope;
use http::Method;
use serde_json::json;

use crate::house::{House, SARIF};

// ASVS 15.4.1: a change that would undo somebody else's is refused
#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let house = House::new().await;
    let edith = house.browser("edith").await;
    let body = json!({"title": "A case", "severity": "high", "tags": ["sql", "sql"], "due_on": "2027-01-31"});
    let made = house.post("/api/v1/cases").script(&edith).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (path, first) = (made.header("location").to_owned(), made.header("etag").to_owned());
    assert_eq!(made.json()["tags"], json!(["sql"]));

    let read = house.get(&path).cookie(&edith).send().await;
    assert_eq!((read.status.as_u16(), read.header("etag")), (200, first.as_str()));
    assert_eq!(read.json(), made.json());
    let known = house.get(&path).cookie(&edith).header("if-none-match", &first).send().await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));

    let patch = |tag: Option<&str>, title: &str| {
        let mut ask = house.ask(Method::PATCH, &path).script(&edith);
        if let Some(tag) = tag {
            ask = ask.header("if-match", tag);
        }
        ask.json(&json!({"title": title, "due_on": null}))
    };
    patch(None, "x").send().await.is_problem(428, "if_match_required");
    patch(Some("*"), "x").send().await.is_problem(428, "if_match_required");
    let changed = patch(Some(&first), "A better title").send().await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!((&changed.json()["title"], &changed.json()["due_on"]), (&json!("A better title"), &json!(null)));
    assert_ne!(changed.header("etag"), first);
    patch(Some(&first), "x").send().await.is_problem(412, "stale");
    patch(Some("W/\"v2\""), "x").send().await.is_problem(412, "stale");
    patch(Some("\"v999\""), "x").send().await.is_problem(412, "stale");
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let house = House::new().await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(house.case("vera").await.to_string());
    }
    expected.reverse();
    let vera = house.browser("vera").await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/cases?limit=2".to_owned());
    loop {
        let page = house.get(&path).cookie(&vera).send().await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|case| case["reference"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/cases?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn filters_must_be_known_and_sound() {
    let house = House::new().await;
    let vera = house.browser("vera").await;
    let get = |query: &str| house.get(&format!("/api/v1/cases?{query}")).cookie(&vera);
    for good in
        ["", "status=open&status=in_review&severity=high", "assignee=nobody", "text=a%20b", "limit=200", "status="]
    {
        assert_eq!(get(good).send().await.status, 200, "{good}");
    }
    for bad in [
        "staus=open",
        "status=opened",
        "severity=HIGH",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=1e3",
        "limit=2&limit=3",
        "cursor=AAAA",
        "cursor=17",
        "assignee=me",
        "project=x",
        "access_token=x",
    ] {
        get(bad).send().await.is_problem(422, "invalid");
    }
}

#[tokio::test]
async fn a_case_goes_its_way() {
    let house = House::new().await;
    let case = house.case("rhea").await;
    let rhea = house.browser("rhea").await;
    let path = format!("/api/v1/cases/{case}/transitions");
    let act = |body: serde_json::Value| house.post(&path).script(&rhea).json(&body);

    let moved = act(json!({"action": "escalate", "reason": "reachable from outside"})).send().await;
    assert_eq!(moved.status, 201, "{}", moved.text());
    assert_eq!(moved.json()["status"], "escalated");
    act(json!({"action": "escalate", "reason": "again"})).send().await.is_problem(409, "conflict");
    act(json!({"action": "close", "reason": "done", "resolution": {"kind": "fixed"}}))
        .send()
        .await
        .is_problem(403, "not_allowed");
    act(json!({"action": "void_approval", "reason": "x"})).send().await.is_problem(403, "not_allowed");

    let history = house.get(&path).cookie(&rhea).send().await.json();
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    assert_eq!(history["items"][0]["action"], CaseAction::Escalate.as_str());
}

#[tokio::test]
async fn resolutions_say_what_their_kind_needs() {
    let house = House::new().await;
    let case = house.case("sonia").await;
    let sonia = house.browser("sonia").await;
    let act = |resolution: serde_json::Value| {
        let body = json!({"action": "approve_closure", "reason": "looked at it", "resolution": resolution});
        house.post(&format!("/api/v1/cases/{case}/transitions")).script(&sonia).json(&body)
    };
    for bad in [
        json!({"kind": "wontfix"}),
        json!({"kind": "accepted_risk"}),
        json!({"kind": "accepted_risk", "until": "tomorrow"}),
        json!({"kind": "duplicate"}),
        json!({"kind": "duplicate", "duplicate_of": "17"}),
        json!({"kind": "fixed", "until": "2027-01-01T00:00:00Z"}),
        json!({"kind": "fixed", "note": "x"}),
    ] {
        act(bad).send().await.is_problem(422, "invalid");
    }
}

#[tokio::test]
async fn a_report_becomes_findings_and_cases() {
    let house = House::new().await;
    let program = house.program(&[TokenScope::CasesRead, TokenScope::FindingsWrite]).await;
    let token = house.token(&program).await;
    let submit =
        || house.post("/api/v1/scans?project=shop&branch=main").bearer(&token).raw("application/sarif+json", SARIF);
    let first = submit().send().await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!((&first.json()["new"], &first.json()["cases_opened"]), (&json!(1), &json!(1)));
    let again = submit().send().await.json();
    assert_eq!((&again["new"], &again["unchanged"], &again["cases_opened"]), (&json!(0), &json!(1), &json!(0)));

    let findings = house
        .get("/api/v1/findings?severity=high&severity=critical&severity=medium")
        .bearer(&token)
        .send()
        .await
        .json();
    let finding = &findings["items"][0];
    assert_eq!(finding["place"]["path"], "app/search.py");
    assert!(finding["case"].as_str().unwrap().starts_with("CASE-"));
    let projects = house.get("/api/v1/projects").bearer(&token).send().await.json();
    assert_eq!(projects["items"][0]["name"], "shop");

    for bad in ["", "{}", "[]", "not json", r#"{"version":"2.0.0","runs":[]}"#] {
        let answer = house.post("/api/v1/scans?project=shop").bearer(&token).raw("application/sarif+json", bad);
        let answer = answer.send().await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{bad}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_trail_tells_who_did_what_and_holds() {
    let house = House::new().await;
    let case = house.case("rhea").await;
    let sonia = house.browser("sonia").await;
    let trail = house.get(&format!("/api/v1/audit?case={case}&limit=1")).cookie(&sonia).send().await.json();
    assert_eq!(trail["items"][0]["object"], format!("case:{case}"));
    assert!(trail["next"].is_string());
    let verified = house.post("/api/v1/audit/verify").script(&sonia).send().await.json();
    assert_eq!(verified["sound"], true);
    assert!(verified["events"].as_i64().unwrap() > 5);
}
