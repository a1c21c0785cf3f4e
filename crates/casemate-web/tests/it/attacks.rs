//! What attackers send.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_model::client::TokenScope;
use http::Method;
use serde_json::{Value, json};

use crate::canary::Log;
use crate::house::House;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn open(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

// ASVS 9.1.1, 9.1.2, 9.1.3, 9.2.1, 9.2.2, 9.2.3, 16.3.1: tokens that somebody made or changed are refused, and it is logged
#[tokio::test]
async fn tokens_of_somebodys_own_making_are_refused_and_logged() {
    let house = House::new().await;
    let log = Log::start();
    let program = house.program(&[TokenScope::CasesRead]).await;
    let good = house.token(&program).await;
    assert_eq!(house.get("/api/v1/cases").bearer(&good).send().await.status, 200);
    let (header, claims) = open(&good);
    let signature = good.rsplit('.').next().unwrap();
    let with = |base: &Value, changes: Value| {
        let mut changed = base.clone();
        changed.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        changed
    };
    let forged = |header: &Value, claims: &Value| format!("{}.{}.{signature}", part(header), part(claims));

    let none = with(&header, json!({"alg": "none"}));
    // The public key as an HMAC secret: what works where the algorithm is taken from the header (CVE-2015-9235).
    let jwks = house.get("/.well-known/jwks.json").send().await.json();
    let modulus = jwks["keys"][0]["n"].as_str().unwrap().to_owned();
    let confused = {
        let head = with(&header, json!({"alg": "HS256"}));
        let message = format!("{}.{}", part(&head), part(&claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, modulus.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes())))
    };
    let more_scopes = with(&claims, json!({"scope": "cases:read audit:read"}));
    let other_tenant = with(&claims, json!({"tenant": "01980000-0000-7000-8000-000000000000"}));
    let mut flipped = good.clone().into_bytes();
    let last = flipped.len() - 10;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let attacks = [
        ("none, no signature", format!("{}.{}.", part(&none), part(&claims))),
        ("none, old signature", forged(&none, &claims)),
        ("NoNe", forged(&with(&header, json!({"alg": "NoNe"})), &claims)),
        ("HS256 with the public key", confused),
        ("more scopes", forged(&header, &more_scopes)),
        ("another tenant", forged(&header, &other_tenant)),
        ("unknown key", forged(&with(&header, json!({"kid": "../../etc/passwd"})), &claims)),
        (
            "key in the header",
            forged(&with(&header, json!({"jwk": {"kty": "RSA", "n": modulus, "e": "AQAB"}})), &claims),
        ),
        ("key at an address", forged(&with(&header, json!({"jku": "https://evil.example/jwks.json"})), &claims)),
        ("critical extension", forged(&with(&header, json!({"crit": ["exp"]})), &claims)),
        ("an ID token", forged(&with(&header, json!({"typ": "JWT"})), &claims)),
        ("changed signature", String::from_utf8(flipped).unwrap()),
        ("no signature", good.rsplit_once('.').unwrap().0.to_owned()),
        ("nothing", "a.b.c".to_owned()),
        ("too much", "a".repeat(9_000)),
    ];
    for (name, token) in &attacks {
        let before = log.count("\"target\":\"security\"");
        let answer = house.get("/api/v1/cases").bearer(token).send().await;
        answer.is_problem(401, "invalid_token");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="casemate", error="invalid_token""#);
        assert!(!answer.text().contains("signature") && !answer.text().contains("algorithm"), "{name}");
        if *name != "too much" {
            assert!(log.count("\"target\":\"security\"") > before, "{name} left no log event");
        }
    }

    house.clock.forward(700);
    house.get("/api/v1/cases").bearer(&good).send().await.is_problem(401, "invalid_token");
    let query = house.get(&format!("/api/v1/cases?access_token={good}")).send().await;
    query.is_problem(401, "authentication_required");
}

// ASVS 9.2.4: a token of another instance is not ours, although the keys are the same
#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let (house, elsewhere) = House::two_with_the_same_keys().await;
    let program = house.program(&[TokenScope::CasesRead]).await;
    let ours = house.token(&program).await;
    let theirs = elsewhere.token(&program).await;
    assert_eq!(house.get("/api/v1/cases").bearer(&ours).send().await.status, 200);
    house.get("/api/v1/cases").bearer(&theirs).send().await.is_problem(401, "invalid_token");
}

