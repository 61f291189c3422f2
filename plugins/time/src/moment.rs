//! What is told of an instant and of a zone.

use jiff::tz::Dst;
use jiff::{Timestamp, Zoned};
use portcullis_plugin::data;

use crate::error::written;
use crate::format;
use crate::zone::Zone;

/// An instant as a clock and a calendar in one zone show it.
#[data]
pub struct Moment {
    /// RFC 3339 with the zone's offset, such as `2026-03-29T14:05:09+02:00`.
    pub time: String,
    /// The zone's IANA name.
    pub zone: String,
    /// The day of the week in English.
    pub weekday: String,
    /// The ISO 8601 week date, such as `2026-W13-7`.
    pub iso_week: String,
    /// Whether daylight saving time is in force.
    pub daylight_saving: bool,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
}

impl Moment {
    /// Looks at an instant from a zone.
    pub fn new(instant: Timestamp, zone: &Zone) -> Self {
        let local = instant.to_zoned(zone.rules.clone());
        Self {
            time: rfc3339(&local),
            zone: zone.name.clone(),
            weekday: local.strftime("%A").to_string(),
            iso_week: format::iso_week(&local),
            daylight_saving: zone.rules.to_offset_info(instant).dst().is_dst(),
            unix_seconds: instant.as_second(),
        }
    }
}

/// One instant in two zones.
#[data]
pub struct Conversion {
    /// Where it was given.
    pub from: Moment,
    /// Where it was asked for.
    pub to: Moment,
}

/// A zone at one instant.
#[data]
pub struct ZoneState {
    /// The time there.
    pub now: Moment,
    /// The offset from UTC, such as `+02:00`.
    pub offset: String,
    /// The offset's usual abbreviation, such as `CEST`.
    pub abbreviation: String,
    /// The next change of the clocks; absent when none is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_change: Option<Change>,
}

/// A change of a zone's clocks.
#[data]
pub struct Change {
    /// The first instant under the new offset, in RFC 3339 with that offset.
    pub time: String,
    /// The new offset.
    pub offset: String,
    /// Its usual abbreviation.
    pub abbreviation: String,
    /// Whether it is daylight saving time.
    pub daylight_saving: bool,
}

impl ZoneState {
    /// Looks at a zone at an instant.
    pub fn new(instant: Timestamp, zone: &Zone) -> Self {
        let info = zone.rules.to_offset_info(instant);
        let next_change = zone.rules.following(instant).next().map(|next| Change {
            time: next
                .timestamp()
                .display_with_offset(next.offset())
                .to_string(),
            offset: written(next.offset()),
            abbreviation: next.abbreviation().to_owned(),
            daylight_saving: next.dst() == Dst::Yes,
        });
        Self {
            now: Moment::new(instant, zone),
            offset: written(info.offset()),
            abbreviation: info.abbreviation().to_owned(),
            next_change,
        }
    }
}

fn rfc3339(local: &Zoned) -> String {
    local
        .timestamp()
        .display_with_offset(local.offset())
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_differs_by_zone_and_stays_the_same_instant() {
        for (zone, time, weekday, iso_week, daylight_saving) in [
            (
                "UTC",
                "2026-06-30T22:30:00+00:00",
                "Tuesday",
                "2026-W27-2",
                false,
            ),
            (
                "Europe/Berlin",
                "2026-07-01T00:30:00+02:00",
                "Wednesday",
                "2026-W27-3",
                true,
            ),
            (
                "Asia/Kathmandu",
                "2026-07-01T04:15:00+05:45",
                "Wednesday",
                "2026-W27-3",
                false,
            ),
            (
                "America/St_Johns",
                "2026-06-30T20:00:00-02:30",
                "Tuesday",
                "2026-W27-2",
                true,
            ),
        ] {
            let moment = Moment::new(instant("2026-06-30T22:30:00Z"), &Zone::find(zone).unwrap());
            assert_eq!((moment.time.as_str(), moment.zone.as_str()), (time, zone));
            assert_eq!(
                (moment.weekday.as_str(), moment.iso_week.as_str()),
                (weekday, iso_week)
            );
            assert_eq!(
                (moment.daylight_saving, moment.unix_seconds),
                (daylight_saving, 1_782_858_600)
            );
        }
    }

    #[test]
    fn a_zone_tells_its_offset_and_the_next_change_of_its_clocks() {
        let check =
            |zone: &str, at: &str, offset: &str, abbreviation: &str, next: Option<(&str, bool)>| {
                let state = ZoneState::new(instant(at), &Zone::find(zone).unwrap());
                assert_eq!(
                    (state.offset.as_str(), state.abbreviation.as_str()),
                    (offset, abbreviation),
                    "{zone}"
                );
                let change = state
                    .next_change
                    .map(|change| (change.time, change.daylight_saving));
                assert_eq!(
                    change.as_ref().map(|(time, dst)| (time.as_str(), *dst)),
                    next,
                    "{zone}"
                );
            };
        check("UTC", "2026-01-01T00:00:00Z", "+00:00", "UTC", None);
        check("Asia/Tokyo", "2026-01-01T00:00:00Z", "+09:00", "JST", None);
        check(
            "Europe/Berlin",
            "2026-01-01T00:00:00Z",
            "+01:00",
            "CET",
            Some(("2026-03-29T03:00:00+02:00", true)),
        );
        check(
            "Europe/Berlin",
            "2026-03-29T01:00:00Z",
            "+02:00",
            "CEST",
            Some(("2026-10-25T02:00:00+01:00", false)),
        );
        check(
            "Australia/Sydney",
            "2100-01-01T00:00:00Z",
            "+11:00",
            "AEDT",
            Some(("2100-04-04T02:00:00+10:00", false)),
        );
    }
}
