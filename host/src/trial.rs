//! A plugin tried under conditions that are written down: in the real host, with the network, the clock, randomness, values
//! and secrets as a test wants them.
//!
//! `portcullis test` and the crate `portcullis-testing` stand on it. What is pretended exists in a trial alone: no
//! configuration of a host that serves clients leads here. And nothing of it gives a permission: the keys of a plugin decide
//! as ever, and what they let pass meets the pretended world instead of the true one.

mod conditions;
mod error;
mod exchange;
mod notebook;
mod questions;
mod scene;
mod set;
mod stage;

pub use crate::runtime::Tried;
pub use conditions::{Conditions, PretendedSecret, Reach};
pub use error::TrialError;
pub use exchange::Exchange;
pub use questions::Answers;
pub use stage::{Asked, Called, Stage};
