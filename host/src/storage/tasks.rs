//! Tasks at rest: one SQLite file for all hosts that share a state directory, so that a task outlives the host that began it.
//!
//! What a task is, is the host's affair; here it is bytes with a name, an end, and the host that works on it. A host is
//! known by a file that it keeps locked. Whoever can lock that file knows that its host is gone, however it went, and may take
//! over its tasks. There is nothing to renew, and a host that only sleeps loses nothing.

mod database;
mod runner;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use self::database::Database;
use self::runner::Runner;
use super::state::TASKS;
use super::{State, StateError};
use crate::names::PluginName;

/// The name of the file. Beside it SQLite keeps `-wal` and `-shm`, which belong to it.
const FILE_NAME: &str = "tasks.sqlite";

/// Random bytes in a name. Whoever knows a task's name may ask for it, as far as nobody is authenticated, so it cannot be
/// guessed: MCP asks for 16 bytes, and these are half as many again.
const ID_BYTES: usize = 24;

/// The most bytes of a name that a client may claim; those that are made here have half as many.
const ID_CHARS_MAX: usize = 64;

/// Why tasks cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskStoreError {
    /// The plugin has as many tasks as it may have.
    #[error("there are {allowed} tasks, as many as there may be")]
    Full {
        /// Tasks.
        allowed: u64,
    },
    /// The system, or the file, does not let it.
    #[error("tasks cannot be kept in {}: {problem}", path.display())]
    Unusable {
        /// Where.
        path: PathBuf,
        /// What was said.
        problem: String,
    },
}

impl TaskStoreError {
    /// What a client may know: not where tasks are kept.
    pub fn without_path(&self) -> String {
        match self {
            Self::Full { .. } => self.to_string(),
            Self::Unusable { .. } => {
                "tasks cannot be kept now (hint: the host's log says why)".to_owned()
            }
        }
    }
}

/// A task's name. Holding one proves that it is short, not that there is such a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskId(String);

impl TaskId {
    /// A new one, which nobody can guess.
    ///
    /// # Errors
    /// When the system has no random bytes.
    fn random() -> std::io::Result<Self> {
        let mut bytes = [0; ID_BYTES];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The name a client claims; none when no task is named so.
    pub fn parse(claimed: &str) -> Option<Self> {
        (claimed.len() <= ID_CHARS_MAX).then(|| Self(claimed.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Somebody works on it, or should.
    Working,
    /// It waits for its owner, and nobody works on it.
    Waiting,
    /// It is over.
    Ended,
}

/// A task, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Whose it is; they are counted by plugin.
    pub plugin: PluginName,
    /// Milliseconds since 1970 from which it is gone.
    pub expires_ms: u64,
    /// Where it stands.
    pub phase: Phase,
    /// The host that works on it.
    pub runner: Option<String>,
    /// The rest.
    pub record: Vec<u8>,
}

/// All tasks. Cheap to clone.
#[derive(Clone)]
pub struct TaskStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    runner: Runner,
    /// Waiting for it is asynchronous, so that tasks never occupy more than one of the threads that may wait.
    database: Arc<Mutex<Option<Database>>>,
}

impl TaskStore {
    /// Whether a host ever kept tasks there. Looking makes no file.
    pub fn is_in(state_dir: &Path) -> bool {
        state_dir.join(TASKS).join(FILE_NAME).exists()
    }

    /// The tasks of all hosts that share this state directory.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn open(state: &State) -> Result<Self, TaskStoreError> {
        let path = state.dir().join(TASKS).join(FILE_NAME);
        let failed = |problem: String| TaskStoreError::Unusable {
            path: path.clone(),
            problem,
        };
        let dir = state
            .tasks_dir()
            .map_err(|error: StateError| failed(error.to_string()))?;
        let runner = Runner::begin(&dir).map_err(|error| failed(error.to_string()))?;
        let database =
            Database::open(&dir, FILE_NAME).map_err(|error| failed(error.to_string()))?;
        Ok(Self::with(path, runner, database))
    }

    /// The tasks of this process alone, gone with it.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, TaskStoreError> {
        let path = PathBuf::from("memory");
        let failed = |problem: String| TaskStoreError::Unusable {
            path: path.clone(),
            problem,
        };
        let runner = Runner::alone().map_err(|error| failed(error.to_string()))?;
        let database = Database::in_memory().map_err(|error| failed(error.to_string()))?;
        Ok(Self::with(path, runner, database))
    }

