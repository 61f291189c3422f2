//! Tokens that the operator made: known by their SHA-256, so that the configuration holds nothing that lets anybody in.

use sha2::{Digest as _, Sha256};

use super::{Refusal, TokenText};
use crate::contract::Principal;

/// The SHA-256 of a token. A token is random and long, so nobody finds it from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the SHA-256 of a token (hint: `portcullis token` makes a token and shows it)")]
pub struct NotAFingerprint;

impl Fingerprint {
    /// The fingerprint of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, NotAFingerprint> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAFingerprint);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAFingerprint)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAFingerprint)?;
        }
        Ok(Self(bytes))
    }

    /// The digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    fn is_same(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let difference = pairs.fold(0, |all, (one, another)| all | (one ^ another));
        std::hint::black_box(difference) == 0
    }
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticToken {
    /// Whose it is.
    pub name: String,
    /// How it is known.
    pub fingerprint: Fingerprint,
    /// What plugins are told its owner may do.
    pub scopes: Vec<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens(Vec<StaticToken>);

impl Tokens {
    /// Takes the tokens.
    pub fn new(tokens: Vec<StaticToken>) -> Self {
        Self(tokens)
    }

    /// Whose token it is. All of them are compared, whichever it is, and none at once with the text itself.
    pub(super) fn principal(&self, token: TokenText<'_>) -> Result<Principal, Refusal> {
        let fingerprint = Fingerprint::of(token.expose());
        let mut owner = None;
        for token in &self.0 {
            if token.fingerprint.is_same(&fingerprint) {
                owner = Some(token);
            }
        }
        let owner = owner.ok_or(Refusal::BadToken("it is not known"))?;
        Ok(Principal {
            subject: owner.name.clone(),
            scopes: owner.scopes.clone(),
        })
    }
}
