//! What one plugin keeps under keys: one SQLite file, made when it is first used, and used from threads that may wait.
//!
//! Several hosts may use the same file at one time. Each operation is one transaction, so each is whole for all of them,
//! and one whose caller has gone still comes to its end. Whether the plugin may is not asked here.

mod database;
mod error;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

pub use error::{KeyValueError, Quota};

use self::database::{Database, Quotas};
use self::error::Problem;
use crate::limits::{KEY_BYTES_MAX, Limits, VALUE_BYTES_MAX};

/// The name of the file. Beside it SQLite keeps `-wal` and `-shm`, which belong to it.
const FILE_NAME: &str = "key-value.sqlite";

/// One plugin's store. Cheap to clone; all clones share one connection.
///
/// Holding one says nothing about the file: it is made, opened and checked when it is first used.
#[derive(Clone)]
pub struct KeyValue(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    quotas: Quotas,
    /// Waiting for it is asynchronous, so that one plugin never occupies more than one of the threads that may wait.
    database: Arc<Mutex<Option<Database>>>,
}

/// Some keys of a store, in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<String>,
    /// Where the next page begins; none: this was the last one.
    pub next_cursor: Option<String>,
}

/// How a compare-and-set ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The value was the expected one and is the new one now.
    Done,
    /// The value was this one and still is.
    Differs(Option<Vec<u8>>),
}

impl KeyValue {
    /// The store in a directory that belongs to one plugin alone. Nothing is touched until it is used.
    pub fn new(dir: &Path, limits: &Limits) -> Self {
        Self(Arc::new(Inner {
            dir: dir.to_owned(),
            quotas: Quotas::of(limits),
            database: Arc::default(),
        }))
    }

    /// Reads a value.
    ///
    /// # Errors
    /// When the key is too long, or the store cannot be used.
    pub async fn get(&self, key: String) -> Result<Option<Vec<u8>>, KeyValueError> {
        check_key(&key)?;
        self.with(move |database, _| database.get(&key)).await
    }

    /// Whether there is a value.
    ///
    /// # Errors
    /// When the key is too long, or the store cannot be used.
    pub async fn exists(&self, key: String) -> Result<bool, KeyValueError> {
        check_key(&key)?;
        self.with(move |database, _| database.exists(&key)).await
    }

    /// Writes a value.
    ///
    /// # Errors
    /// When key or value is too long, a quota would be passed, or the store cannot be used. Nothing changed then.
    pub async fn set(&self, key: String, value: Vec<u8>) -> Result<(), KeyValueError> {
        check_key(&key)?;
        check_value(&value)?;
        self.with(move |database, quotas| database.write(&key, Some(&value), quotas))
            .await
    }

    /// Removes a key with its value.
    ///
    /// # Errors
    /// When the key is too long, or the store cannot be used. Nothing changed then.
    pub async fn delete(&self, key: String) -> Result<(), KeyValueError> {
        check_key(&key)?;
        self.with(move |database, quotas| database.write(&key, None, quotas))
            .await
    }

    /// Lists the keys that begin with `prefix`, after `cursor`, which may be any text.
    ///
    /// # Errors
    /// When either is longer than a key, or the store cannot be used.
    pub async fn list_keys(
        &self,
        prefix: String,
        cursor: Option<String>,
    ) -> Result<KeyPage, KeyValueError> {
        check_key(&prefix)?;
        cursor.as_deref().map_or(Ok(()), check_key)?;
        self.with(move |database, _| database.list_keys(&prefix, cursor.as_deref()))
            .await
    }

    /// Writes `new`, or removes the key, when the value is `expected`.
    ///
    /// # Errors
    /// When key or new value is too long, a quota would be passed, or the store cannot be used. Nothing changed then.
    pub async fn compare_and_set(
        &self,
        key: String,
        expected: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
    ) -> Result<Swap, KeyValueError> {
        check_key(&key)?;
        new.as_deref().map_or(Ok(()), check_value)?;
        self.with(move |database, quotas| {
            database.compare_and_set(&key, expected.as_deref(), new.as_deref(), quotas)
        })
        .await
    }

    /// Does one thing on a thread that may wait. Once begun it comes to its end, whether or not anybody still waits.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database, Quotas) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, KeyValueError> {
        let mut place = self.0.database.clone().lock_owned().await;
        let inner = self.0.clone();
        let done = spawn_blocking(move || inner.run(&mut place, work)).await;
        done.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Problem::Ending.at(&self.0.path())),
        })
    }
}

impl Inner {
    fn run<T>(
        &self,
        place: &mut Option<Database>,
        work: impl FnOnce(&mut Database, Quotas) -> Result<T, Problem>,
    ) -> Result<T, KeyValueError> {
        let failed = |problem: Problem| problem.at(&self.path());
        let database = match place {
            Some(database) => database,
            None => place.insert(Database::open(&self.dir, FILE_NAME).map_err(failed)?),
        };
        let done = work(database, self.quotas);
        if done.as_ref().is_err_and(Problem::spoils_the_connection) {
            // The next one opens and checks the file again, and finds it mended when somebody has mended it.
            *place = None;
        }
        done.map_err(failed)
    }

    fn path(&self) -> PathBuf {
        self.dir.join(FILE_NAME)
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

fn check_key(claimed: &str) -> Result<(), KeyValueError> {
    match claimed.len() {
        0..=KEY_BYTES_MAX => Ok(()),
        _ => Err(KeyValueError::KeyTooLong),
    }
}

fn check_value(claimed: &[u8]) -> Result<(), KeyValueError> {
    match claimed.len() {
        0..=VALUE_BYTES_MAX => Ok(()),
        _ => Err(KeyValueError::ValueTooLong),
    }
}

#[cfg(test)]
mod tests;
