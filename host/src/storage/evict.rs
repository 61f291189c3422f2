//! Making room in a `cache`: the files that were changed longest ago go first.

use std::io;

use cap_std::fs::Dir;

use super::opened::OpenFiles;
use super::quota::Page;
use super::usage::{Usage, Walk};

/// This part of the whole is freed at once, so that a full cache is not walked through for each write.
const PART_FREED: u64 = 8;

/// Removes old files until there is room for `more`, and some to spare. Files that are open in this process stay, and so do
/// folders, which a plugin has to remove itself.
pub(super) fn evict(
    page: &mut Page<'_>,
    top: &Dir,
    max: Usage,
    more: Usage,
    opened: &mut OpenFiles,
) -> io::Result<()> {
    let mut spare = more;
    if !page.fits(Usage::of_bytes(more.bytes)) {
        spare.bytes = more.bytes.max(max.bytes / PART_FREED);
    }
    if !page.fits(Usage { bytes: 0, ..more }) {
        spare.files = more.files.max(max.files / PART_FREED);
    }
    let mut files = Walk::list(top, max.files)?;
    files.sort_by_key(|file| file.modified);
    let mut freed = Usage::default();
    for file in files {
        if page.would_fit_without(freed, spare) {
            break;
        }
        if opened.has(file.id) {
            continue;
        }
        match top.remove_file(&file.path) {
            Ok(()) => freed = freed.plus(Usage::of_file(file.bytes)),
            // Another one will do; this one's path may be too long to be written down, or it is gone already.
            Err(error) => tracing::debug!(%error, "a cached file stays"),
        }
    }
    page.give(freed)
}
