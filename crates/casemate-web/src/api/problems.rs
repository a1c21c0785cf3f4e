//! `/problems/{code}`: where the `type` of problem details leads.

use http::header::CACHE_CONTROL;

use super::input::Named;
use crate::failure::{Code, Failure};

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word).ok_or(())
    }
}

/// Explains one code.
pub(crate) async fn explain(
    Named(code): Named<Code>,
) -> Result<([(http::HeaderName, &'static str); 1], String), Failure> {
    let text = format!(
        "{}\n\n{}\n\ncode    {}\nstatus  {}\n",
        code.title(),
        code.explanation(),
        code.as_str(),
        code.status().as_u16()
    );
    Ok(([(CACHE_CONTROL, "public, max-age=86400")], text))
}
