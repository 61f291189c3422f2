//! Whether a component is fit to ship: the stages of loading, stopped before any tool runs, and everything that can be said
//! about what they show.
//!
//! Each kind of problem has a file of its own here, with its codes and its check. A check looks at a [`Subject`] and tells
//! [`Findings`]; it reads no files and runs nothing, so that it is a function to be tested with tables. `stages` goes the
//! way, and is the very code that a host loads a plugin with: what validates loads.
//!
//! A new kind of problem is a file with its codes, a line in `codes` and one in `checks`.

mod anatomy;
mod arguments;
mod budget;
mod checks;
mod code;
mod codes;
mod dependencies;
mod descriptions;
mod finding;
mod fitting;
pub mod format;
mod hidden;
mod leftovers;
mod locked;
mod manifests;
mod names;
mod origin;
mod pattern;
mod provenance;
mod report;
#[cfg(test)]
mod samples;
mod schemas;
mod secrets;
mod sentence;
mod smoke;
mod stability;
mod stage;
mod stages;
mod starting;
mod subject;
mod template;
mod texts;
mod unread;
mod unused;
mod uris;

pub use code::{Code, Severity};
pub use codes::{all, code};
pub use dependencies::Dependency;
pub use finding::{Finding, Findings, Place};
pub use locked::locked;
pub use origin::Origin;
pub use provenance::Provenance;
pub use report::{Counts, Report};
pub use sentence::harmless;
pub use stage::Stage;
pub use stages::{Settings, Validated, validate};
pub use subject::{Listed, Subject};
