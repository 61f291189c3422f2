//! `cancellation`: whether anybody still waits.

use crate::runtime::bindings::portcullis::plugin::cancellation::Host;
use crate::runtime::guest::Guest;

impl Host for Guest {
    fn is_cancelled(&mut self) -> wasmtime::Result<bool> {
        self.count_host_call()?;
        self.tally.watch();
        Ok(self.call.cancelled.is_cancelled())
    }
}
