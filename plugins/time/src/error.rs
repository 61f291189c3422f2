//! Why a question about time has no answer.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Characters of a caller's text that an error repeats.
const QUOTE_CHARS_MAX: usize = 60;

/// Why a question about time has no answer. Each says what to try instead.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeError {
    /// There is no such zone.
    UnknownZone {
        /// What was asked for.
        name: String,
        /// Zones with similar names, perhaps none.
        near: Vec<String>,
    },
    /// The text is not a time.
    NotATime(String),
    /// The text is a local time, and nobody said where.
    NoZone(String),
    /// The clocks skip this local time.
    Skipped(Doubt),
    /// The clocks show this local time twice.
    Repeated(Doubt),
    /// The format is neither a name nor a pattern.
    Format(String),
    /// The date is not a date.
    NotADate(String),
    /// Too many zones, or none at all.
    ZoneCount(usize),
}

/// A local time that is not one instant, because the clocks change.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// The local time.
    pub local: DateTime,
    /// Where.
    pub zone: String,
    /// The offset before the change.
    pub before: Offset,
    /// The offset after the change.
    pub after: Offset,
}

impl TimeError {
    /// No zone has that name; some have a similar one.
    pub fn unknown_zone(name: &str, near: Vec<String>) -> Self {
        Self::UnknownZone {
            name: quote(name),
            near,
        }
    }

    /// The text is not a time.
    pub fn not_a_time(text: &str) -> Self {
        Self::NotATime(quote(text))
    }

    /// The text does not say where it is that time.
    pub fn no_zone(text: &str) -> Self {
        Self::NoZone(quote(text))
    }

    /// The text is not a date.
    pub fn not_a_date(text: &str) -> Self {
        Self::NotADate(quote(text))
    }
}

fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownZone { name, near } if near.is_empty() => write!(
                f,
                "`{name}` is not an IANA time zone (hint: write it like `Europe/Berlin`; the resource `time://zones` lists all)"
            ),
            Self::UnknownZone { name, near } => {
                write!(
                    f,
                    "`{name}` is not an IANA time zone (hint: try `{}`)",
                    near.join("`, `")
                )
            }
            Self::NotATime(text) => write!(
                f,
                "`{text}` is not a time (hint: write it like `2026-03-29T14:30:00Z`, `2026-03-29T14:30`, or as Unix seconds)"
            ),
            Self::NoZone(text) => write!(
                f,
                "`{text}` has no offset, so it is not yet an instant (hint: say which zone it is in, or end it with `Z` or an offset)"
            ),
            Self::Skipped(doubt) => write!(
                f,
                "`{}` does not exist in `{}`: the clocks go forward over it, from {} to {} (hint: give the offset you mean, such as `{}{}`)",
                doubt.local,
                doubt.zone,
                written(doubt.before),
                written(doubt.after),
                doubt.local,
                written(doubt.before)
            ),
            Self::Repeated(doubt) => write!(
                f,
                "`{}` comes twice in `{}`: the clocks go back over it (hint: give the offset, `{}{}` for the first time or `{}{}` for the second)",
                doubt.local,
                doubt.zone,
                doubt.local,
                written(doubt.before),
                doubt.local,
                written(doubt.after)
            ),
            Self::Format(reason) => f.write_str(reason),
            Self::NotADate(text) => write!(
                f,
                "`{text}` is not a date (hint: write it like `2026-03-29`)"
            ),
            Self::ZoneCount(n_max) => {
                write!(
                    f,
                    "a meeting needs one to {n_max} zones (hint: separate them with commas)"
                )
            }
        }
    }
}

impl std::error::Error for TimeError {}

/// An offset as RFC 3339 writes it, such as `+01:00`.
pub fn written(offset: Offset) -> String {
    let minutes = offset.seconds().unsigned_abs() / 60;
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
