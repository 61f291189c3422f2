//! The name of a plugin, as its manifest says it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::NameError;

/// One to forty of `[a-z0-9-]`, beginning with a letter and not ending with a hyphen, such as `web-search`.
///
/// It can be a folder's name, a TOML key and the beginning of a tool's name without being escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PluginName(String);

/// Leaves room for a tool's name below [`super::PUBLIC_NAME_CHARS_MAX`].
const CHARS_MAX: usize = 40;

impl PluginName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest name to a file's stem, for a component without a manifest: `My_Tool` becomes `my-tool`.
    ///
    /// # Errors
    /// When nothing of the stem can be kept.
    pub fn from_file_stem(stem: &str) -> Result<Self, NameError> {
        let lowered: String = stem
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .skip_while(|c| !c.is_ascii_lowercase())
            .take(CHARS_MAX)
            .collect();
        lowered.trim_end_matches('-').parse()
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PluginName {
    type Err = NameError;

    fn from_str(claimed: &str) -> Result<Self, NameError> {
        let refuse = |problem: &str| {
            Err(NameError::new(
                "plugin name",
                claimed,
                problem,
                "use lower-case letters, digits and hyphens, such as `web-search`",
            ))
        };
        match claimed {
            "" => refuse("is empty"),
            _ if claimed.len() > CHARS_MAX => refuse("is longer than 40 characters"),
            _ if !claimed
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')) =>
            {
                refuse("has a character that is not allowed")
            }
            _ if !claimed.starts_with(|c: char| c.is_ascii_lowercase()) => {
                refuse("does not begin with a letter")
            }
            _ if claimed.ends_with('-') => refuse("ends with a hyphen"),
            _ => Ok(Self(claimed.to_owned())),
        }
    }
}

impl TryFrom<String> for PluginName {
    type Error = NameError;

    fn try_from(claimed: String) -> Result<Self, NameError> {
        claimed.parse()
    }
}

impl From<PluginName> for String {
    fn from(name: PluginName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_name_is_lower_case_letters_digits_and_hyphens() {
        for allowed in ["a", "web-search", "sha2", &"a".repeat(40)] {
            assert!(allowed.parse::<PluginName>().is_ok(), "{allowed}");
        }
        for refused in [
            "",
            "Web",
            "web_search",
            "-a",
            "a-",
            "2fa",
            "a b",
            "../x",
            "é",
            "a\n",
            &"a".repeat(41),
        ] {
            assert!(refused.parse::<PluginName>().is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_file_stem_gives_the_nearest_name() {
        let check = |stem, expected: Option<&str>| {
            let name = PluginName::from_file_stem(stem).ok();
            assert_eq!(name.as_ref().map(PluginName::as_str), expected, "{stem}");
        };
        check("My_Tool", Some("my-tool"));
        check("7zip", Some("zip"));
        check("tool.v2", Some("tool-v2"));
        check("---", None);
        check("é", None);
    }
}
