//! Whether a component is fit to ship: the stages of loading, stopped before any tool runs, and everything that can be said
//! about what they show.
//!
//! Each kind of problem has a file of its own here, with its codes and its check. A check looks at a [`Subject`] and tells
//! [`Findings`]; it reads no files and runs nothing, so that it is a function to be tested with tables.

mod code;
mod codes;
mod finding;
mod subject;

pub use code::{Code, Severity};
pub use codes::{all, code};
pub use finding::{Finding, Findings, Place};
pub use subject::{Listed, Subject};
