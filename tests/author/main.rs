//! What authors use: making, building, validating, testing, packing and serving a plugin.
//!
//! A program of its own beside the other integration tests: most of these build plugins, and none needs the rest.

mod book;
mod cases;
mod ci;
mod dev;
mod formats;
mod kept;
mod listed;
mod new;
mod pack;
mod stage;
#[expect(dead_code, reason = "the other tests use the rest of it")]
#[path = "../support"]
mod support {
    pub mod client;
    pub mod host;
    pub mod program;
    pub mod raw;
    pub mod server;
}
mod tutorial;
mod validate;
