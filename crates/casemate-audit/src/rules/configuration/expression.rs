//! Expressions of workflows, `${{ … }}`: which contexts give a text that somebody else may write.

use std::ops::Range;

/// Functions that answer yes, no or a digest, whatever they are given.
const ANSWERS: [&str; 8] =
    ["contains", "startswith", "endswith", "hashfiles", "success", "failure", "always", "cancelled"];

/// A context whose text becomes part of what the expression stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Used {
    /// In lower case, indices as `*`: `github.event.commits.*.message`.
    pub(super) path: String,
    /// The function it is given to, such as `tojson`.
    pub(super) function: String,
}

/// Every `${{ … }}` of a text: where it stands in it, and what is inside.
pub(super) fn holes(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut holes = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("${{")) {
        let start = at + open;
        let inside = text.get(start + 3..).unwrap_or_default();
        let Some(close) = inside.find("}}") else { break };
        let end = start + 3 + close + 2;
        holes.push((start..end, inside.get(..close).unwrap_or_default().trim()));
        at = end;
    }
    holes
}

/// The contexts whose text the expression gives; what is only compared or tested is left out.
pub(super) fn used(expression: &str) -> Vec<Used> {
    let mut used = Vec::new();
    // For each open bracket whether what stands in it only answers, and the function before it.
    let mut open: Vec<(bool, String)> = Vec::new();
    let mut before = "";
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if first == '\'' {
            let end = rest.get(1..).and_then(|rest| rest.find('\'')).map_or(rest.len(), |end| end + 2);
            rest = rest.get(end..).unwrap_or_default();
            before = "'";
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (path, after) = path(rest);
            let next = after.trim_start();
            if let Some(inside) = next.strip_prefix('(') {
                let name = path.to_ascii_lowercase();
                let answers = ANSWERS.contains(&name.as_str()) || open.last().is_some_and(|(answers, _)| *answers);
                open.push((answers, name));
                rest = inside;
                before = "(";
                continue;
            }
            let is_tested = ["==", "!=", "<", ">", "&&"].iter().any(|operator| next.starts_with(operator))
                || matches!(before, "==" | "!=" | "<" | ">" | "!");
            if !is_tested && !open.last().is_some_and(|(answers, _)| *answers) {
                let function = open.iter().rev().map(|(_, name)| name.clone()).find(|name| !name.is_empty());
                used.push(Used { path, function: function.unwrap_or_default() });
            }
            rest = after;
            before = "x";
        } else {
            match first {
                '(' => open.push((open.last().is_some_and(|(answers, _)| *answers), String::new())),
                ')' => drop(open.pop()),
                _ => {}
            }
            let operator = ["==", "!=", "&&", "||", "<=", ">="].into_iter().find(|operator| rest.starts_with(operator));
            let len = operator.map_or(first.len_utf8(), str::len);
            if !first.is_whitespace() {
                before = match operator {
                    Some("<=" | ">=") => "<",
                    Some(operator) => operator,
                    None if matches!(first, '<' | '>') => "<",
                    None if first == '!' => "!",
                    None => "",
                };
            }
            rest = rest.get(len..).unwrap_or_default();
            if is_name(first) {
                // A number, with what follows it.
                rest = rest.trim_start_matches(|letter: char| is_name(letter) || letter == '.');
            }
        }
    }
    used
}

/// A dotted path with `['name']`, `[0]` and `.*`, and what follows it.
fn path(text: &str) -> (String, &str) {
    let mut path = String::new();
    let mut rest = text;
    loop {
        let end = rest
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '*')))
            .unwrap_or(rest.len());
        path.push_str(&rest.get(..end).unwrap_or_default().to_ascii_lowercase());
        rest = rest.get(end..).unwrap_or_default();
        let Some(inside) = rest.strip_prefix('[') else { return (path, rest) };
        let Some(close) = inside.find(']') else { return (path, "") };
        let index = inside.get(..close).unwrap_or_default().trim();
        path.push('.');
        match index.strip_prefix('\'').and_then(|index| index.strip_suffix('\'')) {
            Some(name) => path.push_str(&name.to_ascii_lowercase()),
            None => path.push('*'),
        }
        rest = inside.get(close + 1..).unwrap_or_default();
    }
}

/// Who may write the text of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// Anybody with an account: the title of an issue, the name of a branch.
    Anybody,
    /// Whoever may start the workflow or push to the repository.
    Member,
}

/// Who writes what stands behind a context, if not the workflow itself.
pub(super) fn author(used: &Used) -> Option<Author> {
    let path = used.path.as_str();
    if path == "github.head_ref" {
        return Some(Author::Anybody);
    }
    if matches!(path, "github" | "github.event") {
        return (used.function == "tojson").then_some(Author::Anybody);
    }
    if matches!(path, "github.ref_name" | "github.ref") || path.starts_with("inputs.") {
        return Some(Author::Member);
    }
    let event = path.strip_prefix("github.event.")?;
    let last = event.rsplit('.').next().unwrap_or_default();
    let of = |object: &str| event.starts_with(object);
    let whole = used.function == "tojson"
        && matches!(
            event,
            "issue" | "pull_request" | "comment" | "review" | "discussion" | "head_commit" | "commits" | "workflow_run"
        );
    let anybody = whole
        || (matches!(last, "title" | "body")
            && (of("issue.")
                || of("pull_request.")
                || of("comment.")
                || of("review.")
                || of("review_comment.")
                || of("discussion.")))
        || event.ends_with("head.ref")
        || event.ends_with("head.label")
        || event.ends_with("head.repo.default_branch")
        || event.ends_with("head.repo.description")
        || event.ends_with("head.repo.homepage")
        || (of("pages.") && last == "page_name")
        || ((of("commits.") || of("head_commit.") || of("workflow_run.head_commit."))
            && matches!(last, "message" | "name" | "email"))
        || matches!(
            event,
            "workflow_run.head_branch" | "workflow_run.display_title" | "workflow_run.head_repository.description"
        );
    if anybody {
        return Some(Author::Anybody);
    }
    (of("inputs.") || of("client_payload.") || of("release.") || of("milestone.") || of("label."))
        .then_some(Author::Member)
}
