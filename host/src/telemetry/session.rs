//! How long a client is connected.

use std::sync::Arc;
use std::time::Instant;

use super::attributes::Transport;
use super::watch::Watch;

/// A connection that is being watched, until it is dropped.
#[derive(Debug)]
pub struct Session {
    watch: Arc<Watch>,
    transport: Transport,
    started: Instant,
}

impl Session {
    pub(super) fn begin(watch: Arc<Watch>, transport: Transport) -> Self {
        Self {
            watch,
            transport,
            started: Instant::now(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let seconds = self.started.elapsed().as_secs_f64();
        let transport = [self.transport.attribute()];
        self.watch.sessions.record(seconds, &transport);
    }
}
