//! A workflow that others can make do their work.

use std::ops::Range;

use super::expression::{self, Author};
use super::yaml::{Node, Value};
use super::{files, scripts};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `workflow-risk`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1606",
    name: "workflow-risk",
    summary: "A workflow runs what others write, or holds more rights than it needs",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[829, 94],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("workflow_risk.md"),
};

/// Triggers that strangers can pull and that run with the rights of the repository.
const PRIVILEGED: [&str; 8] = [
    "pull_request_target",
    "workflow_run",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "gollum",
    "fork",
];

/// Conditions that let only members or the repository's own branches through.
const GUARDS: [&str; 8] = [
    "head.repo.full_name == github.repository",
    "github.repository == github.event.pull_request.head.repo.full_name",
    "head.repo.fork == false",
    "!github.event.pull_request.head.repo.fork",
    "head.repo.fork != true",
    "author_association",
    "head_repository.full_name == github.repository",
    "pull_request.user.login ==",
];

const BY_ENVIRONMENT: &str = "Give the text to the step as a variable and read it there: `env: TITLE: ${{ … }}` and `\"$TITLE\"`; in `actions/github-script` read `process.env.TITLE` or `context.payload`.";

struct Found {
    span: Range<usize>,
    severity: Severity,
    confidence: Confidence,
    message: String,
    remedy: String,
}

/// What is known of a workflow where one of its steps is judged.
struct Scope<'y> {
    triggers: Vec<&'y str>,
    /// `env` of the workflow, the job and the step, the nearest last.
    environments: Vec<&'y Node>,
    /// Whether a condition lets only members through.
    is_guarded: bool,
    /// Whether there is something to steal: secrets, or a token that may write.
    is_at_stake: bool,
    pedantic: bool,
}

impl Scope<'_> {
    fn is_privileged(&self) -> bool {
        self.triggers.iter().any(|trigger| PRIVILEGED.contains(trigger))
    }
}

pub(crate) fn check(cx: &mut TextContext<'_>) {
    let mut found = Vec::new();
    if files::is_workflow(cx) {
        let yaml = cx.yaml();
        if let Some(root) = yaml.documents.first() {
            workflow(cx, root, &mut found);
        }
    } else if files::is_action(cx) {
        let yaml = cx.yaml();
        let steps = yaml.documents.first().and_then(|root| root.get("runs")).and_then(|runs| runs.get("steps"));
        let scope = Scope {
            triggers: Vec::new(),
            environments: Vec::new(),
            is_guarded: false,
            is_at_stake: false,
            pedantic: cx.is_pedantic(),
        };
        for step in steps.map_or(&[][..], Node::items) {
            judge_step(cx, step, &scope, &mut found);
        }
    } else if files::is_gitlab(cx) {
        let yaml = cx.yaml();
        for root in &yaml.documents {
            gitlab(root, cx.is_pedantic(), &mut found);
        }
    }
    for one in found {
        let finding = cx.report(&RULE, one.span, one.message);
        finding.severity = one.severity;
        finding.confidence = one.confidence;
        finding.remedy = one.remedy;
    }
}

fn tell(found: &mut Vec<Found>, span: Range<usize>, severity: Severity, message: String, remedy: &str) {
    found.push(Found { span, severity, confidence: Confidence::High, message, remedy: remedy.to_owned() });
}

fn triggers(root: &Node) -> Vec<&str> {
    // YAML of old reads `on` as true; ours does not.
    let Some(on) = root.get("on").or_else(|| root.get("true")) else { return Vec::new() };
    match &on.value {
        Value::Map(entries) => entries.iter().filter_map(|(key, _)| key.text()).collect(),
        _ => on.texts().into_iter().filter_map(Node::text).collect(),
    }
}

