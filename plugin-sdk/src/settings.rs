//! What the operator set for the plugin, over the defaults of its manifest.
//!
//! The manifest says under `configuration` what can be set; Portcullis checks what the operator gives before the plugin is
//! put into service. A secret that the operator gives to the plugin itself is here under its name.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::Error;
use crate::imports;

mod text;

/// The setting named `key`. What is not text is JSON text, such as `3` or `["a"]`.
///
/// ```
/// use portcullis_plugin::settings;
///
/// let unit = settings::get("unit").unwrap_or_else(|| "C".to_owned());
/// # assert_eq!(unit, "C");
/// ```
#[must_use]
pub fn get(key: &str) -> Option<String> {
    // This host has all settings at hand, so asking for one does not fail.
    imports::settings::get(key).ok().flatten()
}

/// Every setting, by name.
#[must_use]
pub fn all() -> BTreeMap<String, String> {
    imports::settings::get_all()
        .unwrap_or_default()
        .into_iter()
        .collect()
}

/// All settings as one value of the plugin's own type.
///
/// Each field is read in its own type: a text as it is, anything else from its JSON.
///
/// ```
/// use portcullis_plugin::{serde, settings};
///
/// #[derive(serde::Deserialize)]
/// # #[serde(crate = "portcullis_plugin::serde")]
/// #[serde(default)]
/// struct Settings {
///     unit: String,
///     days: u32,
/// }
///
/// impl Default for Settings {
///     fn default() -> Self {
///         Self { unit: "C".to_owned(), days: 3 }
///     }
/// }
///
/// let settings: Settings = settings::typed()?;
/// # assert_eq!((settings.unit.as_str(), settings.days), ("C", 3));
/// # Ok::<(), portcullis_plugin::Error>(())
/// ```
///
/// # Errors
/// When the settings do not fit the type, which they do when the type and the manifest's schema agree.
pub fn typed<T: DeserializeOwned>() -> Result<T, Error> {
    text::read(all()).map_err(|error| Error::other(format!("the settings do not fit: {error}")))
}
