//! Calls every route as everybody.

use std::collections::BTreeSet;

use casemate_model::client::TokenScope;
use casemate_model::member::Role;
use casemate_web::routes::{Audience, Body, Clients, Door, Route, table};
use serde_json::{Value, json};

use crate::house::{Answer, Ask, Browser, House, MEMBERS, OWN_TITLE, SARIF};

/// Somebody who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Member(&'static str, Role),
    Client(&'static [TokenScope]),
    Stranger,
}

fn everybody() -> Vec<Who> {
    let mut all = vec![Who::Nobody, Who::Stranger];
    all.extend(MEMBERS.map(|(name, role)| Who::Member(name, role)));
    all.extend(CLIENTS.map(Who::Client));
    all
}

/// What the clients may do. There is none without any scope; exporting is what no route of today asks for.
const CLIENTS: [&[TokenScope]; 6] = [
    &[TokenScope::CasesExport],
    &[TokenScope::CasesRead],
    &[TokenScope::CasesWrite],
    &[TokenScope::CasesRead, TokenScope::CasesWrite],
    &[TokenScope::FindingsWrite],
    &[TokenScope::AuditRead],
];

/// How an answer is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// Heard: done, or refused for a reason that only somebody who may is told (409, 412, 422).
    Heard,
    SignIn,
    Unauthorized,
    Forbidden,
    NotFound,
}

fn expected(route: &Route, who: Who) -> Expected {
    let Audience::Signed { least, clients } = route.audience else { return Expected::Heard };
    let unknown = if route.door == Door::Api { Expected::Unauthorized } else { Expected::SignIn };
    match who {
        Who::Nobody => unknown,
        // Pages know sessions only.
        Who::Client(_) if route.door == Door::Page => Expected::SignIn,
        Who::Client(scopes) => match clients {
            Clients::All => Expected::Heard,
            Clients::With(needed) if needed.iter().all(|scope| scopes.contains(scope)) => Expected::Heard,
            _ => Expected::Forbidden,
        },
        // The stranger is an administrator next door: what is named in a path is not there for them.
        Who::Stranger if route.names_something() => Expected::NotFound,
        Who::Stranger => Expected::Heard,
        Who::Member(_, role) if role >= least => Expected::Heard,
        Who::Member(..) => Expected::Forbidden,
    }
}

fn holds(expected: Expected, answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    match expected {
        Expected::Heard => matches!(status, 200 | 201 | 204 | 303 | 304 | 409 | 412 | 422) && !leads_to_sign_in(answer),
        Expected::SignIn => status == 303 && leads_to_sign_in(answer),
        Expected::Unauthorized => status == 401 && answer.header("www-authenticate").starts_with("Bearer"),
        Expected::Forbidden => status == 403,
        Expected::NotFound => status == 404,
    }
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    answer.header("location").starts_with("/sign-in")
}

/// What the routes are tried on. Made anew for each call that may use it up.
struct Things {
    case: String,
    finding: String,
    session: String,
    member: String,
    client: String,
}

impl Things {
    fn path(&self, route: &Route) -> String {
        let id = match route.path {
            path if path.contains("/findings/") => &self.finding,
            path if path.contains("/members/") => &self.member,
            path if path.contains("/clients/") => &self.client,
            path if path.contains("/sessions/") => &self.session,
            _ => "",
        };
        let path = route.path.replace("{ref}", &self.case).replace("{id}", id);
        path.replace("{token}", "no-such-token").replace("{code}", "invalid").replace("{file}", "style.css")
    }
}

fn json_for(route: &Route, user: &str) -> Value {
    match (route.method.as_str(), route.path) {
        ("POST", "/api/v1/cases") => json!({"title": "A case", "severity": "low"}),
        ("PATCH", "/api/v1/cases/{ref}") => json!({"title": "Another title"}),
        ("POST", "/api/v1/cases/{ref}/transitions") => json!({"action": "provide_evidence", "reason": "here it is"}),
        ("POST", "/api/v1/cases/{ref}/notes") => json!({"text": "A note"}),
        ("PUT", "/api/v1/cases/{ref}/assignee") => json!({"assignee": user}),
        ("PUT", "/api/v1/cases/{ref}/readers") => json!({"readers": null}),
        ("PUT", "/api/v1/findings/{id}/decision") => json!({"kind": "confirmed", "reason": "seen"}),
        ("POST", "/api/v1/members") => json!({"email": "new@example.org", "role": "viewer"}),
        ("PATCH", "/api/v1/members/{id}") => json!({"role": "editor"}),
        ("POST", "/api/v1/clients") => json!({"name": "another", "scopes": ["cases:read"]}),
        ("PATCH", "/api/v1/settings") => json!({"four_eyes": true}),
        other => panic!("{other:?} has no sample body; add one"),
    }
}

