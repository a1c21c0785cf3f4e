//! Options of pip and uv in scripts, Dockerfiles, pipelines and pip's own settings.

use std::ops::Range;

use super::deployment::file_name;

/// An option with its value, somewhere in a text.
pub(super) struct FoundOption {
    /// `--extra-index-url`, or the key of `pip.conf`.
    pub(super) name: String,
    pub(super) value: String,
    pub(super) span: Range<usize>,
    /// Whether it is given to uv, which asks indexes in another way.
    pub(super) is_of_uv: bool,
}

const NAMES: [&str; 6] =
    ["--extra-index-url", "--index-url", "--trusted-host", "--index-strategy", "--find-links", "--allow-insecure-host"];

/// Whether the option is this one, in either form.
pub(super) fn is_option_of(name: &str, wanted: &str) -> bool {
    name.trim_start_matches("--") == wanted
}

/// The options of a text that has commands or settings of pip; manifests tell their own.
pub(super) fn options(path: &str, text: &str) -> Vec<FoundOption> {
    if casemate_packages::manifest::kind_of(path).is_some() {
        return Vec::new();
    }
    let name = file_name(path).to_ascii_lowercase();
    if matches!(name.as_str(), "pip.conf" | "pip.ini" | ".pip.conf") {
        return settings(text);
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let has_commands = name.contains("dockerfile")
        || name == "containerfile"
        || name == "makefile"
        || matches!(extension, "sh" | "bash" | "yml" | "yaml" | "ini" | "ps1" | "bat" | "cmd" | "toml");
    if !has_commands || !NAMES.iter().any(|option| text.contains(option)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with('#') || !line.contains("--") {
            continue;
        }
        let is_of_uv = line.contains("uv ");
        for name in NAMES {
            for (from, _) in line.match_indices(name) {
                let rest = line.get(from + name.len()..).unwrap_or_default();
                let Some(rest) = rest.strip_prefix(['=', ' ']) else { continue };
                let value = rest.trim_start_matches(['"', '\'', ' ']);
                let end = value.find(|c: char| c.is_whitespace() || "\"'`;&|)\\".contains(c)).unwrap_or(value.len());
                let value = value.get(..end).unwrap_or_default();
                // What a variable holds is not known.
                if value.is_empty() || value.starts_with(['$', '-', '{', '<']) {
                    continue;
                }
                let span = start + from..start + from + name.len();
                found.push(FoundOption { name: name.to_owned(), value: value.to_owned(), span, is_of_uv });
            }
        }
    }
    found
}

/// Keys of `pip.conf`; a value may go on in indented lines.
fn settings(text: &str) -> Vec<FoundOption> {
    let mut found = Vec::new();
    let mut key: Option<String> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if bare.starts_with('[') {
            key = None;
            continue;
        }
        let (name, value) = match bare.split_once('=') {
            Some((name, value)) if !line.starts_with([' ', '\t']) => {
                key = Some(name.trim().replace('_', "-"));
                (key.clone(), value.trim())
            }
            _ => (key.clone(), bare),
        };
        let Some(name) = name else { continue };
        for value in value.split_whitespace() {
            let from = start + line.find(value).unwrap_or(0);
            let span = from..from + value.len();
            found.push(FoundOption { name: name.clone(), value: value.to_owned(), span, is_of_uv: false });
        }
    }
    found
}
