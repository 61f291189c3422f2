//! The names of tools and prompts: what a plugin calls them, and what a client sees.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, PluginName};

/// Some clients refuse a call whose server and tool name together pass 60 to 64 characters.
pub const PUBLIC_NAME_CHARS_MAX: usize = 60;

/// Above this a client that puts its own prefix before the name may pass its limit.
pub const PUBLIC_NAME_CHARS_WARN: usize = 40;

/// What a plugin calls a tool or a prompt: one to sixty of `[A-Za-z0-9_-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalName(String);

impl LocalName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LocalName {
    type Err = NameError;

    fn from_str(claimed: &str) -> Result<Self, NameError> {
        let refuse = |problem: &str| {
            Err(NameError::new(
                "name",
                claimed,
                problem,
                "use letters, digits, `_` and `-`, at most 60 of them",
            ))
        };
        match claimed {
            "" => refuse("is empty"),
            _ if claimed.len() > PUBLIC_NAME_CHARS_MAX => refuse("is longer than 60 characters"),
            _ if !claimed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') =>
            {
                refuse("has a character that is not allowed")
            }
            _ => Ok(Self(claimed.to_owned())),
        }
    }
}

impl TryFrom<String> for LocalName {
    type Error = NameError;

    fn try_from(claimed: String) -> Result<Self, NameError> {
        claimed.parse()
    }
}

impl From<LocalName> for String {
    fn from(name: LocalName) -> Self {
        name.0
    }
}

/// What stands before a plugin's names when a client sees them: empty, or letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(String);

impl Prefix {
    /// A plugin's own prefix: `web-search` gives `web_search`, since some clients refuse a hyphen.
    pub fn of(plugin: &PluginName) -> Self {
        Self(plugin.as_str().replace('-', "_"))
    }

    /// The prefix as text, without the `__` that follows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Prefix {
    type Error = NameError;

    fn try_from(claimed: String) -> Result<Self, NameError> {
        let fits = claimed.len() <= 40
            && claimed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits {
            return Ok(Self(claimed));
        }
        Err(NameError::new(
            "prefix",
            &claimed,
            "is not a prefix",
            "use up to 40 letters, digits and `_`, or \"\" for no prefix",
        ))
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}

/// What a client sees: `<prefix>__<name>`, at most [`PUBLIC_NAME_CHARS_MAX`] of `[A-Za-z0-9_]`.
///
/// With an empty prefix the name stands alone, and keeps its hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PublicName(String);

impl PublicName {
    /// Puts a prefix before a name.
    ///
    /// # Errors
    /// When the two together are too long for clients.
    pub fn new(prefix: &Prefix, name: &LocalName) -> Result<Self, NameError> {
        let full = match prefix.as_str() {
            "" => name.as_str().to_owned(),
            prefix => format!("{prefix}__{}", name.as_str().replace('-', "_")),
        };
        if full.len() > PUBLIC_NAME_CHARS_MAX {
            return Err(NameError::new(
                "name",
                &full,
                format!(
                    "is {} characters long, and clients refuse more than {PUBLIC_NAME_CHARS_MAX}",
                    full.len()
                ),
                "give the plugin a shorter `prefix` in portcullis.toml",
            ));
        }
        Ok(Self(full))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a client that adds its own prefix may refuse it.
    pub fn is_long(&self) -> bool {
        self.0.len() > PUBLIC_NAME_CHARS_WARN
    }
}

impl fmt::Display for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(prefix: &str, name: &str) -> Result<String, NameError> {
        let prefix = Prefix::try_from(prefix.to_owned())?;
        Ok(PublicName::new(&prefix, &name.parse()?)?.to_string())
    }

    #[test]
    fn a_client_sees_the_prefix_and_the_name_without_hyphens() {
        assert_eq!(
            public("web_search", "find-page").as_deref(),
            Ok("web_search__find_page")
        );
        assert_eq!(public("", "find-page").as_deref(), Ok("find-page"));
    }

    #[test]
    fn a_name_that_clients_would_refuse_is_refused_here() {
        assert!(public("p", &"n".repeat(57)).is_ok());
        assert!(public("p", &"n".repeat(58)).is_err());
        for refused in ["", "a b", "a.b", "a/b", "a\n", "é", &"n".repeat(61)] {
            assert!(refused.parse::<LocalName>().is_err(), "{refused:?}");
        }
    }
}
