//! Filling the demo.

use std::collections::BTreeSet;

use casemate_model::access::{Caller, MemberCaller};
use casemate_model::case::CaseStatus;
use casemate_model::id::TenantId;
use casemate_model::member::Role;
use casemate_service::cases::list_cases::{ListCases, list_cases};
use casemate_service::demo::fill_demo::fill_demo;
use secrecy::ExposeSecret;

use crate::findings::{report, result};
use crate::house::{House, asking, on_each};

async fn tenant(house: &House, name: &str) -> TenantId {
    let mut tx = house.store.begin_reading_instance().await.unwrap();
    let tenants = tx.tenants().await.unwrap();
    tenants.into_iter().find(|tenant| tenant.name.as_str() == name).unwrap().id
}

#[tokio::test]
async fn the_demo_has_an_account_for_each_role_and_cases_in_every_stage() {
    on_each(|house| async move {
        let findings: Vec<_> = (1..=7).map(|n| result(&format!("finding {n}"))).collect();
        let accounts = fill_demo(&house.service, "example", &report(&findings)).await.unwrap();
        let roles: Vec<Role> = accounts.iter().map(|account| account.role).collect();
        assert_eq!(roles, [Role::ALL.as_slice(), &[Role::Admin]].concat());
        assert_eq!(accounts[0].email, "viewer@demo.casemate.example");
        let passwords: BTreeSet<&str> = accounts.iter().map(|account| account.password.expose_secret()).collect();
        assert_eq!(passwords.len(), accounts.len());
        assert!(passwords.iter().all(|password| password.len() == 23));

        let tenant = tenant(&house, "Demo").await;
        let admin = house.member(tenant, Role::Admin).await;
        let cases = list_cases(&house.service, &admin, ListCases::default()).await.unwrap().items;
        assert_eq!(cases.len(), 9);
        let statuses: BTreeSet<CaseStatus> = cases.iter().map(|case| case.status).collect();
        assert_eq!(statuses.len(), CaseStatus::ALL.len() - 1, "all but reopened: {statuses:?}");
        assert_eq!(cases.iter().filter(|case| case.restricted).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn filling_it_again_makes_new_passwords_and_nothing_else() {
    let house = House::on_memory().await;
    let report = report(&[result("one")]);
    let first = fill_demo(&house.service, "example", &report).await.unwrap();
    let tenant = tenant(&house, "Demo").await;
    let trail = house.trail(tenant).await;
    let second = fill_demo(&house.service, "example", &report).await.unwrap();
    assert_eq!(house.trail(tenant).await, trail);
    for (first, second) in first.iter().zip(&second) {
        assert_eq!((first.role, &first.email), (second.role, &second.email));
        assert_ne!(first.password.expose_secret(), second.password.expose_secret());
    }
}

#[tokio::test]
async fn an_instance_in_use_is_left_alone() {
    let house = House::on_memory().await;
    let tenant = house.tenant("Acme").await;
    fill_demo(&house.service, "example", &report(&[])).await.unwrap_err();
    assert!(house.trail(tenant).await.is_empty());
}

#[tokio::test]
async fn a_report_without_findings_fills_it_too() {
    let house = House::on_memory().await;
    fill_demo(&house.service, "example", &report(&[])).await.unwrap();
    let tenant = tenant(&house, "Elsewhere").await;
    let user = casemate_model::id::UserId::fresh();
    let stranger = asking(Caller::Member(MemberCaller { user, tenant, role: Role::Viewer, is_fresh: false }));
    let cases = list_cases(&house.service, &stranger, ListCases::default()).await.unwrap().items;
    assert_eq!(cases.len(), 1);
}
