//! What the tests have in common: hosts with test guests, and clients.

pub mod client;
pub mod host;
pub mod program;
pub mod raw;
pub mod server;
