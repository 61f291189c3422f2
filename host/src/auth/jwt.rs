//! JSON Web Tokens, as far as they are needed: three parts, one signature, and the few claims that decide.
//!
//! Every field that is looked at has one type; a token in which one has another is refused, and never read as if the
//! field were not there.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::Refusal;
use super::keys::{Algorithm, PublicKey};

/// Seconds by which the clocks of the two servers may differ. Those that are set by the network differ by less than one.
const LEEWAY_S: u64 = 30;

/// A token whose signature was not looked at yet.
pub(super) struct Unverified<'t> {
    /// What was signed.
    message: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
    /// How, by its own account.
    pub(super) algorithm: Algorithm,
    /// With which key, by its own account.
    pub(super) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    /// Fields that change what the token means. None is known here.
    #[serde(default, deserialize_with = "there")]
    crit: Option<IgnoredAny>,
}

/// What counts of a token.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    aud: OneOrMany,
    exp: u64,
    #[serde(default, deserialize_with = "there")]
    nbf: Option<u64>,
    #[serde(default, deserialize_with = "there")]
    scope: Option<String>,
    /// What some servers call it.
    #[serde(default, deserialize_with = "there")]
    scp: Option<OneOrMany>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A value that has its type, once the field is there. `null` has another.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl<'t> Unverified<'t> {
    /// Takes a token apart.
    pub(super) fn read(token: &'t str) -> Result<Self, Refusal> {
        let malformed = Refusal::BadToken("it is no signed JWT");
        let (message, signature) = token.rsplit_once('.').ok_or(malformed.clone())?;
        let (header, claims) = message.split_once('.').ok_or(malformed.clone())?;
        let header: Header = part(header).ok_or(Refusal::BadToken(
            "it is no JWT with an algorithm that is allowed",
        ))?;
        if header.crit.is_some() {
            return Err(Refusal::BadToken("it has critical fields"));
        }
        Ok(Self {
            message,
            claims,
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed)?,
            algorithm: header.alg,
            key_id: header.kid,
        })
    }

    /// What it says, when this key signed it.
    pub(super) fn verified(self, key: &PublicKey) -> Result<Claims, Refusal> {
        if !key.has_signed(self.algorithm, self.message.as_bytes(), &self.signature) {
            return Err(Refusal::BadToken("its signature is wrong"));
        }
        part(self.claims).ok_or(Refusal::BadToken("a claim is missing or malformed"))
    }
}

impl Claims {
    /// Whether it holds now, for this audience.
    pub(super) fn hold_for(&self, audience: &str) -> Result<(), Refusal> {
        // A clock before 1970 lets nobody in: every token is from the future.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        self.hold_at(since.map_or(0, |since| since.as_secs()), audience)
    }

    fn hold_at(&self, now: u64, audience: &str) -> Result<(), Refusal> {
        let is_for_us = match &self.aud {
            OneOrMany::One(one) => one == audience,
            OneOrMany::Many(many) => many.iter().any(|one| one == audience),
        };
        if !is_for_us {
            return Err(Refusal::BadToken("it is for somebody else"));
        }
        if self.exp.saturating_add(LEEWAY_S) <= now {
            return Err(Refusal::BadToken("it has expired"));
        }
        if self
            .nbf
            .is_some_and(|nbf| nbf > now.saturating_add(LEEWAY_S))
        {
            return Err(Refusal::BadToken("it is not valid yet"));
        }
        Ok(())
    }

    /// What it is for, by either name.
    pub(super) fn scopes(&self) -> Vec<String> {
        let words = |text: &str| -> Vec<String> {
            text.split_ascii_whitespace().map(str::to_owned).collect()
        };
        let mut scopes = self.scope.as_deref().map(words).unwrap_or_default();
        match &self.scp {
            Some(OneOrMany::One(text)) => scopes.extend(words(text)),
            Some(OneOrMany::Many(more)) => scopes.extend(more.iter().cloned()),
            None => {}
        }
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }
}

/// One part of a token. Two fields of one name are refused, since others might read the other one.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
