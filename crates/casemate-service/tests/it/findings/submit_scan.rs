//! Taking in a report.

use casemate_model::access::Actor;
use casemate_model::case::{Case, CaseAction, CaseSeverity, CaseStatus, Resolution};
use casemate_model::finding::{DecisionKind, Finding, FindingState};
use casemate_model::id::TenantId;
use casemate_model::member::Role;
use casemate_model::scan::ScanCounts;
use casemate_model::text::Tag;
use casemate_service::Asking;
use casemate_service::cases::edit_case::{EditCase, edit_case};
use casemate_service::cases::list_cases::{ListCases, list_cases};
use casemate_service::cases::read_case::{read_case, read_case_history};
use casemate_service::findings::decide_finding::decide_finding;
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::findings::submit_scan::{SubmitScan, SubmitScanError, submit_scan};
use casemate_service::projects::list_projects::list_projects;
use serde_json::{Value, json};

use super::{log, report, result};
use crate::house::{House, client, on_each, reason, submission};

struct Shop {
    tenant: TenantId,
    viewer: Asking,
    reviewer: Asking,
    senior: Asking,
    admin: Asking,
    stranger: Asking,
}

impl Shop {
    async fn new(house: &House) -> Self {
        Self::named(house, "Shop").await
    }

    async fn named(house: &House, name: &str) -> Self {
        let tenant = house.tenant(name).await;
        let elsewhere = house.tenant(&format!("Not {name}")).await;
        Self {
            tenant,
            viewer: house.member(tenant, Role::Viewer).await,
            reviewer: house.member(tenant, Role::Reviewer).await,
            senior: house.member(tenant, Role::SeniorReviewer).await,
            admin: house.member(tenant, Role::Admin).await,
            stranger: house.member(elsewhere, Role::Admin).await,
        }
    }

    async fn cases(&self, house: &House) -> Vec<Case> {
        let mut cases = list_cases(&house.service, &self.viewer, ListCases::default()).await.unwrap().items;
        cases.reverse();
        cases
    }

    async fn findings(&self, house: &House) -> Vec<Finding> {
        let mut all = list_findings(&house.service, &self.viewer, ListFindings::default()).await.unwrap().items;
        all.reverse();
        all
    }

    async fn open(&self, house: &House) -> Vec<String> {
        let findings = self.findings(house).await.into_iter();
        findings.filter(|finding| finding.state == FindingState::Open).map(|finding| finding.message).collect()
    }

    async fn counts(&self, house: &House, results: &[Value]) -> ScanCounts {
        house.submits(&self.reviewer, &report(results)).await[0].counts
    }

    /// People close the case of the first finding with this resolution.
    async fn closes(&self, house: &House, case: &Case, resolution: Resolution) {
        house.applies(&self.senior, case.reference, CaseAction::StartReview, None).await.unwrap();
        let approve = CaseAction::ApproveClosure;
        house.applies(&self.senior, case.reference, approve, Some(resolution)).await.unwrap();
        house.applies(&self.admin, case.reference, CaseAction::Close, None).await.unwrap();
    }
}

#[tokio::test]
async fn each_new_finding_opens_a_case_by_casemate_itself() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let scans = house.submits(&shop.reviewer, &report(&[result("one"), result("two")])).await;
        assert_eq!(scans[0].counts, ScanCounts { new: 2, cases_opened: 2, ..ScanCounts::default() });
        assert_eq!((scans[0].scope.tool.as_str(), scans[0].tool_version.as_str()), ("scanner", "1.2"));
        assert!(scans[0].complete);
        assert_eq!(house.scans(&shop.viewer).await, scans);
        let cases = shop.cases(&house).await;
        assert_eq!(cases.iter().map(|case| case.title.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        for case in &cases {
            assert_eq!(
                (case.status, case.severity, case.opened_by),
                (CaseStatus::Open, CaseSeverity::High, Actor::System)
            );
            assert_eq!(case.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["x-rule", "cwe-89"]);
        }
        let history = read_case_history(&house.service, &shop.viewer, cases[0].reference).await.unwrap();
        assert_eq!(history.project.unwrap().name.as_str(), "shop");
        let finding = &history.findings[0];
        assert_eq!((finding.rule.as_str(), finding.rule_name.as_str()), ("X100", "x-rule"));
        assert_eq!((finding.occurrence.path.as_str(), finding.occurrence.line), ("src/app.py", 10));
        assert_eq!(finding.case, Some(cases[0].reference));
        assert_eq!(house.actions(shop.tenant).await, ["project_create", "case_create", "case_create", "scan_submit"]);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_submit_leaves_nothing() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let editor = house.member(shop.tenant, Role::Editor).await;
        for asking in [&shop.viewer, &editor, &client(shop.tenant, "cases:read cases:write")] {
            let outcome = submit_scan(&house.service, asking, submission(&report(&[result("no")]))).await;
            assert!(matches!(outcome, Err(SubmitScanError::Denied(_))), "{outcome:?}");
        }
        house.submits(&client(shop.tenant, "findings:write"), &report(&[result("yes")])).await;
        assert_eq!(shop.open(&house).await, ["yes"]);
    })
    .await;
}

