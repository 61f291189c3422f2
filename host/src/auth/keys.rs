//! The public keys of an authorization server, and what each of them may have signed.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Bytes of a set of keys. One with certificates has ten kilobytes.
pub const KEY_SET_BYTES_MAX: usize = 256 << 10;

/// Keys of one set. Servers have two or three, of which one is about to be replaced.
const KEYS_MAX: usize = 64;

/// Some public keys.
#[derive(Default)]
pub(super) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A document that is no set of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeySet {
    /// It is something else.
    #[error("is no JWK set (hint: an object with a list `keys`)")]
    Malformed,
    /// No token could be checked with it.
    #[error("has no public key that checks signatures (hint: RSA from 2048 bits, EC P-256 or P-384, or Ed25519)")]
    Empty,
    /// It is too large.
    #[error("has more than {KEY_SET_BYTES_MAX} bytes or {KEYS_MAX} keys (hint: name the keys of one issuer)")]
    TooLarge,
}

impl KeySet {
    /// Reads a JWK set. Keys that are of no use here are left out; new kinds of them come up.
    pub(super) fn parse(json: &[u8]) -> Result<Self, BadKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        if json.len() > KEY_SET_BYTES_MAX {
            return Err(BadKeySet::TooLarge);
        }
        let Document { keys } =
            serde_json::from_slice(json).map_err(|_| BadKeySet::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(BadKeySet::TooLarge);
        }
        let keys: Vec<_> = keys.into_iter().filter_map(Key::read).collect();
        match keys.is_empty() {
            true => Err(BadKeySet::Empty),
            false => Ok(Self(keys)),
        }
    }

    /// The key that a token says it was signed with. Without a name it has to be the only one that could have.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| {
            key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id)
        });
        let found = fitting.next()?;
        fitting.next().is_none().then_some(&found.key)
    }
}

impl Key {
    fn read(json: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(json).ok()?;
        let common = &jwk.common;
        let is_for_signatures = common
            .public_key_use
            .as_ref()
            .is_none_or(|used| *used == PublicKeyUse::Signature);
        let verifies = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !is_for_signatures || !verifies {
            return None;
        }
        // What a key may have signed follows from its kind, and never from the token.
        let mut algorithms = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => vec![
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => vec![Algorithm::ES256],
                EllipticCurve::P384 => vec![Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                vec![Algorithm::EdDSA]
            }
            _ => return None,
        };
        if let Some(only) = &common.key_algorithm {
            let only = only.to_string();
            algorithms.retain(|algorithm| format!("{algorithm:?}") == only);
        }
        Some(Self {
            key: DecodingKey::from_jwk(&jwk).ok()?,
            id: jwk.common.key_id,
            algorithms,
        })
    }
}
