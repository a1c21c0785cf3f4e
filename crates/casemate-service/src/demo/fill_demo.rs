//! Fills an empty instance with a tenant to try things in, from a real report.
//!
//! Nothing is written past the use cases: members of the demo submit the report and work on its cases, so that what the
//! pages show has happened, with its history and its audit trail.

mod story;

use std::net::{IpAddr, Ipv4Addr};

use aws_lc_rs::rand;
use casemate_model::access::{Actor, Caller, MemberCaller};
use casemate_model::audit::Chain;
use casemate_model::id::{TenantId, UserId};
use casemate_model::member::{Role, User};
use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, PersonName, ProjectName, TenantName};
use casemate_store::Tx;

use crate::findings::submit_scan::{SubmitScan, submit_scan};
use crate::{Asking, Fault, Origin, SecretText, Service};

/// One sign-in.
#[derive(Debug)]
pub struct DemoAccount {
    /// As what.
    pub role: Role,
    /// What to sign in with.
    pub email: String,
    /// Random, made for this demo.
    pub password: SecretText,
}

/// Somebody in the demo.
struct Person {
    tenant: &'static str,
    role: Role,
    email: &'static str,
    name: &'static str,
}

const DEMO: &str = "Demo";
const ELSEWHERE: &str = "Elsewhere";

const PEOPLE: [Person; 6] = [
    Person { tenant: DEMO, role: Role::Viewer, email: "viewer@demo.casemate.example", name: "Vera Viewer" },
    Person { tenant: DEMO, role: Role::Editor, email: "editor@demo.casemate.example", name: "Eddy Editor" },
    Person { tenant: DEMO, role: Role::Reviewer, email: "reviewer@demo.casemate.example", name: "Rita Reviewer" },
    Person {
        tenant: DEMO,
        role: Role::SeniorReviewer,
        email: "senior-reviewer@demo.casemate.example",
        name: "Sena Senior",
    },
    Person { tenant: DEMO, role: Role::Admin, email: "admin@demo.casemate.example", name: "Ada Admin" },
    Person { tenant: ELSEWHERE, role: Role::Admin, email: "admin@elsewhere.casemate.example", name: "Else Stranger" },
];

/// Makes the demo tenant with one member per role, a second tenant with a stranger in it, and takes the report in.
/// On an instance that has the demo already it only makes new passwords.
///
/// # Errors
/// When the store fails, or the instance holds something else than the demo.
pub async fn fill_demo(service: &Service, project: &str, sarif: &str) -> Result<Vec<DemoAccount>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let is_set_up = tx.is_set_up().await?;
    let mut known = Vec::with_capacity(PEOPLE.len());
    for person in &PEOPLE {
        known.extend(tx.user_by_email(&email(person)?).await?);
    }
    drop(tx);
    if known.len() == PEOPLE.len() {
        return new_passwords(service, &known).await;
    }
    // SECURITY: people with printed passwords have no business beside real tenants.
    if is_set_up {
        return Err(Fault::new("this instance is in use; the demo wants an empty one"));
    }
    let (demo, elsewhere) = (tenant(service, DEMO)?, tenant(service, ELSEWHERE)?);
    let mut accounts = Vec::with_capacity(PEOPLE.len());
    let mut cast = Vec::with_capacity(PEOPLE.len());
    for tenant in [&demo, &elsewhere] {
        let scope = service.own_scope(tenant.id)?;
        let mut tx = service.store().begin(&scope).await?;
        tx.insert_tenant(&scope, tenant).await?;
        let mut events = vec![("tenant_create", format!("tenant:{}", tenant.id))];
        for person in PEOPLE.iter().filter(|person| person.tenant == tenant.name.as_str()) {
            let name = PersonName::parse(person.name).map_err(|error| fault(&error))?;
            let user = User { id: UserId::fresh(), email: email(person)?, name };
            tx.insert_user(&user, tenant.created_at).await?;
            tx.insert_member(&scope, user.id, person.role, tenant.created_at).await?;
            accounts.push(with_password(service, &mut tx, &user, person.role).await?);
            events.push(("user_created", format!("member:{}", user.id)));
            cast.push(asking(user.id, tenant.id, person.role));
        }
        for (action, object) in events {
            let chain = Chain::Tenant(tenant.id);
            tx.append_event(service.event_by(Actor::System, chain, None, action, object)).await?;
        }
        tx.commit().await?;
    }
    let [_, editor, reviewer, senior, admin, stranger] =
        <[Asking; 6]>::try_from(cast).map_err(|_| Fault::new("the demo lacks somebody"))?;
    let request = SubmitScan {
        project: ProjectName::parse(project).map_err(|error| fault(&error))?,
        branch: Some("main".to_owned()),
        commit: None,
        report: sarif.as_bytes().to_vec(),
    };
    submit_scan(service, &reviewer, request).await.map_err(|error| fault(&error))?;
    story::tell(service, &story::Cast { editor, reviewer, senior, admin, stranger }).await?;
    Ok(accounts)
}

async fn new_passwords(service: &Service, known: &[User]) -> Result<Vec<DemoAccount>, Fault> {
    let mut tx = service.store().begin_instance().await?;
    let mut accounts = Vec::with_capacity(PEOPLE.len());
    for (person, user) in PEOPLE.iter().zip(known) {
        accounts.push(with_password(service, &mut tx, user, person.role).await?);
    }
    tx.commit().await?;
    Ok(accounts)
}

async fn with_password(service: &Service, tx: &mut Tx, user: &User, role: Role) -> Result<DemoAccount, Fault> {
    let password = password()?;
    let credential = service.hash_password(&password).await?;
    tx.set_credential(user.id, &credential, service.now()).await?;
    Ok(DemoAccount { role, email: user.email.to_string(), password })
}

/// 100 bits, in groups that can be typed.
fn password() -> Result<SecretText, Fault> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    rand::fill(&mut bytes).map_err(|_| Fault::new("the system gives no random numbers"))?;
    let mut text = String::with_capacity(23);
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 && n % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(SecretText::from(text))
}

fn tenant(service: &Service, name: &str) -> Result<Tenant, Fault> {
    let name = TenantName::parse(name).map_err(|error| fault(&error))?;
    Ok(Tenant { id: TenantId::fresh(), name, four_eyes: true, created_at: service.now() })
}

fn email(person: &Person) -> Result<Email, Fault> {
    Email::parse(person.email).map_err(|error| fault(&error))
}

fn asking(user: UserId, tenant: TenantId, role: Role) -> Asking {
    let origin = Origin {
        request_id: "demo".to_owned(),
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        agent: "casemate demo".to_owned(),
    };
    Asking { caller: Caller::Member(MemberCaller { user, tenant, role, is_fresh: true }), origin }
}

fn fault(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(format!("filling the demo: {error}"))
}
