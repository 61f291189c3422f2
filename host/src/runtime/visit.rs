//! One visit to a guest: its turn, its deadline, its cancellation, its account.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wasmtime::Store;
use wasmtime::component::Instance;

use super::call::{Answer, Call, Notices};
use super::failure::{Failure, FailureKind, classify};
use super::guest::Guest;
use super::plugin::Plugin;
use super::usage::{Account, Ending, Tally};

/// How long a visit to a guest may take, and what it is called when it takes longer.
#[derive(Clone, Copy)]
pub(super) struct Allowance {
    what: &'static str,
    limit: &'static str,
    ms: u64,
    pub(super) until: Instant,
    is_call: bool,
}

impl Allowance {
    /// For a call of a client.
    pub(super) fn for_a_call(ms: u64) -> Self {
        Self::new("a call", "call_ms", ms, true)
    }

    /// For one round of a task.
    pub(super) fn for_a_task(ms: u64) -> Self {
        Self::new("a task", "task_ms", ms, true)
    }

    /// For what the host wants to know or to tell, whatever clients do.
    pub(super) fn for_the_host(what: &'static str, ms: u64) -> Self {
        Self::new(what, "start_ms", ms, false)
    }

    fn new(what: &'static str, limit: &'static str, ms: u64, is_call: bool) -> Self {
        Self {
            what,
            limit,
            ms,
            until: Instant::now() + Duration::from_millis(ms),
            is_call,
        }
    }
}

impl Plugin {
    /// Does one thing in a fresh instance, under all limits, and drops the instance. `subject` says what for, in the trace.
    ///
    /// Whatever ends it early (deadline, cancellation, a trap, a panic of the host) drops the store, so nothing ever
    /// enters an instance again that did not come to its end.
    pub(super) async fn visit<T: Send>(
        &self,
        subject: &str,
        call: Call,
        allowance: Allowance,
        body: impl for<'a> FnOnce(&'a mut Store<Guest>, Instance) -> BoxFuture<'a, wasmtime::Result<T>>
        + Send,
    ) -> Result<Answer<T>, Failure> {
        let mut call = call;
        let cancelled = call.cancelled.clone();
        let told = call.usage.clone();
        let mut account = Account::open(&self.name, subject, allowance.is_call, &self.ledger, told);
        if let Some(visit) = call.span.visit(self.identity(), allowance.is_call) {
            // What the guest makes of the trace comes below this visit.
            call.context.trace = Some(visit.trace());
            account.watch(visit);
        }
        let tally = account.tally().clone();
        let has_turn = AtomicBool::new(false);
        // Boxed, since each of what stands around it would keep a copy on the stack of an unoptimised build.
        let work = Box::pin(async {
            // Else a caller who calls again and again, of a guest that never waits, would never let its thread go.
            tokio::task::coop::consume_budget().await;
            let _turn = self.turns.take().await?;
            has_turn.store(true, Ordering::Relaxed);
            let work = Box::pin(self.run(call, tally.clone(), body));
            self.cpu_share.metered(work, &tally).await
        });
        let work = AssertUnwindSafe(tokio::time::timeout_at(allowance.until, work)).catch_unwind();
        // When this has ended, the work is gone with its store, and everything it used is on its tally.
        let ended = tokio::select! {
            biased;
            ended = work => match ended {
                Ok(Ok(ended)) => ended,
                Ok(Err(_)) if has_turn.load(Ordering::Relaxed) => Err(FailureKind::Deadline {
                    what: allowance.what,
                    limit: allowance.limit,
                    allowed: allowance.ms,
                }),
                Ok(Err(_)) => Err(self.turns.busy()),
                Err(_panic) => Err(FailureKind::HostPanic),
            },
            () = self.patience_after(&cancelled, &tally) => Err(FailureKind::Cancelled),
        };
        match ended {
            Ok((value, notices)) => Ok(Answer {
                value,
                notices,
                usage: account.settle(Ending::Answered),
            }),
            Err(kind) => {
                let ending = match kind {
                    FailureKind::Cancelled => Ending::Abandoned,
                    _ => Ending::Failed,
                };
                account.note_failure(kind.word());
                let usage = account.settle(ending);
                Err(self.failure(kind, usage))
            }
        }
    }

    /// One instance's whole life.
    async fn run<T: Send>(
        &self,
        call: Call,
        tally: Arc<Tally>,
        body: impl for<'a> FnOnce(&'a mut Store<Guest>, Instance) -> BoxFuture<'a, wasmtime::Result<T>>
        + Send,
    ) -> Result<(T, Notices), FailureKind> {
        let store = self.instances.store(call, tally);
        let mut store = store.map_err(|error| FailureKind::Trap {
            reason: super::log::printable(&format!("{error:#}")),
        })?;
        let result = async {
            let instance = self.instances.instantiate(&mut store).await?;
            body(&mut store, instance).await
        }
        .await;
        match result {
            Ok(value) => Ok((value, std::mem::take(&mut store.data_mut().notices))),
            Err(error) => {
                // What it said last is a part of the reason.
                store.data().log.finish();
                let kind = classify(&error, store.data(), &self.limits);
                // The backtrace is for the author, in the log; a client gets the one line.
                let mut trace = format!("{error:?}");
                self.redact(&mut trace);
                tracing::debug!(plugin = %self.name, "{trace}");
                Err(kind)
            }
        }
    }

    /// Returns when a cancelled call has had its time to put things in order; never when it is not cancelled.
    ///
    /// Only a guest that has asked gets time. That it imports `cancellation` says nothing: in some languages a component
    /// imports all that its world names.
    async fn patience_after(&self, cancelled: &CancellationToken, tally: &Tally) {
        cancelled.cancelled().await;
        if tally.watches() {
            tokio::time::sleep(Duration::from_millis(self.limits.cancel_grace_ms)).await;
        }
    }
}
