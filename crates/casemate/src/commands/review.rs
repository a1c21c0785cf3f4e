//! `casemate review`: the questions a security review asks, endpoint by endpoint, and a draft of the threat model.

use std::io::{self, Write};
use std::path::PathBuf;

use casemate_audit::report::text::counted;
use casemate_audit::review::{self, json, markdown, text};
use casemate_audit::settings::Layer;

use super::{Exit, Failure};
use crate::console::{self, Colour};
use crate::discovery::Tree;
use crate::output::OutputFile;
use crate::project::{self, Files, Project};

/// Draft a security review: who may call each endpoint, what it takes, what it does, and a threat model
///
/// Reads the routes of web applications and answers, as far as the code tells, the fifteen questions of a security
/// review for each. It judges nothing: what the code does not show is left for a person to answer.
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Files and folders to review
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to tell it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write the review to this file, which appears whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
}

/// How a review is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people at a terminal.
    #[default]
    Text,
    /// A page to keep, with boxes to tick.
    Markdown,
    /// For programs; the shape is in docs/review.md.
    Json,
}

const AFTER_HELP: &str = "\
Signs in the text: + shown by the code, ! missing, ? for you to answer.

Exit codes:
  0  reviewed
  2  could not run: a path or a setting is wrong

Examples:
  casemate review .
  casemate review src --format markdown --output docs/security-review.md
  casemate review . --format json";

/// Reviews and tells.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let project = Project::locate(&args.paths)?;
    let in_force = project::settings(&project, Files::find(&project)?, Layer::default())?;
    let file = args.output.as_deref().map(OutputFile::create).transpose()?;
    let mut tree = Tree::find(&project.root, &project.paths, &in_force.excluded);
    let mut review = review::review(&tree);
    review.problems.append(&mut tree.problems);
    let look = text::Look {
        is_coloured: if file.is_some() { args.color == Colour::Always } else { args.color.is_wanted() },
        width: console::width(),
        prefix: &project.prefix,
    };
    let write = |out: &mut dyn Write| match args.format {
        Format::Text => text::write(&review, &look, out),
        Format::Markdown => markdown::write(&review, out),
        Format::Json => json::write(&review, out),
    };
    match file {
        None => console::print(write)
            .map_err(|error: io::Error| Failure(format!("the review could not be written: {error}")))?,
        Some(file) => {
            let name = file.write(write)?;
            let endpoints = counted(review.endpoints.len(), "endpoint");
            console::tell(&format!("review of {endpoints} written to {}", name.display()));
        }
    }
    Ok(Exit::Clean)
}
