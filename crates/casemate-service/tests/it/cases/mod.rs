//! Cases and what is done with them.

mod add_note;
mod apply_action;
mod assign_case;
mod create_case;
mod edit_case;
mod list_cases;
mod name_readers;
mod offered_actions;
mod read_case;
mod secrecy;

use casemate_model::case::{Case, CaseAction, Resolution};
use casemate_model::id::TenantId;
use casemate_model::member::Role;
use casemate_service::Asking;

use crate::house::House;

/// A tenant with somebody of each role, and a stranger who runs another one.
struct Acme {
    tenant: TenantId,
    viewer: Asking,
    editor: Asking,
    reviewer: Asking,
    senior: Asking,
    admin: Asking,
    stranger: Asking,
}

impl Acme {
    async fn new(house: &House) -> Self {
        let tenant = house.tenant("Acme").await;
        let elsewhere = house.tenant("Elsewhere").await;
        Self {
            tenant,
            viewer: house.member(tenant, Role::Viewer).await,
            editor: house.member(tenant, Role::Editor).await,
            reviewer: house.member(tenant, Role::Reviewer).await,
            senior: house.member(tenant, Role::SeniorReviewer).await,
            admin: house.member(tenant, Role::Admin).await,
            stranger: house.member(elsewhere, Role::Admin).await,
        }
    }

    /// A case the editor opened and the reviewer reviews.
    async fn in_review(&self, house: &House) -> Case {
        let case = house.opens(&self.editor, "a case").await;
        house.assigns(&self.senior, case.reference, &self.reviewer).await;
        house.applies(&self.reviewer, case.reference, CaseAction::StartReview, None).await.unwrap()
    }

    /// A case whose closure the senior reviewer approved, with this resolution.
    async fn approved(&self, house: &House, resolution: Resolution) -> Case {
        let case = self.in_review(house).await;
        house.applies(&self.senior, case.reference, CaseAction::ApproveClosure, Some(resolution)).await.unwrap()
    }

    /// A case the administrator closed, with this resolution.
    async fn closed(&self, house: &House, resolution: Resolution) -> Case {
        let case = self.approved(house, resolution).await;
        house.applies(&self.admin, case.reference, CaseAction::Close, None).await.unwrap()
    }
}
