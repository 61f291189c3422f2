//! Tokens that an authorization server issued: JWTs for this host, signed with one of the server's keys.

use super::jwt::Unverified;
use super::keyring::Keyring;
use super::{BadKeySet, KeySource, Refusal, TokenText};
use crate::contract::Principal;

/// Bytes of a subject. It is a name or a number, and becomes part of what plugins are told.
const SUBJECT_BYTES_MAX: usize = 256;

/// Whose tokens are let in, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The authorization server, as `iss` names it.
    pub issuer: String,
    /// This host, as `aud` has to name it.
    pub audience: String,
    /// What every token has to be for.
    pub scopes: Vec<String>,
}

/// Somebody else's tokens, and how to check them.
pub struct ResourceServer {
    issuer: Issuer,
    keys: Keyring,
}

impl ResourceServer {
    /// Checks tokens with keys that never change, as a JWK set.
    ///
    /// # Errors
    /// When no token could be checked with them.
    pub fn with_keys(issuer: Issuer, json: &[u8]) -> Result<Self, BadKeySet> {
        let keys = Keyring::fixed(json)?;
        Ok(Self { issuer, keys })
    }

    /// Checks tokens with keys that are fetched.
    pub fn with_source(issuer: Issuer, source: Box<dyn KeySource>) -> Self {
        let keys = Keyring::fetched(source);
        Self { issuer, keys }
    }

    /// Whose tokens are let in.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Who has a token.
    pub(super) async fn principal(&self, token: TokenText<'_>) -> Result<Principal, Refusal> {
        // What the token says of its signature only chooses among the keys of the server, each of which knows its own way.
        let token = Unverified::read(token.expose())?;
        let key = self
            .keys
            .find(token.key_id.as_deref(), token.algorithm)
            .await?;
        let claims = token.verified(&key)?;
        if claims.iss != self.issuer.issuer {
            return Err(Refusal::BadToken("somebody else issued it"));
        }
        claims.hold_for(&self.issuer.audience)?;
        if !is_subject(&claims.sub) {
            return Err(Refusal::BadToken("its subject is not acceptable"));
        }
        let scopes = claims.scopes();
        if !self
            .issuer
            .scopes
            .iter()
            .all(|scope| scopes.contains(scope))
        {
            return Err(Refusal::TooNarrow);
        }
        Ok(Principal {
            subject: claims.sub,
            scopes,
        })
    }
}

fn is_subject(claimed: &str) -> bool {
    let is_short = (1..=SUBJECT_BYTES_MAX).contains(&claimed.len());
    is_short && !claimed.contains(|c: char| c.is_control())
}
