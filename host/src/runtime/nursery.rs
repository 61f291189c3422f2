//! Where a plugin's instances come from: each is made for one visit, and the next one is made while nobody waits for it.
//!
//! An instance is used once and never again, so what one caller left behind is never there for another. Making one and
//! taking one apart is most of what a small call costs, and neither has to happen between a question and its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::call::Call;
use super::engine::Engine;
use super::guest::Guest;
use super::log::PluginLog;
use crate::limits::{FUEL_YIELD_INTERVAL, LIVE_INSTANCES_MAX, Limits};

/// Room for what surrounds an answer's own bytes when it crosses: lengths and pointers of records and lists.
const ANSWER_OVERHEAD_BYTES: u64 = 64 << 10;

/// Slots that are never taken for an instance nobody has asked for yet.
const SLOTS_FOR_CALLS: usize = LIVE_INSTANCES_MAX as usize / 2;

/// Makes instances of one plugin. Cheap to clone.
#[derive(Clone)]
pub(super) struct Nursery(Arc<Inner>);

struct Inner {
    engine: Engine,
    pre: InstancePre<Guest>,
    limits: Limits,
    log: Arc<PluginLog>,
    slots: Arc<Semaphore>,
    ready: Mutex<Option<Live>>,
    /// Whether one is being made: one at a time is enough.
    preparing: AtomicBool,
}

/// An instance that nothing was done with yet, or the place for one.
pub(super) struct Live {
    pub(super) store: Store<Guest>,
    instance: Option<Instance>,
    /// The slot it occupies, given back with it.
    _slot: Option<OwnedSemaphorePermit>,
}

impl Live {
    /// The instance, made now unless it was made before.
    ///
    /// # Errors
    /// When the guest cannot be instantiated within its limits.
    pub(super) async fn instance(&mut self, nursery: &Nursery) -> wasmtime::Result<Instance> {
        let instance = match self.instance.take() {
            Some(instance) => instance,
            None => nursery.0.pre.instantiate_async(&mut self.store).await?,
        };
        Ok(instance)
    }
}

impl Nursery {
    pub(super) fn new(
        engine: Engine,
        pre: InstancePre<Guest>,
        limits: Limits,
        log: Arc<PluginLog>,
    ) -> Self {
        let slots = engine.instances().clone();
        Self(Arc::new(Inner {
            engine,
            pre,
            limits,
            log,
            slots,
            ready: Mutex::default(),
            preparing: AtomicBool::new(false),
        }))
    }

    /// An instance for this call: the one that is ready, or the place for a new one, once there is room for it.
    ///
    /// # Errors
    /// When the engine refuses a store.
    pub(super) async fn take(&self, call: Call) -> wasmtime::Result<Live> {
        if let Some(mut live) = self.ready().take() {
            live.store.data_mut().call = call;
            return Ok(live);
        }
        // Nobody closes the semaphore, so waiting for a permit cannot fail.
        let slot = self.0.slots.clone().acquire_owned().await.ok();
        self.place(call, slot)
    }

    /// Takes an instance apart that has done its work, and makes the next one, both behind the caller's back.
    pub(super) fn retire(&self, live: Live) {
        let nursery = self.clone();
        tokio::spawn(async move {
            drop(live);
            let preparing = &nursery.0.preparing;
            if !preparing.swap(true, Ordering::AcqRel) {
                nursery.prepare().await;
                preparing.store(false, Ordering::Release);
            }
        });
    }

    /// Makes an instance ready, unless there is one, or too little room. What goes wrong here goes wrong again in the next
    /// call, where somebody hears of it.
    async fn prepare(&self) {
        let has_room = self.0.slots.available_permits() > SLOTS_FOR_CALLS;
        if !has_room || self.ready().is_some() {
            return;
        }
        let Ok(slot) = self.0.slots.clone().try_acquire_owned() else {
            return;
        };
        let Ok(mut live) = self.place(Call::default(), Some(slot)) else {
            return;
        };
        let limit = Duration::from_millis(self.0.limits.start_ms);
        let made = tokio::time::timeout(limit, live.instance(self)).await;
        if let Ok(Ok(instance)) = made {
            live.instance = Some(instance);
            *self.ready() = Some(live);
        }
    }

    /// A store with nothing in it: no grant, all limits.
    fn place(&self, call: Call, slot: Option<OwnedSemaphorePermit>) -> wasmtime::Result<Live> {
        let limits = &self.0.limits;
        let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        let guest = Guest::new(limits, self.0.log.clone(), call);
        let mut store = Store::new(self.0.engine.wasmtime(), guest);
        store.limiter(|guest| &mut guest.meter);
        store.set_fuel(limits.fuel)?;
        store.fuel_async_yield_interval(Some(FUEL_YIELD_INTERVAL))?;
        store.set_hostcall_fuel(size(
            limits.answer_bytes.saturating_add(ANSWER_OVERHEAD_BYTES),
        ));
        store.set_max_component_handles(size(limits.handles));
        Ok(Live {
            store,
            instance: None,
            _slot: slot,
        })
    }

    fn ready(&self) -> std::sync::MutexGuard<'_, Option<Live>> {
        // There is a whole instance in it or none, whatever panicked.
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
