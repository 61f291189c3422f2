//! Tells the client how far a call has come.

use crate::imports;

/// Reports that `done` out of `total` is done.
///
/// `total` may be `None` when nobody knows it; `message` is for people. `done` must grow from report to report: one
/// that does not is left out. Nothing happens when the client did not ask for progress.
///
/// ```
/// use portcullis_plugin::progress;
///
/// progress::report(1, 3.0, "unpacked");
/// progress::report(2, None, None);
/// ```
pub fn report<'a>(
    done: impl Into<f64>,
    total: impl Into<Option<f64>>,
    message: impl Into<Option<&'a str>>,
) {
    imports::progress::report(done.into(), total.into(), message.into());
}
