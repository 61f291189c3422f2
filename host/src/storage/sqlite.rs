//! How every SQLite file of the host is opened: for its owner alone, with a write-ahead log, by several hosts at one time.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

/// How long to wait for another process. Every transaction takes milliseconds, so who holds the file longer is stuck.
const BUSY: Duration = Duration::from_secs(5);

/// How long to wait between two attempts where SQLite does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// Bytes of the write-ahead log that are kept for use again: as many as SQLite lets it grow before it folds it in.
const LOG_BYTES_KEPT: i64 = 4 << 20;

/// What a commit outlives. A file is whole after either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survives {
    /// The process being killed.
    Kill,
    /// The power going, too. Each commit waits for the disk.
    Powerless,
}

/// Opens a file, and makes it and its directory when they are not there. Gives where it really is as well.
pub(super) fn open<E>(
    dir: &Path,
    file_name: &str,
    commits: Survives,
) -> Result<(Connection, PathBuf), E>
where
    E: From<rusqlite::Error> + From<io::Error>,
{
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // The directory may be reached through links, as the operator likes; the file itself must be no link.
    let path = fs::canonicalize(dir)?.join(file_name);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(&path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let mode = write_ahead(&connection)?;
    // Without a write-ahead log only `FULL` keeps the file whole.
    let synchronous = match commits {
        Survives::Kill if mode == "wal" => "NORMAL",
        _ => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    Ok((connection, path))
}

/// Begins by waiting for its turn to write, so that nothing that is read changes before it is written.
pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Whether somebody else holds the file.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Makes SQLite use a write-ahead log, and gives what it uses. Where two processes make the file at the same time, one of them is
/// refused at once instead of after [`BUSY`].
fn write_ahead(connection: &Connection) -> rusqlite::Result<String> {
    let until = Instant::now() + BUSY;
    loop {
        let mode =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
        match mode {
            Err(error) if is_busy(&error) && Instant::now() < until => {
                std::thread::sleep(BUSY_PAUSE);
            }
            other => return other,
        }
    }
}
