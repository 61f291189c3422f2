//! What a plugin says of itself: `plugin.json` and skills, beside its component or inside it, and the reading of both
//! from disk.
//!
//! A manifest is its author's claim. It names the plugin and asks for permissions and limits; it gives itself nothing.
//! Every manifest is read by the published schema, `schemas/plugin.schema.json`, and what a schema cannot say is checked
//! by the types. Nothing here runs or compiles a component.

mod configuration;
mod document;
mod embedded;
mod error;
mod license;
mod lines;
mod nearest;
mod plugin_json;
mod shape;
mod skills;
mod source;

pub use configuration::Configuration;
pub use embedded::{Embedded, embedded};
pub use error::{ManifestError, ManifestProblem};
pub use lines::line_of;
pub use plugin_json::{Category, Links, Manifest};
pub use skills::SkillError;
pub use source::{Source, SourceError, load, read_component, read_text};

pub(crate) use embedded::{SECTION as MANIFEST_SECTION, SKILLS_SECTION};
pub(crate) use nearest::nearest;
pub(crate) use skills::beside as skills_beside;
pub(crate) use skills::packed as packed_skills;
