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
