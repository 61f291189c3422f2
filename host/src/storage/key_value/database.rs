//! The SQLite file. Everything here may wait for the disk or for another process, and each function is one transaction.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::{Problem, Quota};
use super::{KeyPage, Swap};
use crate::limits::{KEY_PAGE_ITEMS, Limits};
use crate::storage::sqlite::{self, Survives, begin};

/// Bytes of a file that is read whole when it is opened. That takes a tenth of a second; damage in a larger file is found
/// where it is met.
const CHECKED_BYTES_MAX: u64 = 64 << 20;

/// The version of the tables below.
const VERSION: i64 = 1;

/// Keys are blobs, because SQLite's text ends for some functions at a NUL, and because blobs sort as their bytes. Rows have
/// a number of their own: large values would make a tree that is ordered by keys deep, and keys are listed from the
/// index without the values.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS entries (
        key BLOB NOT NULL UNIQUE,
        value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS usage (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        keys INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    INSERT OR IGNORE INTO usage VALUES (1, 0, 0);
";

/// The most one store may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotas {
    bytes: i64,
    keys: i64,
}

impl Quotas {
    pub(super) fn of(limits: &Limits) -> Self {
        let number = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        Self {
            bytes: number(limits.key_value_bytes),
            keys: number(limits.key_value_keys),
        }
    }

    /// A store that came to hold too much because its limits were lowered may shrink, and may not grow.
    fn allow(self, before: Usage, after: Usage) -> Result<(), Problem> {
        if after.keys > self.keys.max(before.keys) {
            return Err(Problem::Quota(Quota::Keys));
        }
        if after.bytes > self.bytes.max(before.bytes) {
            return Err(Problem::Quota(Quota::Bytes));
        }
        Ok(())
    }
}

/// What a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    keys: i64,
    bytes: i64,
}

impl Usage {
    fn noted(connection: &Connection) -> rusqlite::Result<Self> {
        Self::query(connection, "SELECT keys, bytes FROM usage")
    }

    /// Reads no value, only how long each is.
    fn counted(connection: &Connection) -> rusqlite::Result<Self> {
        let sum = "SELECT count(*), coalesce(sum(length(key) + length(value)), 0) FROM entries";
        Self::query(connection, sum)
    }

    fn query(connection: &Connection, sql: &str) -> rusqlite::Result<Self> {
        connection.prepare_cached(sql)?.query_row([], |row| {
            Ok(Self {
                keys: row.get(0)?,
                bytes: row.get(1)?,
            })
        })
    }

    fn note(self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let update = "UPDATE usage SET keys = ?1, bytes = ?2";
        let mut update = transaction.prepare_cached(update)?;
        update.execute([self.keys, self.bytes]).map(drop)
    }
}

/// An open file, checked as far as [`CHECKED_BYTES_MAX`] says.
pub(super) struct Database(Connection);

impl Database {
    /// Opens the file, and makes it and its directory when they are not there.
    pub(super) fn open(dir: &Path, file_name: &str) -> Result<Self, Problem> {
        // With a write-ahead log what was committed outlives the process, whenever that is killed, and a power failure
        // takes back the last commits, whole. `Powerless` would keep those, too, for a disk's flush in each write, which
        // every plugin on the machine would feel.
        let (mut connection, path) = sqlite::open::<Problem>(dir, file_name, Survives::Kill)?;
        if fs::metadata(&path)?.len() <= CHECKED_BYTES_MAX {
            check(&connection)?;
        }
        prepare(&mut connection)?;
        Ok(Self(connection))
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        Ok(read(&self.0, key)?)
    }

    pub(super) fn exists(&self, key: &str) -> Result<bool, Problem> {
        let select = "SELECT 1 FROM entries WHERE key = ?1";
        Ok(self.0.prepare_cached(select)?.exists([key.as_bytes()])?)
    }

    /// Puts `new` under the key, or removes the key.
    pub(super) fn write(
        &mut self,
        key: &str,
        new: Option<&[u8]>,
        quotas: Quotas,
    ) -> Result<(), Problem> {
        let transaction = begin(&mut self.0)?;
        replace(&transaction, key, new, quotas)?;
        Ok(transaction.commit()?)
    }

    pub(super) fn compare_and_set(
        &mut self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
        quotas: Quotas,
    ) -> Result<Swap, Problem> {
        let transaction = begin(&mut self.0)?;
        let current = read(&transaction, key)?;
        if current.as_deref() != expected {
            return Ok(Swap::Differs(current));
        }
        replace(&transaction, key, new, quotas)?;
        transaction.commit()?;
        Ok(Swap::Done)
    }

