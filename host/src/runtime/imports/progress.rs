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
        if !grows || self.call.events.is_none() || !self.take_notification() {
            return Ok(());
        }
        self.progress = progress;
        let event = Event::Progress {
            progress,
            total: total.filter(|total| total.is_finite()),
            message: message.map(|message| self.printable(&message)),
        };
        if let Some(events) = &self.call.events {
            // Fails when the client has gone; the guest will be stopped for that elsewhere.
            let _ = events.send(event).await;
        }
        Ok(())
    }
}