#[tokio::test]
async fn a_strangers_report_about_a_project_of_the_same_name_stays_in_their_tenant() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("ours")]).await;
        let theirs = house.submits(&shop.stranger, &report(&[])).await;
        assert_eq!(theirs[0].counts, ScanCounts::default());
        assert_eq!(shop.open(&house).await, ["ours"]);
        assert_eq!(house.scans(&shop.viewer).await.len(), 1);
        assert_eq!(list_projects(&house.service, &shop.viewer).await.unwrap().len(), 1);
        let theirs = list_findings(&house.service, &shop.stranger, ListFindings::default()).await.unwrap();
        assert!(theirs.items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_same_report_twice_changes_nothing() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let text = report(&[result("one"), result("two")]);
        let first = house.submits(&shop.reviewer, &text).await;
        let (cases, findings, trail) =
            (shop.cases(&house).await, shop.findings(&house).await, house.trail(shop.tenant).await);
        let again = house.submits(&shop.senior, &text).await;
        assert_eq!(again[0].id, first[0].id);
        assert_eq!(again[0].counts, ScanCounts { unchanged: 2, ..ScanCounts::default() });
        assert_eq!(shop.cases(&house).await, cases);
        assert_eq!(shop.findings(&house).await, findings);
        assert_eq!(house.trail(shop.tenant).await, trail);
        assert_eq!(house.scans(&shop.viewer).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_results_in_other_bytes_and_lines_change_no_case() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one"), result("two")]).await;
        let cases = shop.cases(&house).await;
        let mut moved = [result("two"), result("one")];
        for result in &mut moved {
            result["locations"][0]["physicalLocation"]["region"]["startLine"] = json!(99);
        }
        let counts = shop.counts(&house, &moved).await;
        assert_eq!(counts, ScanCounts { unchanged: 2, ..ScanCounts::default() });
        assert_eq!(shop.cases(&house).await, cases);
        let findings = shop.findings(&house).await;
        assert_eq!(findings.iter().map(|finding| finding.occurrence.line).collect::<Vec<_>>(), [99, 99]);
    })
    .await;
}

#[tokio::test]
async fn what_a_complete_scan_no_longer_finds_is_closed_and_what_returns_is_reopened() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one"), result("two")]).await;
        let counts = shop.counts(&house, &[result("one")]).await;
        assert_eq!(counts, ScanCounts { unchanged: 1, gone: 1, cases_closed: 1, ..ScanCounts::default() });
        let cases = shop.cases(&house).await;
        assert_eq!((cases[0].status, cases[0].resolution), (CaseStatus::Open, None));
        assert_eq!((cases[1].status, cases[1].resolution), (CaseStatus::Closed, Some(Resolution::Fixed)));
        assert_eq!(shop.open(&house).await, ["one"]);

        let counts = shop.counts(&house, &[result("one"), result("two")]).await;
        assert_eq!(counts, ScanCounts { unchanged: 1, reopened: 1, cases_reopened: 1, ..ScanCounts::default() });
        let history = read_case_history(&house.service, &shop.viewer, cases[1].reference).await.unwrap();
        assert_eq!((history.case.status, history.case.resolution), (CaseStatus::Reopened, None));
        let steps: Vec<_> = history.transitions.iter().map(|step| (step.action, step.actor)).collect();
        assert_eq!(steps, [(CaseAction::CloseGone, Actor::System), (CaseAction::Reopen, Actor::System)]);
        assert_eq!(shop.open(&house).await, ["one", "two"]);
    })
    .await;
}

