//! What the members of the demo do with its cases.

use casemate_model::case::{CaseAction, CaseRef, CaseSeverity, Resolution};
use casemate_model::finding::DecisionKind;
use casemate_model::page::{PAGE_MOST, PageSize};
use casemate_model::text::{CaseTitle, NoteText, Reason};

use super::fault;
use crate::cases::add_note::add_note;
use crate::cases::apply_action::{ApplyAction, apply_action};
use crate::cases::assign_case::assign_case;
use crate::cases::create_case::{CreateCase, create_case};
use crate::cases::list_cases::{ListCases, list_cases};
use crate::cases::name_readers::{Readers, name_readers};
use crate::cases::read_case::read_case_history;
use crate::findings::decide_finding::decide_finding;
use crate::{Asking, Fault, Service};

/// Who plays.
pub(super) struct Cast {
    pub(super) editor: Asking,
    pub(super) reviewer: Asking,
    pub(super) senior: Asking,
    pub(super) admin: Asking,
    pub(super) stranger: Asking,
}

/// Takes some of the cases through some of the workflow. The others stay open, for the visitor to work on.
pub(super) async fn tell(service: &Service, cast: &Cast) -> Result<(), Fault> {
    let size = PageSize::new(PAGE_MOST).unwrap_or_default();
    let all = ListCases { size, ..ListCases::default() };
    let page = list_cases(service, &cast.admin, all).await.map_err(|error| fault(&error))?;
    let mut cases: Vec<CaseRef> = page.items.iter().map(|case| case.reference).collect();
    cases.reverse();
    let stage = Stage { service, cast };
    let mut cases = cases.into_iter();
    if let Some(case) = cases.next() {
        stage.assigns(case).await?;
        stage.acts(&cast.reviewer, case, CaseAction::StartReview, "taking a look", None).await?;
        stage.notes(&cast.editor, case, "Every route that signs people in goes through this function.").await?;
        stage.decides(case, DecisionKind::Confirmed, "reproduced on a laptop").await?;
    }
    if let Some(case) = cases.next() {
        stage.assigns(case).await?;
        stage.acts(&cast.reviewer, case, CaseAction::StartReview, "taking a look", None).await?;
        stage
            .acts(&cast.reviewer, case, CaseAction::Escalate, "reachable by anybody, without signing in", None)
            .await?;
        stage.notes(&cast.senior, case, "Agreed. Mend it before the next release.").await?;
    }
    if let Some(case) = cases.next() {
        stage.assigns(case).await?;
        stage.acts(&cast.reviewer, case, CaseAction::StartReview, "taking a look", None).await?;
        let why = "which versions are deployed with this code?";
        stage.acts(&cast.reviewer, case, CaseAction::RequestEvidence, why, None).await?;
    }
    if let Some(case) = cases.next() {
        stage.assigns(case).await?;
        stage.acts(&cast.reviewer, case, CaseAction::StartReview, "taking a look", None).await?;
        let until = service.now() + time::Duration::days(90);
        let accepted = Some(Resolution::AcceptedRisk { until });
        let why = "the page moves behind the new gateway within a quarter";
        stage.acts(&cast.senior, case, CaseAction::ApproveClosure, why, accepted).await?;
    }
    if let Some(case) = cases.next() {
        stage.assigns(case).await?;
        stage.acts(&cast.reviewer, case, CaseAction::StartReview, "taking a look", None).await?;
        stage.notes(&cast.reviewer, case, "The proxy in front limits this route to five requests a minute.").await?;
        let resolution = Some(Resolution::NotApplicable);
        let agreed = "checked the proxy's configuration";
        stage.acts(&cast.senior, case, CaseAction::ApproveClosure, agreed, resolution).await?;
        stage.acts(&cast.admin, case, CaseAction::Close, "done", None).await?;
    }
    let by_hand = stage.opens(&cast.editor, "Replace the token secret that was in the repository", CaseSeverity::High);
    let by_hand = by_hand.await?;
    stage.notes(&cast.editor, by_hand, "The old one was valid until last Tuesday.").await?;
    let quiet = stage.opens(&cast.senior, "Report from outside: reset links can be guessed", CaseSeverity::Critical);
    let readers = Readers::Named(cast.reviewer.caller.user().into_iter().collect());
    name_readers(service, &cast.senior, quiet.await?, None, readers).await.map_err(|error| fault(&error))?;
    stage.opens(&cast.stranger, "A case of another tenant", CaseSeverity::Low).await?;
    Ok(())
}

struct Stage<'a> {
    service: &'a Service,
    cast: &'a Cast,
}

impl Stage<'_> {
    async fn assigns(&self, case: CaseRef) -> Result<(), Fault> {
        let to = self.cast.reviewer.caller.user();
        let outcome = assign_case(self.service, &self.cast.senior, case, None, to).await;
        outcome.map(drop).map_err(|error| fault(&error))
    }

    async fn acts(
        &self,
        by: &Asking,
        case: CaseRef,
        action: CaseAction,
        because: &str,
        resolution: Option<Resolution>,
    ) -> Result<(), Fault> {
        let reason = Reason::parse(because).map_err(|error| fault(&error))?;
        let request = ApplyAction { action, reason, resolution, version: None };
        apply_action(self.service, by, case, request).await.map(drop).map_err(|error| fault(&error))
    }

    async fn notes(&self, by: &Asking, case: CaseRef, text: &str) -> Result<(), Fault> {
        let text = NoteText::parse(text).map_err(|error| fault(&error))?;
        add_note(self.service, by, case, text).await.map(drop).map_err(|error| fault(&error))
    }

    async fn decides(&self, case: CaseRef, kind: DecisionKind, because: &str) -> Result<(), Fault> {
        let by = &self.cast.reviewer;
        let history = read_case_history(self.service, by, case).await.map_err(|error| fault(&error))?;
        let reason = Reason::parse(because).map_err(|error| fault(&error))?;
        for finding in history.findings {
            let outcome = decide_finding(self.service, by, finding.id, None, kind, reason.clone()).await;
            outcome.map_err(|error| fault(&error))?;
        }
        Ok(())
    }

    async fn opens(&self, by: &Asking, title: &str, severity: CaseSeverity) -> Result<CaseRef, Fault> {
        let request = CreateCase {
            title: CaseTitle::parse(title).map_err(|error| fault(&error))?,
            description: None,
            severity,
            project: None,
            tags: Vec::new(),
            due_on: None,
        };
        create_case(self.service, by, request).await.map(|case| case.reference).map_err(|error| fault(&error))
    }
}