fn form_for(route: &Route, user: &str) -> Vec<(&'static str, String)> {
    let pairs: &[(&'static str, &str)] = match route.path {
        "/oauth/token" => &[("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "x")],
        "/setup/{token}" => &[("tenant", "T"), ("email", "x@example.org"), ("name", "X"), ("password", "short")],
        "/sign-in" => &[("email", "x@example.org"), ("password", "wrong")],
        "/invitation/{token}" => &[("name", "X"), ("password", "short")],
        "/reset/{token}" => &[("password", "short")],
        "/confirm" => &[("password", "wrong")],
        "/cases/new" => &[("title", "A case"), ("severity", "low")],
        "/cases/{ref}/transition" => &[("action", "provide_evidence"), ("reason", "here it is")],
        "/cases/{ref}/note" => &[("text", "A note")],
        "/cases/{ref}/edit" => &[("title", "Another title"), ("version", "1")],
        "/cases/{ref}/assignee" => &[("assignee", "USER")],
        "/cases/{ref}/readers" => &[("readers", "all")],
        "/findings/{id}/decision" => &[("kind", "confirmed"), ("reason", "seen")],
        "/members/invite" => &[("email", "new@example.org"), ("role", "viewer")],
        "/members/{id}/role" => &[("role", "editor")],
        "/clients" => &[("name", "another"), ("scope", "cases:read")],
        "/settings" => &[("four_eyes", "on")],
        "/me/tenant" => &[("tenant", "01980000-0000-7000-8000-000000000000")],
        _ => &[],
    };
    pairs.iter().map(|(name, value)| (*name, value.replace("USER", user))).collect()
}

fn multipart(csrf: &str) -> (String, String) {
    let part = |head: &str, body: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let body = part("name=\"csrf\"", csrf)
        + &part("name=\"project\"", "shop")
        + &part("name=\"report\"; filename=\"r.sarif\"", SARIF)
        + "--b--\r\n";
    ("multipart/form-data; boundary=b".to_owned(), body)
}

async fn call(house: &House, route: &Route, who: Who, things: &Things, programs: &[(&[TokenScope], String)]) -> Answer {
    let browser: Option<Browser> = match who {
        Who::Member(name, _) => Some(house.browser(name).await),
        Who::Stranger => Some(house.browser("eve").await),
        Who::Nobody | Who::Client(_) => None,
    };
    let mut things_session = things.session.clone();
    if let (Who::Member(..), Some(browser)) = (who, &browser) {
        things_session = browser.session.to_string();
    }
    let path = things.path(route).replace(&things.session, &things_session);
    let mut ask: Ask<'_> = house.ask(route.method.clone(), &path).same_origin();
    if let Some(browser) = &browser {
        ask = ask.cookie(browser).header("x-csrf-token", &browser.csrf);
    }
    if let Who::Client(scopes) = who {
        let (_, token) = programs.iter().find(|(known, _)| *known == scopes).unwrap();
        ask = ask.bearer(token);
    }
    let csrf = browser.as_ref().map_or("", |browser| browser.csrf.as_str());
    let user = match who {
        Who::Member(name @ ("rhea" | "sonia" | "ada"), _) => house.user(name).to_string(),
        _ => house.user("ada").to_string(),
    };
    if route.method == "PATCH" && route.path.contains("{ref}") {
        ask = ask.header("if-match", "\"v1\"");
    }
    let ask = match (route.body, route.door) {
        (Body::None, _) => ask,
        (Body::Json, _) => ask.json(&json_for(route, &user)),
        (Body::Report, Door::Api) => ask.raw("application/sarif+json", SARIF),
        (Body::Report, _) => {
            let (kind, body) = multipart(csrf);
            ask.raw(&kind, body)
        }
        (Body::Form, Door::Guest) => {
            let page = house.get("/sign-in").send().await;
            let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
            let text = page.text();
            let token = text.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
            let mut pairs = form_for(route, &user);
            pairs.push(("csrf", token.to_owned()));
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            ask.header("cookie", &cookie).form(&pairs)
        }
        (Body::Form, _) => {
            let mut pairs = form_for(route, &user);
            pairs.push(("csrf", csrf.to_owned()));
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            ask.form(&pairs)
        }
    };
    ask.send().await
}

/// What nobody may find where it does not belong.
fn has_security_headers(answer: &Answer) -> bool {
    let policy = answer.header("content-security-policy");
    policy.starts_with("default-src 'none'")
        && policy.contains("frame-ancestors 'none'")
        && policy.contains("base-uri 'none'")
        && policy.contains("form-action 'self'")
        && !policy.contains("unsafe")
        && answer.header("x-content-type-options") == "nosniff"
        && answer.header("referrer-policy") == "no-referrer"
        && answer.header("cross-origin-opener-policy") == "same-origin"
        && answer.header("cross-origin-resource-policy") == "same-origin"
        && answer.header("permissions-policy").contains("camera=()")
        && !answer.header("cache-control").is_empty()
        && answer.header("x-request-id").len() == 36
}

// ASVS 8.2.1, 8.2.2, 8.3.1: each function and each thing is for whom the policies say, on every route
// ASVS 8.4.1: another tenant's things are not there
// ASVS 3.4.3, 3.4.4, 3.4.5, 3.4.6, 3.4.8: every answer carries the security headers
#[tokio::test]
async fn every_route_answers_everybody_as_the_table_says() {
    let mut house = House::new().await;
    let mut programs: Vec<(&[TokenScope], String)> = Vec::new();
    for scopes in CLIENTS {
        let program = house.program(scopes).await;
        programs.push((scopes, house.token(&program).await));
    }
    let finding = house.finding().await.to_string();
    let victim = house.browser("vera").await;
    house.joins("spare", Role::Viewer).await;

    let mut wrong = BTreeSet::new();
    let mut calls = 0;
    for route in table() {
        for who in everybody() {
            let name = match who {
                Who::Member(name, _) => name,
                _ => "edith",
            };
            let is_used_up = route.path.contains("{ref}");
            let things = Things {
                case: if is_used_up { house.case(name).await.to_string() } else { String::new() },
                finding: finding.clone(),
                session: victim.session.to_string(),
                member: house.user("spare").to_string(),
                client: if route.path.contains("/clients/") {
                    house.program(&[TokenScope::CasesRead]).await.id.to_string()
                } else {
                    String::new()
                },
            };
            let answer = call(&house, &route, who, &things, &programs).await;
            let mut expected = expected(&route, who);
            if route.path.contains("{token}") {
                // The page says that the link is no longer good.
                expected = Expected::NotFound;
            }
            if route.path == "/oauth/token" {
                expected = Expected::Unauthorized;
            }
            if route.path == "/me/tenant" && matches!(who, Who::Member(..) | Who::Stranger) {
                expected = Expected::NotFound;
            }
            let mut is_right = holds(expected, &answer);
            // Wrong passwords are tried here by everybody, from one address, until it is asked to slow down.
            if route.path == "/sign-in" && answer.status == 429 {
                is_right = true;
            }
            if route.path == "/sign-out" && expected == Expected::Heard {
                is_right = leads_to_sign_in(&answer) && answer.header("set-cookie").contains("Max-Age=0");
            }
            if route.path == "/oauth/token" {
                is_right = matches!(answer.status.as_u16(), 401 | 429);
            }
            if answer.status.is_server_error() || !is_right {
                wrong.insert(format!(
                    "{route:?} as {who:?}: {expected:?}, got {} {:.300}",
                    answer.status,
                    answer.text()
                ));
            }
            if !has_security_headers(&answer) {
                wrong.insert(format!("{route:?}: security headers {:?}", answer.headers));
            }
            if who == Who::Stranger && answer.text().contains(OWN_TITLE) {
                wrong.insert(format!("{route:?}: the stranger sees what is not theirs"));
            }
            let is_shared = answer.header("cache-control").contains("public");
            if is_shared && !matches!(route.door, Door::Open) {
                wrong.insert(format!("{route:?}: may be kept by caches"));
            }
            calls += 1;
            if route.path.contains("/members/") {
                let is_there = casemate_service::members::list_members::list_members(
                    &house.service,
                    &house.browser("ada").await.asking,
                )
                .await
                .unwrap()
                .iter()
                .any(|member| member.user.id == house.user("spare"));
                if !is_there {
                    house.joins_again("spare").await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {calls}:\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(calls > 500, "{calls}");
}