#[tokio::test]
async fn an_incomplete_scan_closes_nothing() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one"), result("two")]).await;
        let spoil: [fn(&mut Value); 4] = [
            |run| run["invocations"][0]["executionSuccessful"] = json!(false),
            |run| run["invocations"][0]["toolExecutionNotifications"] = json!([{ "level": "error" }]),
            |run| run["properties"] = json!({ "casemate/complete": false }),
            |run| run["results"] = Value::Null,
        ];
        for spoil in spoil {
            let mut log = log(&[result("one")]);
            spoil(&mut log["runs"][0]);
            let scan = house.submits(&shop.reviewer, &log.to_string()).await.remove(0);
            assert!(!scan.complete);
            assert_eq!((scan.counts.gone, scan.counts.cases_closed), (0, 0));
            assert_eq!(shop.open(&house).await, ["one", "two"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_scan_of_another_branch_category_or_tool_closes_nothing() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one")]).await;
        let mut other_tool = log(&[]);
        other_tool["runs"][0]["tool"]["driver"]["name"] = json!("another");
        let mut other_category = log(&[]);
        other_category["runs"][0]["automationDetails"] = json!({ "id": "nightly/1" });
        let mut other_target = log(&[]);
        other_target["runs"][0]["properties"] = json!({ "casemate/paths": ["lib"] });
        for log in [other_tool, other_category, other_target] {
            house.submits(&shop.reviewer, &log.to_string()).await;
        }
        let branch = SubmitScan { branch: Some("next".to_owned()), ..submission(&report(&[])) };
        submit_scan(&house.service, &shop.reviewer, branch).await.unwrap();
        let project = SubmitScan { project: "other".parse().unwrap(), ..submission(&report(&[])) };
        submit_scan(&house.service, &shop.reviewer, project).await.unwrap();
        assert_eq!(shop.open(&house).await, ["one"]);
        assert_eq!(shop.cases(&house).await[0].status, CaseStatus::Open);
    })
    .await;
}

#[tokio::test]
async fn runs_of_the_same_scope_do_not_close_each_others_findings() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let mut both = log(&[result("one")]);
        let second = log(&[result("two")])["runs"][0].clone();
        both["runs"].as_array_mut().unwrap().push(second);
        for text in [both.to_string(), format!("{both} ")] {
            let scans = house.submits(&shop.reviewer, &text).await;
            assert_eq!((scans.len(), scans[0].counts.gone), (1, 0));
        }
        assert_eq!(shop.open(&house).await, ["one", "two"]);
    })
    .await;
}

#[tokio::test]
async fn a_decision_of_a_person_outlives_every_import() {
    on_each(|house| async move {
        for kind in [DecisionKind::FalsePositive, DecisionKind::AcceptedRisk] {
            let shop = Shop::named(&house, kind.label()).await;
            shop.counts(&house, &[result("one")]).await;
            let finding = shop.findings(&house).await.remove(0);
            decide_finding(&house.service, &shop.senior, finding.id, None, kind, reason("I looked")).await.unwrap();
            shop.counts(&house, &[]).await;
            let case = shop.cases(&house).await.remove(0);
            assert_eq!((case.status, case.resolution), (CaseStatus::Open, None), "gone, but not for Casemate to close");
            shop.counts(&house, &[result("one")]).await;
            let finding = shop.findings(&house).await.remove(0);
            assert_eq!(finding.decision.map(|decision| decision.kind), Some(kind));
        }
    })
    .await;
}

#[tokio::test]
async fn a_case_that_people_closed_for_another_reason_stays_closed() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one")]).await;
        let case = shop.cases(&house).await.remove(0);
        shop.closes(&house, &case, Resolution::FalsePositive).await;
        let closed = shop.cases(&house).await.remove(0);
        for results in [vec![], vec![result("one")], vec![result("one"), result("two")]] {
            shop.counts(&house, &results).await;
            assert_eq!(shop.cases(&house).await[0], closed);
        }
    })
    .await;
}

#[tokio::test]
async fn a_case_closed_as_fixed_reopens_when_a_scan_still_finds_it() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one")]).await;
        let case = shop.cases(&house).await.remove(0);
        shop.closes(&house, &case, Resolution::Fixed).await;
        let counts = shop.counts(&house, &[result("one"), result("two")]).await;
        assert_eq!((counts.unchanged, counts.cases_reopened), (1, 1));
        assert_eq!(shop.cases(&house).await[0].status, CaseStatus::Reopened);
    })
    .await;
}

#[tokio::test]
async fn a_resolution_that_people_propose_keeps_the_case_from_closing_by_itself() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one")]).await;
        let case = shop.cases(&house).await.remove(0);
        let until = house.service.now() + time::Duration::days(10);
        let request = EditCase { resolution: Some(Some(Resolution::AcceptedRisk { until })), ..EditCase::default() };
        let proposed = edit_case(&house.service, &shop.senior, case.reference, 1, request).await.unwrap();
        let counts = shop.counts(&house, &[]).await;
        assert_eq!((counts.gone, counts.cases_closed), (1, 0));
        assert_eq!(read_case(&house.service, &shop.viewer, case.reference).await.unwrap(), proposed);
    })
    .await;
}

