//! Where a store is made: each visit gets a new one, with all limits set, and an instance in it that nobody used before.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::SystemTime;

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::call::Call;
use super::engine::Engine;
use super::guest::Guest;
use super::log::PluginLog;
use super::powers::Powers;
use super::usage::Tally;
use super::warden::Warden;
use crate::limits::{FUEL_YIELD_INTERVAL, Limits};

/// Room for what surrounds an answer's own bytes when it crosses: lengths and pointers of records and lists.
const ANSWER_OVERHEAD_BYTES: u64 = 64 << 10;

/// Makes instances of one plugin.
pub(super) struct Instances {
    engine: Engine,
    pre: InstancePre<Guest>,
    limits: Limits,
    powers: Powers,
    warden: Warden,
    log: Arc<PluginLog>,
}

impl Instances {
    pub(super) fn new(
        engine: Engine,
        pre: InstancePre<Guest>,
        limits: Limits,
        powers: Powers,
        warden: Warden,
        log: Arc<PluginLog>,
    ) -> Self {
        Self {
            engine,
            pre,
            limits,
            powers,
            warden,
            log,
        }
    }

    /// Pretends a time to those that are made from here on, and nothing else than before.
    pub(super) fn pretend(&mut self, now: SystemTime) {
        self.powers.pretended.now = Some(now);
    }

    /// A store with nothing in it but what the plugin was given.
    ///
    /// # Errors
    /// When the engine refuses one.
    pub(super) fn store(&self, call: Call, tally: Arc<Tally>) -> wasmtime::Result<MeteredStore> {
        let limits = &self.limits;
        let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        let guest = Guest::new(
            limits,
            self.engine.memory(),
            &self.powers,
            self.warden.clone(),
            self.log.clone(),
            call,
            tally,
        );
        let mut store = Store::new(self.engine.wasmtime(), guest);
        store.limiter(|guest| &mut guest.meter);
        store.set_fuel(limits.fuel)?;
        store.fuel_async_yield_interval(Some(FUEL_YIELD_INTERVAL))?;
        store.set_hostcall_fuel(size(
            limits.answer_bytes.saturating_add(ANSWER_OVERHEAD_BYTES),
        ));
        store.set_max_component_handles(size(limits.handles));
        Ok(MeteredStore {
            store,
            fuel_max: limits.fuel,
        })
    }

    /// An instance in a new store.
    ///
    /// # Errors
    /// When the guest cannot be instantiated within its limits.
    pub(super) async fn instantiate(&self, store: &mut Store<Guest>) -> wasmtime::Result<Instance> {
        self.pre.instantiate_async(store).await
    }
}

/// A store that leaves word of what was used in it, however it ends: a call that is dropped at its deadline was paid for
/// like any other.
pub(super) struct MeteredStore {
    store: Store<Guest>,
    fuel_max: u64,
}

impl Deref for MeteredStore {
    type Target = Store<Guest>;

    fn deref(&self) -> &Self::Target {
        &self.store
    }
}

impl DerefMut for MeteredStore {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.store
    }
}

impl Drop for MeteredStore {
    fn drop(&mut self) {
        let fuel_left = self.store.get_fuel().unwrap_or(0);
        let guest = self.store.data();
        // What a guest printed without a line break is in its log, however it ended.
        guest.log.finish();
        guest.tally.set_instance(
            self.fuel_max.saturating_sub(fuel_left),
            guest.meter.memory_bytes() as u64,
            guest.host_calls(),
        );
        let traffic = guest.http.traffic();
        guest
            .tally
            .set_traffic(traffic.sent_bytes, traffic.received_bytes);
    }
}
