//! What was asked for by name, and what the place of a file says within it.

use casemate_secrets::{Surroundings, surroundings};

/// The folders an audit was asked for. Whoever audits `examples/shop` wants to know about the shop: that it lies below
/// a folder of examples says nothing about what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// With a separator at their ends, the longest first.
    folders: Vec<String>,
}

/// Everything below the root.
pub(crate) static WHOLE: Scope = Scope { folders: Vec::new() };

impl Scope {
    /// That of folders relative to the root.
    pub(crate) fn of(named: &[String]) -> Self {
        let named =
            named.iter().map(|folder| folder.trim_end_matches('/')).filter(|folder| !matches!(*folder, "" | "."));
        let mut folders: Vec<String> = named.map(|folder| format!("{folder}/")).collect();
        folders.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self { folders }
    }

    /// The path from what was asked for on.
    pub(crate) fn within<'p>(&self, path: &'p str) -> &'p str {
        self.folders.iter().find_map(|folder| path.strip_prefix(folder.as_str())).unwrap_or(path)
    }

    /// What the file at this path is for.
    pub(crate) fn surroundings(&self, path: &str) -> Surroundings {
        surroundings(self.within(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_above_what_was_asked_for_says_nothing() {
        let scope = Scope::of(&["examples/shop/".to_owned(), "examples".to_owned(), ".".to_owned()]);
        assert_eq!(scope.within("examples/shop/tests/x.py"), "tests/x.py");
        assert_eq!(scope.within("examples/other/x.py"), "other/x.py");
        assert_eq!(scope.within("examples_too/x.py"), "examples_too/x.py");
        assert_eq!(scope.surroundings("examples/shop/app.py"), Surroundings::Product);
        assert_eq!(scope.surroundings("examples/shop/tests/x.py"), Surroundings::Test);
        assert_eq!(WHOLE.surroundings("examples/shop/app.py"), Surroundings::Example);
    }
}
