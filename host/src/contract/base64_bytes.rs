//! Bytes in JSON as base64, for what is written down: a list of numbers has four times the length.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes bytes.
pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
}

/// Reads bytes.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    let bytes = STANDARD_NO_PAD.decode(text);
    bytes.map_err(serde::de::Error::custom)
}

/// The same for bytes that may be missing.
pub(super) mod optional {
    use super::*;

    /// Writes bytes, or nothing.
    pub(in crate::contract) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }

    /// Reads bytes, or nothing.
    pub(in crate::contract) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let bytes = text.map(|text| STANDARD_NO_PAD.decode(text)).transpose();
        bytes.map_err(serde::de::Error::custom)
    }
}
