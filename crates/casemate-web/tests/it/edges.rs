//! What every request passes: host, proxies, origins, sizes, limits, methods.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use casemate_web::Limit;
use http::{Method, Request};
use serde_json::json;

use crate::house::{BASE, House, SARIF};

// ASVS 4.1.2: whoever asks for another host is turned away
#[tokio::test]
async fn other_hosts_are_not_ours() {
    let house = House::new().await;
    let ask = |host: &str| {
        let request = Request::builder().uri("/sign-in").header("host", host);
        house.send(request.body(axum::body::Body::empty()).unwrap())
    };
    assert_eq!(ask("127.0.0.1:8080").await.status, 200);
    assert_eq!(ask("localhost:8080").await.status, 200);
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:8080.evil.example", "127.0.0.1:8080@evil.example", ""] {
        let answer = ask(host).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.text().contains("evil"), "{host}");
    }
    let none = Request::builder().uri("/sign-in").body(axum::body::Body::empty()).unwrap();
    assert_eq!(house.send(none).await.status, 421);
    let two = Request::builder().uri("/sign-in").header("host", "127.0.0.1:8080").header("host", "evil.example");
    assert_eq!(house.send(two.body(axum::body::Body::empty()).unwrap()).await.status, 421);
    let target = Request::builder().uri("http://evil.example/sign-in").header("host", "127.0.0.1:8080");
    assert_eq!(house.send(target.body(axum::body::Body::empty()).unwrap()).await.status, 421);
}

// ASVS 4.1.3, 15.3.4: an address cannot be made up to get around a limit
#[tokio::test]
async fn a_made_up_address_does_not_get_around_the_limit() {
    let house = House::with(|settings| settings.per_address = Limit::new(3, 3_600).unwrap()).await;
    let mut last = 0;
    for n in 0..4 {
        let ask = house.get("/sign-in").header("x-forwarded-for", &format!("203.0.113.{n}"));
        last =
            ask.header("x-real-ip", "203.0.113.9").header("forwarded", "for=203.0.113.9").send().await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn behind_a_declared_proxy_each_address_has_its_own_limit() {
    let house = House::with(|settings| {
        settings.per_address = Limit::new(1, 3_600).unwrap();
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        settings.only_through_proxies = true;
    })
    .await;
    let ask = |peer: [u8; 4], forwarded: &str| {
        let request = Request::builder()
            .uri("/sign-in")
            .header("host", "127.0.0.1:8080")
            .header("x-forwarded-for", forwarded)
            .extension(ConnectInfo(SocketAddr::from((peer, 1))));
        house.send(request.body(axum::body::Body::empty()).unwrap())
    };
    assert_eq!(ask([10, 0, 0, 1], "203.0.113.1").await.status, 200);
    assert_eq!(ask([10, 0, 0, 1], "203.0.113.2").await.status, 200);
    assert_eq!(ask([10, 0, 0, 1], "203.0.113.9, 203.0.113.2").await.status, 429);
    // Whoever goes around the proxy sends passwords in the clear.
    assert_eq!(ask([192, 0, 2, 1], "203.0.113.3").await.status, 421);
}

// ASVS 2.4.1: too much is refused, and what is left is told before
#[tokio::test]
async fn limits_are_told_before_they_bite() {
    let house = House::with(|settings| settings.per_caller = Limit::new(2, 3_600).unwrap()).await;
    let vera = house.browser("vera").await;
    let first = house.get("/api/v1/cases").cookie(&vera).send().await;
    assert_eq!(first.status, 200);
    let (policy, state) = (first.header("ratelimit-policy"), first.header("ratelimit"));
    assert!(policy.contains("\"caller\";q=2;w=3600") && policy.contains("\"address\";q="), "{policy}");
    assert!(state.contains("\"caller\";r=1;t="), "{state}");
    let _ = house.get("/api/v1/cases").cookie(&vera).send().await;
    let refused = house.get("/api/v1/cases").cookie(&vera).send().await;
    refused.is_problem(429, "slow_down");
    assert!((1..=1_800).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert!(refused.header("ratelimit").contains("\"caller\";r=0;t="));
    let edith = house.browser("edith").await;
    assert_eq!(house.get("/api/v1/cases").cookie(&edith).send().await.status, 200);
}

#[tokio::test]
async fn sign_in_and_token_requests_have_a_tight_limit() {
    let house = House::with(|settings| settings.per_address_signing_in = Limit::new(2, 3_600).unwrap()).await;
    let ask = || house.post("/oauth/token").form(&[("grant_type", "client_credentials")]);
    assert_eq!(ask().send().await.status, 401);
    assert_eq!(ask().send().await.status, 401);
    assert_eq!(ask().send().await.status, 429);
    assert_eq!(house.post("/sign-in").same_origin().form(&[]).send().await.status, 429);
    assert_eq!(house.get("/sign-in").send().await.status, 200);
}

#[tokio::test]
async fn reports_of_one_tenant_have_a_limit_of_their_own() {
    let house = House::with(|settings| settings.per_tenant_heavy = Limit::new(1, 3_600).unwrap()).await;
    let ada = house.browser("ada").await;
    let submit = || house.post("/api/v1/scans").script(&ada).raw("application/sarif+json", SARIF);
    assert_eq!(submit().send().await.status, 201);
    submit().send().await.is_problem(429, "slow_down");
    let eve = house.browser("eve").await;
    let theirs = house.post("/api/v1/scans").script(&eve).raw("application/sarif+json", SARIF);
    assert_eq!(theirs.send().await.status, 201);
}

#[tokio::test]
async fn more_than_can_be_worked_on_is_turned_away() {
    let house = House::with(|settings| settings.concurrent_requests = 0).await;
    let answer = house.get("/api/v1/cases").send().await;
    answer.is_problem(503, "busy");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let house = House::with(|settings| settings.request_timeout = std::time::Duration::from_millis(50)).await;
    let ada = house.browser("ada").await;
    // A body that never ends.
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<axum::body::Bytes, std::io::Error>>(1);
    let stream = Endless(receiver);
    let ask = house.post("/api/v1/cases").script(&ada).raw("application/json", axum::body::Body::new(stream));
    ask.send().await.is_problem(503, "busy");
    drop(sender);
}

struct Endless(tokio::sync::mpsc::Receiver<Result<axum::body::Bytes, std::io::Error>>);

impl axum::body::HttpBody for Endless {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(http_body::Frame::data)))
    }
}

