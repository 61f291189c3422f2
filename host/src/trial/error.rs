//! Why a trial did not come about.

use super::Meanwhile;

/// Why a trial did not come about. What a plugin answers, refusals and failures included, is not among it.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The plugin cannot be put on the stage.
    #[error("the plugin does not start: {reason}")]
    DoesNotStart {
        /// Why, in words for people.
        reason: String,
        /// What happened meanwhile.
        meanwhile: Box<Meanwhile>,
    },
    /// The conditions cannot be had.
    #[error("{0}")]
    Conditions(String),
}
