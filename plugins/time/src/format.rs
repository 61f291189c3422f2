//! From an instant to the text a caller wants.

use jiff::Zoned;
use jiff::fmt::{rfc2822, strtime};

use crate::error::TimeError;

/// Bytes of a pattern. Each directive gives at most 255 characters, so the text stays small too.
const PATTERN_BYTES_MAX: usize = 200;

/// The named formats, as the documentation and the errors list them.
pub const NAMES: &str = "`rfc3339`, `rfc2822`, `http`, `iso-week`, `unix`";

/// Writes an instant in a named format or by a pattern with `%` directives, as `strftime` knows them.
pub fn write(instant: &Zoned, format: &str) -> Result<String, TimeError> {
    let wrong =
        |error: jiff::Error| TimeError::Format(format!("the format does not work: {error}"));
    match format {
        "rfc3339" => Ok(instant
            .timestamp()
            .display_with_offset(instant.offset())
            .to_string()),
        "rfc2822" => rfc2822::to_string(instant).map_err(wrong),
        "http" => rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&instant.timestamp())
            .map_err(wrong),
        "iso-week" => Ok(iso_week(instant)),
        "unix" => Ok(instant.timestamp().as_second().to_string()),
        pattern if pattern.len() > PATTERN_BYTES_MAX => Err(TimeError::Format(format!(
            "the format is longer than {PATTERN_BYTES_MAX} bytes"
        ))),
        pattern if pattern.contains('%') => strtime::format(pattern, instant).map_err(wrong),
        name => Err(TimeError::Format(format!(
            "`{name}` is not a format (hint: use one of {NAMES}, or a pattern such as `%d.%m.%Y %H:%M`)"
        ))),
    }
}

/// The ISO 8601 week date, such as `2026-W13-7`.
pub fn iso_week(instant: &Zoned) -> String {
    let week = instant.date().iso_week_date();
    format!(
        "{:04}-W{:02}-{}",
        week.year(),
        week.week(),
        week.weekday().to_monday_one_offset()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant() -> Zoned {
        "2026-03-29T14:05:09+02:00[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn an_instant_is_written_in_each_format() {
        for (format, expected) in [
            ("rfc3339", "2026-03-29T14:05:09+02:00"),
            ("rfc2822", "Sun, 29 Mar 2026 14:05:09 +0200"),
            ("http", "Sun, 29 Mar 2026 12:05:09 GMT"),
            ("iso-week", "2026-W13-7"),
            ("unix", "1774785909"),
            ("%d.%m.%Y %H:%M", "29.03.2026 14:05"),
            ("%A %B %-d, %I:%M %p %Z", "Sunday March 29, 02:05 PM CEST"),
            ("%j %U %s", "088 13 1774785909"),
            ("100%%", "100%"),
        ] {
            assert_eq!(
                write(&instant(), format).as_deref(),
                Ok(expected),
                "{format}"
            );
        }
    }

    #[test]
    fn the_iso_year_is_not_the_calendar_year() {
        let instant: Zoned = "2027-01-01T00:00:00+00:00[UTC]".parse().unwrap();
        assert_eq!(write(&instant, "iso-week").as_deref(), Ok("2026-W53-5"));
    }

    #[test]
    fn a_format_that_does_not_work_is_refused() {
        for (format, hint) in [
            ("iso8601", "`rfc3339`"),
            ("", "`rfc3339`"),
            ("YYYY-MM-DD", "`%d.%m.%Y"),
            ("%", "does not work"),
            ("%!", "does not work"),
            (&"%Y".repeat(101), "longer than 200 bytes"),
        ] {
            let refused = write(&instant(), format).unwrap_err().to_string();
            assert!(refused.contains(hint), "{format}: {refused}");
        }
    }

    #[test]
    fn the_longest_pattern_gives_a_short_text() {
        let widest = "%255Y".repeat(PATTERN_BYTES_MAX / 5);
        assert!(write(&instant(), &widest).is_ok_and(|text| text.len() < 16_384));
        assert!(write(&instant(), "%999999999Y").is_err());
    }
}
