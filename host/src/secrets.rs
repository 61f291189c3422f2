//! Secrets: where they are, where they go, and how they are kept out of everything else.
//!
//! A configuration holds references only. A secret that is bound to a host is inserted when a request to that host is sent,
//! so the plugin that causes the request never holds it. Every secret is redacted in what leaves the host by another way.

mod encodings;
mod error;
mod insert;
mod places;
mod redact;
mod reference;
mod secret;

pub use error::{SecretError, SecretProblem};
pub use insert::Inserter;
pub use places::read_private_file;
pub use redact::Redactor;
pub use reference::{Binding, Given, Place, Reference, Source};
pub use secret::{Secret, Secrets};
