//! Answers that are kept, and compared with those of later runs: `tests/snapshots/<file>/<case>.snap`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cases::{Case, CaseFile};
use super::kept::write_whole;

/// Bytes of a snapshot that is read; no answer is longer by default, and a file may have become anything.
const SNAPSHOT_BYTES_MAX: u64 = 64 << 20;

/// An answer that is not the one that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotChange {
    /// Where it is kept.
    pub path: PathBuf,
    /// What is kept; none: nothing yet.
    pub kept: Option<String>,
    /// What the plugin answers now.
    pub now: String,
}

impl SnapshotChange {
    /// Keeps the new answer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn accept(&self) -> io::Result<()> {
        write_whole(&self.path, self.now.as_bytes())?;
        remove(&proposal(&self.path))
    }

    /// Forgets the new answer, and what an earlier run wrote beside.
    ///
    /// # Errors
    /// When that is there and cannot be removed.
    pub fn reject(&self) -> io::Result<()> {
        settle(&self.path)
    }

    /// Writes the new answer beside the one that is kept, for somebody to look at. Gives its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn propose(&self) -> io::Result<PathBuf> {
        let path = proposal(&self.path);
        write_whole(&path, self.now.as_bytes())?;
        Ok(path)
    }
}

/// Where the snapshot of a step is kept. A case with one call has one; steps are counted from 1.
pub fn snapshot_path(file: &CaseFile, case: &Case, step_idx: usize) -> PathBuf {
    let name = match case.steps.len() {
        1 => format!("{}.snap", case.slug),
        // A case's name has no dot in it as a file's.
        _ => format!("{}.{}.snap", case.slug, step_idx + 1),
    };
    folder(&file.path, "snapshots").join(&file.stem).join(name)
}

/// Compares an answer with the one that is kept; nothing when they are the same.
///
/// # Errors
/// When the kept one cannot be read.
pub fn compare(path: &Path, now: &str) -> io::Result<Option<SnapshotChange>> {
    let kept = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
        Ok(metadata) if metadata.len() > SNAPSHOT_BYTES_MAX => {
            return Err(io::Error::other("it is too large"));
        }
        Ok(_) => Some(fs::read_to_string(path)?),
    };
    // Version control on Windows writes other line ends.
    let kept = kept.map(|kept| kept.replace("\r\n", "\n"));
    if kept.as_deref() == Some(now) {
        return Ok(None);
    }
    Ok(Some(SnapshotChange {
        path: path.to_owned(),
        kept,
        now: now.to_owned(),
    }))
}

/// Removes a proposal that an earlier run left and that is no longer one.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn settle(path: &Path) -> io::Result<()> {
    remove(&proposal(path))
}

/// The kept answers and recordings that no case of these files looks at, and proposals for answers that no case keeps, in
/// order. When `are_all` there are no other case files beside them, and whatever lies there is looked at.
pub fn unused(files: &[CaseFile], are_all: bool) -> Vec<PathBuf> {
    let mut used = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for file in files {
        for case in &file.cases {
            if case.record {
                used.insert(super::recordings::recording_path(file, case));
            }
            for (idx, step) in case.steps.iter().enumerate() {
                if step.expect.snapshot {
                    used.insert(snapshot_path(file, case, idx));
                }
            }
        }
        for kind in ["snapshots", "recordings"] {
            let top = folder(&file.path, kind);
            match are_all {
                // Of a case file that was renamed the old name is left here.
                true => folders.extend(entries(&top).filter(|path| path.is_dir()).chain([top])),
                false => folders.extend([top.join(&file.stem)]),
            }
        }
    }
    let there: BTreeSet<_> = folders.iter().flat_map(|folder| entries(folder)).collect();
    let is_unused = |path: &PathBuf| match path.extension().and_then(|it| it.to_str()) {
        Some("snap" | "json") => !used.contains(path),
        Some("new") => !used.contains(&path.with_extension("")),
        _ => false,
    };
    there.into_iter().filter(is_unused).collect()
}

/// What lies in a folder; nothing when there is none.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

/// A folder beside a case file.
pub(super) fn folder(case_file: &Path, kind: &str) -> PathBuf {
    case_file.parent().unwrap_or(Path::new(".")).join(kind)
}

fn proposal(path: &Path) -> PathBuf {
    path.with_extension("snap.new")
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path) -> CaseFile {
        let text = "[[case]]\nname = \"a\"\ntool = \"t\"\nexpect.snapshot = true\n\
            [[case]]\nname = \"b\"\n[[case.step]]\ntool = \"t\"\n[[case.step]]\ntool = \"t\"\nexpect.snapshot = true\n";
        CaseFile::parse(text, &folder.join("x.toml")).unwrap()
    }

    #[test]
    fn an_answer_is_new_then_kept_then_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("snapshots/x/a.snap");
        let new = compare(&path, "one\n").unwrap().expect("nothing is kept");
        assert_eq!(new.kept, None);
        let proposed = new.propose().unwrap();
        assert!(proposed.ends_with("a.snap.new"));
        assert!(!path.exists());
        new.accept().unwrap();
        assert!(!proposed.exists());
        assert_eq!(compare(&path, "one\n").unwrap(), None);
        let changed = compare(&path, "two\n").unwrap().expect("it is another");
        assert_eq!(changed.kept.as_deref(), Some("one\n"));
        changed.propose().unwrap();
        settle(&path).unwrap();
        assert!(!proposed.exists());
        settle(&path).unwrap();
    }

    #[test]
    fn what_no_case_looks_at_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = file(dir.path());
        let used = [
            snapshot_path(&file, &file.cases[0], 0),
            snapshot_path(&file, &file.cases[1], 1),
        ];
        let unused_one = snapshot_path(&file, &file.cases[1], 0);
        assert!(used[1].ends_with("snapshots/x/b.2.snap"), "{used:?}");
        for path in used.iter().chain([&unused_one]) {
            write_whole(path, b"").unwrap();
        }
        assert_eq!(unused(&[file], true), [unused_one]);
    }

    #[test]
    fn what_a_renamed_case_file_left_behind_is_named_where_all_files_are_known() {
        let dir = tempfile::tempdir().unwrap();
        let file = file(dir.path());
        let used = snapshot_path(&file, &file.cases[0], 0);
        let files = [
            used.clone(),
            proposal(&used),
            dir.path().join("recordings/old/a.json"),
            dir.path().join("snapshots/old/a.snap"),
            dir.path().join("snapshots/x/gone.snap.new"),
            dir.path().join("snapshots/x/notes.txt"),
        ];
        for path in &files {
            write_whole(path, b"").unwrap();
        }
        let cases = std::slice::from_ref(&file);
        assert_eq!(unused(cases, true), files[2..5]);
        assert_eq!(unused(cases, false), files[4..5]);
    }
}
