//! Why a request was not sent, or its response not read to the end.

use std::io;

use crate::permissions::{Denial, PermissionError};

/// Why a request failed. A denial is for people; a guest is told only that it was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// It has no reading, or two, so nobody could say whether it is permitted.
    #[error("{0}")]
    Invalid(#[from] PermissionError),
    /// A key is missing.
    #[error("{0}")]
    Denied(Box<Denial>),
    /// Its host is permitted and leads to an address that is not.
    #[error("{0}")]
    Prohibited(Box<Denial>),
    /// There were too many of something in this call.
    #[error("more than the {allowed} that `{limit}` allows")]
    TooMany {
        /// The limit's key.
        limit: &'static str,
        /// How many.
        allowed: u64,
    },
    /// There was too much of something.
    #[error("more than the {allowed} bytes that `{limit}` allows")]
    TooLarge {
        /// The limit's key.
        limit: &'static str,
        /// Bytes.
        allowed: u64,
    },
    /// It took too long.
    #[error("{0} took too long")]
    Timeout(Wait),
    /// The host's name has no address.
    #[error("the host's name leads nowhere: {0}")]
    Dns(String),
    /// Nobody answered at any of its addresses.
    #[error("no connection: {0}")]
    Connect(io::ErrorKind),
    /// The other side is not whom it should be, or speaks no TLS.
    #[error("no trust: {reason}")]
    Tls {
        /// Whether it is the certificate that is wrong.
        certificate: bool,
        /// What is wrong.
        reason: String,
    },
    /// A secret that belongs into it could not be had.
    #[error("its secret could not be had: {0}")]
    Secret(String),
    /// One of the two sides does not speak HTTP as it should.
    #[error("not as HTTP should be: {0}")]
    Protocol(String),
}

/// What a request waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// One of the plugin's connections.
    Turn,
    /// Its address, the connection and the TLS handshake.
    Connect,
    /// The head of the response.
    FirstByte,
    /// The next piece of the response, as long as the guest itself wanted to wait.
    NextBytes,
    /// The end of the response.
    End,
}

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Turn => "waiting for one of the connections that `http_connections` allows",
            Self::Connect => "connecting, which `http_connect_ms` bounds,",
            Self::FirstByte => "waiting for the response, which `http_first_byte_ms` bounds,",
            Self::NextBytes => "waiting for more of the response",
            Self::End => "the request, which `http_ms` bounds,",
        })
    }
}
