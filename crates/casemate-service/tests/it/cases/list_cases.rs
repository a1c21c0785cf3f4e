//! Listing and counting cases.

use casemate_model::case::{CaseAction, CaseSeverity, CaseStatus};
use casemate_model::page::PageSize;
use casemate_model::text::SearchText;
use casemate_service::Asking;
use casemate_service::cases::list_cases::{AssigneeFilter, ListCases, count_cases, list_cases};
use casemate_service::cases::name_readers::{Readers, name_readers};

use super::Acme;
use crate::findings::{report, result};
use crate::house::{House, on_each};

async fn titles(house: &House, by: &Asking, request: ListCases) -> Vec<String> {
    let page = list_cases(&house.service, by, request).await.unwrap();
    page.items.into_iter().map(|case| case.title.to_string()).collect()
}

fn text(text: &str) -> ListCases {
    ListCases { text: Some(SearchText::parse(text).unwrap()), ..ListCases::default() }
}

#[tokio::test]
async fn cases_come_in_pages_the_latest_first() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        for n in 1..=5 {
            house.opens(&acme.editor, &format!("case {n}")).await;
        }
        house.opens(&acme.stranger, "theirs").await;
        let (mut before, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let request = ListCases { before, size: PageSize::new(2).unwrap(), ..ListCases::default() };
            let page = list_cases(&house.service, &acme.viewer, request).await.unwrap();
            seen.extend(page.items.iter().map(|case| case.title.to_string()));
            before = page.next;
        }
        assert_eq!(seen, ["case 5", "case 4", "case 3", "case 2", "case 1"]);
        assert_eq!(before, None);
    })
    .await;
}

#[tokio::test]
async fn every_filter_narrows() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        house.submits(&acme.reviewer, &report(&[result("from a scan")])).await;
        let case = house.opens(&acme.editor, "by hand").await;
        house.assigns(&acme.senior, case.reference, &acme.reviewer).await;
        house.applies(&acme.reviewer, case.reference, CaseAction::Escalate, None).await.unwrap();
        let all = ListCases::default;
        let narrowed = [
            (ListCases { statuses: vec![CaseStatus::Escalated], ..all() }, vec!["by hand"]),
            (
                ListCases { statuses: vec![CaseStatus::Open, CaseStatus::Escalated], ..all() },
                vec!["by hand", "from a scan"],
            ),
            (ListCases { statuses: vec![CaseStatus::Closed], ..all() }, vec![]),
            (ListCases { severities: vec![CaseSeverity::High], ..all() }, vec!["from a scan"]),
            (ListCases { assignee: Some(AssigneeFilter::Nobody), ..all() }, vec!["from a scan"]),
            (ListCases { assignee: acme.reviewer.caller.user().map(AssigneeFilter::Member), ..all() }, vec!["by hand"]),
            (ListCases { assignee: acme.senior.caller.user().map(AssigneeFilter::Member), ..all() }, vec![]),
            (
                ListCases { project: Some(house.scans(&acme.viewer).await[0].scope.project), ..all() },
                vec!["from a scan"],
            ),
            (ListCases { rule: SearchText::parse("X100").ok(), ..all() }, vec!["from a scan"]),
            (ListCases { rule: SearchText::parse("x-rule").ok(), ..all() }, vec!["from a scan"]),
            (ListCases { rule: SearchText::parse("X1").ok(), ..all() }, vec![]),
            (text("HAND"), vec!["by hand"]),
            (text("case-2"), vec!["by hand"]),
        ];
        for (request, expected) in narrowed {
            assert_eq!(titles(&house, &acme.viewer, request.clone()).await, expected, "{request:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn searched_text_is_text_and_knows_all_letters() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        for title in ["100% sure", "100 times sure", r"C:\temp", "under_score", "underXscore", "ÄRGER im Büro"] {
            house.opens(&acme.editor, title).await;
        }
        house.opens(&acme.stranger, "100% theirs").await;
        for (searched, found) in [
            ("100%", vec!["100% sure"]),
            ("%", vec!["100% sure"]),
            (r"c:\", vec![r"C:\temp"]),
            ("r_s", vec!["under_score"]),
            ("ärger IM bÜro", vec!["ÄRGER im Büro"]),
            ("' OR '1'='1", vec![]),
            ("'; DROP TABLE cases; --", vec![]),
            ("%' OR 1=1 --", vec![]),
        ] {
            assert_eq!(titles(&house, &acme.viewer, text(searched)).await, found, "{searched}");
        }
        assert_eq!(titles(&house, &acme.viewer, ListCases::default()).await.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn sql_in_titles_notes_and_labels_stays_what_it_is() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        let payload = "Robert'); DROP TABLE cases; -- \" $1 ? :x \\";
        let case = house.opens(&acme.editor, payload).await;
        casemate_service::cases::add_note::add_note(
            &house.service,
            &acme.editor,
            case.reference,
            payload.parse().unwrap(),
        )
        .await
        .unwrap();
        let history =
            casemate_service::cases::read_case::read_case_history(&house.service, &acme.viewer, case.reference)
                .await
                .unwrap();
        assert_eq!(history.case.title.as_str(), payload);
        assert_eq!(history.notes[0].text.as_str(), payload);
    })
    .await;
}

#[tokio::test]
async fn restricted_cases_are_in_no_list_search_or_count_of_others() {
    on_each(|house| async move {
        let acme = Acme::new(&house).await;
        house.opens(&acme.editor, "open to all").await;
        let secret = house.opens(&acme.editor, "the secret one").await;
        let named = Readers::Named(acme.reviewer.caller.user().into_iter().collect());
        name_readers(&house.service, &acme.senior, secret.reference, None, named).await.unwrap();
        for blind in [&acme.viewer, &acme.editor] {
            assert_eq!(titles(&house, blind, ListCases::default()).await, ["open to all"]);
            assert_eq!(titles(&house, blind, text("secret")).await, Vec::<String>::new());
            let counts = count_cases(&house.service, blind).await.unwrap();
            assert_eq!(counts.by_status, [(CaseStatus::Open, 1)]);
            assert_eq!(counts.open_by_severity, [(CaseSeverity::Medium, 1)]);
        }
        for named in [&acme.reviewer, &acme.senior, &acme.admin] {
            assert_eq!(titles(&house, named, text("secret")).await, ["the secret one"]);
            assert_eq!(count_cases(&house.service, named).await.unwrap().by_status, [(CaseStatus::Open, 2)]);
        }
        assert_eq!(titles(&house, &acme.stranger, ListCases::default()).await, Vec::<String>::new());
    })
    .await;
}
