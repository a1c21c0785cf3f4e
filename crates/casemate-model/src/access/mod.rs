//! Who is asking, what they may see and what they may do.
//!
//! Reading takes a [`Scope`], changing takes a [`Permit`]. Both have private fields and are made by [`Access`] alone,
//! after the policies in `policies/` said yes; a forgotten check does not compile.

mod action;
mod caller;
mod permit;
mod policies;
mod scope;

pub use action::{
    Action, AddNote, ApplyAction, AssignCase, CaseFacts, ChangeSettings, CreateCase, DecideFinding, EditCase, Export,
    FindingFacts, ManageClients, ManageMembers, NameReaders, ReadAudit, SetSeverity, SubmitScan, TenantFacts,
    VerifyAudit,
};
pub use caller::{Actor, Caller, ClientCaller, MemberCaller, NotAnActor};
pub use permit::Permit;
pub use policies::{Access, Denied, PolicyFault};
pub use scope::{Scope, Walls};
