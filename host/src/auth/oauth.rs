//! Tokens that an authorization server issued: JWTs for this host, signed with one of the server's keys.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Deserializer};

use super::keyring::Keyring;
use super::{BadKeySet, KeySource, Refusal, TokenText, signature};
use crate::contract::Principal;

/// Seconds by which the clocks of the two servers may differ. Those that are set by the network differ by less than one.
const LEEWAY_S: u64 = 30;

/// Bytes of a subject. It is a name or a number, and becomes part of what plugins are told.
const SUBJECT_BYTES_MAX: usize = 256;

/// What a token may be signed with. Neither `none` nor a shared secret is among them.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

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

/// What counts of a token. A field of another type is a reason to refuse it.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// Checked against the clock by the library; here so that it is there, and a number.
    #[serde(rename = "exp")]
    _exp: u64,
    #[serde(rename = "nbf", default, deserialize_with = "number")]
    _nbf: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
    /// What some servers call it.
    #[serde(default)]
    scp: Option<Scp>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scp {
    One(String),
    Many(Vec<String>),
}

/// A number that is there. `null` is none.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    u64::deserialize(deserializer).map(Some)
}

impl ResourceServer {
    /// Checks tokens with keys that never change, as a JWK set.
    ///
    /// # Errors
    /// When no token could be checked with them.
    pub fn with_keys(issuer: Issuer, json: &[u8]) -> Result<Self, BadKeySet> {
        signature::install();
        let keys = Keyring::fixed(json)?;
        Ok(Self { issuer, keys })
    }

    /// Checks tokens with keys that are fetched.
    pub fn with_source(issuer: Issuer, source: Box<dyn KeySource>) -> Self {
        signature::install();
        let keys = Keyring::fetched(source);
        Self { issuer, keys }
    }

    /// Whose tokens are let in.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Who has a token.
    pub(super) async fn principal(&self, token: TokenText<'_>) -> Result<Principal, Refusal> {
        let token = token.expose();
        // What the header says is not signed yet. It only chooses among the keys of the server.
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| Refusal::BadToken("it is no signed JWT"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Refusal::BadToken("its algorithm is not allowed"));
        }
        // A critical field changes what a token means, and none is known here.
        if header.crit.is_some() {
            return Err(Refusal::BadToken("it has critical fields"));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let checked = jsonwebtoken::decode(token, &key, &self.validation(header.alg));
        let claims: Claims = checked
            .map_err(|_| Refusal::BadToken("it is not valid here and now"))?
            .claims;
        self.judge(claims)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer.issuer]);
        validation.set_audience(&[&self.issuer.audience]);
        validation
    }

    fn judge(&self, claims: Claims) -> Result<Principal, Refusal> {
        let is_name = |subject: &str| {
            (1..=SUBJECT_BYTES_MAX).contains(&subject.len())
                && !subject.contains(|c: char| c.is_control())
        };
        if claims.iss != self.issuer.issuer || !is_name(&claims.sub) {
            return Err(Refusal::BadToken("its issuer or subject is not acceptable"));
        }
        let words = |text: String| -> Vec<String> {
            text.split_ascii_whitespace().map(str::to_owned).collect()
        };
        let mut scopes: BTreeSet<String> = claims.scope.map(words).unwrap_or_default().into_iter().collect();
        match claims.scp {
            Some(Scp::One(text)) => scopes.extend(words(text)),
            Some(Scp::Many(more)) => scopes.extend(more),
            None => {}
        }
        if !self.issuer.scopes.iter().all(|scope| scopes.contains(scope)) {
            return Err(Refusal::TooNarrow);
        }
        Ok(Principal {
            subject: claims.sub,
            scopes: scopes.into_iter().collect(),
        })
    }
}
