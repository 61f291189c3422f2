//! The host's side of one instance: what it was given, what it used, what it said.

use std::sync::Arc;

use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::call::{Call, Notices};
use super::imports::Files;
use super::imports::http::Http;
use super::log::{PluginLog, printable};
use super::memory::TotalMemory;
use super::meter::Meter;
use super::output::{CallLog, Output, Stream};
use super::powers::Powers;
use super::pretended;
use super::usage::Tally;
use super::warden::Warden;
use crate::limits::{Limits, RANDOM_BYTES_MAX};
use crate::storage::KeyValue;

/// The data of a store. It lives as long as its instance: one call.
pub(super) struct Guest {
    pub(super) wasi: WasiCtx,
    pub(super) table: ResourceTable,
    pub(super) meter: Meter,
    pub(super) log: Arc<CallLog>,
    pub(super) call: Call,
    pub(super) notices: Notices,
    /// Asked before anything that needs permission.
    pub(super) warden: Warden,
    /// The plugin's store, for which the warden is asked first.
    pub(super) key_value: Option<KeyValue>,
    /// What the operator set for it, as text.
    pub(super) settings: Arc<[(String, String)]>,
    /// Its requests over HTTP.
    pub(super) http: Http,
    /// What it has open on the disk.
    pub(super) files: Files,
    /// The last progress that was reported; the next one must be greater.
    pub(super) progress: f64,
    /// Where what it uses is counted, for as long as anybody wants to know.
    pub(super) tally: Arc<Tally>,
    host_calls_max: u64,
    host_calls_left: u64,
    notifications_left: u64,
}

impl Guest {
    /// Everything an instance starts with, which is nothing but what `powers` gives: no argument, no variable, no directory,
    /// no network, and output that ends in the plugin's log.
    pub(super) fn new(
        limits: &Limits,
        memory: &TotalMemory,
        powers: &Powers,
        warden: Warden,
        log: Arc<PluginLog>,
        call: Call,
        tally: Arc<Tally>,
    ) -> Self {
        let trail = call.trail.clone();
        let warden = warden.on(trail.clone());
        let log = Arc::new(CallLog::new(log, limits.call_log_bytes, trail.clone()));
        let mut wasi = WasiCtx::builder();
        wasi.envs(&powers.variables)
            .stdout(Output::new(log.clone(), Stream::Out))
            .stderr(Output::new(log.clone(), Stream::Err))
            .max_random_size(RANDOM_BYTES_MAX);
        pretended::apply(&warden, &powers.pretended, trail.as_ref(), &mut wasi);
        let wasi = wasi.build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(limits.handles).unwrap_or(usize::MAX));
        Self {
            wasi,
            table,
            meter: Meter::new(limits, memory),
            log,
            http: Http::new(limits, powers, warden.clone(), call.context.trace.as_ref()),
            call,
            notices: Notices::default(),
            warden,
            key_value: powers.key_value.clone(),
            settings: powers.settings.clone(),
            files: Files::new(powers),
            progress: f64::NEG_INFINITY,
            tally,
            host_calls_max: limits.host_calls,
            host_calls_left: limits.host_calls,
            notifications_left: limits.notifications,
        }
    }

    /// A text for people without the plugin's secrets, cut to one line.
    pub(super) fn printable(&self, claimed: &str) -> String {
        match self.log.redactor() {
            Some(redactor) => printable(&redactor.redact(claimed)),
            None => printable(claimed),
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

    /// How often it called one of the host's own interfaces.
    pub(super) fn host_calls(&self) -> u64 {
        self.host_calls_max - self.host_calls_left
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
