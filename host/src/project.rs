//! A plugin's own folder, as its author has it: finding it, making a new one, building it, watching it, packing it.
//!
//! Everything here happens on the author's machine and with the author's rights: a build runs the author's own compiler.
//! Nothing here runs a component; that is left to `validate`, `trial` and the host.

mod build;
mod carry;
mod child;
mod config;
mod contract;
mod embed;
mod error;
mod find;
mod foreign;
mod javascript;
mod last;
mod new;
mod pack;
mod python;
mod remap;
mod rust;
mod snapshot;
mod sources;
mod strip;
mod template;
mod tool;
mod watch;
mod workbench;
mod workspace;

pub use build::{Built, Language, Project};
pub use contract::write_contract;
pub use embed::{skills_section, with_sections};
pub use error::ProjectError;
pub use new::{Kind, NewProject, is_a_crate_name, sdk_at, sdk_of_this_build};
pub use pack::{Carried, Debug, Packed, pack};
pub use snapshot::{Counts, Snapshot};
pub use watch::{Watch, Way};
