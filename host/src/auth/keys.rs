//! The public keys of an authorization server, and what each of them may have signed.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature as ring;
use serde::Deserialize;
use serde_json::Value;

/// Bytes of a set of keys. One with certificates has ten kilobytes.
pub const KEY_SET_BYTES_MAX: usize = 256 << 10;

/// Keys of one set. Servers have two or three, of which one is about to be replaced.
const KEYS_MAX: usize = 64;

/// What a token may be signed with. There is no `none` and no shared secret: what is not here cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "RS384")]
    Rs384,
    #[serde(rename = "RS512")]
    Rs512,
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "PS384")]
    Ps384,
    #[serde(rename = "PS512")]
    Ps512,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "ES384")]
    Es384,
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

/// A key with what it can be used for. Which algorithms fit it follows from its kind, and never from a token.
pub(super) enum PublicKey {
    /// Of RSA, as modulus and exponent.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point on P-256.
    P256(Vec<u8>),
    /// A point on P-384.
    P384(Vec<u8>),
    /// Of Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Whether this key made this signature in this way.
    pub(super) fn has_signed(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let curve: (&dyn ring::VerificationAlgorithm, &[u8]) = match (self, algorithm) {
            (Self::Rsa { n, e }, algorithm) => {
                let key = ring::RsaPublicKeyComponents { n, e };
                let Some(way) = rsa(algorithm) else {
                    return false;
                };
                return key.verify(way, message, signature).is_ok();
            }
            (Self::P256(point), Algorithm::Es256) => (&ring::ECDSA_P256_SHA256_FIXED, point),
            (Self::P384(point), Algorithm::Es384) => (&ring::ECDSA_P384_SHA384_FIXED, point),
            (Self::Ed25519(point), Algorithm::EdDsa) => (&ring::ED25519, point),
            _ => return false,
        };
        let key = ring::UnparsedPublicKey::new(curve.0, curve.1);
        key.verify(message, signature).is_ok()
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => rsa(algorithm).is_some(),
            Self::P256(_) => algorithm == Algorithm::Es256,
            Self::P384(_) => algorithm == Algorithm::Es384,
            Self::Ed25519(_) => algorithm == Algorithm::EdDsa,
        }
    }
}

/// The ways in which RSA signs. Keys under 2048 bits are refused by all of them.
fn rsa(algorithm: Algorithm) -> Option<&'static ring::RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &ring::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &ring::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &ring::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &ring::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &ring::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &ring::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// Some public keys.
pub(super) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    /// The only algorithm it is for, when it says so.
    only: Option<Algorithm>,
    key: Arc<PublicKey>,
}

/// A document that is no set of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeySet {
    /// It is something else.
    #[error("is no JWK set (hint: an object with a list `keys`)")]
    Malformed,
    /// No token could be checked with it.
    #[error(
        "has no public key that checks signatures (hint: RSA from 2048 bits, EC P-256 or P-384, or Ed25519)"
    )]
    Empty,
    /// It is too large.
    #[error(
        "has more than {KEY_SET_BYTES_MAX} bytes or {KEYS_MAX} keys (hint: name the keys of one issuer)"
    )]
    TooLarge,
}

/// A key as RFC 7517 writes it.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<Value>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    /// Reads a JWK set. Keys that are of no use here are left out: servers have keys for encryption too, and new kinds.
    pub(super) fn parse(json: &[u8]) -> Result<Self, BadKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        if json.len() > KEY_SET_BYTES_MAX {
            return Err(BadKeySet::TooLarge);
        }
        let Document { keys } = serde_json::from_slice(json).map_err(|_| BadKeySet::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(BadKeySet::TooLarge);
        }
        let keys: Vec<_> = keys
            .into_iter()
            .filter_map(|json| Key::read(serde_json::from_value(json).ok()?))
            .collect();
        match keys.is_empty() {
            true => Err(BadKeySet::Empty),
            false => Ok(Self(keys)),
        }
    }

    /// The key that a token says it was signed with. Without a name it has to be the only one that could have.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        let fits = |key: &&Key| {
            key.only.is_none_or(|only| only == algorithm)
                && key.key.fits(algorithm)
                && (id.is_none() || key.id.as_deref() == id)
        };
        let mut fitting = self.0.iter().filter(fits);
        let found = fitting.next()?;
        fitting.next().is_none().then(|| found.key.clone())
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        let is_for_signatures = jwk.usage.is_none_or(|usage| usage == "sig");
        let verifies = jwk
            .key_ops
            .is_none_or(|all| all.iter().any(|one| one == "verify"));
        if !is_for_signatures || !verifies {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let point = |x, y, length: usize| {
            let (x, y) = (bytes(x)?, bytes(y)?);
            (x.len() == length && y.len() == length).then(|| [&[4][..], &x, &y].concat())
        };
        let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => PublicKey::Rsa {
                n: without_zeros(bytes(jwk.n)?),
                e: without_zeros(bytes(jwk.e)?),
            },
            ("EC", Some("P-256")) => PublicKey::P256(point(jwk.x, jwk.y, 32)?),
            ("EC", Some("P-384")) => PublicKey::P384(point(jwk.x, jwk.y, 48)?),
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(bytes(jwk.x)?),
            _ => return None,
        };
        let only = jwk.alg.map(serde_json::from_value).transpose().ok()?;
        only.is_none_or(|only| key.fits(only)).then(|| Self {
            id: jwk.kid,
            only,
            key: Arc::new(key),
        })
    }
}

/// Leaves out zeros in front, which some servers write and the library refuses.
fn without_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}
