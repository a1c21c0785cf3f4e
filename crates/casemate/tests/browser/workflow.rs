//! A case on its way from open to closed, and who sees which buttons on the way.

use casemate_model::member::Role;

use crate::browser::Browser;
use crate::house::House;
use crate::pages::open_case;

/// The next steps a page offers, in order.
async fn offers(browser: &Browser, house: &House) -> Vec<String> {
    browser.goto(&house.at("/cases/CASE-1")).await;
    browser.see("Facts").await;
    let found = browser
        .run(
            "return [...document.querySelectorAll('details[name=act] > summary')].map(e => e.textContent.trim())",
            vec![],
        )
        .await;
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Takes a step with a reason.
async fn step(browser: &Browser, action: &str, label: &str, reason: &str) {
    browser.press(label).await;
    browser.fill(&format!("#{action}-reason"), reason).await;
    browser.click(&format!("details[name=act][open] input[value={action}] ~ button")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_open_to_closed_and_nobody_sees_a_button_that_is_not_theirs() {
    let (house, admin) = House::with_admin().await;
    let viewer = house.member(&admin, "Vera Viewer", Role::Viewer).await;
    let editor = house.member(&admin, "Ed Editor", Role::Editor).await;
    let reviewer = house.member(&admin, "Rita Reviewer", Role::Reviewer).await;
    let senior = house.member(&admin, "Sam Senior", Role::SeniorReviewer).await;
    let Some(as_editor) = house.browser_of(&editor).await else { return };
    let Some(as_reviewer) = house.browser_of(&reviewer).await else { return };
    let Some(as_senior) = house.browser_of(&senior).await else { return };

    open_case(&house, &as_editor, "Passwords are hashed with MD5", "high").await;
    assert!(offers(&as_editor, &house).await.is_empty(), "an editor only describes");
    assert_eq!(as_editor.count("#note").await, 1);
    assert_eq!(as_editor.count("#assignee").await, 0);
    assert_eq!(as_editor.count("#edit-severity").await, 0, "how bad it is, an editor says once");
    assert_eq!(as_editor.count("#edit-title").await, 1);

    // nobody's case: a reviewer may take it, and only then work on it
    assert!(offers(&as_reviewer, &house).await.is_empty());
    as_reviewer.press("Assign to me").await;
    as_reviewer.see("The case has its assignee").await;
    assert_eq!(offers(&as_reviewer, &house).await, ["Start review", "Escalate"]);
    step(&as_reviewer, "start_review", "Start review", "I know this code.").await;
    as_reviewer.see("in review").await;
    assert_eq!(offers(&as_reviewer, &house).await, ["Request evidence", "Escalate"]);
    step(&as_reviewer, "request_evidence", "Request evidence", "Which users are concerned?").await;
    as_reviewer.see("requested evidence").await;

    assert_eq!(offers(&as_editor, &house).await, ["Provide evidence"]);
    step(&as_editor, "provide_evidence", "Provide evidence", "All of them, see the table `users`.").await;
    as_editor.see("provided evidence").await;

    assert_eq!(offers(&as_senior, &house).await, ["Request evidence", "Escalate", "Approve closure", "Reject closure"],);
    as_senior.press("Approve closure").await;
    as_senior.choose("#approve_closure-resolution", "accepted_risk").await;
    as_senior.fill("#approve_closure-reason", "Mended in 4f2a.").await;
    as_senior.click("details[name=act][open] input[value=approve_closure] ~ button").await;
    as_senior.see("Say until when the risk is accepted").await;
    assert_eq!(
        as_senior.find("#approve_closure-reason").await.prop("value").await.unwrap().as_deref(),
        Some("Mended in 4f2a."),
        "what was typed is kept",
    );
    as_senior.choose("#approve_closure-resolution", "fixed").await;
    as_senior.click("details[name=act][open] input[value=approve_closure] ~ button").await;
    as_senior.see("Approved by").await;

    // four eyes: who approved does not close, and a reviewer never does
    assert_eq!(offers(&as_senior, &house).await, ["Escalate", "Reject closure", "Reopen"]);
    assert_eq!(offers(&as_reviewer, &house).await, ["Escalate", "Reopen"]);
    as_senior.close().await;

    house.sign_in(&as_editor, &viewer).await;
    assert!(offers(&as_editor, &house).await.is_empty(), "a viewer only reads");
    for form in ["#note", "#edit-title", "#assignee", "input[name=readers]"] {
        assert_eq!(as_editor.count(form).await, 0, "{form}");
    }
    assert_eq!(as_editor.count("main form").await, 0);

    house.sign_in(&as_reviewer, &admin).await;
    let offered = offers(&as_reviewer, &house).await;
    assert!(offered.contains(&"Close".to_owned()), "{offered:?}");
    step(&as_reviewer, "close", "Close", "Checked the release.").await;
    as_reviewer.see("closed the case").await;
    as_reviewer.see("fixed").await;
    assert_eq!(offers(&as_reviewer, &house).await, ["Reopen"]);
    for words in ["I know this code.", "Which users are concerned?", "All of them", "Mended in 4f2a.", "Sam Senior"] {
        assert!(as_reviewer.shows(words).await, "the history has `{words}`");
    }

    // the trail has it all, and its chain holds
    as_reviewer.press("events of this case").await;
    as_reviewer.see("case_close").await;
    as_reviewer.see("case_approve_closure").await;
    as_reviewer.press("Verify the chain").await;
    as_reviewer.see("The chain holds.").await;
    as_reviewer.close().await;
    as_editor.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_case_is_read_by_its_named_members() {
    let (house, admin) = House::with_admin().await;
    let viewer = house.member(&admin, "Vera Viewer", Role::Viewer).await;
    let senior = house.member(&admin, "Sam Senior", Role::SeniorReviewer).await;
    let Some(browser) = house.browser_of(&senior).await else { return };
    open_case(&house, &browser, "Leaked customer list", "critical").await;
    browser.press("Who may read it").await;
    browser.click("input[name=readers][value=named]").await;
    browser.click("form[action$='/readers'] button").await;
    browser.see("Only the named members read this case").await;

    let Some(other) = house.browser_of(&viewer).await else { return };
    other.see("No case is waiting").await;
    other.goto(&house.at("/cases/CASE-1")).await;
    other.see("Not found").await;
    assert!(!other.shows("Leaked customer list").await);
    other.close().await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_on_an_old_page_is_refused_and_kept_in_the_form() {
    let (house, admin) = House::with_admin().await;
    let Some(browser) = house.browser_of(&admin).await else { return };
    open_case(&house, &browser, "Two editors", "low").await;
    browser.press("Edit case").await;
    browser.fill("#edit-title", "The second wins?").await;
    // somebody else is faster
    let Some(faster) = house.browser_of(&admin).await else { return };
    faster.goto(&house.at("/cases/CASE-1")).await;
    faster.press("Edit case").await;
    faster.fill("#edit-title", "The first").await;
    faster.press("Keep changes").await;
    faster.see("The changes are kept").await;
    faster.close().await;

    browser.press("Keep changes").await;
    browser.see("changed by somebody else").await;
    assert_eq!(browser.find("#edit-title").await.prop("value").await.unwrap().as_deref(), Some("The second wins?"),);
    assert!(browser.shows("The first").await);
    browser.close().await;
}
