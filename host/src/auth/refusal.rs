//! The answers of "no", as RFC 6750 names them.

/// Why a request is not let in. It says nothing that helps to guess a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There was no token.
    #[error("a bearer token is needed")]
    NoToken,
    /// There was one that does not hold, and this is why.
    #[error("the bearer token is refused: {0}")]
    BadToken(&'static str),
    /// It holds, and is not for this.
    #[error("the bearer token lacks a scope that is needed")]
    TooNarrow,
    /// Nobody can tell, because the keys of the authorization server cannot be had.
    #[error("bearer tokens cannot be checked at the moment")]
    Unknown,
}

impl Refusal {
    /// The `error` of the challenge. A request that had no token is told of no error.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::Unknown => None,
            Self::BadToken(_) => Some("invalid_token"),
            Self::TooNarrow => Some("insufficient_scope"),
        }
    }
}
