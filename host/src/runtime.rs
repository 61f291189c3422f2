//! Where guests run: the engine, the loading of components, instances, their meters, and what the host does for them.
//!
//! This is the only room that knows wasmtime, and the only one that sees what a guest claims before it is checked.

mod bindings;
mod bucket;
mod call;
mod claims;
mod compile;
mod cpu_share;
mod engine;
mod exports;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guest;
mod imports;
mod instances;
mod lists;
mod log;
mod log_rate;
mod memory;
mod meter;
mod output;
mod plugin;
mod powers;
mod pretended;
mod redaction;
mod surroundings;
mod trail;
mod turns;
mod usage;
mod visit;
mod warden;

pub use call::{Answer, Call, Notices};
pub use compile::{CompileError, Compiler, compile_from_stdin};
pub use engine::{Code, Engine, LoadError};
pub use exports::{Asks, Interface, Uncovered, UnknownImport};
pub use failure::{Failure, FailureKind};
pub use log::{LogLine, PluginLog, Source};
pub use plugin::{Deactivation, Plugin, Said};
pub use powers::Powers;
pub use pretended::{Dice, Pretended};
pub use trail::{Cut, Trail, Tried};
pub use usage::{Totals, Usage};