fn workflow(cx: &TextContext<'_>, root: &Node, found: &mut Vec<Found>) {
    let triggers = triggers(root);
    let Some(jobs) = root.get("jobs") else { return };
    unsecured(root, found);
    let whole = root.get("permissions");
    if let Some((key, value)) = root.entry("permissions") {
        write_all(key, value, found);
    }
    let mut is_told = false;
    for (name, job) in jobs.entries() {
        let permissions = job.get("permissions").or(whole);
        if let Some((key, value)) = job.entry("permissions") {
            write_all(key, value, found);
        }
        if permissions.is_none() && cx.is_pedantic() && !is_told {
            is_told = true;
            let message = format!(
                "the token of the job `{}` has whatever rights the repository gives by default",
                name.text().unwrap_or_default()
            );
            tell(
                found,
                name.span.clone(),
                Severity::Low,
                message,
                "Begin the workflow with `permissions: {}` or `contents: read`, and give single jobs what they need.",
            );
        }
        unsecured(job, found);
        let condition = job.get("if").and_then(Node::text).unwrap_or_default();
        let environment = root.get("env").and_then(|env| cx.text.get(env.span.clone())).unwrap_or_default();
        let scope = Scope {
            triggers: triggers.clone(),
            environments: root.get("env").into_iter().chain(job.get("env")).collect(),
            is_guarded: is_guard(condition),
            is_at_stake: permissions.is_some_and(may_write)
                || uses_secrets(cx.text.get(job.span.clone()).unwrap_or_default())
                || uses_secrets(environment),
            pedantic: cx.is_pedantic(),
        };
        if let Some(uses) = job.get("uses") {
            called(job, uses, &scope, found);
        }
        if scope.pedantic
            && triggers.contains(&"pull_request")
            && !scope.is_guarded
            && let Some(runs_on) = job.get("runs-on")
            && (runs_on.texts().iter().any(|label| label.says("self-hosted"))
                || runs_on
                    .get("labels")
                    .is_some_and(|labels| labels.texts().iter().any(|label| label.says("self-hosted"))))
        {
            let message = "pull requests run on a machine of your own: in a public repository anybody runs code there and may leave some behind".to_owned();
            tell(
                found,
                runs_on.span.clone(),
                Severity::Medium,
                message,
                "Run pull requests on hosted runners, or on machines that are thrown away after each job.",
            );
        }
        let steps = job.get("steps").map_or(&[][..], Node::items);
        for (at, step) in steps.iter().enumerate() {
            unsecured(step, found);
            judge_step(cx, step, &scope, found);
            checkout(cx, step, steps.get(at + 1..).unwrap_or_default(), &scope, found);
        }
    }
    for (hole, inside) in expression::holes(cx.text) {
        if expression::used(inside).iter().any(|used| used.path == "secrets" && used.function == "tojson") {
            tell(
                found,
                hole,
                Severity::Medium,
                "every secret of the repository is given away at once, also those the step has no use for".to_owned(),
                "Name the secrets the step needs, one by one.",
            );
        }
    }
}

fn is_guard(condition: &str) -> bool {
    GUARDS.iter().any(|guard| condition.contains(guard))
}

/// Secrets beside the token every workflow has.
fn uses_secrets(text: &str) -> bool {
    text.match_indices("secrets.").any(|(at, word)| {
        let rest = text.get(at + word.len()..).unwrap_or_default();
        !rest.starts_with("GITHUB_TOKEN") && rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    })
}

fn may_write(permissions: &Node) -> bool {
    match &permissions.value {
        Value::Scalar(text) => text == "write-all",
        Value::Map(entries) => entries.iter().any(|(name, value)| {
            value.says("write")
                && name.text().is_some_and(|name| {
                    matches!(
                        name,
                        "contents"
                            | "packages"
                            | "id-token"
                            | "actions"
                            | "deployments"
                            | "pages"
                            | "repository-projects"
                    )
                })
        }),
        Value::List(_) => false,
    }
}

fn write_all(key: &Node, value: &Node, found: &mut Vec<Found>) {
    if value.says("write-all") {
        let message = "the token may change everything in the repository: code, releases, packages, issues".to_owned();
        tell(
            found,
            key.span.start..value.span.end,
            Severity::Medium,
            message,
            "Name the rights the job needs, such as `contents: read`.",
        );
    }
}

