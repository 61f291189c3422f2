//! From what a caller writes to an instant.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use jiff::tz::AmbiguousOffset;

use crate::error::{Doubt, TimeError};
use crate::zone::Zone;

/// Reads an instant: RFC 3339, Unix seconds, or a local time, which is taken to be in `zone` unless it names its own as
/// in `2026-03-29T14:30[Europe/Berlin]`.
///
/// A local time that the clocks skip or repeat is refused rather than guessed.
pub fn read(text: &str, zone: Option<&Zone>) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    let not_a_time = || TimeError::not_a_time(text);
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).map_err(|_| not_a_time());
    }
    let pieces = Pieces::parse(text).map_err(|_| not_a_time())?;
    let local = pieces
        .date()
        .to_datetime(pieces.time().unwrap_or(Time::midnight()));
    if let Some(offset) = pieces.to_numeric_offset() {
        return offset.to_timestamp(local).map_err(|_| not_a_time());
    }
    let named = pieces.to_time_zone().map_err(|_| not_a_time())?;
    let named = named.map(|rules| Zone {
        name: rules.iana_name().unwrap_or("that zone").to_owned(),
        rules,
    });
    let zone = named
        .as_ref()
        .or(zone)
        .ok_or_else(|| TimeError::no_zone(text))?;
    let doubt = |before, after| Doubt {
        local,
        zone: zone.name.clone(),
        before,
        after,
    };
    let candidate = zone.rules.to_ambiguous_timestamp(local);
    match candidate.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            offset.to_timestamp(local).map_err(|_| not_a_time())
        }
        AmbiguousOffset::Gap { before, after } => Err(TimeError::Skipped(doubt(before, after))),
        AmbiguousOffset::Fold { before, after } => Err(TimeError::Repeated(doubt(before, after))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone::find("Europe/Berlin").unwrap()
    }

    #[test]
    fn an_instant_is_read_in_each_of_its_forms() {
        let berlin = berlin();
        for (text, zone, expected) in [
            ("2026-03-29T12:00:00Z", None, "2026-03-29T12:00:00Z"),
            ("2026-03-29T14:00:00+02:00", None, "2026-03-29T12:00:00Z"),
            ("2026-03-29 14:00:00+02:00", None, "2026-03-29T12:00:00Z"),
            (
                "2026-03-29T12:00:00Z",
                Some(&berlin),
                "2026-03-29T12:00:00Z",
            ),
            (
                "2026-03-29T14:00:00+02:00[Europe/Berlin]",
                None,
                "2026-03-29T12:00:00Z",
            ),
            (
                "2026-03-29T14:00[Europe/Berlin]",
                None,
                "2026-03-29T12:00:00Z",
            ),
            ("2026-03-29T14:00", Some(&berlin), "2026-03-29T12:00:00Z"),
            ("2026-03-29", Some(&berlin), "2026-03-28T23:00:00Z"),
            (
                "2026-03-29T14:00:00.25",
                Some(&berlin),
                "2026-03-29T12:00:00.25Z",
            ),
            ("0", None, "1970-01-01T00:00:00Z"),
            ("-1", Some(&berlin), "1969-12-31T23:59:59Z"),
            (" 1774785600 ", None, "2026-03-29T12:00:00Z"),
        ] {
            assert_eq!(
                read(text, zone)
                    .map(|instant| instant.to_string())
                    .as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "now",
            "tomorrow",
            "12:00",
            "2026-02-30T00:00Z",
            "2026-13-01",
            "99999999999999999999",
            "9223372036854775807",
            "2026-03-29T14:00[Mars/Olympus]",
            "29.03.2026",
            "9999-12-31T23:59:59-20:00",
        ] {
            assert_eq!(
                read(text, Some(&berlin())),
                Err(TimeError::not_a_time(text)),
                "{text}"
            );
        }
        assert_eq!(
            read("2026-03-29T14:00", None),
            Err(TimeError::no_zone("2026-03-29T14:00"))
        );
    }

    #[test]
    fn a_local_time_that_the_clocks_skip_or_repeat_is_refused_with_both_offsets() {
        let refused = |text: &str| read(text, Some(&berlin())).unwrap_err().to_string();
        let skipped = refused("2026-03-29T02:30");
        assert!(
            skipped.contains("does not exist in `Europe/Berlin`"),
            "{skipped}"
        );
        assert!(skipped.contains("from +01:00 to +02:00"), "{skipped}");
        let repeated = refused("2026-10-25T02:30");
        assert!(
            repeated.contains("`2026-10-25T02:30:00+02:00` for the first"),
            "{repeated}"
        );
        assert!(
            repeated.contains("`2026-10-25T02:30:00+01:00` for the second"),
            "{repeated}"
        );
        assert!(read("2026-03-29T03:00", Some(&berlin())).is_ok());
        assert!(read("2026-10-25T02:30:00+01:00", Some(&berlin())).is_ok());
    }
}
