//! What a call used, known also of one that was cut short, and what a plugin used in all its calls.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::names::PluginName;
use crate::telemetry::{Spent, Visit};

/// What one call used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Units of fuel.
    pub fuel: u64,
    /// Microseconds from its beginning to its end, waiting included.
    pub wall_us: u64,
    /// Microseconds of a core, in guest code and in what the host did for it on the same thread.
    pub cpu_us: u64,
    /// Bytes of linear memory. Memory never shrinks, so this is also the most there ever was.
    pub memory_bytes: u64,
    /// Calls into the host's own interfaces.
    pub host_calls: u64,
    /// Bytes that left for the network.
    pub bytes_sent: u64,
    /// Bytes that came from the network.
    pub bytes_received: u64,
}

impl Usage {
    fn spent(&self) -> Spent {
        Spent {
            fuel: self.fuel,
            memory_bytes: self.memory_bytes,
            cpu_us: self.cpu_us,
            host_calls: self.host_calls,
            bytes_sent: self.bytes_sent,
            bytes_received: self.bytes_received,
        }
    }
}

/// What one plugin used in all its calls, since the host started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Calls, those that failed included.
    pub calls: u64,
    /// Calls without an answer, but for those that were cancelled.
    pub failures: u64,
    /// Units of fuel; from here on, what was used for starting and for lists counts as well.
    pub fuel: u64,
    /// The most units of fuel one visit used, which is what the limit is for.
    pub fuel_max: u64,
    /// Microseconds of a core.
    pub cpu_us: u64,
    /// The most bytes of linear memory one instance had.
    pub memory_bytes_max: u64,
    /// Bytes that left for the network.
    pub bytes_sent: u64,
    /// Bytes that came from the network.
    pub bytes_received: u64,
}

/// Counts while a call runs, readable when its store is gone. What works for the call in another task counts here as well.
#[derive(Debug, Default)]
pub(super) struct Tally {
    fuel: AtomicU64,
    cpu_ns: AtomicU64,
    memory_bytes: AtomicU64,
    host_calls: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
    /// Whether the guest asked if anybody still waits.
    watches: AtomicBool,
}

impl Tally {
    /// Notes that the guest asked whether anybody still waits.
    pub(super) fn watch(&self) {
        self.watches.store(true, Ordering::Relaxed);
    }

    /// Whether the guest ever asked.
    pub(super) fn watches(&self) -> bool {
        self.watches.load(Ordering::Relaxed)
    }

    /// Notes what an instance used in the end. There is one instance for each tally.
    pub(super) fn set_instance(&self, fuel: u64, memory_bytes: u64, host_calls: u64) {
        self.fuel.store(fuel, Ordering::Relaxed);
        self.memory_bytes.store(memory_bytes, Ordering::Relaxed);
        self.host_calls.store(host_calls, Ordering::Relaxed);
    }

    pub(super) fn add_cpu(&self, spent: Duration) {
        let ns = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        self.cpu_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// Notes what an instance sent and received in the end.
    pub(super) fn set_traffic(&self, sent: u64, received: u64) {
        self.bytes_sent.store(sent, Ordering::Relaxed);
        self.bytes_received.store(received, Ordering::Relaxed);
    }

    fn usage(&self, wall: Duration) -> Usage {
        Usage {
            fuel: self.fuel.load(Ordering::Relaxed),
            wall_us: u64::try_from(wall.as_micros()).unwrap_or(u64::MAX),
            cpu_us: self.cpu_ns.load(Ordering::Relaxed) / 1_000,
            memory_bytes: self.memory_bytes.load(Ordering::Relaxed),
            host_calls: self.host_calls.load(Ordering::Relaxed),
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            bytes_received: self.bytes_received.load(Ordering::Relaxed),
        }
    }
}

/// One plugin's totals.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Totals>);

impl Ledger {
    pub(super) fn totals(&self) -> Totals {
        *self.lock()
    }

    /// Counts a call that seemed answered, and whose answer was worth nothing.
    pub(super) fn add_failure(&self) {
        self.lock().failures += 1;
    }