fn unsecured(node: &Node, found: &mut Vec<Found>) {
    if let Some((key, value)) = node.get("env").and_then(|env| env.entry("ACTIONS_ALLOW_UNSECURE_COMMANDS"))
        && value.is_true()
    {
        let message = "whatever a step prints may set variables and paths of the steps after it".to_owned();
        tell(
            found,
            key.span.start..value.span.end,
            Severity::High,
            message,
            "Take it out and write to `$GITHUB_ENV` and `$GITHUB_PATH`.",
        );
    }
}

/// A reusable workflow.
fn called(job: &Node, uses: &Node, scope: &Scope<'_>, found: &mut Vec<Found>) {
    let is_local = uses.text().is_some_and(|uses| uses.starts_with("./"));
    let inherited = job.entry("secrets").filter(|(_, value)| value.says("inherit"));
    if let Some((key, value)) = inherited {
        let is_pinned = uses.text().is_some_and(|uses| uses.rsplit_once('@').is_some_and(|(_, at)| is_commit(at)));
        if scope.pedantic || !(is_local || is_pinned) {
            let message = format!(
                "every secret is handed to `{}`, also those it has no use for",
                uses.text().unwrap_or_default()
            );
            let severity = if is_local || is_pinned { Severity::Low } else { Severity::Medium };
            tell(found, key.span.start..value.span.end, severity, message, "Pass the secrets it needs by name.");
        }
    }
    let stake = Scope {
        triggers: Vec::new(),
        environments: Vec::new(),
        is_guarded: scope.is_guarded,
        is_at_stake: scope.is_at_stake || inherited.is_some(),
        pedantic: scope.pedantic,
    };
    unpinned(uses, &stake, found);
}

fn judge_step(cx: &TextContext<'_>, step: &Node, scope: &Scope<'_>, found: &mut Vec<Found>) {
    if let Some(uses) = step.get("uses") {
        unpinned(uses, scope, found);
        if let Some(with) = step.get("with") {
            for key in ["script", "inlineScript", "inline-script", "run", "command", "cmd"] {
                if let Some(script) = with.get(key) {
                    injected(cx, step, script, scope, found);
                }
            }
        }
    }
    if let Some(run) = step.get("run") {
        injected(cx, step, run, scope, found);
    }
}

fn is_commit(at: &str) -> bool {
    matches!(at.len(), 40 | 64) && at.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn unpinned(uses: &Node, scope: &Scope<'_>, found: &mut Vec<Found>) {
    let Some(text) = uses.text() else { return };
    if text.starts_with("./") || text.starts_with("../") || text.contains("${{") {
        return;
    }
    if let Some(image) = text.strip_prefix("docker://") {
        if scope.pedantic && !image.contains("@sha256:") {
            let message = format!("the image `{image}` is named by a tag, which its publisher can move");
            tell(found, uses.span.clone(), Severity::Low, message, "Pin the image by its digest.");
        }
        return;
    }
    let Some((action, at)) = text.rsplit_once('@') else { return };
    if is_commit(at) {
        return;
    }
    let owner = action.split('/').next().unwrap_or_default();
    let is_first_party = matches!(owner, "actions" | "github");
    let is_version = at.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit()) && !at.contains('/');
    let is_main = matches!(at, "main" | "master" | "trunk" | "develop" | "HEAD");
    let severity = match (is_first_party, is_version, scope.is_at_stake) {
        (false, false, true) => Severity::High,
        (false, true, true) => Severity::Medium,
        _ => Severity::Low,
    };
    let is_shown = !is_first_party && (scope.is_at_stake || is_main);
    if !is_shown && !scope.pedantic {
        return;
    }
    let kind = if is_version { "tag" } else { "branch" };
    let mut message =
        format!("`{action}` is taken at the {kind} `{at}`: whoever controls that repository decides what runs here");
    if scope.is_at_stake {
        message.push_str(", with the secrets or write access of this job");
    }
    let remedy = format!(
        "Pin the commit and keep the version as a comment: `uses: {action}@<40 hex digits> # {at}`; Dependabot and Renovate move both."
    );
    tell(found, uses.span.clone(), severity, message, &remedy);
}

