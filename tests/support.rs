//! What the tests have in common: hosts with test guests, and clients.

pub mod client;
pub mod collector;
pub mod host;
pub mod http;
pub mod program;
pub mod raw;
pub mod server;
pub mod wire;
