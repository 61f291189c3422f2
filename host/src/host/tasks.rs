//! Tasks: calls that go on after their reply (MCP extension `io.modelcontextprotocol/tasks`).
//!
//! A task is written down before its client hears of it, and after every round, so that it outlives this process: whoever
//! holds the state directory goes on where the last round ended. Between rounds it is nothing but that record. Each request
//! about a task is answered only for the one who began it, and for anybody else there is no such task.

mod desk;
mod record;
mod run;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use self::desk::Desk;
use self::record::{Begun, Record};
use super::rounds::refuse_long;
use super::{CallError, Host};
use crate::catalogue::Offered;
use crate::contract::{
    Context, InputRequest, JsonObject, PluginError, TaskStart, TaskSupport, Tool, ToolResult,
};
use crate::limits::TASK_CONTEXT_BYTES_MAX;
use crate::names::PluginName;
use crate::runtime::{Failure, FailureKind};
use crate::storage::{Phase, TaskId, TaskRow, TaskStore, TaskStoreError};

/// A task, as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// What it is doing, in the plugin's words.
    pub message: Option<String>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Milliseconds since 1970.
    pub updated_ms: u64,
    /// Milliseconds from its beginning for which it is kept.
    pub ttl_ms: u64,
    /// Milliseconds between polls that make sense.
    pub poll_ms: u64,
}

/// Where a task stands. The last three never change again.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskStatus {
    /// It goes on.
    Working,
    /// It waits for answers to these questions.
    InputRequired(Vec<(String, InputRequest)>),
    /// The tool answered; its "no" is an answer, too.
    Completed(ToolResult),
    /// The tool could not answer.
    Failed(TaskFailure),
    /// Its owner gave it up.
    Cancelled,
}

impl TaskStatus {
    /// Whether it is over.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_) | Self::Cancelled)
    }
}

/// Why a task has no result: a [`CallError`] that can be written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum TaskFailure {
    /// The plugin's own word.
    #[error("{error}")]
    Refused {
        /// Whose word it is.
        plugin: PluginName,
        /// The word.
        error: PluginError,
    },
    /// The client lacks a capability, shaped as MCP `ClientCapabilities`.
    #[error("the client lacks a capability this task needs: {}", Value::Object(.0.clone()))]
    Lacks(JsonObject),
    /// Anything else, in a sentence.
    #[error("{0}")]
    Failed(String),
}