    pub(super) fn list_keys(&self, prefix: &str, cursor: Option<&str>) -> Result<KeyPage, Problem> {
        let (first, end) = range(prefix.as_bytes(), cursor.map(str::as_bytes));
        let select = "SELECT key FROM entries WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
        let mut select = self.0.prepare_cached(select)?;
        let mut rows = select.query(params![first, end, KEY_PAGE_ITEMS as i64 + 1])?;
        let mut page = KeyPage {
            keys: Vec::new(),
            next_cursor: None,
        };
        while let Some(row) = rows.next()? {
            if page.keys.len() == KEY_PAGE_ITEMS {
                page.next_cursor = page.keys.last().cloned();
                break;
            }
            let key = String::from_utf8(row.get(0)?);
            page.keys
                .push(key.map_err(|_| Problem::Damaged("a key is no text".to_owned()))?);
        }
        Ok(page)
    }
}

/// Reads the whole file.
fn check(connection: &Connection) -> Result<(), Problem> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    match &*found {
        "ok" => Ok(()),
        _ => Err(Problem::Damaged(found)),
    }
}

/// Makes the tables when they are not there, and corrects what the store is said to hold when that is not what it holds.
fn prepare(connection: &mut Connection) -> Result<(), Problem> {
    // Most files need nothing, and whoever only reads need not wait for one who writes.
    if is_prepared(&connection.transaction()?)? {
        return Ok(());
    }
    let transaction = begin(connection)?;
    if version(&transaction)? == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    let counted = Usage::counted(&transaction)?;
    let noted = Usage::noted(&transaction)?;
    if noted != counted {
        // Somebody else wrote to the file. What it holds counts.
        tracing::warn!(?noted, ?counted, "a key-value store is counted anew");
        counted.note(&transaction)?;
    }
    Ok(transaction.commit()?)
}

fn is_prepared(transaction: &Transaction<'_>) -> Result<bool, Problem> {
    match version(transaction)? {
        0 => Ok(false),
        VERSION => Ok(Usage::noted(transaction)? == Usage::counted(transaction)?),
        other => Err(Problem::Version(other)),
    }
}

fn version(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn read(connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = connection.prepare_cached("SELECT value FROM entries WHERE key = ?1")?;
    select
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()
}

fn replace(
    transaction: &Transaction<'_>,
    key: &str,
    new: Option<&[u8]>,
    quotas: Quotas,
) -> Result<(), Problem> {
    let key = key.as_bytes();
    // No slice is longer than an `i64` counts.
    let cost = |value_bytes: i64| key.len() as i64 + value_bytes;
    let select = "SELECT length(value) FROM entries WHERE key = ?1";
    let mut select = transaction.prepare_cached(select)?;
    let old: Option<i64> = select.query_row([key], |row| row.get(0)).optional()?;
    let before = Usage::noted(transaction)?;
    let mut after = before;
    if let Some(old_bytes) = old {
        after.keys -= 1;
        after.bytes -= cost(old_bytes);
    }
    if let Some(new) = new {
        after.keys += 1;
        after.bytes += cost(new.len() as i64);
    }
    quotas.allow(before, after)?;
    match (old, new) {
        (None, None) => return Ok(()),
        (_, Some(new)) => {
            let insert = "INSERT INTO entries (key, value) VALUES (?1, ?2)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            transaction.prepare_cached(insert)?.execute([key, new])?;
        }
        (Some(_), None) => {
            let delete = "DELETE FROM entries WHERE key = ?1";
            transaction.prepare_cached(delete)?.execute([key])?;
        }
    }
    Ok(after.note(transaction)?)
}

/// The first key of a page, and the first one after all that begin with `prefix`.
///
/// The least bytes after a text are the text and a NUL. Text never has the byte 0xff, so that one ends everything, and
/// there is always a byte after a prefix's last one.
fn range(prefix: &[u8], cursor: Option<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let after_cursor = cursor.map(|cursor| [cursor, b"\0"].concat());
    let first = after_cursor.unwrap_or_default().max(prefix.to_vec());
    let mut end = prefix.to_vec();
    match end.last_mut() {
        Some(last) => *last = last.saturating_add(1),
        None => end.push(0xff),
    }
    (first, end)
}
