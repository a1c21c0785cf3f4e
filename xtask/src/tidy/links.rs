//! Links between our documents lead somewhere.

use std::collections::BTreeSet;

use super::Problem;
use crate::workspace::TextFile;

/// Relative links of every Markdown page against the files there are. Rule pages are checked where they are published.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let mut places: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in files {
        places.extend(file.path.match_indices('/').map(|(at, _)| &file.path[..at]));
    }
    let pages = files.iter().filter(|file| file.path.ends_with(".md") && !file.path.starts_with("crates/"));
    let mut problems = Vec::new();
    for page in pages {
        let mut is_code = false;
        for (index, line) in page.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            }
            if is_code {
                continue;
            }
            for target in targets(line).filter(|target| !places.contains(resolve(&page.path, target).as_str())) {
                problems.push(Problem::at(page, index + 1, format!("links to `{target}`, which is not there")));
            }
        }
    }
    problems
}

/// What stands in `](…)`, without addresses of elsewhere and places within a page.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|after| after.split([')', '#', ' ']).next())
        .filter(|target| !target.is_empty() && !target.contains(':'))
}

fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_link_leads_to_a_file_or_a_folder() {
        let found = |text: &str| check(&[file("README.md", "x\n"), file("docs/a.md", text)]).len();
        assert_eq!(found("[up](../README.md), [folder](../docs/), [here](#x), [web](https://x.example/y)\n"), 0);
        assert_eq!(found("```\n[code](nothing.md)\n```\n"), 0);
        assert_eq!(found("[gone](gone.md)\n"), 1);
    }
}
