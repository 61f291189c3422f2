//! The one at the door.

use super::{Refusal, ResourceServer, Tokens};
use crate::contract::Principal;

/// Bytes of a bearer token. Those of authorization servers have two kilobytes, seldom more.
const TOKEN_BYTES_MAX: usize = 16 << 10;

/// Who is let in.
pub enum Guard {
    /// Everybody who can connect, as nobody in particular.
    Open,
    /// Who has one of these tokens.
    Tokens(Tokens),
    /// Who has a token of an authorization server.
    OAuth(ResourceServer),
}

/// A bearer token of a request, which is not shown by anything.
#[derive(Clone, Copy)]
pub struct TokenText<'t>(&'t str);

impl<'t> TokenText<'t> {
    /// Takes the token out of the values of a request's `authorization` fields.
    ///
    /// # Errors
    /// When there is none, or anything but one.
    pub fn find(mut fields: impl Iterator<Item = &'t [u8]>) -> Result<Self, Refusal> {
        let field = fields.next().ok_or(Refusal::NoToken)?;
        if fields.next().is_some() {
            return Err(Refusal::BadToken("there are two"));
        }
        let (scheme, token) = std::str::from_utf8(field)
            .ok()
            .and_then(|field| field.split_once(' '))
            .ok_or(Refusal::BadToken("it is malformed"))?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::NoToken);
        }
        let is_token68 = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        match token.trim_start_matches(' ') {
            "" => Err(Refusal::NoToken),
            token if token.len() > TOKEN_BYTES_MAX => Err(Refusal::BadToken("it is too long")),
            token if token.bytes().all(is_token68) => Ok(Self(token)),
            _ => Err(Refusal::BadToken("it is malformed")),
        }
    }

    pub(super) fn expose(self) -> &'t str {
        self.0
    }
}

impl Guard {
    /// Whether nobody has to say who they are.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Lets a request in, as a principal when it had to say who it is.
    ///
    /// # Errors
    /// When it is not let in.
    pub async fn admit(
        &self,
        token: Result<TokenText<'_>, Refusal>,
    ) -> Result<Option<Principal>, Refusal> {
        match self {
            Self::Open => Ok(None),
            Self::Tokens(tokens) => tokens.principal(token?).map(Some),
            Self::OAuth(server) => server.principal(token?).await.map(Some),
        }
    }
}
