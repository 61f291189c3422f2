//! A plugin's own folder, as its author has it: finding it, making a new one, building it, watching it, packing it.
//!
//! Everything here happens on the author's machine and with the author's rights: a build runs the author's own compiler.
//! Nothing here runs a component; that is left to `validate`, `trial` and the host.

mod build;
mod embed;
mod error;
mod pack;
mod strip;

pub use build::{Built, Language, Project};
pub use embed::{skills_section, with_sections};
pub use error::ProjectError;
pub use pack::{Carried, Debug, Packed, pack};
