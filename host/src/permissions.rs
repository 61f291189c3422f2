//! What a plugin may do beyond computing. Decides and never acts: no files, no network, no clock.
//!
//! Three keys open every door: the operator's [`Policy`] for the whole host, the user's [`Grant`] for one plugin, and the
//! plugin's own [`Request`]. Each is written in the same [`Words`]. What one of them lacks is refused, and the
//! [`Denial`] says which one that was and which lines would allow it. There is no key without which more would be allowed.

mod address;
mod attempt;
mod denial;
mod grant;
mod keys;
mod least;
mod network;
mod storage;
mod system;
mod words;

pub use attempt::{Attempt, HttpAttempt, Target};
pub use denial::{Denial, Key, Remedy};
pub use grant::{Approved, Grant, Policy};
pub use keys::Keys;
pub use network::NetworkRule;
pub use storage::StorageKind;
pub use system::SystemPower;
pub use words::{Request, Words};

/// A text that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {shown} {problem} (hint: {hint})")]
pub struct PermissionError {
    what: &'static str,
    shown: String,
    problem: &'static str,
    hint: &'static str,
}

impl PermissionError {
    fn new(what: &'static str, claimed: &str, problem: &'static str, hint: &'static str) -> Self {
        Self {
            what,
            shown: crate::names::shown(claimed),
            problem,
            hint,
        }
    }
}

/// Makes a permission's word the same in Rust, in JSON and in messages: `FromStr` in, `Display` out.
macro_rules! written_as_text {
    ($($word:ty),*) => {$(
        impl serde::Serialize for $word {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $word {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let claimed = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                claimed.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

written_as_text!(NetworkRule, StorageKind, SystemPower);
