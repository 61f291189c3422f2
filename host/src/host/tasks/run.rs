//! The work on a task: round after round, each written down when it has ended, until it is over or has a question.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::record::Record;
use super::{TaskFailure, now_ms};
use crate::contract::{Event, InputRequired, Outcome, ToolResult};
use crate::host::rounds::refuse_undeclared;
use crate::host::witness::Watching;
use crate::host::{Call, CallError, Host};
use crate::limits::{NOTIFICATION_QUEUE, ROUNDS_MAX, TASK_ATTEMPTS_MAX};
use crate::names::PluginName;
use crate::runtime::FailureKind;
use crate::storage::{Phase, TaskId, TaskStore};

/// The shortest time between two status messages that are written down. People read no faster, and each is a write to disk.
const STATUS_PAUSE: Duration = Duration::from_millis(500);

/// How often a host looks whether another one has cancelled what it works on.
const CANCELLED_ELSEWHERE: Duration = Duration::from_secs(1);

/// How long a task waits before it tries again to get a turn of a plugin that is busy.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// How a round ended for the task.
enum Ended {
    /// With the plugin's word, or without one.
    Said(Result<Outcome<ToolResult>, CallError>),
    /// Not at all: it has to be begun again, and is not to blame.
    NotYet,
    /// Not at all: the host goes down, or does not have the plugin. Another one may go on.
    Released,
}

impl Host {
    /// Works on a task in the background. It must be signed by this host.
    pub(super) fn work_on(&self, store: &TaskStore, id: TaskId) {
        let Some(cancelled) = self.0.tasks.sit_down(&id) else {
            return;
        };
        let (host, store) = (self.clone(), store.clone());
        self.0.tasks.workers().spawn(async move {
            loop {
                let work = AssertUnwindSafe(host.work(&store, &id, &cancelled));
                let done = match work.catch_unwind().await {
                    Ok(done) => done,
                    Err(_panic) => host.give_up(&store, &id).await,
                };
                if let Err(error) = done {
                    tracing::warn!(%error, "a task stands still until somebody asks for it");
                }
                if host.0.tasks.stand_up(&id) {
                    break;
                }
            }
        });
    }

    /// Round after round.
    async fn work(
        &self,
        store: &TaskStore,
        id: &TaskId,
        cancelled: &CancellationToken,
    ) -> Result<(), CallError> {
        while let Some((plugin, record, expires_ms)) = self.begin_round(store, id).await? {
            let latest = watch::Sender::new(None);
            let ended = self
                .round(store, id, &plugin, &record, expires_ms, &latest, cancelled)
                .await;
            let message = latest.borrow().clone();
            let goes_on = matches!(ended, Ended::Said(_) | Ended::NotYet);
            self.end_round(store, id, &plugin, &record, ended, message)
                .await?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// Writes down that a round begins, so that one that takes the host with it is not begun for ever.
    async fn begin_round(
        &self,
        store: &TaskStore,
        id: &TaskId,
    ) -> Result<Option<(PluginName, Record, u64)>, CallError> {
        let runner = store.runner().to_owned();
        let now_ms = now_ms();
        let begun = store.change(id.clone(), now_ms, move |row| {
            let is_ours = row.phase == Phase::Working && row.runner.as_deref() == Some(&runner);
            if !is_ours {
                return None;
            }
            let (plugin, expires_ms) = (row.plugin.clone(), row.expires_ms);
            Record::edit(row, now_ms, |record, _| {
                if record.attempt() > TASK_ATTEMPTS_MAX {
                    let sentence = format!(
                        "the task was begun {TASK_ATTEMPTS_MAX} times, and each time the host ended before it did"
                    );
                    record.fail(TaskFailure::Failed(sentence));
                    return None;
                }
                Some((plugin, record.clone(), expires_ms))
            })?
        });
        let begun = begun.await.map_err(|error| super::unkept(&error))?;
        Ok(begun.flatten())
    }

    /// One round: it ends with the plugin's word, with its owner's, with its time, or with the host.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are what a round is made of"
    )]
    async fn round(
        &self,
        store: &TaskStore,
        id: &TaskId,
        plugin: &PluginName,
        record: &Record,
        expires_ms: u64,
        latest: &watch::Sender<Option<String>>,
        cancelled: &CancellationToken,
    ) -> Ended {
        let note = self.note_messages(store, id, latest.subscribe());
        let (events, mut said) = mpsc::channel(NOTIFICATION_QUEUE);
        let oversee = async {
            tokio::select! {
                () = cancelled_elsewhere(store, id) => {}
                () = tokio::time::sleep(Duration::from_millis(expires_ms.saturating_sub(now_ms()))) => {}
            }
            cancelled.cancel();
        };
        let hear = async {
            while let Some(event) = said.recv().await {
                keep_message(event, latest);
            }
        };
        let call = Call {
            context: record.context.clone(),
            events: Some(events),
            cancelled: cancelled.clone(),
            ..Call::default()
        };
        let work = Box::pin(self.ask_plugin(plugin, record, call));
        let ended = tokio::select! {
            biased;
            ended = work => ended,
            () = self.0.tasks.stopping().cancelled() => Ended::Released,
            // It never ends before the rest, since there is always a message to come.
            _ = async { tokio::join!(note, hear, oversee) } => Ended::NotYet,
        };
        while let Ok(event) = said.try_recv() {
            keep_message(event, latest);
        }
        ended
    }