    fn with(path: PathBuf, runner: Runner, database: Database) -> Self {
        Self(Arc::new(Inner {
            path,
            runner,
            database: Arc::new(Mutex::new(Some(database))),
        }))
    }

    /// This host, as it signs the tasks it works on.
    pub fn runner(&self) -> &str {
        self.0.runner.id()
    }

    /// Whether other hosts see these tasks.
    pub fn is_shared(&self) -> bool {
        self.0.runner.is_known_to_others()
    }

    /// Keeps a new task, unless its plugin has `n_max` already. When this has returned the task outlives the host, and a
    /// loss of power.
    ///
    /// # Errors
    /// When there are too many, or the file cannot be used.
    pub async fn create(
        &self,
        row: TaskRow,
        n_max: u64,
        now_ms: u64,
    ) -> Result<TaskId, TaskStoreError> {
        let id = TaskId::random().map_err(|error| self.0.unusable(error.to_string()))?;
        let name = id.clone();
        let kept = self
            .with_database(move |database, _| database.create(&name, &row, n_max, now_ms))
            .await?;
        match kept {
            true => Ok(id),
            false => Err(TaskStoreError::Full { allowed: n_max }),
        }
    }

    /// Reads a task; none when there is none, or its time is over.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub async fn read(&self, id: TaskId, now_ms: u64) -> Result<Option<TaskRow>, TaskStoreError> {
        self.with_database(move |database, _| database.read(&id, now_ms))
            .await
    }

    /// Changes a task, in one step for all hosts. None when there is no such task.
    ///
    /// # Errors
    /// When the file cannot be used. Nothing changed then.
    pub async fn change<T: Send + 'static>(
        &self,
        id: TaskId,
        now_ms: u64,
        change: impl FnOnce(&mut TaskRow) -> T + Send + 'static,
    ) -> Result<Option<T>, TaskStoreError> {
        self.with_database(move |database, _| database.change(&id, now_ms, change))
            .await
    }

    /// Takes over a task that nobody works on any more though somebody should. None when it is not such a task.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub async fn claim(&self, id: TaskId, now_ms: u64) -> Result<Option<TaskRow>, TaskStoreError> {
        self.with_database(move |database, runner| {
            let claimed = database.change(&id, now_ms, |row| {
                let is_worked_on = row
                    .runner
                    .as_deref()
                    .is_some_and(|other| runner.is_alive(other));
                if row.phase != Phase::Working || is_worked_on {
                    return None;
                }
                row.runner = Some(runner.id().to_owned());
                Some(row.clone())
            })?;
            Ok(claimed.flatten())
        })
        .await
    }

    /// Every task that somebody works on, or should. Those whose time is over are removed.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub async fn unfinished(&self, now_ms: u64) -> Result<Vec<TaskId>, TaskStoreError> {
        self.with_database(move |database, _| database.unfinished(now_ms))
            .await
    }

    /// Does one thing on a thread that may wait. Once begun it comes to its end, whether or not anybody still waits.
    async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database, &Runner) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, TaskStoreError> {
        let mut place = self.0.database.clone().lock_owned().await;
        let inner = self.0.clone();
        let done = spawn_blocking(move || match place.as_mut() {
            Some(database) => {
                work(database, &inner.runner).map_err(|error| inner.unusable(error.to_string()))
            }
            None => Err(inner.unusable("it is closed".to_owned())),
        });
        done.await
            .unwrap_or_else(|ended| match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(self.0.unusable("the host goes down".to_owned())),
            })
    }
}

impl Inner {
    fn unusable(&self, problem: String) -> TaskStoreError {
        TaskStoreError::Unusable {
            path: self.path.clone(),
            problem,
        }
    }
}

/// Closing folds the log into the file, so that happens on a thread that may wait, too.
impl Drop for Inner {
    fn drop(&mut self) {
        // It is free: whoever holds it holds this as well.
        let database = self.database.try_lock().ok().and_then(|mut it| it.take());
        if let (Some(database), Ok(runtime)) = (database, Handle::try_current()) {
            runtime.spawn_blocking(move || drop(database));
        }
    }
}

#[cfg(test)]
mod tests;
