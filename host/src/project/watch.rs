//! Which files of a plugin changed.
//!
//! The system tells that something happened, and looking at the files tells what: a file that was written twice counts
//! once, and one that is still being written does not count yet. Where the system does not tell, looking now and then does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::ProjectError;
use super::carry::unusable;
use super::snapshot::{Counts, Snapshot};

/// How long files have to stay as they are before they count. Editors write a file within a few milliseconds, and a copied
/// component takes some more; a person does not notice it.
const QUIET: Duration = Duration::from_millis(80);

/// How often files are looked at where the system does not tell: a plugin's folder is read in a few milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How one learns that files may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The system tells; where it does not, as `Look`.
    Told,
    /// Looking now and then: for folders of other machines, of which the system tells nothing.
    Look,
}

/// Watches the files of a plugin.
pub struct Watch {
    dir: PathBuf,
    counts: Counts,
    seen: Snapshot,
    told: Option<Told>,
    /// Whether something may have happened since the last look. It outlives a wait that was given up.
    is_due: bool,
    /// Whether it was told that the folder is no plugin's any more.
    is_told_of: bool,
}

/// The system's word.
struct Told {
    watcher: RecommendedWatcher,
    wake: Arc<Notify>,
}

impl Watch {
    /// Begins: what changes from now on counts.
    ///
    /// # Errors
    /// When the folder cannot be read, or holds far more than a plugin.
    pub fn start(dir: &Path, counts: Counts, way: Way) -> Result<Self, ProjectError> {
        let told = match way {
            Way::Told => Told::start(),
            Way::Look => None,
        };
        let mut watch = Self {
            dir: dir.to_owned(),
            seen: Snapshot::default(),
            counts,
            told,
            is_due: false,
            is_told_of: false,
        };
        // Listened to first, so that nothing is missed in between.
        let seen = Snapshot::take(&watch.dir, &watch.counts)?;
        watch.listen(&seen);
        watch.seen = Snapshot::take(&watch.dir, &watch.counts)?;
        Ok(watch)
    }

    /// Whether the system tells of changes.
    pub fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// Waits until files changed and are whole, and gives their paths below the folder. The wait may be given up.
    ///
    /// # Errors
    /// When the folder holds far more than a plugin by now: once, until it is a plugin's again.
    pub async fn changed(&mut self) -> Result<Vec<PathBuf>, ProjectError> {
        loop {
            if !self.is_due {
                match &self.told {
                    Some(told) => told.wake.notified().await,
                    None => tokio::time::sleep(LOOK_EVERY).await,
                }
                self.is_due = true;
            }
            let settled = self.settled().await;
            self.is_due = false;
            match settled {
                Ok(Some(now)) => {
                    self.is_told_of = false;
                    let changed = self.take(now);
                    if !changed.is_empty() {
                        return Ok(changed);
                    }
                }
                Ok(None) => self.is_told_of = false,
                Err(error @ ProjectError::Senseless { .. }) if !self.is_told_of => {
                    self.is_told_of = true;
                    return Err(error);
                }
                // It is away for a moment, as while it is replaced as a whole.
                Err(_) => {}
            }
        }
    }

    /// What changed, from the last look to this one.
    fn take(&mut self, now: Snapshot) -> Vec<PathBuf> {
        let changed = self.seen.changes_to(&now);
        self.listen(&now);
        // What was written into a new folder before it was listened to, nobody tells of: one more look.
        self.is_due = self.told.is_some();
        self.seen = now;
        changed
    }

    /// The files once they stay as they are; none when nothing is new.
    async fn settled(&self) -> Result<Option<Snapshot>, ProjectError> {
        let mut before = self.look().await?;
        if before == self.seen {
            return Ok(None);
        }
        loop {
            tokio::time::sleep(QUIET).await;
            let now = self.look().await?;
            if now == before {
                return Ok(Some(now));
            }
            before = now;
        }
    }

    /// The files as they are.
    async fn look(&self) -> Result<Snapshot, ProjectError> {
        let (dir, counts) = (self.dir.clone(), self.counts.clone());
        let look = tokio::task::spawn_blocking(move || Snapshot::take(&dir, &counts));
        let lost = |error| unusable(&self.dir, io::Error::other(error));
        look.await.map_err(lost).flatten()
    }

