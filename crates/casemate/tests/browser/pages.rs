//! Signing in and out, filters, uploads, invitations, secrets shown once.

use casemate_model::member::Role;

use crate::browser::Browser;
use crate::house::{House, PASSWORD, report};

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_makes_the_first_administrator_once() {
    let house = House::bare().await;
    let Some(browser) = Browser::open().await else { return };
    let link = house.setup_link().await;

    browser.goto(&link).await;
    browser.fill("#tenant", "Acme").await;
    browser.fill("#name", "Ada Admin").await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", "short").await;
    browser.press("Set up and sign in").await;
    browser.see("at least 15 characters").await;
    assert_eq!(browser.find("#tenant").await.prop("value").await.unwrap().as_deref(), Some("Acme"));
    assert_eq!(browser.find("#password").await.prop("value").await.unwrap().as_deref(), Some(""));

    browser.fill("#password", PASSWORD).await;
    browser.press("Set up and sign in").await;
    browser.see("Casemate is ready").await;
    browser.see("No case is waiting").await;

    browser.goto(&link).await;
    browser.see("This link is no longer valid").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = Browser::open().await else { return };

    browser.goto(&house.at("/cases?status=closed")).await;
    browser.see("Sign in").await;
    browser.fill("#email", &admin.email).await;
    browser.fill("#password", "not the password").await;
    browser.press("Sign in").await;
    browser.see("E-mail address or password is wrong").await;
    assert_eq!(browser.find("#email").await.prop("value").await.unwrap(), Some(admin.email.clone()));
    assert_eq!(browser.find("#password").await.prop("value").await.unwrap().as_deref(), Some(""));

    browser.fill("#password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.see("Not closed").await;
    assert_eq!(browser.path().await, "/cases?status=closed");

    browser.click("button[aria-label='Sign out']").await;
    browser.see("You are signed out").await;
    browser.goto(&house.at("/cases")).await;
    browser.see("Password").await;
    assert!(browser.path().await.starts_with("/sign-in"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    for (title, severity) in [("Secrets in the log", "critical"), ("Old library", "low"), ("Weak cookie", "medium")] {
        open_case(&house, &browser, title, severity).await;
    }

    browser.goto(&house.at("/cases")).await;
    browser.see("3 cases are not closed, 1 of them critical or high").await;
    assert_eq!(browser.count(".rows > li").await, 3);

    browser.fill("#text", "library").await;
    browser.press("Search").await;
    browser.see("Clear").await;
    assert_eq!(browser.count(".rows > li").await, 1);
    assert!(browser.shows("Old library").await);

    browser.press("Clear").await;
    browser.see("Weak cookie").await;
    browser.press("Filters").await;
    browser.click("input[name=severity][value=critical]").await;
    browser.press("Apply filters").await;
    browser.see("Filters (in use)").await;
    assert_eq!(browser.count(".rows > li").await, 1);
    assert!(browser.shows("Secrets in the log").await);

    browser.goto(&house.at("/cases?assignee=me")).await;
    browser.see("No case fits").await;
    browser.goto(&house.at("/cases?assignee=nobody")).await;
    browser.see("Weak cookie").await;
    assert_eq!(browser.count(".rows > li").await, 3);
    browser.goto(&house.at("/cases?status=closed")).await;
    browser.see("No case fits").await;
    browser.goto(&house.at("/cases?status=nonsense&severity=&before=x&assignee=%00")).await;
    browser.see("Weak cookie").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_uploaded_twice_changes_nothing_the_second_time() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    let dir = tempfile::tempdir().unwrap();
    let report = report(&dir);
    let upload = async || {
        browser.goto(&house.at("/import")).await;
        browser.fill("#project", "payments").await;
        browser.attach("#report", &report).await;
        browser.click("form[enctype] button").await;
        browser.see("report taken in").await;
    };

    upload().await;
    browser.see("cases opened").await;
    browser.goto(&house.at("/findings")).await;
    browser.see("INJ103").await;
    let findings = browser.count(".rows > li").await;
    assert!(findings >= 7, "{findings}");

    upload().await;
    browser.see(&format!("Nothing changed: all {findings} findings are known.")).await;
    browser.goto(&house.at("/findings")).await;
    browser.see("INJ103").await;
    assert_eq!(browser.count(".rows > li").await, findings);

    // from a finding to its case and back, with the code and the decision
    browser.goto(&house.at("/findings?rule=INJ103")).await;
    browser.click(".rows a").await;
    browser.see("How to mend it").await;
    assert!(browser.count(".code .row.hit").await > 0);
    browser.click("input[name=kind][value=confirmed]").await;
    browser.fill("#reason", "Reproduced by hand.").await;
    browser.press("Keep decision").await;
    browser.see("No import overwrites it").await;
    browser.see("Reproduced by hand.").await;

    browser.goto(&house.at("/import")).await;
    let wrong = dir.path().join("wrong.sarif");
    std::fs::write(&wrong, "{\"not\": \"sarif\"}").unwrap();
    browser.fill("#project", "payments").await;
    browser.attach("#report", &wrong).await;
    browser.click("form[enctype] button").await;
    browser.see("SARIF").await;
    assert!(browser.count("#report-wrong").await == 1, "the message is at the field");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_joins_in_a_browser_of_their_own() {
    let (house, admin) = House::with_admin().await;
    let Some(inviting) = house.browser_of(&admin).await else { return };

    inviting.goto(&house.at("/members")).await;
    inviting.fill("#email", "rita@example.org").await;
    inviting.choose("#role", "reviewer").await;
    inviting.press("Make an invitation link").await;
    inviting.see("Invitation for rita@example.org").await;
    let link = inviting.find("#link").await.prop("value").await.unwrap().unwrap();
    inviting.goto(&house.at("/members")).await;
    inviting.see("1 member").await;
    assert!(!inviting.shows("/invitation/").await, "the link is shown once");

    let Some(joining) = Browser::open().await else { return };
    joining.goto(&link).await;
    joining.see("Join Acme").await;
    joining.see("reviewer").await;
    joining.fill("#name", "Rita Reviewer").await;
    joining.fill("#password", "tiny").await;
    joining.press("Join").await;
    joining.see("at least 15 characters").await;
    joining.fill("#password", "many green bottles here").await;
    joining.press("Join").await;
    joining.see("You are now a member").await;
    assert!(!joining.shows("Members").await, "a reviewer's menu has no members");
    joining.goto(&house.at("/members")).await;
    joining.see("Not allowed").await;
    joining.goto(&link).await;
    joining.see("This link is no longer valid").await;

    inviting.goto(&house.at("/members")).await;
    inviting.see("2 members").await;
    inviting.press("Remove… Rita Reviewer").await;
    inviting.press("Yes, remove Rita Reviewer").await;
    inviting.see("The member is removed").await;
    joining.goto(&house.at("/cases")).await;
    joining.see("Password").await;
    inviting.close().await;
    joining.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sensitive_pages_want_the_password_again_after_five_minutes() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    house.later(6);
    browser.goto(&house.at("/cases")).await;
    browser.see("Not closed").await;

    browser.goto(&house.at("/members")).await;
    browser.see("Confirm it is you").await;
    browser.fill("#password", "not the password").await;
    browser.press("Confirm").await;
    browser.see("The password is wrong").await;
    browser.fill("#password", PASSWORD).await;
    browser.press("Confirm").await;
    browser.see("What the roles may do").await;
    assert_eq!(browser.path().await, "/members");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    browser.goto(&house.at("/members")).await;
    browser.choose("td select[name=role]", "viewer").await;
    browser.press("Change").await;
    browser.see("The last administrator stays one").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_secret_is_shown_once() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };

    browser.goto(&house.at("/clients")).await;
    browser.fill("#name", "nightly scan").await;
    browser.press("Make client").await;
    browser.see("Choose at least one scope").await;
    browser.click("input[name=scope][value='findings:write']").await;
    browser.press("Make client").await;
    browser.see("nightly scan is ready").await;
    let secret = browser.find("#client_secret").await.prop("value").await.unwrap().unwrap();
    assert!(secret.len() >= 40, "256 bits");

    browser.goto(&house.at("/clients")).await;
    browser.see("nightly scan").await;
    let source = browser.run("return document.documentElement.outerHTML", vec![]).await;
    assert!(!source.as_str().unwrap().contains(&secret));

    browser.press("Revoke… nightly scan").await;
    browser.press("Yes, revoke nightly scan").await;
    browser.see("revoked").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_script() {
    let (house, admin) = House::with_admin().await;
    let reviewer = house.member(&admin, "Rita Reviewer", Role::Reviewer).await;
    let Some(browser) = Browser::open_without_script().await else { return };
    house.sign_in(&browser, &reviewer).await;
    browser.press("New case").await;
    browser.fill("#title", "No script needed").await;
    browser.press("Open the case").await;
    browser.see("The case is open.").await;
    browser.press("Assign to me").await;
    browser.see("The case has its assignee").await;
    browser.press("Start review").await;
    browser.fill("#start_review-reason", "Looking.").await;
    browser.click("details[open] form button").await;
    browser.see("Done; the history has it").await;
    browser.see("started the review").await;
    browser.close().await;
}

/// Opens a case by hand.
pub(crate) async fn open_case(house: &House, browser: &Browser, title: &str, severity: &str) {
    browser.goto(&house.at("/cases/new")).await;
    browser.fill("#title", title).await;
    browser.choose("#severity", severity).await;
    browser.press("Open the case").await;
    browser.see("The case is open.").await;
}
