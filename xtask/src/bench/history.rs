//! The history of a repository of many commits, searched for secrets that are gone from the tree.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Ground, median};
use crate::Result;
use crate::workspace::{line, succeed};

/// Commits of the repository that is made for this; a tenth of them with `--short`.
const COMMITS: usize = 10_000;
/// Files that the commits change in turn.
const FILES: usize = 400;
/// Lines of each file.
const LINES: usize = 200;

/// Prints the table.
pub(super) fn run(ground: &Ground) -> Result<()> {
    let commits = if ground.is_short { COMMITS / 10 } else { COMMITS };
    let repository = repository(ground, commits)?;
    let rounds = if ground.is_short { 1 } else { 3 };
    let mut seconds = Vec::new();
    for round in 0..=rounds {
        let mut ours = Command::new(ground.our_program("casemate"));
        ours.args(["audit", "--isolated", "--select", "SEC", "--fail-on", "none", "--history", "--output"]);
        ours.arg(ground.folder.join("history.txt")).arg(&repository);
        let begun = Instant::now();
        let status = ours.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("{} failed ({status})", line(&ours)).into());
        }
        if round > 0 {
            seconds.push(begun.elapsed().as_secs_f64());
        }
    }
    // What git itself takes to print all that was ever changed is what any searcher that reads it would wait for.
    let mut git = Command::new("git");
    git.arg("-C").arg(&repository).args(["log", "--all", "--patch", "--unified=0", "--no-color"]);
    let begun = Instant::now();
    let status = git.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let theirs = begun.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{} failed ({status})", line(&git)).into());
    }
    let ours = median(&seconds);
    println!("\nhistory of {commits} commits; median of {rounds}, a fresh process each\n");
    println!("| | seconds | times as long as casemate |\n|---|---|---|");
    println!("| casemate audit --history --select SEC | {ours:.2} | 1.00 |");
    println!("| git log --all --patch, unread | {theirs:.2} | {:.2} |", theirs / ours);
    Ok(())
}

/// A repository in which each commit changes some lines of one of many files, made once.
fn repository(ground: &Ground, commits: usize) -> Result<PathBuf> {
    let folder = ground.folder.join(format!("history-{commits}"));
    if folder.join("made").is_file() {
        return Ok(folder);
    }
    super::clear(&folder)?;
    succeed(Command::new("git").args(["init", "--quiet", "--initial-branch=main"]).arg(&folder))?;
    let mut import = Command::new("git")
        .arg("-C")
        .arg(&folder)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start git: {error}"))?;
    if let Some(stdin) = import.stdin.take() {
        let mut stream = std::io::BufWriter::new(stdin);
        for commit in 0..commits {
            let file = commit % FILES;
            let mut text = String::new();
            for number in 0..LINES {
                // Every version of a file differs from the last in a few lines.
                let version = if number % 50 == commit / FILES % 50 { commit } else { file };
                writeln!(text, "value_{number} = compute(\"{version}-{number}\", {})", number * 7 + file)?;
            }
            let message = format!("change {commit}\n");
            writeln!(
                stream,
                "commit refs/heads/main\ncommitter A Person <a@example.org> {} +0000",
                1_600_000_000 + commit
            )?;
            writeln!(stream, "data {}\n{message}", message.len())?;
            writeln!(stream, "M 100644 inline src/module_{file}.py\ndata {}\n{text}", text.len())?;
        }
        stream.flush()?;
    }
    if !import.wait()?.success() {
        return Err("git fast-import failed".into());
    }
    succeed(Command::new("git").arg("-C").arg(&folder).args(["reset", "--quiet", "--hard", "main"]))?;
    std::fs::write(folder.join("made"), "")?;
    Ok(folder)
}