    async fn ask_plugin(&self, name: &PluginName, record: &Record, mut call: Call) -> Ended {
        let Some(continuation) = record.continuation().cloned() else {
            return Ended::NotYet;
        };
        // Another host that shares the tasks may have the plugin.
        let Ok((slot, component)) = self.installed(name) else {
            return Ended::Released;
        };
        if component != record.component {
            return Ended::Said(Err(CallError::NotInService {
                plugin: name.clone(),
                reason: "it was replaced by another version after the task began (hint: make the call again)"
                    .to_owned(),
            }));
        }
        let limits = slot.installed().map(|installed| &installed.limits);
        let calls = limits.map_or(1, |limits| limits.concurrent_calls);
        // Half of the turns, so that a plugin whose tasks take long still answers calls.
        let n = usize::try_from(calls / 2)
            .unwrap_or(usize::MAX)
            .clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        let turns = self.0.tasks.turns(name, n);
        let cancelled = call.cancelled.clone();
        let said = async {
            let _turn = tokio::select! {
                turn = turns.acquire() => turn,
                () = cancelled.cancelled() => return Err(CallError::Cancelled),
            };
            let (plugin, permit) = self.in_service(name, &slot).await?;
            let watching = Watching::begin(
                &self.0.premises,
                "task",
                name,
                record.tool.as_str(),
                &Value::Null,
                &mut call,
            );
            let said = plugin.run_task(&record.tool, continuation, call).await;
            let answer = self.answer(name, permit, said);
            if let Some(watching) = watching {
                watching.end(answer.as_ref());
            }
            answer
        };
        match Box::pin(said).await {
            Err(CallError::Failed(failure)) if is_busy(&failure.kind) => {
                tokio::select! {
                    () = tokio::time::sleep(BUSY_PAUSE) => {}
                    () = cancelled.cancelled() => {}
                }
                Ended::NotYet
            }
            said => Ended::Said(said),
        }
    }

