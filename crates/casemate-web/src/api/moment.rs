//! Times and dates as the API writes them: RFC 3339, UTC.

use casemate_model::Timestamp;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// `2026-11-22T07:30:00Z`
pub(crate) fn time(at: Timestamp) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// `2026-11-22`
pub(crate) fn date(day: Date) -> String {
    day.format(DATE).unwrap_or_default()
}

/// Reads `2026-11-22T07:30:00Z`.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text, &Rfc3339).map_err(|_| "must be a time, like `2026-11-22T07:30:00Z`")
}

/// Reads `2026-11-22`.
pub(crate) fn parse_date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text, DATE).map_err(|_| "must be a date, like `2026-11-22`")
}
