//! What the tests have in common: hosts with test guests, and clients.

pub mod client;
pub mod collector;
pub mod host;
pub mod program;
pub mod server;