/// Text of others in a script.
fn injected(cx: &TextContext<'_>, step: &Node, script: &Node, scope: &Scope<'_>, found: &mut Vec<Found>) {
    let (base, written) = scripts::written(cx.text, script);
    let condition = step.get("if").and_then(Node::text).unwrap_or_default();
    let is_guarded = scope.is_guarded || is_guard(condition);
    for (hole, inside) in expression::holes(written) {
        let mut worst: Option<(Author, String)> = None;
        for used in expression::used(inside) {
            let author = expression::author(&used).map(|author| (author, used.path.clone()));
            let author = author.or_else(|| {
                let name = used.path.strip_prefix("env.")?;
                through_environment(name, step, scope)
                    .map(|(author, path)| (author, format!("env.{name}, which is {path}")))
            });
            if let Some(author) = author
                && worst.as_ref().is_none_or(|(known, _)| *known == Author::Member)
            {
                worst = Some(author);
            }
        }
        let Some((author, path)) = worst else { continue };
        let is_shown = author == Author::Anybody && !is_guarded && can_be_set(&path, &scope.triggers);
        if !is_shown && !scope.pedantic {
            continue;
        }
        let severity = match (is_shown, scope.is_privileged()) {
            (true, true) => Severity::High,
            (true, false) => Severity::Medium,
            _ => Severity::Low,
        };
        let who = match author {
            Author::Anybody if is_shown => "anybody can write it, and it becomes part of the script before that runs",
            Author::Anybody => "a stranger may write it, and it becomes part of the script before that runs",
            Author::Member => {
                "whoever starts the workflow writes it, and it becomes part of the script before that runs"
            }
        };
        found.push(Found {
            span: base + hole.start..base + hole.end,
            severity,
            confidence: if is_shown { Confidence::High } else { Confidence::Low },
            message: format!("`{path}` is put into the script: {who}"),
            remedy: BY_ENVIRONMENT.to_owned(),
        });
    }
}

/// Whether the events that start the workflow bring this text at all.
fn can_be_set(path: &str, triggers: &[&str]) -> bool {
    if triggers.is_empty() || triggers.contains(&"workflow_call") {
        return true;
    }
    let by = |events: &[&str]| triggers.iter().any(|trigger| events.iter().any(|event| trigger.starts_with(event)));
    if path.contains("github.head_ref") || path.contains("github.event.pull_request.") {
        return by(&["pull_request", "workflow_run", "issue_comment"]);
    }
    if path.contains("github.event.comment.") {
        return by(&["issue_comment", "commit_comment", "discussion_comment", "pull_request_review"]);
    }
    if path.contains("github.event.workflow_run.") {
        return by(&["workflow_run"]);
    }
    true
}

/// `env.NAME` that is itself filled with the text of others.
fn through_environment(name: &str, step: &Node, scope: &Scope<'_>) -> Option<(Author, String)> {
    let environments = step.get("env").into_iter().chain(scope.environments.iter().rev().copied());
    for environment in environments {
        let Some((_, value)) = environment.entries().iter().find(|(key, _)| key.says(name)) else { continue };
        let text = value.text()?;
        return expression::holes(text)
            .into_iter()
            .flat_map(|(_, inside)| expression::used(inside))
            .find_map(|used| expression::author(&used).map(|author| (author, used.path.clone())));
    }
    None
}