impl From<CallError> for TaskFailure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { plugin, error } => Self::Refused {
                plugin,
                error: *error,
            },
            CallError::MissingCapability(lacking) => Self::Lacks(lacking),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl Host {
    /// Begins a task for a tool that asked for one. When this returns it is kept, and somebody works on it.
    ///
    /// # Errors
    /// When the tool or the client has nothing to do with tasks, or the task cannot be kept.
    pub(super) async fn begin_task(
        &self,
        tool: &Offered<Tool>,
        start: TaskStart,
        context: Context,
    ) -> Result<TaskView, CallError> {
        refuse_unexpected(tool, &context)?;
        refuse_large(&context)?;
        let (slot, component) = self.installed(&tool.plugin)?;
        let limits = slot.installed().map(|installed| &installed.limits);
        let Some(limits) = limits else {
            return Err(CallError::NoSuchTask);
        };
        let store = self.task_store().await?;
        let begun = Begun {
            component,
            tool: tool.item.name.clone(),
            context,
            ttl_ms_max: limits.task_ttl_ms,
            now_ms: now_ms(),
        };
        let record = Record::new(begun, start);
        let row = TaskRow {
            plugin: tool.plugin.clone(),
            expires_ms: record.expires_ms(),
            phase: Phase::Working,
            runner: Some(store.runner().to_owned()),
            record: record.to_bytes(),
        };
        let kept = store.create(row, limits.tasks, record.created_ms()).await;
        let id = kept.map_err(|error| match error {
            TaskStoreError::Full { allowed } => CallError::TooManyTasks {
                plugin: tool.plugin.clone(),
                allowed,
            },
            other => unkept(&other),
        })?;
        self.work_on(store, id.clone());
        Ok(record.view(&id))
    }

    /// Tells where a task stands. One that nobody works on any more goes on here.
    ///
    /// # Errors
    /// When the one who asks has no such task, or tasks cannot be read.
    pub async fn task(&self, claimed_id: &str, context: &Context) -> Result<TaskView, CallError> {
        let (store, id) = self.find(claimed_id).await?;
        let now_ms = now_ms();
        let row = store.read(id.clone(), now_ms).await;
        let row = row.map_err(|error| unkept(&error))?;
        let row = row.ok_or(CallError::NoSuchTask)?;
        let mut record = Record::read(&row).filter(|record| record.is_owned_by(context));
        if record.as_ref().is_some_and(|record| record.is_late(now_ms)) {
            // Written down, so that it stays so for everybody.
            record = self.edit(store, &id, |record| record.clone()).await?;
        }
        let record = record.ok_or(CallError::NoSuchTask)?;
        if row.phase == Phase::Working {
            self.adopt(store, id.clone()).await?;
        }
        Ok(record.view(&id))
    }

    /// Waits until a task no longer stands where it was `seen`, and tells where it does.
    ///
    /// # Errors
    /// As [`Host::task`].
    pub async fn follow_task(
        &self,
        seen: &TaskView,
        context: &Context,
    ) -> Result<TaskView, CallError> {
        let mut changes = self.0.tasks.changes();
        loop {
            changes.mark_unchanged();
            let view = self.task(&seen.id, context).await?;
            if view != *seen {
                return Ok(view);
            }
            // Another host may be the one that works on it, and its changes are not told here.
            let poll = Duration::from_millis(seen.poll_ms);
            let _ = tokio::time::timeout(poll, changes.changed()).await;
        }
    }

    /// Takes answers to a task's questions. What fits no open question changes nothing, and the rest may come later.
    ///
    /// # Errors
    /// When the one who asks has no such task, the answers are too long, or tasks cannot be written.
    pub async fn update_task(
        &self,
        claimed_id: &str,
        responses: BTreeMap<String, Value>,
        context: &Context,
    ) -> Result<(), CallError> {
        refuse_long(&responses)?;
        let (store, id) = self.find(claimed_id).await?;
        let runner = store.runner().to_owned();
        let asker = context.clone();
        let now_ms = now_ms();
        let answered = store.change(id.clone(), now_ms, move |row| {
            Record::edit(row, now_ms, |record, row| {
                if !record.is_owned_by(&asker) {
                    return None;
                }
                let goes_on = record.answer(&responses);
                if goes_on {
                    row.runner = Some(runner);
                }
                Some(goes_on)
            })
        });
        let answered = answered.await.map_err(|error| unkept(&error))?;
        match answered.flatten().flatten() {
            None => return Err(CallError::NoSuchTask),
            Some(true) => self.work_on(store, id),
            Some(false) => {}
        }
        self.0.tasks.tell_change();
        Ok(())
    }

    /// Gives a task up. It counts as cancelled at once, whatever its plugin still does; one that is over stays as it is.
    ///
    /// # Errors
    /// When the one who asks has no such task, or tasks cannot be written.
    pub async fn cancel_task(&self, claimed_id: &str, context: &Context) -> Result<(), CallError> {
        let (store, id) = self.find(claimed_id).await?;
        let asker = context.clone();
        let cancelled = self.edit(store, &id, move |record| {
            let is_owned = record.is_owned_by(&asker);
            if is_owned {
                record.cancel();
            }
            is_owned
        });
        match cancelled.await? {
            Some(true) => {}
            _ => return Err(CallError::NoSuchTask),
        }
        self.0.tasks.cancel(&id);
        Ok(())
    }

    /// Goes on with the tasks that hosts which are gone left behind. Returns at once.
    pub fn resume_tasks(&self) {
        let Some(dir) = self.0.premises.state_dir() else {
            return;
        };
        if !TaskStore::is_in(dir) {
            return;
        }
        let host = self.clone();
        tokio::spawn(async move {
            if let Err(error) = host.adopt_all().await {
                tracing::warn!(%error, "tasks that were left behind do not go on");
            }
        });
    }

    async fn adopt_all(&self) -> Result<(), CallError> {
        let store = self.task_store().await?;
        let left = store.unfinished(now_ms()).await;
        for id in left.map_err(|error| unkept(&error))? {
            self.adopt(store, id).await?;
        }
        Ok(())
    }

    /// Works on a task if nobody else does.
    async fn adopt(&self, store: &TaskStore, id: TaskId) -> Result<(), CallError> {
        if self.0.tasks.is_at_work_on(&id) {
            return Ok(());
        }
        let claimed = store.claim(id.clone(), now_ms()).await;
        if claimed.map_err(|error| unkept(&error))?.is_some() {
            self.work_on(store, id);
        }
        Ok(())
    }

    /// Changes a task in one step for all hosts. None when there is no such task.
    async fn edit<T: Send + 'static>(
        &self,
        store: &TaskStore,
        id: &TaskId,
        edit: impl FnOnce(&mut Record) -> T + Send + 'static,
    ) -> Result<Option<T>, CallError> {
        let now_ms = now_ms();
        let edited = store.change(id.clone(), now_ms, move |row| {
            Record::edit(row, now_ms, |record, _| edit(record))
        });
        let edited = edited.await.map_err(|error| unkept(&error))?;
        self.0.tasks.tell_change();
        Ok(edited.flatten())
    }

    async fn task_store(&self) -> Result<&TaskStore, CallError> {
        let store = self.0.tasks.store(&self.0.premises).await;
        store.map_err(|error| unkept(&error))
    }

    /// The task a client names. When no host ever kept one no file is made to find that out.
    async fn find(&self, claimed_id: &str) -> Result<(&TaskStore, TaskId), CallError> {
        let id = TaskId::parse(claimed_id).ok_or(CallError::NoSuchTask)?;
        let is_known =
            self.0.tasks.is_open() || self.0.premises.state_dir().is_some_and(TaskStore::is_in);
        if !is_known {
            return Err(CallError::NoSuchTask);
        }
        Ok((self.task_store().await?, id))
    }
}

