//! `docs/cli.md`: what `casemate --help` says, command by command.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;
use crate::workspace::output;

/// The whole page.
pub(super) fn page(binary: &Path) -> Result<String> {
    let mut page = "<!-- written by `cargo xtask generate` from `--help` -->\n# Command line\n".to_owned();
    describe(binary, &mut Vec::new(), &mut page)?;
    Ok(page)
}

/// One command and everything below it.
fn describe(binary: &Path, command: &mut Vec<String>, page: &mut String) -> Result<()> {
    let help = output(
        Command::new(binary)
            .args(&*command)
            .arg("--help")
            // The page must not depend on the terminal and settings of who generates it.
            .env_clear()
            .env("COLUMNS", "100")
            .stdin(Stdio::null()),
    )?;
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let title = ["casemate"].into_iter().chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    page.push_str(&format!("\n## `{title}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for below in commands(&help) {
        command.push(below);
        describe(binary, command, page)?;
        command.pop();
    }
    Ok(())
}

/// Names under `Commands:` in a help text.
fn commands(help: &[&str]) -> Vec<String> {
    help.iter()
        .skip_while(|line| **line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A name stands two blanks in; what is further in continues a description.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_help() {
        let help = [
            "Usage: casemate <COMMAND>",
            "",
            "Commands:",
            "  audit  Finds holes",
            "         in Python",
            "  serve  Tracks",
            "  help   Print this",
            "",
            "Options:",
            "  -h, --help",
        ];
        assert_eq!(commands(&help), ["audit", "serve"]);
        assert_eq!(commands(&["Options:"]), Vec::<String>::new());
    }
}
