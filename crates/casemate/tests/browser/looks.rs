//! Every page on a desk and on a phone, in light and in dark: nothing sticks out, everything has its label, words can
//! be read, the browser complains about nothing. Pictures go to `target/screenshots/`.

use casemate_model::member::Role;

use crate::album::Album;
use crate::browser::Browser;
use crate::house::{House, report};
use crate::pages::open_case;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_read_on_every_screen_in_light_and_dark() {
    let (house, admin) = House::with_admin().await;
    house.member(&admin, "Rita Reviewer", Role::Reviewer).await;
    house.member(&admin, "Wilhelmina Featherstonehaugh-Cholmondeley", Role::SeniorReviewer).await;
    let Some(browser) = Browser::open().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let report = report(&dir);
    let mut album = Album::new();

    for path in ["/sign-in", "/setup/none", "/invitation/none", "/reset/none"] {
        browser.goto(&house.at(path)).await;
        album.take(&browser, &name_of(path)).await;
    }
    let bare = House::bare().await;
    browser.goto(&bare.setup_link().await).await;
    album.take(&browser, "setup").await;

    house.sign_in(&browser, &admin).await;
    album.take(&browser, "cases-none").await;
    browser.goto(&house.at("/import")).await;
    browser.fill("#project", "payments").await;
    browser.attach("#report", &report).await;
    browser.click("form[enctype] button").await;
    browser.see("report taken in").await;
    album.take(&browser, "import-done").await;

    let long = "A title as long as they come, with aVeryLongWordThatCannotBeBrokenAnywhereBecauseItHasNoBlanksInItAtAllNotEvenOne";
    open_case(&house, &browser, long, "critical").await;
    let case = browser.path().await.replace("?done=case_opened", "");
    browser.press("Edit case").await;
    browser.put("#edit-due_on", "2020-02-29").await;
    browser.fill("#edit-tags", "pci, customer data, aVeryLongTagWithoutAnyBlanks").await;
    browser.choose("#edit-resolution", "accepted_risk").await;
    browser.put("#edit-until", "2020-01-01").await;
    album.take(&browser, "case-editing").await;
    browser.choose("#edit-resolution", "").await;
    browser.press("Keep changes").await;
    browser.see("The changes are kept").await;
    browser.fill("#note", "One line.\nAnother:\n    curl 'https://api.example.org/users?name=%27%20OR%201%3D1--&a=aVeryLongQueryWithoutAnyBlanks'\n").await;
    browser.press("Add note").await;
    browser.see("The note is kept").await;
    browser.press("Assign to me").await;
    browser.see("The case has its assignee").await;
    for (action, label) in [("start_review", "Start review"), ("request_evidence", "Request evidence")] {
        browser.press(label).await;
        browser.fill(&format!("#{action}-reason"), "Because it must be done, and done well.").await;
        browser.click(&format!("details[name=act][open] input[value={action}] ~ button")).await;
        browser.see("Done; the history has it").await;
    }
    album.take(&browser, "case-moved").await;

    browser.goto(&house.at("/findings?rule=INJ103")).await;
    browser.click(".rows a").await;
    browser.see("How to mend it").await;
    let finding = browser.path().await;
    browser.goto(&house.at("/cases?text=sql")).await;
    browser.click(".rows a").await;
    browser.see("The path from source to sink").await;
    let found = browser.path().await;

    for path in [
        "/cases",
        "/cases?status=all&severity=high&assignee=me",
        "/cases?text=nothing-is-called-this",
        "/cases/new",
        &case,
        &found,
        "/findings",
        "/findings?text=nothing-is-called-this",
        &finding,
        "/import",
        "/members",
        "/clients",
        "/settings",
        "/trail",
        "/me",
        "/confirm",
        "/cases/CASE-999",
        "/nowhere",
    ] {
        browser.goto(&house.at(path)).await;
        let name = if path == case {
            "case".to_owned()
        } else if path == found {
            "case-found".to_owned()
        } else if path == finding {
            "finding".to_owned()
        } else {
            name_of(path)
        };
        album.take(&browser, &name).await;
    }

    browser.goto(&house.at("/cases/new")).await;
    browser.fill("#title", " ").await;
    browser.press("Open the case").await;
    browser.see("Must not be empty").await;
    album.take(&browser, "new-wrong").await;
    browser.goto(&house.at("/clients")).await;
    browser.fill("#name", "nightly scan").await;
    browser.click("input[name=scope][value='findings:write']").await;
    browser.press("Make client").await;
    browser.see("nightly scan is ready").await;
    album.take(&browser, "client-made").await;
    browser.goto(&house.at("/members")).await;
    browser.fill("#email", "new.colleague@example.org").await;
    browser.press("Make an invitation link").await;
    browser.see("Invitation for").await;
    let link = browser.find("#link").await.prop("value").await.unwrap().unwrap();
    album.take(&browser, "invited").await;
    browser.goto(&house.at("/trail")).await;
    browser.press("Verify the chain").await;
    browser.see("The chain holds.").await;
    album.take(&browser, "verified").await;
    browser.screen(390, 844, "light").await;
    browser.goto(&house.at("/cases")).await;
    browser.press("Menu").await;
    album.picture(&browser, "menu-390-light").await;
    browser.forget().await;
    browser.goto(&link).await;
    album.take(&browser, "invitation").await;
    browser.goto(&house.at("/sign-in")).await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", "wrong").await;
    browser.press("Sign in").await;
    browser.see("is wrong").await;
    album.take(&browser, "sign-in-wrong").await;

    browser.close().await;
    assert!(album.faults.is_empty(), "{} faults:\n{}", album.faults.len(), album.faults.join("\n"));
}

fn name_of(path: &str) -> String {
    path.trim_matches('/').chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
