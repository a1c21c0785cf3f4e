//! Runs `policies/table.md` against the policies.

use casemate_model::access::{
    Access, Action, AddNote, ApplyAction, AssignCase, Caller, CaseFacts, ChangeSettings, ClientCaller, CreateCase,
    DecideFinding, Denied, EditCase, Export, FindingFacts, ManageClients, ManageMembers, MemberCaller, NameReaders,
    ReadAudit, SetSeverity, SubmitScan, TenantFacts, VerifyAudit,
};
use casemate_model::case::CaseAction;
use casemate_model::client::{TokenScope, TokenScopes};
use casemate_model::id::{CaseId, ClientId, FindingId, TenantId, UserId};
use casemate_model::member::Role;

const TABLE: &str = include_str!("../../../../policies/table.md");

struct Bench {
    access: Access,
    tenant: TenantId,
    me: UserId,
    other: UserId,
}

impl Bench {
    fn new() -> Self {
        Self { access: Access::new().unwrap(), tenant: TenantId::fresh(), me: UserId::fresh(), other: UserId::fresh() }
    }

    fn member(&self, role: Role, is_fresh: bool) -> Caller {
        Caller::Member(MemberCaller { user: self.me, tenant: self.tenant, role, is_fresh })
    }

    fn client(&self, scopes: TokenScopes) -> Caller {
        Caller::Client(ClientCaller { client: ClientId::fresh(), tenant: self.tenant, scopes })
    }

    fn case(&self, assignee: Option<UserId>) -> CaseFacts {
        CaseFacts {
            id: CaseId::fresh(),
            tenant: self.tenant,
            opener: Some(self.other),
            assignee,
            approver: None,
            four_eyes: true,
        }
    }

    fn permits<A: Action>(&self, caller: &Caller, action: A, object: A::Object) -> bool {
        self.access.permit(caller, action, object).is_ok()
    }

    fn answers(&self, caller: &Caller, action: &str, case: CaseFacts) -> bool {
        let tenant = TenantFacts { id: self.tenant };
        if let Some(word) = action.strip_prefix("case_")
            && let Ok(action) = word.parse::<CaseAction>()
        {
            return self.permits(caller, ApplyAction(action), case);
        }
        match action {
            "read" => self.access.scope(caller).is_ok_and(|scope| self.is_ours(&scope)),
            "read_restricted" => {
                self.access.scope(caller).is_ok_and(|scope| self.is_ours(&scope) && scope.reads_restricted())
            }
            "case_create" => self.permits(caller, CreateCase, tenant),
            "case_edit" => self.permits(caller, EditCase, case),
            "case_add_note" => self.permits(caller, AddNote, case),
            "case_set_severity" => self.permits(caller, SetSeverity, case),
            "case_assign" => self.permits(caller, AssignCase, case),
            "case_name_readers" => self.permits(caller, NameReaders, case),
            "finding_decide" => {
                let finding = FindingFacts { id: FindingId::fresh(), tenant: self.tenant, assignee: case.assignee };
                self.permits(caller, DecideFinding, finding)
            }
            "export" => self.permits(caller, Export, tenant),
            "scan_submit" => self.permits(caller, SubmitScan, tenant),
            "members_manage" => self.permits(caller, ManageMembers, tenant),
            "clients_manage" => self.permits(caller, ManageClients, tenant),
            "settings_change" => self.permits(caller, ChangeSettings, tenant),
            "audit_read" => self.permits(caller, ReadAudit, tenant),
            "audit_verify" => self.permits(caller, VerifyAudit, tenant),
            other => panic!("the table names an unknown action `{other}`"),
        }
    }

