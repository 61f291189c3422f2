//! Whether anybody still waits.

/// Whether the call was cancelled.
///
/// Ask now and then in long work. A plugin that asks anywhere gets a moment to put things in order after this turns
/// true; one that never does is stopped at once.
#[must_use]
pub fn cancelled() -> bool {
    crate::imports::cancellation::is_cancelled()
}
