//! Times as people read them: UTC, with the exact moment for machines beside them.

use casemate_model::Timestamp;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment on a page.
#[derive(Clone, Debug)]
pub(crate) struct When {
    /// For `<time datetime>`.
    pub(crate) exact: String,
    /// For people: `22 Nov 2026, 07:31 UTC`.
    pub(crate) full: String,
    /// For people in a hurry: `3 h ago`.
    pub(crate) ago: String,
}

impl When {
    /// This moment, seen from `now`.
    pub(crate) fn of(moment: Timestamp, now: Timestamp) -> Self {
        let moment = moment.to_offset(time::UtcOffset::UTC);
        let full = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        Self {
            exact: moment.format(&Rfc3339).unwrap_or_default(),
            full: moment.format(full).unwrap_or_default(),
            ago: ago(moment, now),
        }
    }
}

fn ago(moment: Timestamp, now: Timestamp) -> String {
    let past = now - moment;
    if past.is_negative() {
        return match -past {
            ahead if ahead.whole_minutes() < 60 => format!("in {} min", ahead.whole_minutes().max(1)),
            ahead if ahead.whole_hours() < 48 => format!("in {} h", ahead.whole_hours()),
            ahead => format!("in {} days", ahead.whole_days()),
        };
    }
    match past {
        past if past.whole_minutes() < 1 => "just now".to_owned(),
        past if past.whole_minutes() < 60 => format!("{} min ago", past.whole_minutes()),
        past if past.whole_hours() < 48 => format!("{} h ago", past.whole_hours()),
        past if past.whole_days() < 60 => format!("{} days ago", past.whole_days()),
        _ => day(moment.date()),
    }
}

/// A date as people read it: `22 Nov 2026`.
pub(crate) fn day(date: time::Date) -> String {
    date.format(format_description!("[day padding:none] [month repr:short] [year]")).unwrap_or_default()
}

/// A date as `<input type="date">` has it: `2026-11-22`.
pub(crate) fn iso_day(date: time::Date) -> String {
    date.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// Reads what `<input type="date">` sends.
pub(crate) fn parse_day(text: &str) -> Option<time::Date> {
    crate::api::moment::parse_date(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn moments_read_as_people_say_them() {
        let now = Timestamp::UNIX_EPOCH + Duration::days(20_000);
        for (past, words) in [
            (Duration::seconds(5), "just now"),
            (Duration::minutes(5), "5 min ago"),
            (Duration::hours(47), "47 h ago"),
            (Duration::days(3), "3 days ago"),
            (Duration::minutes(-30), "in 30 min"),
            (Duration::days(-30), "in 30 days"),
        ] {
            assert_eq!(ago(now - past, now), words);
        }
    }

    #[test]
    fn a_date_survives_the_form() {
        let date = parse_day("2026-11-22").unwrap();
        assert_eq!(iso_day(date), "2026-11-22");
        assert_eq!(day(date), "22 Nov 2026");
        assert_eq!(parse_day("22.11.2026"), None);
        assert_eq!(parse_day("-9999-12-31"), None);
    }
}
