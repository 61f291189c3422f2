//! What this host works on: the tasks' store once it is needed, and who is at work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OnceCell, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::Premises;
use crate::names::PluginName;
use crate::storage::{TaskId, TaskStore, TaskStoreError};

/// What a host works on.
#[derive(Default)]
pub(in crate::host) struct Desk {
    /// Opened for the first task.
    store: OnceCell<TaskStore>,
    at_work: Mutex<HashMap<TaskId, Worker>>,
    /// How many tasks of a plugin may run at one time.
    turns: Mutex<HashMap<PluginName, Arc<Semaphore>>>,
    workers: TaskTracker,
    /// Fires when the host goes down.
    stopping: CancellationToken,
    /// Counts the changes of all tasks.
    changes: watch::Sender<u64>,
}

/// Somebody who works on a task.
struct Worker {
    cancelled: CancellationToken,
    /// Whether the task has to be looked at again when the work is done.
    again: bool,
}

impl Desk {
    /// The store. Without a folder for what plugins keep it is of this process alone.
    pub(super) async fn store(&self, premises: &Premises) -> Result<&TaskStore, TaskStoreError> {
        let open = || async {
            let premises = premises.clone();
            let opened = tokio::task::spawn_blocking(move || match premises.state() {
                Ok(state) => TaskStore::open(state),
                Err(reason) => {
                    tracing::warn!(%reason, "tasks end with this process");
                    TaskStore::in_memory()
                }
            });
            opened.await.unwrap_or_else(|_| TaskStore::in_memory())
        };
        self.store.get_or_try_init(open).await
    }

    pub(super) fn is_open(&self) -> bool {
        self.store.initialized()
    }

    /// Tells whoever follows a task to look again.
    pub(super) fn tell_change(&self) {
        self.changes.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn is_at_work_on(&self, id: &TaskId) -> bool {
        self.lock().contains_key(id)
    }

    /// Registers a worker for a task, and gives what tells it to stop. None when there is one already, which will look
    /// again, or the host goes down.
    pub(super) fn sit_down(&self, id: &TaskId) -> Option<CancellationToken> {
        if self.stopping.is_cancelled() {
            return None;
        }
        let mut at_work = self.lock();
        if let Some(worker) = at_work.get_mut(id) {
            worker.again = true;
            return None;
        }
        let cancelled = CancellationToken::new();
        let worker = Worker {
            cancelled: cancelled.clone(),
            again: false,
        };
        at_work.insert(id.clone(), worker);
        Some(cancelled)
    }

    /// Ends a worker, unless it has to look at its task again.
    pub(super) fn stand_up(&self, id: &TaskId) -> bool {
        let mut at_work = self.lock();
        if let Some(worker) = at_work.get_mut(id)
            && std::mem::take(&mut worker.again)
            && !self.stopping.is_cancelled()
        {
            return false;
        }
        at_work.remove(id);
        true
    }

    /// Tells the worker of a task, if there is one here, that nobody waits for it.
    pub(super) fn cancel(&self, id: &TaskId) {
        if let Some(worker) = self.lock().get(id) {
            worker.cancelled.cancel();
        }
    }

    /// The turns of a plugin's tasks. `n` counts when it is asked for the first time.
    pub(super) fn turns(&self, plugin: &PluginName, n: usize) -> Arc<Semaphore> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = turns.entry(plugin.clone());
        turns.or_insert_with(|| Arc::new(Semaphore::new(n))).clone()
    }

    /// Has the turns of a plugin's tasks counted anew: its limits may be others now.
    pub(in crate::host) fn forget_turns(&self, plugin: &PluginName) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.remove(plugin);
    }

    pub(super) fn workers(&self) -> &TaskTracker {
        &self.workers
    }

    pub(in crate::host) fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Lets go of every task, so that another host can go on with it.
    pub(in crate::host) async fn leave(&self) {
        self.stopping.cancel();
        self.workers.close();
        self.workers.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Worker>> {
        // Each change is one insertion or removal, so a panic leaves nothing half done.
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
