//! Where in an SQL statement foreign data stands: at the place of a value or at that of a name.

use casemate_python::facts::Hit;

use super::scene::Scene;
use crate::models::label;
use crate::rules::Context;

/// Whether everything foreign in a statement stands where SQL has the name of a table or column, or a direction.
pub(super) fn names_only(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::OUTSIDE) else { return false };
    stands_as_name(&scene.marked(value))
}

/// The same for a text in which `\u{1}` marks what is foreign.
pub(super) fn stands_as_name(text: &str) -> bool {
    let mut any = false;
    for (at, _) in text.match_indices('\u{1}') {
        any = true;
        if !is_name(&text[..at], &text[at + 1..]) {
            return false;
        }
    }
    any
}

fn is_name(before: &str, after: &str) -> bool {
    let before = before.to_lowercase();
    // Within a literal.
    if before.matches('\'').count() % 2 == 1 {
        return false;
    }
    let trimmed = before.trim_end_matches(['"', '`', '[']);
    if trimmed.ends_with('.') {
        return true;
    }
    let spaced = trimmed.replace(',', " , ").replace('(', " ( ").replace(')', " ) ").replace('=', " = ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let last = words.last().copied().unwrap_or("");
    let clause = || {
        words.iter().rev().find(|word| {
            matches!(
                **word,
                "select"
                    | "from"
                    | "by"
                    | "set"
                    | "values"
                    | "where"
                    | "having"
                    | "on"
                    | "and"
                    | "or"
                    | "limit"
                    | "offset"
                    | "into"
                    | "in"
                    | "join"
                    | "update"
                    | "table"
            )
        })
    };
    match last {
        "from" | "join" | "into" | "update" | "table" | "by" | "truncate" | "index" | "view" | "database"
        | "schema" | "column" | "exists" | "distinct" | "select" => true,
        "," => matches!(clause(), Some(&("select" | "by" | "into" | "set" | "from"))),
        "set" => after.trim_start().starts_with('='),
        // `INSERT INTO t (a, b)`
        "(" => {
            let back = words.len();
            (back >= 3 && words.get(back - 3) == Some(&"into")) || words.get(back.wrapping_sub(2)) == Some(&"count")
        }
        "where" | "and" | "or" | "on" => {
            let next = after.trim_start_matches(['"', '`', ']']).trim_start().to_lowercase();
            ["=", "<", ">", "!=", "like ", "ilike ", "in ", "is ", "in(", "between "]
                .iter()
                .any(|sign| next.starts_with(sign))
        }
        // `ORDER BY created {direction}`
        _ => {
            let by = words.iter().rposition(|word| *word == "by");
            by.is_some_and(|by| {
                matches!(words.get(by.wrapping_sub(1)), Some(&("order" | "group")))
                    && words.iter().skip(by + 1).all(|word| !matches!(*word, "limit" | "offset" | "=" | "(" | ")"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stands_as_name;

    #[test]
    fn names_are_told_from_values() {
        for text in [
            "SELECT * FROM \u{1}",
            "SELECT * FROM \"\u{1}\" WHERE id = ?",
            "SELECT \u{1} FROM cases",
            "SELECT id, \u{1} FROM cases",
            "SELECT * FROM cases ORDER BY \u{1}",
            "SELECT * FROM cases ORDER BY created \u{1}",
            "SELECT * FROM cases ORDER BY \u{1} \u{1}",
            "SELECT * FROM public.\u{1}",
            "INSERT INTO \u{1} (\u{1}) VALUES (?, ?)",
            "INSERT INTO cases (id, \u{1}) VALUES (?, ?)",
            "UPDATE cases SET \u{1} = ? WHERE id = ?",
            "SELECT * FROM cases WHERE \u{1} = ?",
            "DROP TABLE \u{1}",
        ] {
            assert!(stands_as_name(text), "{text:?}");
        }
        for text in [
            "SELECT * FROM cases WHERE id = \u{1}",
            "SELECT * FROM cases WHERE id = '\u{1}'",
            "SELECT * FROM cases WHERE id IN (\u{1})",
            "SELECT * FROM cases WHERE \u{1}",
            "SELECT * FROM cases LIMIT \u{1}",
            "SELECT * FROM cases ORDER BY id LIMIT \u{1}",
            "INSERT INTO cases (id) VALUES (\u{1})",
            "UPDATE cases SET name = \u{1}",
            "SELECT * FROM cases WHERE name LIKE '% from \u{1}'",
            "\u{1}",
            "SELECT * FROM \u{1} WHERE id = \u{1}",
            "SELECT 1",
        ] {
            assert!(!stands_as_name(text), "{text:?}");
        }
    }
}
