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
    // PostgreSQL knows no year before 4713 BC, and nothing is due then.
    let date = Date::parse(text, DATE).ok().filter(|date| date.year() >= 1_900);
    date.ok_or("must be a date, like `2026-11-22`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_years_that_every_store_knows() {
        assert!(parse_date("2026-11-22").is_ok());
        for bad in ["-9999-12-31", "-0001-01-01", "0000-01-01", "1899-12-31", "+10000-01-01", "2026-02-30"] {
            assert!(parse_date(bad).is_err(), "{bad}");
        }
    }
}
