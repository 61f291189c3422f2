//! A plugin tried under conditions that are written down: in the real host, with the network, the clock, randomness, values
//! and secrets as a test wants them.
//!
//! `portcullis test` and the crate `portcullis-testing` stand on it.

mod conditions;
mod error;
mod stage;

pub use conditions::{Conditions, Exchange, PretendedSecret, Reach};
pub use error::TrialError;
pub use stage::{Asked, Called, Stage, Tried};

// Cases in files, which `portcullis test` plays.
mod answer;
mod cases;
mod coverage;
mod difference;
mod judge;
mod kept;
mod matchers;
mod play;
mod profile;
mod recordings;
mod report;
mod snapshots;

pub use answer::Answer;
pub use cases::{Asks, Budget, Case, CaseError, CaseFile, Expect, Folder, Step, find_case_files};
pub use coverage::{Coverage, Thing};
pub use difference::{DiffLine, difference};
pub use matchers::{Mismatch, Pattern, TextMatcher};
pub use play::{CaseIdx, Ensemble, Played, Rules};
pub use profile::{Measured, Profile, Spread};
pub use report::{CaseReport, Complaint, Report, StepReport, junit};
pub use snapshots::{SnapshotChange, unused};
