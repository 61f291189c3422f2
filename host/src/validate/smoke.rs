//! `--smoke`: what shows only once a component is in service.

use super::{Findings, Subject};
use crate::host::Host;

/// Tries a component in `host`, which serves it alone.
pub(super) async fn run(host: &Host, _subject: &Subject, _findings: &mut Findings) {
    host.settled().await;
}
