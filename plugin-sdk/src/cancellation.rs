//! Whether anybody still waits.

/// Whether the call was cancelled.
///
/// Ask now and then in long work. A call that has asked gets a moment to put things in order after this turns true; one
/// that has not asked yet is stopped at once.
#[must_use]
pub fn cancelled() -> bool {
    crate::imports::cancellation::is_cancelled()
}