/// A tool becomes a task only when its list says that it may, and only for a client that can follow one.
fn refuse_unexpected(tool: &Offered<Tool>, context: &Context) -> Result<(), CallError> {
    let problem = match (tool.item.task_support, context.capabilities.tasks) {
        (TaskSupport::Forbidden, _) => "became a task, and its list says that it never does",
        (_, false) => "became a task for a client that cannot follow one",
        _ => return Ok(()),
    };
    let kind = FailureKind::Nonsense(format!("its tool `{}` {problem}", tool.item.name));
    Err(CallError::Failed(Failure {
        plugin: tool.plugin.clone(),
        kind,
        usage: Box::default(),
    }))
}

/// What surrounds the call is kept with the task, and the client wrote it.
fn refuse_large(context: &Context) -> Result<(), CallError> {
    let bytes = serde_json::to_vec(context).map_or(usize::MAX, |json| json.len());
    match bytes > TASK_CONTEXT_BYTES_MAX {
        true => Err(CallError::BadArguments(format!(
            "`_meta` and the client's capabilities have {bytes} bytes, and a task keeps {TASK_CONTEXT_BYTES_MAX}"
        ))),
        false => Ok(()),
    }
}

/// What a client is told of a store that cannot be used; the operator is told the rest.
fn unkept(error: &TaskStoreError) -> CallError {
    tracing::warn!(%error, "a request about a task fails");
    CallError::Unkept(error.without_path())
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
