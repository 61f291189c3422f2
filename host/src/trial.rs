//! A plugin tried under conditions that are written down: in the real host, with the network, the clock, randomness, values
//! and secrets as a test wants them.
//!
//! `portcullis test` and the crate `portcullis-testing` stand on it. What is pretended exists in a trial alone: no
//! configuration of a host that serves clients leads here. And nothing of it gives a permission: the keys of a plugin decide
//! as ever, and what they let pass meets the pretended world instead of the true one.

mod called;
mod conditions;
mod error;
mod exchange;
mod notebook;
mod questions;
mod scene;
mod set;
mod stage;

pub use crate::runtime::{Cut, Tried};
pub use called::{Asked, Called, Meanwhile};
pub use conditions::{Conditions, PretendedSecret, Reach};
pub use error::TrialError;
pub use exchange::Exchange;
pub use questions::Answers;
pub use stage::Stage;

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
pub(crate) use kept::write_whole;
pub use matchers::{Mismatch, Pattern, TextMatcher};
pub use play::{CaseIdx, Ensemble, Played, Rules};
pub use profile::{Measured, Profile, Spread};
pub use report::{CaseReport, Complaint, Report, StepReport, junit};
pub use snapshots::{SnapshotChange, unused};
