//! The words of the model as the OpenAPI document lists them. A test holds them against the model.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident of $model:path { $($variant:ident),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
            #[serde(rename_all = "snake_case")]
            pub enum $name {
                $(#[doc = stringify!($variant)] $variant,)*
            }
        )*

        #[cfg(test)]
        mod tests {
            $(
                #[test]
                #[expect(non_snake_case, reason = "named after the type it tests")]
                fn $name() {
                    let listed: Vec<String> = [$(super::$name::$variant,)*]
                        .iter()
                        .map(|word| serde_json::to_value(word).unwrap().as_str().unwrap().to_owned())
                        .collect();
                    let known: Vec<String> = <$model>::ALL.iter().map(ToString::to_string).collect();
                    assert_eq!(listed, known);
                }
            )*
        }
    };
}

words! {
    /// Where a case stands.
    Status of casemate_model::case::CaseStatus {
        Open, InReview, EvidenceRequested, Escalated, ApprovedForClosure, Closed, Reopened,
    }
    /// What changes a status; the last two are done by Casemate itself.
    Action of casemate_model::case::CaseAction {
        StartReview, RequestEvidence, ProvideEvidence, Escalate, ApproveClosure, RejectClosure, Close, Reopen,
        CloseGone, VoidApproval,
    }
    /// How bad.
    Severity of casemate_model::case::CaseSeverity { Critical, High, Medium, Low, Info }
    /// Why a case is closed.
    ResolutionWord of casemate_model::case::ResolutionKind {
        Fixed, FalsePositive, AcceptedRisk, Duplicate, NotApplicable,
    }
    /// Whether the last complete scan still saw a finding.
    FindingStateWord of casemate_model::finding::FindingState { Open, Gone }
    /// What a person decided about a finding.
    DecisionWord of casemate_model::finding::DecisionKind { Confirmed, FalsePositive, AcceptedRisk }
    /// What a member is.
    RoleWord of casemate_model::member::Role { Viewer, Editor, Reviewer, SeniorReviewer, Admin }
}
