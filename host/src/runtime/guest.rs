//! The host's side of one instance: what it was given, what it used, what it said.

use std::sync::Arc;

use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::call::{Call, Notices};
use super::log::PluginLog;
use super::meter::Meter;
use super::output::{CallLog, Output, Stream};
use crate::limits::{Limits, RANDOM_BYTES_MAX};

/// The data of a store. It lives as long as its instance: one call.
pub(super) struct Guest {
    pub(super) wasi: WasiCtx,
    pub(super) table: ResourceTable,
    pub(super) meter: Meter,
    pub(super) log: Arc<CallLog>,
    pub(super) call: Call,
    pub(super) notices: Notices,
    /// The last progress that was reported; the next one must be greater.
    pub(super) progress: f64,
    host_calls_left: u64,
    notifications_left: u64,
}

impl Guest {
    /// Everything an instance starts with, which is nothing: no argument, no variable, no directory, no network, and output
    /// that ends in the plugin's log.
    pub(super) fn new(limits: &Limits, log: Arc<PluginLog>, call: Call) -> Self {
        let log = Arc::new(CallLog::new(log, limits.call_log_bytes));
        let wasi = WasiCtx::builder()
            .stdout(Output::new(log.clone(), Stream::Out))
            .stderr(Output::new(log.clone(), Stream::Err))
            .max_random_size(RANDOM_BYTES_MAX)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(limits.handles).unwrap_or(usize::MAX));
        Self {
            wasi,
            table,
            meter: Meter::new(limits),
            log,
            call,
            notices: Notices::default(),
            progress: f64::NEG_INFINITY,
            host_calls_left: limits.host_calls,
            notifications_left: limits.notifications,
        }
    }

    /// Counts a call of one of the host's own interfaces.
    ///
    /// # Errors
    /// When there were too many. The error ends the guest.
    pub(super) fn count_host_call(&mut self) -> Result<(), TooManyHostCalls> {
        self.host_calls_left = self
            .host_calls_left
            .checked_sub(1)
            .ok_or(TooManyHostCalls)?;
        Ok(())
    }

    /// Takes one of the notifications the call may send, when there is one left.
    pub(super) fn take_notification(&mut self) -> bool {
        let left = self.notifications_left.checked_sub(1);
        self.notifications_left = left.unwrap_or(0);
        left.is_some()
    }
}

/// A guest called the host more often than its limit allows.
#[derive(Debug, thiserror::Error)]
#[error("too many calls into the host")]
pub(super) struct TooManyHostCalls;

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Tells wasmtime that the host's imports work on a [`Guest`].
pub(super) struct HasGuest;

impl HasData for HasGuest {
    type Data<'a> = &'a mut Guest;
}
