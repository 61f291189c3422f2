//! `progress`: how far a call has come.

use crate::contract::Event;
use crate::runtime::bindings::portcullis::plugin::progress::Host;
use crate::runtime::guest::Guest;

impl Host for Guest {
    async fn report(
        &mut self,
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    ) -> wasmtime::Result<()> {
        self.count_host_call()?;
        let grows = progress.is_finite() && progress > self.progress;
        let is_heard = self.call.events.is_some() || self.call.trail.is_some();
        if !grows || !is_heard || !self.take_notification() {
            return Ok(());
        }
        self.progress = progress;
        let event = Event::Progress {
            progress,
            total: total.filter(|total| total.is_finite()),
            message: message.map(|message| self.printable(&message)),
        };
        if let Some(trail) = &self.call.trail {
            trail.note_event(event.clone());
        }
        if let Some(events) = &self.call.events {
            // Fails when the client has gone; the guest will be stopped for that elsewhere.
            let _ = events.send(event).await;
        }
        Ok(())
    }
}
