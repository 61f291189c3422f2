//! The SQLite file. Everything here may wait for the disk or for another process, and each function is one transaction.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Phase, TaskId, TaskRow};
use crate::names::PluginName;
use crate::storage::sqlite::{self, Survives, begin};

/// The version of the tables below.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS tasks (
        id TEXT NOT NULL UNIQUE,
        plugin TEXT NOT NULL,
        expires_ms INTEGER NOT NULL,
        phase INTEGER NOT NULL,
        runner TEXT,
        record BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS tasks_by_plugin ON tasks (plugin);
    CREATE INDEX IF NOT EXISTS tasks_by_end ON tasks (expires_ms);
";

/// Why the file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the file has version {0} (hint: use the host that wrote it, or a newer one)")]
    Version(i64),
}

/// An open file.
pub(super) struct Database(Connection);

impl Database {
    /// Opens the file, and makes it when it is not there.
    pub(super) fn open(dir: &Path, file_name: &str) -> Result<Self, OpenError> {
        // A client is told that its task is kept, and may come back for it tomorrow. Tasks are begun and ended seldom.
        let (connection, _) = sqlite::open::<OpenError>(dir, file_name, Survives::Powerless)?;
        Self::prepared(connection)
    }

    /// A file that is none.
    pub(super) fn in_memory() -> Result<Self, OpenError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    fn prepared(mut connection: Connection) -> Result<Self, OpenError> {
        match version(&connection)? {
            VERSION => return Ok(Self(connection)),
            0 => {}
            other => return Err(OpenError::Version(other)),
        }
        let transaction = begin(&mut connection)?;
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        Ok(Self(connection))
    }

    /// Keeps a new task, and says whether there was room for it.
    pub(super) fn create(
        &mut self,
        id: &TaskId,
        task: &TaskRow,
        n_max: u64,
        now_ms: u64,
    ) -> rusqlite::Result<bool> {
        let transaction = begin(&mut self.0)?;
        remove_expired(&transaction, now_ms)?;
        let count = "SELECT count(*) FROM tasks WHERE plugin = ?1";
        let n: i64 = transaction
            .prepare_cached(count)?
            .query_row([task.plugin.as_str()], |row| row.get(0))?;
        if n >= whole(n_max) {
            return Ok(false);
        }
        let insert = "INSERT INTO tasks (id, plugin, expires_ms, phase, runner, record)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        transaction.prepare_cached(insert)?.execute(params![
            id.as_str(),
            task.plugin.as_str(),
            whole(task.expires_ms),
            phase_number(task.phase),
            task.runner,
            task.record,
        ])?;
        transaction.commit()?;
        Ok(true)
    }

    pub(super) fn read(&self, id: &TaskId, now_ms: u64) -> rusqlite::Result<Option<TaskRow>> {
        Ok(find(&self.0, id)?.filter(|task| task.expires_ms > now_ms))
    }

    pub(super) fn change<T>(
        &mut self,
        id: &TaskId,
        now_ms: u64,
        change: impl FnOnce(&mut TaskRow) -> T,
    ) -> rusqlite::Result<Option<T>> {
        let transaction = begin(&mut self.0)?;
        let Some(before) = find(&transaction, id)? else {
            return Ok(None);
        };
        if before.expires_ms <= now_ms {
            remove_expired(&transaction, now_ms)?;
            transaction.commit()?;
            return Ok(None);
        }
        let mut task = before.clone();
        let value = change(&mut task);
        if task != before {
            let update = "UPDATE tasks SET expires_ms = ?2, phase = ?3, runner = ?4, record = ?5 WHERE id = ?1";
            transaction.prepare_cached(update)?.execute(params![
                id.as_str(),
                whole(task.expires_ms),
                phase_number(task.phase),
                task.runner,
                task.record,
            ])?;
            transaction.commit()?;
        }
        Ok(Some(value))
    }

    pub(super) fn unfinished(&mut self, now_ms: u64) -> rusqlite::Result<Vec<TaskId>> {
        let transaction = begin(&mut self.0)?;
        remove_expired(&transaction, now_ms)?;
        let select = "SELECT id FROM tasks WHERE phase = ?1 ORDER BY rowid";
        let ids = transaction
            .prepare_cached(select)?
            .query_map([phase_number(Phase::Working)], |row| {
                Ok(TaskId(row.get(0)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(ids)
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn remove_expired(transaction: &Transaction<'_>, now_ms: u64) -> rusqlite::Result<()> {
    let delete = "DELETE FROM tasks WHERE expires_ms <= ?1";
    let mut delete = transaction.prepare_cached(delete)?;
    delete.execute([whole(now_ms)]).map(drop)
}

fn find(connection: &Connection, id: &TaskId) -> rusqlite::Result<Option<TaskRow>> {
    let select = "SELECT plugin, expires_ms, phase, runner, record FROM tasks WHERE id = ?1";
    let mut select = connection.prepare_cached(select)?;
    select.query_row([id.as_str()], task).optional()
}

/// Reads a row. One that is not as it was written is an error of its column.
fn task(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    let plugin: String = row.get(0)?;
    let plugin: PluginName = plugin.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    let phase: i64 = row.get(2)?;
    Ok(TaskRow {
        plugin,
        expires_ms: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
        phase: match phase {
            0 => Phase::Working,
            1 => Phase::Waiting,
            2 => Phase::Ended,
            other => return Err(rusqlite::Error::IntegralValueOutOfRange(2, other)),
        },
        runner: row.get(3)?,
        record: row.get(4)?,
    })
}

fn phase_number(phase: Phase) -> i64 {
    match phase {
        Phase::Working => 0,
        Phase::Waiting => 1,
        Phase::Ended => 2,
    }
}

/// SQLite counts up to the end of an `i64`, and nothing that is counted here goes farther.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