const PAYLOADS: [&str; 12] = [
    "CASE-1' OR '1'='1",
    "CASE-1; DROP TABLE cases; --",
    "' UNION SELECT password FROM users --",
    "1' AND SLEEP(5) --",
    "CASE-1\0",
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "CASE-99999999999999999999",
    "CASE--1",
    "%",
    "_",
    "<script>alert(1)</script>",
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

// ASVS 1.2.4, 2.2.1: SQL in references, ids, cursors and filters is data
#[tokio::test]
async fn sql_in_names_and_filters_finds_nothing_and_breaks_nothing() {
    let house = House::new().await;
    let case = house.case("rhea").await;
    let ada = house.browser("ada").await;
    let all = house.get("/api/v1/cases").cookie(&ada).send().await.json()["items"].as_array().unwrap().len();
    for payload in PAYLOADS {
        let payload = encoded(payload);
        for path in ["cases/{}", "cases/{}/notes", "cases/{}/transitions", "findings/{}"] {
            let answer = house.get(&format!("/api/v1/{}", path.replace("{}", &payload))).cookie(&ada).send().await;
            assert_eq!(answer.status, 404, "{path} {payload}: {}", answer.text());
        }
        let page = house.get(&format!("/cases/{payload}")).cookie(&ada).send().await;
        assert_eq!(page.status, 404, "{payload}");
        for (filter, most) in [("text", 1), ("rule", 0), ("cursor", 0), ("project", 0), ("assignee", 0), ("status", 0)]
        {
            let answer = house.get(&format!("/api/v1/cases?{filter}={payload}")).cookie(&ada).send().await;
            match answer.status.as_u16() {
                200 => assert!(answer.json()["items"].as_array().unwrap().len() <= most * all, "{filter}={payload}"),
                422 => assert!(!answer.text().contains("OR '1'"), "{filter}={payload}"),
                other => panic!("{filter}={payload}: {other} {}", answer.text()),
            }
        }
        let found = house.get(&format!("/api/v1/cases?text={payload}")).cookie(&ada).send().await;
        if found.status == 200 {
            assert_eq!(found.json()["items"], json!([]), "{payload}");
        }
    }
    let title = json!({"title": "'); DELETE FROM cases; --", "severity": "low"});
    let made = house.post("/api/v1/cases").script(&ada).json(&title).send().await;
    assert_eq!(made.json()["title"], "'); DELETE FROM cases; --");
    assert_eq!(house.get(&format!("/api/v1/cases/{case}")).cookie(&ada).send().await.status, 200);
}

// ASVS 1.5.2, 2.2.1, 4.1.1: bodies that are not what they should be are refused and break nothing
#[tokio::test]
async fn malformed_bodies_are_refused() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    let post = |kind: &str, body: String| house.post("/api/v1/cases").script(&ada).raw(kind, body);
    const JSON: &str = "application/json";
    let good = json!({"title": "A case", "severity": "low"}).to_string();

    let deep = format!("{{\"title\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    for bad in ["", "{", "\u{0}", "{\"title\":\"\\ud800\"}", &deep, "{'title': 1}"] {
        post(JSON, bad.to_owned()).send().await.is_problem(400, "malformed_request");
    }
    for bad in [
        "[]",
        "null",
        "42",
        "{}",
        r#"{"title": "A case"}"#,
        r#"{"title": 5, "severity": "low"}"#,
        r#"{"title": null, "severity": "low"}"#,
        r#"{"title": "A case", "severity": "low", "status": "closed"}"#,
        r#"{"title": "A case", "severity": "low", "tenant": "x"}"#,
        r#"{"title": "A case", "severity": "low", "severity": "high"}"#,
        r#"{"title": "A case", "severity": "Low"}"#,
        r#"{"title": "   ", "severity": "low"}"#,
        r#"{"title": "a\u0000b", "severity": "low"}"#,
        r#"{"title": "a\u202eb", "severity": "low"}"#,
        r#"{"title": "A case", "severity": "low", "due_on": "2026-02-30"}"#,
        r#"{"title": "A case", "severity": "low", "tags": "sql"}"#,
        r#"{"title": "A case", "severity": "low", "project": "' OR 1=1"}"#,
    ] {
        post(JSON, bad.to_owned()).send().await.is_problem(422, "invalid");
    }
    let many = json!({"title": "x".repeat(201), "severity": "none", "tags": vec!["a"; 101]});
    let faults = post(JSON, many.to_string()).send().await.json();
    let fields: Vec<_> = faults["errors"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!(fields, ["title", "severity", "tags"]);

    for kind in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
    {
        post(kind, good.clone()).send().await.is_problem(415, "unsupported_media_type");
    }
    let squeezed = post(JSON, good.clone()).header("content-encoding", "gzip").send().await;
    squeezed.is_problem(415, "unsupported_media_type");
    post(JSON, good.clone()).header("accept", "text/html").send().await.is_problem(406, "not_acceptable");
    assert_eq!(post("application/json; charset=UTF-8", good).send().await.status, 201);
}

// ASVS 1.2.2, 3.7.2: nobody is led to another site, and no header is smuggled in
#[tokio::test]
async fn next_leads_nowhere_else() {
    let house = House::new().await;
    let ada = house.browser("ada").await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%0d%0aSet-Cookie:%20a=b",
        "javascript:alert(1)",
        "/\r\nLocation: https://evil.example",
    ] {
        for path in ["/sign-in", "/confirm"] {
            let page = house.get(&format!("{path}?next={}", encoded(next))).cookie(&ada).send().await;
            assert!(!page.header("location").contains("evil"), "{path} {next}");
            assert!(
                !page.text().contains("href=\"https://evil") && !page.text().contains("href=\"//evil"),
                "{path} {next}"
            );
            assert!(page.headers.get_all("set-cookie").iter().all(|c| !c.to_str().unwrap().starts_with("a=b")));
        }
    }
    let nobody = house.get("//evil.example/cases").send().await;
    assert!(!nobody.header("location").starts_with("//"), "{}", nobody.header("location"));
}

// ASVS 8.2.2, 8.4.1: what another tenant has answers like what nobody has, to the letter
#[tokio::test]
async fn a_strangers_view_of_a_thing_is_that_of_no_thing() {
    let house = House::new().await;
    let (case, finding) = (house.case("rhea").await.to_string(), house.finding().await.to_string());
    let eve = house.browser("eve").await;
    let nothing = "01980000-0000-7000-8000-000000000000";
    let same = |one: Value, other: Value| {
        let strip = |mut problem: Value| {
            problem.as_object_mut().unwrap().remove("request_id");
            problem
        };
        assert_eq!(strip(one), strip(other));
    };
    for (path, real, unreal) in [
        ("cases/{}", case.as_str(), "CASE-4711"),
        ("cases/{}/notes", case.as_str(), "CASE-4711"),
        ("cases/{}/transitions", case.as_str(), "CASE-4711"),
        ("findings/{}", finding.as_str(), nothing),
    ] {
        let get = |id: &str| house.get(&format!("/api/v1/{}", path.replace("{}", id))).cookie(&eve).send();
        let (one, other) = (get(real).await, get(unreal).await);
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (404, 404), "{path}");
        same(one.json(), other.json());
    }
    let target = json!({"role": "viewer"});
    let patch = |id: &str| house.ask(Method::PATCH, &format!("/api/v1/members/{id}")).script(&eve).json(&target).send();
    let (one, other) = (patch(&house.user("vera").to_string()).await, patch(nothing).await);
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (404, 404));
    same(one.json(), other.json());
    let theirs = house.get("/api/v1/cases").cookie(&eve).send().await.json();
    assert_eq!(theirs["items"], json!([]));
}

// ASVS 16.5.1, 16.5.2: whatever breaks inside, nothing of it is told
#[tokio::test]
async fn a_crash_says_nothing() {
    let answer = crate::house::crash().await;
    answer.is_problem(500, "internal_error");
    assert_eq!(answer.json()["message"], "Unexpected error");
    assert!(!answer.text().contains("kaboom"));
}
