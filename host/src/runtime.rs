//! Where guests run: the engine, the loading of components, instances, their meters, and what the host does for them.
//!
//! This is the only room that knows wasmtime, and the only one that sees what a guest claims before it is checked.

mod bindings;
mod call;
mod claims;
mod compile;
mod engine;
mod exports;
mod failure;
mod guest;
mod imports;
mod lists;
mod log;
mod meter;
mod nursery;
mod output;
mod plugin;

pub use call::{Answer, Call, Notices};
pub use compile::{CompileError, Compiler, compile_from_stdin};
pub use engine::{Code, Engine, LoadError};
pub use exports::Interface;
pub use failure::{Failure, FailureKind};
pub use log::{LogLine, PluginLog, Source};
pub use plugin::{Plugin, Said};
