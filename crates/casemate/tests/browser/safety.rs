//! What hostile people try: text that wants to be a page, scripts that want to run.

use casemate_model::member::Role;
use serde_json::json;

use crate::browser::Browser;
use crate::house::House;

/// Each of these runs `window.broken = true`, where a page lets it.
const PAYLOADS: [&str; 6] = [
    "<script>window.broken = true</script>",
    "\"><img src=x onerror=\"window.broken = true\">",
    "' autofocus onfocus='window.broken = true' x='",
    "</textarea><svg onload=\"window.broken = true\">",
    "</title><script>window.broken = true</script>",
    "{{ 7 * 7 }}${7 * 7}<b>bold</b>&lt;i&gt;",
];

async fn is_unbroken(browser: &Browser) {
    let broken = browser.run("return window.broken === true", vec![]).await;
    assert_eq!(broken, json!(false), "a script ran on {}", browser.path().await);
    let planted = "return document.querySelectorAll('main script, main img, main svg[onload], main b b, [onerror], [onfocus]').length";
    assert_eq!(browser.run(planted, vec![]).await, json!(0), "markup was planted on {}", browser.path().await);
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

// CWE-79: what people write is text on every page that shows it
#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_is_shown_as_text() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    let all = PAYLOADS.join("\n");
    browser.goto(&house.at("/cases/new")).await;
    browser.run("document.getElementById('title').removeAttribute('maxlength')", vec![]).await;
    browser.fill("#title", &PAYLOADS.concat()).await;
    browser.fill("#description", &all).await;
    browser.fill("#tags", "<script>alert(1)</script>, \"><b>x").await;
    browser.press("Open the case").await;
    // too long a title comes back in its field, as text
    browser.see("at most 200 characters").await;
    is_unbroken(&browser).await;
    browser.fill("#title", PAYLOADS[1]).await;
    browser.press("Open the case").await;
    browser.see("The case is open.").await;
    for payload in PAYLOADS {
        browser.see(payload).await;
        browser.fill("#note", payload).await;
        browser.press("Add note").await;
        browser.see("The note is kept").await;
    }
    is_unbroken(&browser).await;
    browser.press("Assign to me").await;
    browser.see("The case has its assignee").await;
    browser.press("Escalate").await;
    browser.fill("#escalate-reason", &all).await;
    browser.click("details[name=act][open] form button").await;
    browser.see("escalated").await;
    browser.see(PAYLOADS[0]).await;
    is_unbroken(&browser).await;

    for path in ["/cases", "/trail", "/cases/CASE-1"] {
        browser.goto(&house.at(path)).await;
        browser.see("CASE-1").await;
        is_unbroken(&browser).await;
    }
    let query = url::form_urlencoded::byte_serialize(PAYLOADS[1].as_bytes()).collect::<String>();
    for path in [
        format!("/cases?text={query}&rule={query}&assignee={query}&project={query}&done={query}"),
        format!("/findings?text={query}&rule={query}&state={query}"),
        format!("/trail?case={query}"),
        format!("/import?project={query}"),
        format!("/confirm?next={query}"),
    ] {
        browser.goto(&house.at(&path)).await;
        browser.find("main").await;
        is_unbroken(&browser).await;
    }
    browser.close().await;
}

// CWE-79: what a report says is text, too
#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_says_is_shown_as_text() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    let evil = PAYLOADS[1];
    let place = |snippet: &str| {
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": "a/%3Cscript%3E.py" },
            "region": { "startLine": 2, "startColumn": 1, "endColumn": 900, "snippet": { "text": snippet } },
            "contextRegion": { "startLine": 1, "snippet": { "text": format!("{evil}\n{snippet}\n{}", PAYLOADS[0]) } },
        }, "message": { "text": evil } })
    };
    let sarif = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": evil, "version": "1", "rules": [
            { "id": evil, "name": evil, "shortDescription": { "text": evil }, "help": { "text": evil } },
        ] } },
        "results": [{
            "ruleId": evil, "level": "error", "message": { "text": format!("{evil} `<script>`") },
            "locations": [place(PAYLOADS[3])],
            "codeFlows": [{ "threadFlows": [{ "locations": [{ "location": place(evil) }, { "location": place(PAYLOADS[0]) }] }] }],
        }],
    }] });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("evil.sarif");
    std::fs::write(&path, sarif.to_string()).unwrap();
    browser.goto(&house.at("/import")).await;
    browser.fill("#project", evil).await;
    browser.fill("#branch", "main\"><b>").await;
    browser.attach("#report", &path).await;
    browser.click("form[enctype] button").await;
    browser.see("report taken in").await;
    is_unbroken(&browser).await;
    browser.goto(&house.at("/cases")).await;
    browser.see("CASE-1").await;
    is_unbroken(&browser).await;
    browser.goto(&house.at("/cases/CASE-1")).await;
    browser.see(evil).await;
    is_unbroken(&browser).await;
    browser.goto(&house.at("/findings")).await;
    browser.see(evil).await;
    is_unbroken(&browser).await;
    browser.click(".rows a").await;
    browser.see("Where").await;
    is_unbroken(&browser).await;
    browser.close().await;
}

// The second wall: if markup were planted after all, the content security policy would keep it from running.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_script_does_not_run_and_sends_nothing_home() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    browser.complaints().await;
    let planted = "
        const script = document.createElement('script');
        script.textContent = 'window.broken = true';
        document.body.append(script);
        const host = document.createElement('div');
        host.innerHTML = '<img src=\"data:,x\" onerror=\"window.broken = true\"><a id=js href=\"javascript:window.broken = true\">x</a><p id=styled style=\"color: rgb(1, 2, 3)\">x</p>';
        document.body.append(host);
        document.getElementById('js').click();
        const form = document.createElement('form');
        form.action = 'https://elsewhere.example/';
        host.append(form);
        form.submit();
        return fetch('https://elsewhere.example/').then(() => true, () => false);
    ";
    let sent = browser.run(planted, vec![]).await;
    assert_eq!(sent, json!(false), "the page could send something elsewhere");
    browser.see("Not closed").await;
    assert!(browser.path().await.starts_with("/cases"), "a form led elsewhere");
    assert_eq!(browser.run("return window.broken === true", vec![]).await, json!(false));
    let colour = browser.run("return getComputedStyle(document.getElementById('styled')).color", vec![]).await;
    assert_ne!(colour, json!("rgb(1, 2, 3)"), "an inline style took effect");
    let complaints = browser.complaints().await;
    assert!(complaints.iter().filter(|one| one.contains("Content Security Policy")).count() >= 5, "{complaints:#?}");
    browser.close().await;
}

// The page hides a button; that the door behind it is locked, too, is proved where the routes are called as everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_role_s_page_is_refused() {
    let (house, admin) = House::with_admin().await;
    let editor = house.member(&admin, "Ed Editor", Role::Editor).await;
    let Some(browser) = house.browser_of(&editor).await else { return };
    crate::pages::open_case(&house, &browser, "Mine to describe", "low").await;
    // the note form, bent into a transition
    browser
        .run(
            "const form = document.querySelector('form[action$=\"/note\"]'); form.action = form.action.replace('/note', '/transition'); \
             form.insertAdjacentHTML('beforeend', '<input name=action value=escalate><input name=reason value=because>')",
            vec![],
        )
        .await;
    browser.fill("#note", "x").await;
    browser.press("Add note").await;
    browser.see("Not allowed").await;
    browser.goto(&house.at("/cases/CASE-1")).await;
    browser.see("Facts").await;
    assert!(!browser.shows("escalated").await);
    browser.close().await;
}