    /// Asks the system to tell of every folder there is. Where it cannot, files are looked at from now on.
    fn listen(&mut self, now: &Snapshot) {
        let Some(told) = &mut self.told else {
            return;
        };
        // Also those that are watched: a folder that was made anew has the name of the old one, and is another.
        for folder in now.folders() {
            let watched = told
                .watcher
                .watch(&self.dir.join(folder), RecursiveMode::NonRecursive);
            if let Err(error) = watched
                && self.dir.join(folder).is_dir()
            {
                tracing::warn!(%error, "files are looked at now and then, since the system does not tell of changes");
                self.told = None;
                return;
            }
        }
    }
}

impl Told {
    fn start() -> Option<Self> {
        let wake = Arc::new(Notify::new());
        let waking = wake.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Our own looks are accesses. An error may be an event that was lost, and is worth a look.
            if event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                return;
            }
            waking.notify_one();
        });
        Some(Self {
            watcher: watcher.ok()?,
            wake,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Far longer than any of it takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    async fn next(watch: &mut Watch) -> Vec<PathBuf> {
        let changed = tokio::time::timeout(PATIENCE, watch.changed()).await;
        changed
            .expect("it is noticed")
            .expect("it can be looked at")
    }

    async fn check(way: Way) {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("lib.rs"), "1").expect("a file");
        let mut watch = Watch::start(dir.path(), Counts::Sources, way).expect("it begins");
        fs::create_dir_all(dir.path().join("target")).expect("a folder");
        fs::write(dir.path().join("target/x"), "built").expect("a file");
        fs::write(dir.path().join("lib.rs"), "22").expect("a file");
        assert_eq!(next(&mut watch).await, [Path::new("lib.rs")]);
        // In a folder that was not there.
        fs::create_dir(dir.path().join("more")).expect("a folder");
        fs::write(dir.path().join("more/a.rs"), "").expect("a file");
        assert_eq!(next(&mut watch).await, [Path::new("more/a.rs")]);
        fs::write(dir.path().join("more/a.rs"), "again").expect("a file");
        assert_eq!(next(&mut watch).await, [Path::new("more/a.rs")]);
        fs::remove_dir_all(dir.path().join("more")).expect("it is there");
        assert_eq!(next(&mut watch).await, [Path::new("more/a.rs")]);
        // A wait that is given up loses nothing.
        fs::write(dir.path().join("lib.rs"), "333").expect("a file");
        for _ in 0..3 {
            let given_up = tokio::time::timeout(Duration::from_millis(1), watch.changed()).await;
            assert!(
                given_up.is_err(),
                "files have to stay as they are for longer"
            );
        }
        assert_eq!(next(&mut watch).await, [Path::new("lib.rs")]);
    }

    #[tokio::test]
    async fn what_changes_is_told_by_the_system() {
        check(Way::Told).await;
    }

    #[tokio::test]
    async fn what_changes_is_found_by_looking() {
        check(Way::Look).await;
    }
    #[tokio::test]
    async fn what_is_written_into_a_new_folder_before_it_is_listened_to_is_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let watch = Watch::start(dir.path(), Counts::Sources, Way::Told);
        let mut watch = watch.expect("it begins");
        fs::create_dir(dir.path().join("more")).expect("a folder");
        let told = watch.told.as_ref().expect("the system tells here");
        told.wake.notified().await;
        let now = Snapshot::take(dir.path(), &Counts::Sources).expect("a look");
        fs::write(dir.path().join("more/a.rs"), "").expect("a file");
        assert_eq!(watch.take(now), [] as [&Path; 0]);
        assert_eq!(next(&mut watch).await, [Path::new("more/a.rs")]);
    }

    #[tokio::test]
    async fn a_folder_that_grows_beyond_a_plugin_is_told_once_and_watched_again_when_it_is_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let watch = Watch::start(dir.path(), Counts::Sources, Way::Look);
        let mut watch = watch.expect("it begins");
        let much = dir.path().join("much");
        fs::create_dir(&much).expect("a folder");
        for n in 0..=super::super::snapshot::FILES_MAX {
            fs::write(much.join(format!("{n}.rs")), "").expect("a file");
        }
        let told = tokio::time::timeout(PATIENCE, watch.changed()).await;
        let told = told.expect("it is noticed").err();
        let told = told.expect("it is no plugin").to_string();
        assert!(told.contains("20000 files"), "{told}");
        fs::rename(&much, dir.path().join("target")).expect("it is there");
        fs::write(dir.path().join("lib.rs"), "").expect("a file");
        assert_eq!(next(&mut watch).await, [Path::new("lib.rs")]);
    }
}