    fn is_ours(&self, scope: &casemate_model::access::Scope) -> bool {
        casemate_model::access::Walls::tenant(scope) == self.tenant
    }
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

#[test]
fn every_cell_of_the_table_holds() {
    let bench = Bench::new();
    let (matrix, _) = TABLE.split_once("## Four eyes").unwrap();
    let mut rows = rows(matrix);
    let columns = rows.next().unwrap();
    let mut cells = 0;
    for row in rows {
        assert_eq!(row.len(), columns.len(), "row {}", row[0]);
        for (column, expected) in columns.iter().zip(&row).skip(1) {
            let assignee = match column.split_once(", ").map(|(_, situation)| situation) {
                Some("own") => Some(bench.me),
                Some("free") => None,
                _ => Some(bench.other),
            };
            let mut words = column.split([' ', ',']);
            let caller = match words.next().unwrap() {
                "client" => bench.client(match words.next().unwrap() {
                    "all" => TokenScopes::new(TokenScope::ALL),
                    scope => TokenScopes::parse(scope).unwrap(),
                }),
                "system" => Caller::System(bench.tenant),
                "stranger" => Caller::Member(MemberCaller {
                    user: bench.me,
                    tenant: TenantId::fresh(),
                    role: Role::Admin,
                    is_fresh: true,
                }),
                role => bench.member(role.parse().unwrap(), true),
            };
            let answer = if bench.answers(&caller, row[0], bench.case(assignee)) { "y" } else { "-" };
            assert_eq!(answer, *expected, "{} by {column}", row[0]);
            cells += 1;
        }
    }
    assert!(cells > 400, "the table was not read: {cells} cells");
}

#[test]
fn four_eyes_hold_for_administrators_too() {
    let bench = Bench::new();
    let (_, matrix) = TABLE.split_once("## Four eyes").unwrap();
    let mut rows = rows(matrix);
    let columns = rows.next().unwrap();
    let mut seen = 0;
    for row in rows {
        let role: Role = row[1].parse().unwrap();
        for (column, expected) in columns.iter().zip(&row).skip(3) {
            let mut case = bench.case(None);
            case.four_eyes = row[2] == "on";
            match *column {
                "opener" => case.opener = Some(bench.me),
                "approver" => case.approver = Some(bench.me),
                _ => {}
            }
            if row[0] == "case_close" && role == Role::SeniorReviewer {
                case.assignee = Some(bench.me);
            }
            let answer = if bench.answers(&bench.member(role, true), row[0], case) { "y" } else { "-" };
            assert_eq!(answer, *expected, "{row:?} {column}");
            seen += 1;
        }
    }
    assert_eq!(seen, 27);
}

#[test]
fn nobody_closes_on_an_approval_by_the_opener() {
    let bench = Bench::new();
    for (four_eyes, expected) in [(true, false), (false, true)] {
        let mut case = bench.case(Some(bench.me));
        case.approver = case.opener;
        case.four_eyes = four_eyes;
        for role in [Role::SeniorReviewer, Role::Admin] {
            assert_eq!(bench.answers(&bench.member(role, true), "case_close", case.clone()), expected, "{role}");
        }
    }
}

#[test]
fn every_action_of_the_schema_has_a_row() {
    let schema = include_str!("../../../../policies/casemate.cedarschema");
    let actions = schema.split("action ").skip(1).flat_map(|text| {
        text.split("appliesTo").next().unwrap_or("").split(',').map(str::trim).map(str::to_owned).collect::<Vec<_>>()
    });
    for action in actions.filter(|action| !action.is_empty()) {
        assert!(TABLE.contains(&format!("| {action} |")), "`{action}` has no row");
    }
}

#[test]
fn an_administrator_who_signed_in_long_ago_is_asked_to_confirm() {
    let bench = Bench::new();
    let tenant = TenantFacts { id: bench.tenant };
    let stale = bench.member(Role::Admin, false);
    assert_eq!(bench.access.permit(&stale, ManageMembers, tenant).unwrap_err(), Denied::NotFresh);
    let viewer = bench.member(Role::Viewer, false);
    assert_eq!(bench.access.permit(&viewer, ManageMembers, tenant).unwrap_err(), Denied::NotAllowed);
}

#[test]
fn a_stranger_gets_no_permit_for_a_case_of_ours() {
    let bench = Bench::new();
    let stranger =
        Caller::Member(MemberCaller { user: bench.me, tenant: TenantId::fresh(), role: Role::Admin, is_fresh: true });
    for action in CaseAction::ALL {
        let denied = bench.access.permit(&stranger, ApplyAction(*action), bench.case(Some(bench.me))).unwrap_err();
        assert_eq!(denied, Denied::NotAllowed, "{action}");
    }
}

#[test]
fn one_readers_answer_is_not_anothers() {
    let bench = Bench::new();
    let reads =
        |scopes: &[TokenScope]| bench.access.scope(&bench.client(TokenScopes::new(scopes.iter().copied()))).is_ok();
    // Asked twice: the second time from what is kept.
    for _ in 0..2 {
        assert!(reads(&[TokenScope::CasesRead]));
        assert!(!reads(&[TokenScope::CasesWrite]));
        let scope = bench.access.scope(&bench.member(Role::Viewer, true)).unwrap();
        assert!(bench.is_ours(&scope) && !scope.reads_restricted());
        assert!(bench.access.scope(&bench.member(Role::Admin, true)).unwrap().reads_restricted());
    }
}
