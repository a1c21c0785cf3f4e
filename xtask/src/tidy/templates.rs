//! What a page template must not hold: anything that would need a weaker Content-Security-Policy or skips escaping.

use super::Problem;
use crate::workspace::TextFile;

/// Every template of the web room.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        if file.path.starts_with("crates/casemate-web/src/") && file.path.ends_with(".html") {
            for (index, line) in file.text.lines().enumerate() {
                problems.extend(in_line(line).into_iter().map(|message| Problem::at(file, index + 1, message)));
            }
        }
        if file.path.starts_with("crates/casemate-web/src/")
            && file.path.ends_with(".rs")
            && file.text.replace(' ', "").contains("escape=\"none\"")
        {
            problems.push(Problem::new(&file.path, "a template is escaped; `escape = \"none\"` is not for us"));
        }
    }
    problems
}

fn in_line(line: &str) -> Vec<String> {
    let lower = line.to_ascii_lowercase();
    let tight: String = lower.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut found = Vec::new();
    for unescaped in ["|safe", "|escape(\"none\")", "filtersafe", "escape\"none\""] {
        if tight.contains(unescaped) {
            found.push("skips escaping; hand over text and let the template escape it".to_owned());
        }
    }
    for (start, _) in lower.match_indices("<script") {
        let tag = lower[start..].split('>').next().unwrap_or_default();
        if !tag.contains("src=") {
            found.push("inline script; put it into `assets/`, the policy refuses it here".to_owned());
        }
    }
    if lower.contains("<style") {
        found.push("inline style sheet; put it into `assets/`".to_owned());
    }
    if lower.contains("javascript:") {
        found.push("`javascript:` address".to_owned());
    }
    for attribute in attributes(&lower) {
        if attribute == "style" {
            found.push("inline style; give the element a class".to_owned());
        } else if attribute.starts_with("on") && attribute.len() > 2 {
            found.push(format!("inline handler `{attribute}`; add a listener in `assets/`"));
        }
    }
    for address in ["src=\"http", "src=\"//", "<link rel=\"stylesheet\" href=\"http"] {
        if lower.contains(address) {
            found.push("loads something from elsewhere; serve it from `assets/`".to_owned());
        }
    }
    found
}

/// Names before `=` that stand where an attribute can stand: after white space.
fn attributes(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('=').filter_map(|(at, _)| {
        let before = line[..at].trim_end();
        let start =
            before.rfind(|letter: char| !(letter.is_ascii_alphabetic() || letter == '-')).map_or(0, |at| at + 1);
        let stands_free =
            start == 0 || before[..start].ends_with(char::is_whitespace) || before[..start].ends_with('"');
        (stands_free && start < before.len()).then(|| &before[start..])
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(line: &str) -> usize {
        check(&[file("crates/casemate-web/src/pages/case/page.html", line)]).len()
    }

    #[test]
    fn a_plain_template_passes() {
        assert_eq!(found("<script src=\"/assets/app.js\" defer></script>"), 0);
        assert_eq!(found("<a class=\"on\" href=\"/cases?x=1&online=2\">{{ title }}</a>"), 0);
        assert_eq!(found("<input type=\"checkbox\" name=\"once\" value=\"{{ one }}\">"), 0);
    }

    #[test]
    fn each_hole_in_a_template_is_found() {
        for line in [
            "{{ body|safe }}",
            "{{ body | safe }}",
            "{% filter safe %}",
            "<script>alert(1)</script>",
            "<p style=\"color: red\">",
            "<button class=\"x\" onclick=\"go()\">",
            "<a href=\"javascript:go()\">",
            "<style>p { color: red }</style>",
            "<script src=\"https://cdn.example/x.js\"></script>",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
    }

    #[test]
    fn a_template_without_escaping_is_found_in_its_struct() {
        let text = "//! x\n#[template(path = \"x.html\", escape = \"none\")]\n";
        assert_eq!(check(&[file("crates/casemate-web/src/pages/x.rs", text)]).len(), 1);
    }
}