#[tokio::test]
async fn the_finding_of_a_duplicate_follows_the_case_it_duplicates() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        shop.counts(&house, &[result("one"), result("two")]).await;
        let [original, double] = <[Case; 2]>::try_from(shop.cases(&house).await).unwrap();
        shop.closes(&house, &double, Resolution::Duplicate { of: original.reference }).await;
        // One of the two is still there.
        shop.counts(&house, &[result("two")]).await;
        assert_eq!(shop.cases(&house).await[0].status, CaseStatus::Open);
        shop.counts(&house, &[]).await;
        assert_eq!(shop.cases(&house).await[0].status, CaseStatus::Closed);
        let counts = shop.counts(&house, &[result("two")]).await;
        assert_eq!(counts.cases_reopened, 1);
        let cases = shop.cases(&house).await;
        assert_eq!(cases[0].status, CaseStatus::Reopened);
        assert_eq!(cases[1].resolution, Some(Resolution::Duplicate { of: original.reference }));
    })
    .await;
}

#[tokio::test]
async fn what_is_silenced_in_the_source_opens_no_case_and_closes_none() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let mut silenced = [result("one"), result("two")];
        for result in &mut silenced {
            result["suppressions"] = json!([{ "kind": "inSource" }]);
        }
        shop.counts(&house, &[result("one"), silenced[1].clone()]).await;
        assert_eq!(shop.open(&house).await, ["one"]);
        let counts = shop.counts(&house, &silenced).await;
        assert_eq!(counts, ScanCounts::default());
        assert_eq!(shop.open(&house).await, ["one"]);
        shop.counts(&house, &[]).await;
        shop.counts(&house, &silenced).await;
        assert_eq!(shop.open(&house).await, Vec::<String>::new());
        assert_eq!(shop.cases(&house).await[0].status, CaseStatus::Closed);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_report_is_refused_with_the_reason_and_leaves_nothing() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        for text in ["", "{", "[]", "null", "{\"version\":\"2.0.0\",\"runs\":[]}", "{\"version\":\"2.1.0\"}"] {
            let outcome = submit_scan(&house.service, &shop.reviewer, submission(text)).await;
            assert!(matches!(outcome, Err(SubmitScanError::NotSarif(_))), "{text}: {outcome:?}");
        }
        let many = format!("{{\"version\":\"2.1.0\",\"runs\":[{{\"results\":[{}{{}}]}}]}}", "{},".repeat(50_000));
        let outcome = submit_scan(&house.service, &shop.reviewer, submission(&many)).await;
        assert!(matches!(outcome, Err(SubmitScanError::TooManyResults { most: 50_000 })), "{outcome:?}");
        for bad in ["a\nb", "x\u{202E}y"] {
            let request = SubmitScan { branch: Some(bad.to_owned()), ..submission(&report(&[])) };
            let outcome = submit_scan(&house.service, &shop.reviewer, request).await;
            assert!(matches!(outcome, Err(SubmitScanError::BadText(_))), "{outcome:?}");
        }
        assert!(house.trail(shop.tenant).await.is_empty());
        assert!(list_projects(&house.service, &shop.viewer).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn sql_in_a_report_is_data() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let payload = "'); DROP TABLE findings; -- $1 \" \\ {\"id\":1}";
        let mut hostile = result(payload);
        hostile["ruleId"] = json!(payload);
        hostile["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!("a'b\"c.py");
        let mut log = log(&[hostile]);
        log["runs"][0]["tool"]["driver"]["name"] = json!(payload);
        for text in [log.to_string(), format!("{log} ")] {
            let request = SubmitScan {
                project: payload.parse().unwrap(),
                branch: Some(payload.to_owned()),
                commit: Some(payload.to_owned()),
                report: text.into_bytes(),
            };
            submit_scan(&house.service, &shop.reviewer, request).await.unwrap();
        }
        let findings = shop.findings(&house).await;
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].rule.as_str(), findings[0].message.as_str()), (payload, payload));
        assert_eq!(house.scans(&shop.viewer).await[0].commit, payload);
    })
    .await;
}

#[tokio::test]
async fn two_at_once_open_each_case_once() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        // The project is there, so making it does not put them in a row.
        shop.counts(&house, &[]).await;
        let (one, other) = (report(&[result("one")]), format!("{} ", report(&[result("one")])));
        let outcomes = tokio::join!(
            submit_scan(&house.service, &shop.reviewer, submission(&one)),
            submit_scan(&house.service, &shop.senior, submission(&other)),
        );
        assert!(outcomes.0.is_ok() && outcomes.1.is_ok(), "{outcomes:?}");
        assert_eq!(shop.cases(&house).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_large_report_is_taken_in() {
    on_each(|house| async move {
        let shop = Shop::new(&house).await;
        let results: Vec<Value> = (0..3_000).map(|n| result(&format!("finding {n}"))).collect();
        let counts = shop.counts(&house, &results).await;
        assert_eq!((counts.new, counts.cases_opened), (3_000, 3_000));
        let counts = shop.counts(&house, &results[1..]).await;
        assert_eq!((counts.unchanged, counts.gone, counts.cases_closed), (2_999, 1, 1));
    })
    .await;
}