    /// Writes down how a round ended. A task that was cancelled meanwhile stays so.
    async fn end_round(
        &self,
        store: &TaskStore,
        id: &TaskId,
        plugin: &PluginName,
        begun: &Record,
        ended: Ended,
        message: Option<String>,
    ) -> Result<(), CallError> {
        let next = match ended {
            Ended::Said(Ok(Outcome::Complete(result))) => Next::Complete(result),
            Ended::Said(Ok(Outcome::InputRequired(asked))) => {
                match refuse_undeclared(&asked.requests, &begun.context.capabilities) {
                    Err(lacking) => Next::Fail(lacking.into()),
                    Ok(()) if begun.round() >= ROUNDS_MAX => {
                        Next::Fail(CallError::TooManyRounds.into())
                    }
                    Ok(()) => Next::Ask(asked),
                }
            }
            Ended::Said(Err(CallError::Cancelled)) => Next::Cancel,
            Ended::Said(Err(failure)) => Next::Fail(failure.into()),
            Ended::NotYet => Next::Again,
            Ended::Released => Next::Release,
        };
        let until_ms = now_ms().saturating_add(self.answer_wait_ms(plugin));
        let runner = store.runner().to_owned();
        let now_ms = now_ms();
        let written = store.change(id.clone(), now_ms, move |row| {
            if row.runner.as_deref() != Some(&runner) {
                return;
            }
            Record::edit(row, now_ms, |record, row| {
                if let Some(message) = message {
                    record.say(message);
                }
                match next {
                    Next::Complete(result) => record.complete(result),
                    Next::Ask(asked) => record.ask(asked, until_ms),
                    Next::Fail(failure) => record.fail(failure),
                    Next::Cancel => record.cancel(),
                    Next::Again => record.forgive(),
                    Next::Release => {
                        record.forgive();
                        row.runner = None;
                    }
                }
            });
        });
        written.await.map_err(|error| super::unkept(&error))?;
        self.0.tasks.tell_change();
        Ok(())
    }

    fn answer_wait_ms(&self, plugin: &PluginName) -> u64 {
        let slot = self.slot(plugin);
        let installed = slot.as_ref().and_then(|slot| slot.installed());
        installed.map_or(0, |installed| installed.limits.answer_wait_ms)
    }

    /// Ends a task that met a bug of ours.
    async fn give_up(&self, store: &TaskStore, id: &TaskId) -> Result<(), CallError> {
        let sentence =
            "the task met a bug in the host (hint: please report it; the log has the details)";
        let fail = |record: &mut Record| record.fail(TaskFailure::Failed(sentence.to_owned()));
        self.edit(store, id, fail).await.map(drop)
    }

    /// Writes down what the plugin says it is doing, the latest of it and not too often.
    async fn note_messages(
        &self,
        store: &TaskStore,
        id: &TaskId,
        mut latest: watch::Receiver<Option<String>>,
    ) {
        while latest.changed().await.is_ok() {
            let message = latest.borrow_and_update().clone();
            if let Some(message) = message {
                let noted = self.edit(store, id, |record| record.say(message)).await;
                if let Err(error) = noted {
                    tracing::debug!(%error, "a task's message is lost");
                }
            }
            tokio::time::sleep(STATUS_PAUSE).await;
        }
    }
}

/// What becomes of a task after a round.
enum Next {
    Complete(ToolResult),
    Ask(InputRequired),
    Fail(TaskFailure),
    Cancel,
    Again,
    Release,
}

/// Keeps the message of a report.
fn keep_message(event: Event, latest: &watch::Sender<Option<String>>) {
    if let Event::Progress {
        message: Some(message),
        ..
    } = event
    {
        latest.send_replace(Some(message));
    }
}

/// Returns when another host has ended the task; never when no other host can.
async fn cancelled_elsewhere(store: &TaskStore, id: &TaskId) {
    if !store.is_shared() {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(CANCELLED_ELSEWHERE).await;
        let row = store.read(id.clone(), now_ms()).await;
        if row.is_ok_and(|row| row.is_none_or(|row| row.phase == Phase::Ended)) {
            return;
        }
    }
}

/// Whether others had what the task needed.
fn is_busy(kind: &FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Busy { .. }
            | FailureKind::QueueFull { .. }
            | FailureKind::QueueTime { .. }
            | FailureKind::HostBusy { .. }
    )
}