    fn add(&self, usage: Usage, ending: Ending, is_call: bool) {
        let mut totals = self.lock();
        totals.calls += u64::from(is_call);
        totals.failures += u64::from(is_call && ending == Ending::Failed);
        totals.fuel = totals.fuel.saturating_add(usage.fuel);
        totals.fuel_max = totals.fuel_max.max(usage.fuel);
        totals.cpu_us = totals.cpu_us.saturating_add(usage.cpu_us);
        totals.memory_bytes_max = totals.memory_bytes_max.max(usage.memory_bytes);
        totals.bytes_sent = totals.bytes_sent.saturating_add(usage.bytes_sent);
        totals.bytes_received = totals.bytes_received.saturating_add(usage.bytes_received);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Totals> {
        // Sums that are one call short are still the best there are.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Answered,
    Failed,
    /// Nobody waited for the answer.
    Abandoned,
}

/// The account of one visit. It is settled when it is dropped at the latest, so also when the caller went away.
pub(super) struct Account<'a> {
    plugin: &'a PluginName,
    /// What was visited for, such as a tool's name.
    subject: &'a str,
    is_call: bool,
    ledger: &'a Ledger,
    told: Option<Arc<OnceLock<Usage>>>,
    started: Instant,
    tally: Arc<Tally>,
    settled: Option<Usage>,
    /// The same visit for whoever watches the host.
    visit: Option<Visit>,
    /// Why there is no answer, in one of few words.
    failure: Option<&'static str>,
}

impl<'a> Account<'a> {
    pub(super) fn open(
        plugin: &'a PluginName,
        subject: &'a str,
        is_call: bool,
        ledger: &'a Ledger,
        told: Option<Arc<OnceLock<Usage>>>,
    ) -> Self {
        Self {
            plugin,
            subject,
            is_call,
            ledger,
            told,
            started: Instant::now(),
            tally: Arc::default(),
            settled: None,
            visit: None,
            failure: None,
        }
    }

    /// Has the visit watched until it is settled.
    pub(super) fn watch(&mut self, visit: Visit) {
        self.visit = Some(visit);
    }

    /// Notes why there is no answer, before the account is settled.
    pub(super) fn note_failure(&mut self, word: &'static str) {
        self.failure = Some(word);
    }

    /// Where the visit counts.
    pub(super) fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    /// Sums up, once the store is gone. Says it in the trace, to the plugin's totals, and to the caller who asked.
    pub(super) fn settle(&mut self, ending: Ending) -> Usage {
        if let Some(usage) = self.settled {
            return usage;
        }
        let usage = self.tally.usage(self.started.elapsed());
        self.settled = Some(usage);
        self.ledger.add(usage, ending, self.is_call);
        if let Some(told) = &self.told {
            // A second visit for one call would be a mistake, and the first stays.
            let _ = told.set(usage);
        }
        if let Some(visit) = self.visit.take() {
            let abandoned = (ending == Ending::Abandoned).then_some("cancelled");
            visit.end(usage.spent(), self.failure.or(abandoned));
        }
        tracing::info!(
            target: "usage",
            plugin = %self.plugin,
            subject = self.subject,
            ?ending,
            fuel = usage.fuel,
            wall_us = usage.wall_us,
            cpu_us = usage.cpu_us,
            memory_bytes = usage.memory_bytes,
            host_calls = usage.host_calls,
            bytes_sent = usage.bytes_sent,
            bytes_received = usage.bytes_received,
        );
        usage
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.settle(Ending::Abandoned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_counted_once_however_it_ends() {
        let plugin: PluginName = "demo".parse().expect("a good name");
        let ledger = Ledger::default();
        let visit = |ending: Option<Ending>, is_call| {
            let told = Arc::new(OnceLock::new());
            let mut account = Account::open(&plugin, "t", is_call, &ledger, Some(told.clone()));
            account.tally().set_instance(10, 100, 1);
            if let Some(ending) = ending {
                account.settle(ending);
            }
            drop(account);
            assert_eq!(told.get().map(|usage| usage.fuel), Some(10));
        };
        visit(Some(Ending::Answered), true);
        visit(Some(Ending::Failed), true);
        visit(None, true);
        visit(Some(Ending::Failed), false);
        let totals = ledger.totals();
        assert_eq!((totals.calls, totals.failures), (3, 1));
        assert_eq!((totals.fuel, totals.fuel_max), (40, 10));
        assert_eq!(totals.memory_bytes_max, 100);
    }
}
