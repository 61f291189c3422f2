//! Who may call over HTTP: a bearer token goes in, a principal or a refusal comes out.
//!
//! Decides and never acts: no sockets, no files, no plugins. What has to be fetched for a decision, the keys of an
//! authorization server, is fetched by whoever is given as [`KeySource`].
//!
//! A token is looked at here and goes no further: no error holds one, none is logged, and nothing here shows one.

mod guard;
mod jwt;
mod keyring;
mod keys;
mod oauth;
mod refusal;
mod tokens;

pub use guard::{Guard, TokenText};
pub use keyring::KeySource;
pub use keys::{BadKeySet, KEY_SET_BYTES_MAX};
pub use oauth::{Issuer, ResourceServer};
pub use refusal::Refusal;
pub use tokens::{Fingerprint, NotAFingerprint, StaticToken, Tokens};
