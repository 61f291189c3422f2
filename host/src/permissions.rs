//! What a plugin may do beyond computing: so far, only the words in which it asks.
//!
//! A manifest's `permissions` become a [`Request`] here, checked and typed. This version of the host grants nothing, so
//! there is deliberately no grant, no policy and no decision in this room yet: a request is carried so that it can be
//! shown to the operator, and a plugin that asks gets no more than one that does not.

mod network;
mod request;
mod storage;
mod system;

pub use network::NetworkRule;
pub use request::Request;
pub use storage::StorageKind;
pub use system::SystemPower;

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
