//! Time zones by their IANA names, from the database compiled into this plugin.

use jiff::tz::{self, TimeZone};

use crate::error::TimeError;

/// Names in the hint of a refused zone.
const HINTS_MAX: usize = 3;

/// A time zone that exists.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its rules.
    pub rules: TimeZone,
    /// Its IANA name, in the database's own spelling.
    pub name: String,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self {
            rules: TimeZone::UTC,
            name: "UTC".to_owned(),
        }
    }

    /// Finds a zone by its name, in any case.
    pub fn find(name: &str) -> Result<Self, TimeError> {
        let unknown = || {
            let place = name.rsplit('/').next().unwrap_or(name).replace(' ', "_");
            TimeError::unknown_zone(name, suggest(&place, HINTS_MAX))
        };
        let rules = TimeZone::get(name.trim()).map_err(|_| unknown())?;
        let name = rules.iana_name().ok_or_else(unknown)?.to_owned();
        Ok(Self { rules, name })
    }

    /// Finds a zone when one is named; otherwise it is UTC.
    pub fn find_or_utc(name: Option<&str>) -> Result<Self, TimeError> {
        name.map_or_else(|| Ok(Self::utc()), Self::find)
    }
}

/// The names of all zones, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Zones whose name contains what is typed so far, in any case; those that begin with it come first.
pub fn suggest(typed: &str, n_max: usize) -> Vec<String> {
    let typed = typed.trim().to_ascii_lowercase();
    let mut found: Vec<(usize, String)> = names()
        .into_iter()
        .filter_map(|name| Some((name.to_ascii_lowercase().find(&typed)?, name)))
        .collect();
    // A stable sort, so that names stay in order among those that begin alike.
    found.sort_by_key(|(position, _)| *position > 0);
    found
        .into_iter()
        .take(n_max)
        .map(|(_, name)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_its_name_in_any_case() {
        for (name, found) in [
            ("UTC", "UTC"),
            ("europe/berlin", "Europe/Berlin"),
            (" Asia/Kolkata ", "Asia/Kolkata"),
            (
                "America/Argentina/Buenos_Aires",
                "America/Argentina/Buenos_Aires",
            ),
        ] {
            assert_eq!(Zone::find(name).unwrap().name, found);
        }
    }

    #[test]
    fn an_unknown_zone_is_refused_with_the_names_that_come_near() {
        for (name, hint) in [
            ("Berlin", "`Europe/Berlin`"),
            ("Germany/Berlin", "`Europe/Berlin`"),
            ("new york", "`America/New_York`"),
            ("Mars/Olympus", "`time://zones`"),
            ("", "`Africa/Abidjan`"),
            ("../../etc/passwd", "`time://zones`"),
        ] {
            let refused = Zone::find(name).unwrap_err().to_string();
            assert!(refused.contains(hint), "{name}: {refused}");
        }
    }

    #[test]
    fn suggestions_begin_with_what_is_typed_before_they_contain_it() {
        assert_eq!(suggest("berl", 9), ["Europe/Berlin"]);
        assert_eq!(suggest("us/p", 9), ["US/Pacific"]);
        let found = suggest("america", 1_000);
        assert!(found.len() > 100 && found.iter().all(|name| name.starts_with("America/")));
        assert_eq!(suggest("e", 1), ["EET"]);
        assert_eq!(suggest("", 7).len(), 7);
        assert_eq!(suggest("nowhere", 7), Vec::<String>::new());
    }

    #[test]
    fn the_database_knows_the_whole_world() {
        let names = names();
        assert!(names.len() > 500 && names.is_sorted());
        assert!(names.iter().all(|name| Zone::find(name).is_ok()));
    }
}