/// A checkout: of code that strangers wrote, or one that leaves its token behind.
fn checkout(cx: &TextContext<'_>, step: &Node, later: &[Node], scope: &Scope<'_>, found: &mut Vec<Found>) {
    let uses = step.get("uses").and_then(Node::text).unwrap_or_default();
    let is_checkout = uses.starts_with("actions/checkout@") || uses == "actions/checkout";
    let with = step.get("with");
    let runs_later = later.iter().any(|step| {
        step.get("run").is_some() || step.get("uses").and_then(Node::text).is_some_and(|uses| uses.starts_with("./"))
    });
    let condition = step.get("if").and_then(Node::text).unwrap_or_default();
    let is_privileged = scope
        .triggers
        .iter()
        .any(|trigger| matches!(*trigger, "pull_request_target" | "workflow_run" | "issue_comment"));
    if is_privileged && !(scope.is_guarded || is_guard(condition)) {
        let of_head = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["pull_request.head", "github.head_ref", "refs/pull/", "workflow_run.head_", "workflow_run.pull_requests"]
                .iter()
                .any(|head| text.contains(head))
        };
        let mut head = None;
        if is_checkout && let Some(with) = with {
            for key in ["ref", "repository"] {
                if let Some((key, value)) = with.entry(key)
                    && value.text().is_some_and(of_head)
                {
                    head = head.or(Some(key.span.start..value.span.end));
                }
            }
        } else if let Some(run) = step.get("run") {
            let text = run.text().unwrap_or_default();
            let at = text.contains("gh pr checkout")
                || (text.contains("git fetch") && text.contains("pull/") && text.contains("/head"));
            head = at.then(|| {
                let (base, written) = scripts::written(cx.text, run);
                base..base + written.trim_end().len()
            });
        }
        let itself = step.get("run").is_some();
        if let Some(span) = head {
            let runs = runs_later || itself;
            let message = if runs {
                "the code of a stranger's pull request is checked out and run with the secrets and the token of this repository"
            } else {
                "the code of a stranger's pull request is checked out with the secrets and the token of this repository; a later step may run it"
            };
            found.push(Found {
                span,
                severity: if runs { Severity::High } else { Severity::Medium },
                confidence: if runs { Confidence::High } else { Confidence::Medium },
                message: message.to_owned(),
                remedy: "Build and test pull requests with the trigger `pull_request`, which has neither; hand results on as an artifact to a second workflow that checks nothing out.".to_owned(),
            });
        }
    }
    if is_checkout && !with.and_then(|with| with.get("persist-credentials")).is_some_and(|value| value.says("false")) {
        let uploads = later.iter().find(|step| {
            step.get("uses").and_then(Node::text).is_some_and(|uses| uses.starts_with("actions/upload-artifact@"))
                && step.get("with").and_then(|with| with.get("path")).and_then(Node::text).is_some_and(|path| {
                    matches!(path.trim(), "." | "./" | "${{ github.workspace }}" | "${{github.workspace}}")
                })
        });
        if let Some(upload) = uploads {
            let message = "the whole folder is uploaded, and with it the token that the checkout left in `.git/config`"
                .to_owned();
            tell(
                found,
                upload.get("uses").map_or_else(|| upload.span.clone(), |uses| uses.span.clone()),
                Severity::Medium,
                message,
                "Set `persist-credentials: false` at the checkout, and upload only what is needed.",
            );
        } else if scope.pedantic {
            let span = step.get("uses").map_or_else(|| step.span.clone(), |uses| uses.span.clone());
            tell(
                found,
                span,
                Severity::Low,
                "the checkout leaves its token in `.git/config`, where every later step reads it".to_owned(),
                "Set `persist-credentials: false` unless a later step pushes.",
            );
        }
    }
}

/// What a pipeline of GitLab takes from elsewhere.
fn gitlab(root: &Node, pedantic: bool, found: &mut Vec<Found>) {
    let Some(include) = root.get("include") else { return };
    let entries = match &include.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(include),
    };
    for entry in entries {
        let remote =
            entry.get("remote").or_else(|| entry.text().is_some_and(|text| text.contains("://")).then_some(entry));
        if let Some(remote) = remote {
            let text = remote.text().unwrap_or_default();
            let is_commit = text.split(['/', '@']).any(is_commit);
            if entry.get("integrity").is_none() && !is_commit {
                let message = format!("`{text}` becomes part of the pipeline as it is at that moment");
                let severity = if text.starts_with("http://") { Severity::High } else { Severity::Medium };
                tell(
                    found,
                    remote.span.clone(),
                    severity,
                    message,
                    "Give its digest (`integrity: sha256-…`), or keep a copy in the project.",
                );
            }
        } else if pedantic
            && let Some(project) = entry.get("project")
            && !entry.get("ref").and_then(Node::text).is_some_and(is_commit)
        {
            let message = format!(
                "`{}` becomes part of the pipeline as its branch or tag is at that moment",
                project.text().unwrap_or_default()
            );
            tell(found, project.span.clone(), Severity::Low, message, "Name a commit: `ref: <40 hex digits>`.");
        }
    }
}
