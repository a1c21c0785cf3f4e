//! What a rule is: its identity, what it stands on, and the question it asks of a program.

use crate::finding::Severity;

/// `INJ103`: the group and number machines use. People use the name.
pub type RuleId = &'static str;

/// How a rule comes to its judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Untrusted data reaches a dangerous place, with a path.
    Taint,
    /// A local pattern, with constant propagation.
    Pattern,
    /// Asks the whole program: routes, guards, models.
    Program,
    /// A configuration, settings or template file.
    Configuration,
    /// A secret in the text.
    Secret,
    /// A dependency.
    Dependency,
    /// About the run itself.
    Run,
}

impl Kind {
    /// The part of the project it is about.
    pub fn topic(self) -> Topic {
        match self {
            Self::Secret => Topic::Secrets,
            Self::Dependency => Topic::Dependencies,
            Self::Taint | Self::Pattern | Self::Program => Topic::Code,
            Self::Configuration => Topic::Configuration,
            Self::Run => Topic::Run,
        }
    }
}

/// Which part of a project a finding is about, in the order in which reports count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Secrets that stand in a text.
    Secrets,
    /// What the code does.
    Code,
    /// Packages, and where they come from.
    Dependencies,
    /// Containers, pipelines, servers.
    Configuration,
    /// The audit itself.
    Run,
}

impl Topic {
    /// All topics, in their order.
    pub const ALL: [Self; 5] = [Self::Secrets, Self::Code, Self::Dependencies, Self::Configuration, Self::Run];

    /// The word users read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Code => "code",
            Self::Dependencies => "dependencies",
            Self::Configuration => "configuration",
            Self::Run => "run",
        }
    }
}

/// Who wants to see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persona {
    /// Reports only what it can show.
    #[default]
    Default,
    /// Also reports what merely looks suspicious.
    Pedantic,
}

/// A rule as the catalogue lists it.
#[derive(Debug)]
pub struct Rule {
    /// Group and number, `INJ103`.
    pub id: RuleId,
    /// The bad thing, `sqlalchemy-text-injection`; also the file name.
    pub name: &'static str,
    /// One line for lists and SARIF.
    pub summary: &'static str,
    /// Severity unless a finding says otherwise.
    pub severity: Severity,
    /// How it judges.
    pub kind: Kind,
    /// Who sees it.
    pub persona: Persona,
    /// CWE numbers, the primary one first.
    pub cwe: &'static [u16],
    /// OWASP Top 10 2021 category, `A03`, empty if none.
    pub owasp_2021: &'static str,
    /// OWASP Top 10 2025 category, `A05`, empty if none.
    pub owasp_2025: &'static str,
    /// ASVS 5.0 requirement, `1.2.4`, empty if none.
    pub asvs: &'static str,
    /// The page users read, which is also the rule's test.
    pub page: &'static str,
}
