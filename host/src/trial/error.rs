//! Why a trial did not come about.

/// Why a trial did not come about. What a plugin answers, refusals and failures included, is not among it.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The plugin cannot be put on the stage.
    #[error("the plugin does not start: {0}")]
    DoesNotStart(String),
    /// The conditions cannot be had.
    #[error("{0}")]
    Conditions(String),
}
