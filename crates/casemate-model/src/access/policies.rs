//! Asks Cedar, and turns a yes into a [`Scope`] or a [`Permit`].

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::RwLock;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::action::{Action, Object, Resource};
use super::caller::Caller;
use super::permit::Permit;
use super::scope::Scope;
use crate::client::TokenScopes;
use crate::id::{TenantId, UserId};
use crate::member::Role;

const SCHEMA: &str = include_str!("../../../../policies/casemate.cedarschema");

/// The policies of the product, by file.
const POLICIES: &[(&str, &str)] = &[
    ("walls.cedar", include_str!("../../../../policies/walls.cedar")),
    ("case.cedar", include_str!("../../../../policies/case.cedar")),
    ("finding.cedar", include_str!("../../../../policies/finding.cedar")),
    ("tenant.cedar", include_str!("../../../../policies/tenant.cedar")),
];

/// A policy said no, or none said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not with this role or scope, or not this object.
    #[error("not allowed")]
    NotAllowed,
    /// Allowed, once they prove again who they are.
    #[error("confirm who you are first")]
    NotFresh,
}

/// The policies do not fit together. Only a change to `policies/` can cause it.
#[derive(Debug, thiserror::Error)]
#[error("policy {file}: {message}")]
pub struct PolicyFault {
    file: &'static str,
    message: String,
}

/// The policies, ready to answer.
pub struct Access {
    authorizer: Authorizer,
    policies: PolicySet,
    schema: Schema,
    names: Names,
    readers: RwLock<HashMap<ReaderKind, Reading>>,
}

/// All that the answer to a question about reading depends on: who reads is always in the tenant that is read, and no
/// policy about reading names a person. At most ten kinds of members, 32 of clients and the system.
#[derive(Clone, PartialEq, Eq, Hash)]
enum ReaderKind {
    Member(Role, bool),
    Client(TokenScopes),
    System,
}

/// The answer.
#[derive(Clone, Copy)]
struct Reading {
    reads: bool,
    reads_restricted: bool,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

/// Type names, parsed once.
struct Names {
    action: EntityTypeName,
    tenant: EntityTypeName,
    role: EntityTypeName,
    member: EntityTypeName,
    client: EntityTypeName,
    system: EntityTypeName,
    case: EntityTypeName,
    finding: EntityTypeName,
}

impl Access {
    /// Reads the product's policies and checks them against the schema.
    ///
    /// # Errors
    /// When a policy does not parse or does not fit the schema.
    pub fn new() -> Result<Self, PolicyFault> {
        let fault = |file: &'static str| move |message: String| PolicyFault { file, message };
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| error.to_string())
            .map_err(fault("casemate.cedarschema"))?;
        let mut policies = PolicySet::new();
        for (file, text) in POLICIES {
            let parsed = PolicySet::from_str(text).map_err(|error| error.to_string()).map_err(fault(file))?;
            for policy in parsed.policies() {
                let id = policy.annotation("id").ok_or_else(|| fault(file)("a policy without @id".to_owned()))?;
                let policy = policy.new_id(cedar_policy::PolicyId::new(id));
                policies.add(policy).map_err(|error| error.to_string()).map_err(fault(file))?;
            }
        }
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !result.validation_passed() {
            return Err(fault("policies")(result.to_string()));
        }
        let name = |text: &str| EntityTypeName::from_str(text).map_err(|error| fault("names")(error.to_string()));
        let names = Names {
            action: name("Action")?,
            tenant: name("Tenant")?,
            role: name("Role")?,
            member: name("Member")?,
            client: name("Client")?,
            system: name("System")?,
            case: name("Case")?,
            finding: name("Finding")?,
        };
        Ok(Self { authorizer: Authorizer::new(), policies, schema, names, readers: RwLock::default() })
    }

    /// The right to read in the caller's tenant.
    ///
    /// # Errors
    /// When the policies do not let them read.
    pub fn scope(&self, caller: &Caller) -> Result<Scope, Denied> {
        let reading = self.reading(caller);
        if reading.reads { Ok(Scope::of(caller, reading.reads_restricted)) } else { Err(Denied::NotAllowed) }
    }

    /// Every read asks this, so the answer is kept.
    fn reading(&self, caller: &Caller) -> Reading {
        let kind = match caller {
            Caller::Member(member) => ReaderKind::Member(member.role, member.is_fresh),
            Caller::Client(client) => ReaderKind::Client(client.scopes.clone()),
            Caller::System(_) => ReaderKind::System,
        };
        if let Some(known) = self.readers.read().ok().and_then(|readers| readers.get(&kind).copied()) {
            return known;
        }
        let tenant = super::TenantFacts { id: caller.tenant() };
        let resource = Resource::Tenant(&tenant);
        let reads = self.says_yes(caller, "read", &resource);
        let reading = Reading { reads, reads_restricted: reads && self.says_yes(caller, "read_restricted", &resource) };
        if let Ok(mut readers) = self.readers.write() {
            readers.insert(kind, reading);
        }
        reading
    }

