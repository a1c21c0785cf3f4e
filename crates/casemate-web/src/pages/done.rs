//! What a page says after something was done. The address names one of these; their texts are fixed.

use super::form::Fields;

macro_rules! done {
    ($($name:ident = $word:literal, $text:literal;)*) => {
        /// Something that was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Done { $($name,)* }

        impl Done {
            /// The word in the address.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What the page says.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

done! {
    SetUp = "set_up", "Casemate is ready. Invite your colleagues, or import a first report.";
    Joined = "joined", "Welcome. You are now a member of this tenant.";
    CaseOpened = "case_opened", "The case is open.";
    CaseEdited = "case_edited", "The changes are kept.";
    CaseMoved = "case_moved", "Done; the history has it.";
    NoteAdded = "note_added", "The note is kept. Notes cannot be changed, a later one can say better.";
    Assigned = "assigned", "The case has its assignee.";
    Unassigned = "unassigned", "The case is nobody’s now.";
    ReadersNamed = "readers_named", "Only the named members read this case from now on.";
    ReadersAll = "readers_all", "Everybody in the tenant may read this case again.";
    Decided = "decided", "The decision is kept. No import overwrites it.";
    RoleChanged = "role_changed", "The role is changed; it counts from the next request on.";
    MemberRemoved = "member_removed", "The member is removed, their sessions here are over and their cases are free.";
    ClientRevoked = "client_revoked", "The client is revoked; its tokens are refused from now on.";
    SettingsKept = "settings_kept", "The settings are kept.";
    SessionEnded = "session_ended", "That session is over.";
    TenantSwitched = "tenant_switched", "You work in this tenant now.";
    SignedOut = "signed_out", "You are signed out.";
    PasswordSet = "password_set", "The new password counts; all your sessions ended. Sign in with it now.";
}

/// What the query says was done, if it names one of ours.
pub(crate) fn done(query: &Fields) -> Option<Done> {
    Done::of(query.text("done"))
}

/// The address of a page that is to say this.
pub(crate) fn address(path: &str, done: Done) -> String {
    format!("{path}?done={}", done.word())
}
