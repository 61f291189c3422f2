//! The SHA-256 of a component: what was approved, whatever the file is called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::NameError;

/// The SHA-256 of some bytes. Holding one proves that somebody read all of them; it does not say who made them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of nothing that exists, for tests.
    #[cfg(test)]
    pub(crate) const ZERO: Self = Self([0; 32]);

    /// Reads all of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Sixty-four lower-case hexadecimal digits, as a file name wants it.
    pub fn to_hex(self) -> String {
        use fmt::Write as _;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Digest {
    type Err = NameError;

    fn from_str(claimed: &str) -> Result<Self, NameError> {
        let refuse = || {
            NameError::new(
                "digest",
                claimed,
                "is not `sha256:` and 64 hexadecimal digits",
                "copy it from `portcullis inspect`",
            )
        };
        let hex = claimed.strip_prefix("sha256:").ok_or_else(refuse)?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| refuse())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| refuse())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = NameError;

    fn try_from(claimed: String) -> Result<Self, NameError> {
        claimed.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_survives_being_printed_and_read() {
        let digest = Digest::of(b"portcullis");
        assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
    }

    #[test]
    fn what_is_not_a_digest_is_refused() {
        let hex = Digest::of(b"").to_hex();
        for claimed in [
            "",
            "sha256:",
            &hex,
            "sha256:zz",
            &format!("sha256:{}é", &hex[..62]),
        ] {
            assert!(claimed.parse::<Digest>().is_err(), "{claimed}");
        }
    }
}
