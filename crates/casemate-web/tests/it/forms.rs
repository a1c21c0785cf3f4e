//! Forms that others try to have sent (CWE-352).

use casemate_model::case::CaseRef;
use casemate_model::member::Role;
use casemate_service::cases::read_case::read_case_history;
use http::Method;
use serde_json::json;

use crate::house::{Answer, BASE, Browser, House};

async fn notes(house: &House, case: CaseRef) -> usize {
    let ada = house.browser("ada").await;
    read_case_history(&house.service, &ada.asking, case).await.unwrap().notes.len()
}

/// What the browser adds to a note's form: cookie, origin, site, token.
async fn note(house: &House, case: CaseRef, cookie: &Browser, headers: &[(&str, &str)], csrf: Option<&str>) -> Answer {
    let mut ask = house.post(&format!("/cases/{case}/note")).cookie(cookie);
    for (name, value) in headers {
        ask = ask.header(name, value);
    }
    let mut fields = vec![("text", "forged?")];
    fields.extend(csrf.map(|csrf| ("csrf", csrf)));
    ask.form(&fields).send().await
}

const OURS: [(&str, &str); 2] = [("origin", BASE), ("sec-fetch-site", "same-origin")];

// ASVS 3.5.1: a form without the session's own token, or from another site, changes nothing
#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let house = House::new().await;
    let case = house.case("rhea").await;
    let edith = house.browser("edith").await;
    let other_session = house.browser("edith").await;
    let token = edith.csrf.clone();

    let longer = format!("{token}A");
    let shorter = &token[1..];
    for csrf in [None, Some(""), Some("wrong"), Some(other_session.csrf.as_str()), Some(&longer), Some(shorter)] {
        assert_eq!(note(&house, case, &edith, &OURS, csrf).await.status, 403, "{csrf:?}");
    }
    let foreign: [&[(&str, &str)]; 9] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", BASE), ("sec-fetch-site", "cross-site")],
        &[("origin", BASE), ("sec-fetch-site", "same-site")],
        &[("origin", "null")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", BASE), ("origin", "https://evil.example")],
    ];
    for headers in foreign {
        assert_eq!(note(&house, case, &edith, headers, Some(&token)).await.status, 403, "{headers:?}");
    }
    let twice = house.post(&format!("/cases/{case}/note")).cookie(&edith).same_origin().form(&[
        ("text", "x"),
        ("csrf", &token),
        ("csrf", "wrong"),
    ]);
    assert_eq!(twice.send().await.status, 403);
    assert_eq!(notes(&house, case).await, 0);

    let ours: [&[(&str, &str)]; 3] =
        [&OURS, &[("origin", "null"), ("sec-fetch-site", "same-origin")], &[("origin", "http://localhost:8080")]];
    for headers in ours {
        assert_eq!(note(&house, case, &edith, headers, Some(&token)).await.status, 303, "{headers:?}");
    }
    assert_eq!(notes(&house, case).await, 3);
}

// ASVS 3.5.1: a session cookie alone changes nothing through the API
#[tokio::test]
async fn the_api_takes_changes_by_cookie_only_with_the_token_and_from_our_pages() {
    let house = House::new().await;
    let edith = house.browser("edith").await;
    let body = json!({"title": "A case", "severity": "low"});
    let post = || house.post("/api/v1/cases").cookie(&edith).json(&body);

    post().same_origin().send().await.is_problem(403, "csrf_failed");
    post().same_origin().header("x-csrf-token", "wrong").send().await.is_problem(403, "csrf_failed");
    post().header("x-csrf-token", &edith.csrf).send().await.is_problem(403, "csrf_failed");
    let from_elsewhere = post().header("x-csrf-token", &edith.csrf).header("origin", "https://evil.example");
    from_elsewhere.send().await.is_problem(403, "csrf_failed");
    let read = house.get("/api/v1/cases").cookie(&edith).header("sec-fetch-site", "cross-site");
    read.send().await.is_problem(403, "csrf_failed");

    assert_eq!(house.post("/api/v1/cases").script(&edith).json(&body).send().await.status, 201);
}

#[tokio::test]
async fn a_good_cookie_does_not_make_up_for_a_bad_token() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    house.get("/api/v1/cases").cookie(&ada).bearer("not.a.token").send().await.is_problem(401, "invalid_token");
}

// ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4, 7.2.4: the cookie cannot be read, sent elsewhere or carried over a sign-in
#[tokio::test]
async fn signing_in_makes_a_new_session_in_a_guarded_cookie() {
    let house = House::new().await;
    let page = house.get("/sign-in").send().await;
    let guest = page.header("set-cookie").to_owned();
    assert!(guest.starts_with("__Host-guest=") && guest.contains("; Secure; HttpOnly; SameSite=Lax"), "{guest}");
    let text = page.text();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let cookie = guest.split(';').next().unwrap();
    let form = |csrf: &str| {
        let (email, password) = (House::email("ada"), house.password("ada").to_owned());
        let ask = house.post("/sign-in").same_origin();
        let planted = format!("{cookie}; __Host-casemate=planted-by-an-attacker");
        ask.header("cookie", &planted).form(&[("email", &email), ("password", &password), ("csrf", csrf)])
    };
    assert_eq!(form("wrong").send().await.status, 403);
    let no_cookie = house.post("/sign-in").same_origin().form(&[("email", "a"), ("password", "b"), ("csrf", csrf)]);
    assert_eq!(no_cookie.send().await.status, 403);

    let signed_in = form(csrf).send().await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    assert_eq!(signed_in.header("location"), "/cases");
    let cookies: Vec<_> = signed_in.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-casemate=")).unwrap();
    assert!(session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{session}");
    assert!(!session.contains("Domain") && !session.contains("planted"), "{session}");
}

#[tokio::test]
async fn two_session_cookies_are_none() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    let planted = format!("__Host-casemate={}; __Host-casemate=another", ada.token);
    assert_eq!(house.get("/cases").header("cookie", &planted).send().await.status, 303);
}

// ASVS 7.4.1: signing out ends the session on the server
#[tokio::test]
async fn a_session_is_over_after_signing_out() {
    let house = House::new().await;
    let vera = house.browser("vera").await;
    assert_eq!(house.get("/cases").cookie(&vera).send().await.status, 200);
    let out = house.post("/sign-out").cookie(&vera).same_origin().form(&[("csrf", &vera.csrf)]).send().await;
    assert_eq!(out.status, 303);
    let after = house.get("/cases").cookie(&vera).send().await;
    assert_eq!(after.status, 303);
    assert!(after.header("set-cookie").contains("Max-Age=0"));
}

// ASVS 7.3.1, 7.3.2: sessions end when unused, and in any case after a while
#[tokio::test]
async fn a_session_ends_by_itself() {
    let house = House::new().await;
    let idle = house.browser("vera").await;
    house.clock.forward(3_601);
    assert_eq!(house.get("/cases").cookie(&idle).send().await.status, 303);

    let busy = house.browser("vera").await;
    for _ in 0..13 {
        house.clock.forward(3_500);
        let _ = house.get("/cases").cookie(&busy).send().await;
    }
    assert_eq!(house.get("/cases").cookie(&busy).send().await.status, 303);
}

// ASVS 7.5.3: what an administrator does to others takes a password given a moment ago
#[tokio::test]
async fn sensitive_pages_ask_for_the_password_again() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    house.clock.forward(600);

    let page = house.get("/members?x=1").cookie(&ada).send().await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/confirm?next=%2Fmembers%3Fx%3D1"));
    let fields = [("email", "new@example.org"), ("role", "viewer"), ("csrf", ada.csrf.as_str())];
    let form = house.post("/members/invite").cookie(&ada).same_origin().form(&fields).send().await;
    assert_eq!((form.status.as_u16(), form.header("location")), (303, "/confirm?next=%2Fmembers"));
    house.get("/api/v1/members").cookie(&ada).send().await.is_problem(403, "confirmation_required");

    let vera = house.browser("vera").await;
    house.clock.forward(600);
    house.get("/api/v1/members").cookie(&vera).send().await.is_problem(403, "not_allowed");
}

// ASVS 8.3.2: a changed role counts from the next request on
#[tokio::test]
async fn a_demoted_member_may_less_at_once() {
    let house = House::new().await;
    let edith = house.browser("edith").await;
    let ada = house.browser("ada").await;
    let path = format!("/api/v1/members/{}", house.user("edith"));
    let body = json!({"role": Role::Viewer.as_str()});
    assert_eq!(house.ask(Method::PATCH, &path).script(&ada).json(&body).send().await.status, 200);
    let case = json!({"title": "A case", "severity": "low"});
    house.post("/api/v1/cases").script(&edith).json(&case).send().await.is_problem(403, "not_allowed");
}

#[tokio::test]
async fn looking_changes_nothing() {
    let house = House::new().await;
    let case = house.case("rhea").await;
    let ada = house.browser("ada").await;
    let before = house.get(&format!("/api/v1/cases/{case}")).cookie(&ada).send().await.json();
    for route in casemate_web::routes::table().iter().filter(|route| route.method == Method::GET) {
        let path = route.path.replace("{ref}", &case.to_string()).replace("{id}", "x").replace("{token}", "x");
        let path = path.replace("{file}", "x").replace("{code}", "x");
        let query = "?action=escalate&reason=x&text=x&assignee=x&csrf=x";
        let _ = house.get(&(path + query)).cookie(&ada).send().await;
    }
    let after = house.get(&format!("/api/v1/cases/{case}")).cookie(&ada).send().await.json();
    assert_eq!(before, after);
    assert_eq!(notes(&house, case).await, 0);
}
