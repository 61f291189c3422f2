//! A plugin with settings: the operator chooses the unit and the number of days, and may leave both to the plugin.

use portcullis_plugin::serde::Deserialize;
use portcullis_plugin::settings;

#[derive(Deserialize)]
#[serde(crate = "portcullis_plugin::serde", default)]
struct Settings {
    unit: String,
    days: u32,
    cities: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unit: "C".to_owned(),
            days: 3,
            cities: Vec::new(),
        }
    }
}

#[portcullis_plugin::plugin]
mod forecast {
    use portcullis_plugin::Error;

    use super::{Settings, settings};

    /// Says what a forecast would be about.
    #[tool]
    fn plan() -> Result<String, Error> {
        let Settings { unit, days, cities } = settings::typed()?;
        Ok(format!(
            "{days} days of {} in °{unit}",
            cities.join(" and ")
        ))
    }
}
