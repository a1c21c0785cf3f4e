//! `casemate admin openapi`: the API's description.

use super::{Exit, Failure, say};

/// Print the OpenAPI 3.1 document of the API
#[derive(clap::Args)]
pub(super) struct Args {
    /// Address of the server the document is for
    #[arg(long, value_name = "URL", default_value = "https://casemate.example.org")]
    base_url: String,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let document = casemate_web::api::openapi::document(args.base_url.trim_end_matches('/'));
    let text = serde_json::to_string_pretty(&document).map_err(|error| Failure(error.to_string()))?;
    say(&format!("{text}\n"))?;
    Ok(Exit::Clean)
}
