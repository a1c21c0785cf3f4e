//! The search for secrets: casemate and detect-secrets on the same tree, each a fresh process.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Ground, audit, median};
use crate::Result;
use crate::workspace::line;

/// Prints the table.
pub(super) fn run(ground: &Ground) -> Result<()> {
    let tree = audit::django(ground)?;
    let rounds = if ground.is_short { 1 } else { 3 };
    let report = ground.folder.join("secrets.json");
    let mut ours = Command::new(ground.our_program("casemate"));
    ours.args(["audit", "--isolated", "--select", "SEC", "--fail-on", "none", "--format", "json", "--output"]);
    ours.arg(&report).arg(&tree);
    let mut theirs = Command::new(ground.python_program("detect-secrets"));
    // On one processor by default; both get what the machine has.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).to_string();
    theirs.args(["--cores", &cores, "scan", "--all-files"]).arg(&tree);

    let mut measured = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for (command, seconds) in [&mut ours, &mut theirs].into_iter().zip(&mut measured) {
            let begun = Instant::now();
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            let status = status.map_err(|error| format!("could not start {}: {error}", line(command)))?;
            if !status.success() {
                return Err(format!("{} failed ({status})", line(command)).into());
            }
            // The first round brings the tree into the file cache and does not count.
            if round > 0 {
                seconds.push(begun.elapsed().as_secs_f64());
            }
        }
    }
    let [ours, theirs] = measured.map(|seconds| median(&seconds));
    println!("\nsecrets in Django {}; median of {rounds}, a fresh process each\n", audit::DJANGO);
    println!("| searcher | seconds | times as long as casemate |\n|---|---|---|");
    println!("| casemate | {ours:.2} | 1.00 |");
    println!("| detect-secrets | {theirs:.2} | {:.2} |", theirs / ours);
    Ok(())
}