// ASVS 3.4.2, 3.5.2: other origins get nothing unless they are on the list, and never with cookies
#[tokio::test]
async fn only_listed_origins_may_read_the_api() {
    const FRIEND: &str = "https://dashboard.example.org";
    let house = House::with(|settings| settings.allow_origins(&[FRIEND.to_owned()]).unwrap()).await;
    let preflight = |origin: &str| {
        let ask = house.ask(Method::OPTIONS, "/api/v1/cases").header("origin", origin);
        ask.header("access-control-request-method", "POST").header("access-control-request-headers", "authorization")
    };
    let allowed = preflight(FRIEND).send().await;
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), FRIEND);
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert!(allowed.header("access-control-allow-headers").contains("authorization"));
    assert!(allowed.header("vary").contains("Origin"));
    for origin in [
        "https://evil.example",
        "https://dashboard.example.org.evil.example",
        "https://evil-dashboard.example.org",
        "http://dashboard.example.org",
        "https://dashboard.example.org:444",
        "HTTPS://DASHBOARD.EXAMPLE.ORG",
        "null",
        "*",
    ] {
        let refused = preflight(origin).send().await;
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
        assert!(refused.header("vary").contains("Origin"));
        let read = house.get("/api/v1/cases").header("origin", origin).send().await;
        assert_eq!(read.header("access-control-allow-origin"), "", "{origin}");
    }
    let page = house.get("/sign-in").header("origin", FRIEND).send().await;
    assert_eq!(page.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn nobody_is_on_the_list_by_default() {
    let house = House::new().await;
    for origin in ["https://dashboard.example.org", "null", BASE] {
        let answer = house.get("/api/v1/openapi.json").header("origin", origin).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

// ASVS 4.1.4: methods that a route does not take are refused
#[tokio::test]
async fn unknown_routes_and_methods_are_told_as_such() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    house.get("/api/v1/nothing").cookie(&ada).send().await.is_problem(404, "not_found");
    house.get("/api").send().await.is_problem(404, "not_found");
    let delete = house.ask(Method::DELETE, "/api/v1/cases").script(&ada).send().await;
    delete.is_problem(405, "method_not_allowed");
    assert_eq!(delete.header("allow"), "GET,HEAD,POST");
    for method in ["TRACE", "OPTIONS", "PROPFIND"] {
        let answer = house.ask(method.parse().unwrap(), "/sign-in").send().await;
        assert_eq!(answer.status, 405, "{method}");
    }
    let page = house.get("/nothing").send().await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
}

// ASVS 3.4.1: browsers are told to come back by TLS only
#[tokio::test]
async fn hsts_is_sent_under_tls_only() {
    let house = House::new().await;
    assert_eq!(house.get("/sign-in").send().await.header("strict-transport-security"), "");
    let settings = casemate_web::WebSettings::new("https://casemate.example.org").unwrap();
    let state = casemate_web::AppState::new(house.service.clone(), settings);
    let request = Request::builder().uri("/healthz").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(casemate_web::routes::router(state), request).await.unwrap();
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().starts_with("max-age=63072000"));
}

// ASVS 5.2.1: bodies over the limit are refused, whether they say how long they are or not
#[tokio::test]
async fn bodies_have_a_size() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    let huge = json!({"title": "x".repeat(300_000), "severity": "low"}).to_string();
    let told = house.post("/api/v1/cases").script(&ada).header("content-length", &huge.len().to_string());
    told.raw("application/json", huge.clone()).send().await.is_problem(413, "too_large");
    let streamed = house.post("/api/v1/cases").script(&ada).raw("application/json", huge);
    streamed.send().await.is_problem(413, "too_large");
    let form = house.post("/sign-in").same_origin().form(&[("email", &"x".repeat(70_000))]).send().await;
    assert!(matches!(form.status.as_u16(), 403 | 413), "{}", form.status);
    let report = house.post("/api/v1/scans").script(&ada).raw("application/sarif+json", vec![b' '; 21 * 1024 * 1024]);
    report.send().await.is_problem(413, "too_large");
}

#[tokio::test]
async fn a_request_id_is_made_here() {
    let house = House::new().await;
    let answer = house.get("/healthz").header("x-request-id", "chosen-by-a-stranger").send().await;
    assert_ne!(answer.header("x-request-id"), "chosen-by-a-stranger");
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_explanation() {
    let house = House::new().await;
    for code in casemate_web::failure::Code::ALL {
        let page = house.get(&format!("/problems/{}", code.as_str())).send().await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(code.explanation()));
    }
}
