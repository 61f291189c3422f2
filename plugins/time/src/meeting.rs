//! The facts a model needs to plan a meeting over several zones, so that it need not work them out itself.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{TimeError, written};
use crate::zone::{self, Zone};

/// Zones in one plan. With more there is no common working hour anyway.
pub const ZONES_MAX: usize = 20;

/// The hours in which people are usually at work, by their own clocks.
const WORKING_HOURS: (i8, i8) = (9, 17);

/// Asks for a meeting, with everybody's working hours on that day written in UTC. Without a date it is about today, as
/// UTC has it.
pub fn plan(
    zones: &str,
    date: Option<&str>,
    minutes: Option<&str>,
    now: Timestamp,
) -> Result<String, TimeError> {
    let date = match date {
        Some(date) => date
            .trim()
            .parse::<Date>()
            .map_err(|_| TimeError::not_a_date(date))?,
        None => jiff::tz::Offset::UTC.to_datetime(now).date(),
    };
    let zones: Vec<&str> = zones
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if zones.is_empty() || zones.len() > ZONES_MAX {
        return Err(TimeError::ZoneCount(ZONES_MAX));
    }
    let mut lines = Vec::new();
    for name in zones {
        lines.push(working_hours(&Zone::find(name)?, date)?);
    }
    let minutes = minutes.unwrap_or("30");
    Ok(format!(
        "Find the best time for a meeting of {minutes} minutes on {date}. These are the usual working hours:\n{}\n\
         Propose up to three times. Give each in every zone, say who would have to be there outside working hours, \
         and check each with the tool `convert_time` before you name it.",
        lines.join("\n")
    ))
}

/// One line: a zone, its working hours and the same in UTC.
fn working_hours(zone: &Zone, date: Date) -> Result<String, TimeError> {
    let (begin, end) = WORKING_HOURS;
    let at = |hour| {
        let local = date.at(hour, 0, 0, 0);
        let instant = zone.rules.to_ambiguous_zoned(local).compatible();
        instant.map_err(|_| TimeError::not_a_date(&date.to_string()))
    };
    let (begin, end) = (at(begin)?, at(end)?);
    let utc = |instant: &jiff::Zoned| instant.timestamp().strftime("%Y-%m-%d %H:%M").to_string();
    Ok(format!(
        "- {}: {} to {} ({}), which is {} to {} UTC",
        zone.name,
        begin.strftime("%H:%M"),
        end.strftime("%H:%M"),
        written(begin.offset()),
        utc(&begin),
        utc(&end),
    ))
}

/// Completes the last zone of a list separated by commas.
pub fn complete(typed: &str, n_max: usize) -> Vec<String> {
    let (done, last) = match typed.rsplit_once(',') {
        Some((done, last)) => (format!("{done}, "), last),
        None => (String::new(), typed),
    };
    zone::suggest(last, n_max)
        .into_iter()
        .map(|zone| format!("{done}{zone}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_now(zones: &str, date: Option<&str>) -> Result<String, TimeError> {
        plan(zones, date, None, "2026-03-27T23:30:00Z".parse().unwrap())
    }

    #[test]
    fn a_plan_lists_the_working_hours_of_each_zone() {
        let text = plan_now("Europe/Berlin, asia/tokyo,", Some("2026-03-30")).unwrap();
        for part in [
            "30 minutes on 2026-03-30",
            "- Europe/Berlin: 09:00 to 17:00 (+02:00), which is 2026-03-30 07:00 to 2026-03-30 15:00 UTC",
            "- Asia/Tokyo: 09:00 to 17:00 (+09:00), which is 2026-03-30 00:00 to 2026-03-30 08:00 UTC",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn without_a_date_a_plan_is_for_today() {
        assert!(plan_now("UTC", None).is_ok_and(|text| text.contains("on 2026-03-27")));
    }

    #[test]
    fn a_plan_is_refused_for_a_wrong_zone_date_or_number_of_zones() {
        assert!(matches!(
            plan_now("Mars", None),
            Err(TimeError::UnknownZone { .. })
        ));
        assert_eq!(
            plan_now("UTC", Some("soon")),
            Err(TimeError::not_a_date("soon"))
        );
        assert_eq!(plan_now(" , ", None), Err(TimeError::ZoneCount(ZONES_MAX)));
        assert_eq!(
            plan_now(&"UTC,".repeat(21), None),
            Err(TimeError::ZoneCount(ZONES_MAX))
        );
        assert!(plan_now(&"UTC,".repeat(20), None).is_ok());
    }

    #[test]
    fn the_last_zone_of_a_list_is_completed() {
        assert_eq!(complete("berl", 9), ["Europe/Berlin"]);
        assert_eq!(
            complete("Asia/Tokyo, berl", 9),
            ["Asia/Tokyo, Europe/Berlin"]
        );
        assert_eq!(
            complete("Asia/Tokyo,Europe/Berlin,new_y", 9),
            ["Asia/Tokyo,Europe/Berlin, America/New_York"]
        );
    }
}