    /// The right to do one thing to one object.
    ///
    /// # Errors
    /// When the policies say no, or only to somebody who proved a moment ago who they are.
    pub fn permit<A: Action>(&self, caller: &Caller, action: A, object: A::Object) -> Result<Permit<A>, Denied> {
        if self.says_yes(caller, action.name(), &object.resource()) {
            return Ok(Permit { tenant: object.tenant(), actor: caller.actor(), action, object });
        }
        if let Caller::Member(member) = caller
            && !member.is_fresh
        {
            let fresh = Caller::Member(super::MemberCaller { is_fresh: true, ..*member });
            if self.says_yes(&fresh, action.name(), &object.resource()) {
                return Err(Denied::NotFresh);
            }
        }
        Err(Denied::NotAllowed)
    }

    /// Whether the caller may, for showing or hiding a button. Acting takes a [`Permit`].
    pub fn may<A: Action>(&self, caller: &Caller, action: &A, object: &A::Object) -> bool {
        let asked = match caller {
            // A button that asks to confirm first is better than a button that is missing.
            Caller::Member(member) => Caller::Member(super::MemberCaller { is_fresh: true, ..*member }),
            other => other.clone(),
        };
        self.says_yes(&asked, action.name(), &object.resource())
    }

    fn says_yes(&self, caller: &Caller, action: &str, resource: &Resource<'_>) -> bool {
        // SECURITY: whatever goes wrong on the way to an answer is a no.
        self.decide(caller, action, resource).unwrap_or(false)
    }

    fn decide(&self, caller: &Caller, action: &str, resource: &Resource<'_>) -> Option<bool> {
        let names = &self.names;
        let mut entities = Vec::with_capacity(10);
        let principal = self.principal(caller, &mut entities)?;
        let object = self.object(resource, &mut entities)?;
        let request =
            Request::new(principal, uid(&names.action, action), object, Context::empty(), Some(&self.schema)).ok()?;
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &entities);
        // SECURITY: a policy that could not be evaluated might have been a forbid.
        let sound = response.diagnostics().errors().next().is_none();
        Some(sound && response.decision() == Decision::Allow)
    }

    fn principal(&self, caller: &Caller, entities: &mut Vec<Entity>) -> Option<EntityUid> {
        let names = &self.names;
        let tenant = self.tenant_of(caller.tenant());
        let (uid, attributes, parents) = match caller {
            Caller::Member(member) => {
                for pair in Role::ALL.windows(2) {
                    let [less, more] = pair else { continue };
                    let parents = HashSet::from([uid(&names.role, less.as_str())]);
                    entities.push(Entity::new_no_attrs(uid(&names.role, more.as_str()), parents));
                }
                entities.push(Entity::new_no_attrs(uid(&names.role, Role::Viewer.as_str()), HashSet::new()));
                let attributes = HashMap::from([
                    ("tenant".to_owned(), tenant),
                    ("fresh".to_owned(), RestrictedExpression::new_bool(member.is_fresh)),
                ]);
                let parents = HashSet::from([uid(&names.role, member.role.as_str())]);
                (self.member(member.user), attributes, parents)
            }
            Caller::Client(client) => {
                let scopes = client.scopes.iter().map(|scope| RestrictedExpression::new_string(scope.to_string()));
                let attributes = HashMap::from([
                    ("tenant".to_owned(), tenant),
                    ("scopes".to_owned(), RestrictedExpression::new_set(scopes)),
                ]);
                (uid(&names.client, &client.client.to_string()), attributes, HashSet::new())
            }
            Caller::System(of) => {
                let attributes = HashMap::from([("tenant".to_owned(), tenant)]);
                (uid(&names.system, &of.to_string()), attributes, HashSet::new())
            }
        };
        entities.push(Entity::new(uid.clone(), attributes, parents).ok()?);
        Some(uid)
    }

    fn object(&self, resource: &Resource<'_>, entities: &mut Vec<Entity>) -> Option<EntityUid> {
        let names = &self.names;
        let member = |user: UserId| RestrictedExpression::new_entity_uid(self.member(user));
        let (uid, attributes) = match resource {
            Resource::Tenant(tenant) => {
                let attributes = HashMap::from([("tenant".to_owned(), self.tenant_of(tenant.id))]);
                (uid(&names.tenant, &tenant.id.to_string()), attributes)
            }
            Resource::Case(case) => {
                let mut attributes = HashMap::from([
                    ("tenant".to_owned(), self.tenant_of(case.tenant)),
                    ("four_eyes".to_owned(), RestrictedExpression::new_bool(case.four_eyes)),
                ]);
                let people = [("opener", case.opener), ("assignee", case.assignee), ("approver", case.approver)];
                attributes.extend(people.into_iter().filter_map(|(name, who)| Some((name.to_owned(), member(who?)))));
                (uid(&names.case, &case.id.to_string()), attributes)
            }
            Resource::Finding(finding) => {
                let mut attributes = HashMap::from([("tenant".to_owned(), self.tenant_of(finding.tenant))]);
                attributes.extend(finding.assignee.map(|who| ("assignee".to_owned(), member(who))));
                (uid(&names.finding, &finding.id.to_string()), attributes)
            }
        };
        entities.push(Entity::new(uid.clone(), attributes, HashSet::new()).ok()?);
        Some(uid)
    }

    fn tenant_of(&self, tenant: TenantId) -> RestrictedExpression {
        RestrictedExpression::new_entity_uid(uid(&self.names.tenant, &tenant.to_string()))
    }

    fn member(&self, user: UserId) -> EntityUid {
        uid(&self.names.member, &user.to_string())
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
