//! The time, in any zone and format: a plugin with tools, resources, a template, a prompt and completion.
//!
//! The functions in [`time`] are what a client sees; they read the clock and pass it on. The modules below take the
//! present as a parameter, so their tests do not depend on it.

mod error;
mod format;
mod instant;
mod meeting;
mod moment;
mod zone;

/// The tools, the resources and the prompt.
#[portcullis_plugin::plugin]
pub mod time {
    use jiff::Timestamp;
    use portcullis_plugin::prelude::*;

    use crate::error::TimeError;
    use crate::moment::{Conversion, Moment, ZoneState};
    use crate::zone::{self, Zone};
    use crate::{format, instant, meeting};

    /// Suggestions in one answer; MCP allows no more.
    const SUGGESTIONS_MAX: usize = 100;

    /// Tells the date and the time now, with the weekday, the ISO week and whether daylight saving time is in force. Use
    /// it whenever an answer depends on the present, which you do not know.
    #[tool(title = "Current time", read_only, open_world = false)]
    fn current_time(
        /// An IANA time zone such as `Europe/Berlin`. UTC when left out.
        zone: Option<String>,
    ) -> Result<Moment, TimeError> {
        Ok(Moment::new(now(), &Zone::find_or_utc(zone.as_deref())?))
    }

    /// Writes a time in another format. Use it instead of rewriting dates, weekdays or week numbers by hand.
    #[tool(title = "Format a time", read_only, idempotent, open_world = false)]
    fn format_time(
        /// The time: RFC 3339 such as `2026-03-29T14:30:00Z`, Unix seconds, or a local time such as `2026-03-29T14:30`,
        /// which is then in `zone`.
        time: String,
        /// `rfc3339`, `rfc2822`, `http`, `iso-week`, `unix`, or a pattern of at most 200 bytes as for strftime, such as
        /// `%A, %d %B %Y %H:%M %Z`.
        format: String,
        /// The IANA time zone to write it in. UTC when left out.
        zone: Option<String>,
    ) -> Result<String, TimeError> {
        let zone = Zone::find_or_utc(zone.as_deref())?;
        let instant = instant::read(&time, Some(&zone))?;
        format::write(&instant.to_zoned(zone.rules), &format)
    }

    /// Converts a time from one zone to another, daylight saving time included. A local time that the clocks skip or show
    /// twice is answered with the offsets to choose from. Use it instead of adding hours.
    #[tool(title = "Convert a time", read_only, idempotent, open_world = false)]
    fn convert_time(
        /// The time: a local time in `from` such as `2026-03-29T14:30`, RFC 3339 with an offset, or Unix seconds.
        time: String,
        /// The IANA time zone to convert to.
        to: String,
        /// The IANA time zone that a local time is in. Without it, `time` needs an offset.
        from: Option<String>,
    ) -> Result<Conversion, TimeError> {
        let to = Zone::find(&to)?;
        let from = from.as_deref().map(Zone::find).transpose()?;
        let instant = instant::read(&time, from.as_ref())?;
        let from = from.unwrap_or_else(Zone::utc);
        Ok(Conversion {
            from: Moment::new(instant, &from),
            to: Moment::new(instant, &to),
        })
    }

    /// The date and the time now, in UTC.
    #[resource(
        "time://current",
        title = "Current time",
        mime_type = "application/json"
    )]
    fn current() -> Json<Moment> {
        Json(Moment::new(now(), &Zone::utc()))
    }

    /// The names of all IANA time zones.
    #[resource("time://zones", title = "Time zones", mime_type = "application/json")]
    fn zones() -> Json<Vec<String>> {
        Json(zone::names())
    }

    /// A time zone now: its time and offset, and when its clocks change next.
    #[resource(
        "time://zones/{+zone}",
        name = "zone",
        title = "Time zone",
        mime_type = "application/json"
    )]
    fn zone_now(zone: String) -> Result<Json<ZoneState>, Error> {
        let zone = Zone::find(&zone).map_err(|error| Error::not_found(error.to_string()))?;
        Ok(Json(ZoneState::new(now(), &zone)))
    }

    /// Suggests the zones whose name contains what is typed.
    #[complete(resource = "time://zones/{+zone}", argument = "zone")]
    fn complete_zone(value: &str) -> Vec<String> {
        zone::suggest(value, SUGGESTIONS_MAX)
    }

    /// Finds a time for a meeting of people in several time zones.
    #[prompt(title = "Plan a meeting")]
    fn plan_meeting(
        /// The IANA time zones of the people, separated by commas.
        zones: String,
        /// The day, such as `2026-03-29`. Today when left out.
        date: Option<String>,
        /// How many minutes it takes. 30 when left out.
        minutes: Option<String>,
    ) -> Result<String, Error> {
        meeting::plan(&zones, date.as_deref(), minutes.as_deref(), now())
            .map_err(|error| Error::invalid_params(error.to_string()))
    }

    /// Suggests a zone for the last place of the list.
    #[complete(prompt = "plan_meeting", argument = "zones")]
    fn complete_zones(value: &str) -> Vec<String> {
        meeting::complete(value, SUGGESTIONS_MAX)
    }

    /// The present, in whole seconds; what lies below says nothing to anybody who reads it seconds later.
    fn now() -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}
