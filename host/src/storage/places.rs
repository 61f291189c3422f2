//! Everything one plugin may see of the disk: what the host keeps for it, and the folders the operator shares with it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

use super::forbidden::Forbidden;
use super::own_dir;
use super::place::Place;
use super::quota::Quota;
use super::state::{State, StateError};
use super::temp::{TempHome, TempRoom};
use super::usage::Usage;
use crate::limits::Limits;
use crate::permissions::{Keys, StorageKind};

/// A folder the operator shares with a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// What the plugin sees it as: `/directories/<name>`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether the plugin may change what is in it.
    pub is_writable: bool,
}

/// Why a plugin cannot be given its storage.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    /// What the host keeps for it cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A shared folder cannot be opened.
    #[error("cannot share {} as `{name}`: {source} (hint: give the path of a folder that you can read)", path.display())]
    Folder {
        /// What it is called.
        name: String,
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A shared folder would show the host's own files.
    #[error(
        "cannot share {} as `{name}`: it holds, or lies in, {}, which belongs to the host (hint: share a folder beside it)",
        path.display(), own.display()
    )]
    Forbidden {
        /// What it is called.
        name: String,
        /// Where it is.
        path: PathBuf,
        /// Which of the host's own files.
        own: PathBuf,
    },
    /// Nothing can be looked up.
    #[error(
        "cannot look up the host's own files: {0} (hint: see that you can read the folders they lie in)"
    )]
    Own(io::Error),
}

/// What one plugin may see of the disk. Holding one proves that all three keys fit for each kind in it, and that none of the
/// folders is the host's own. Cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Inner>);

struct Inner {
    lasting: Vec<Arc<Place>>,
    temp: Option<TempMaker>,
}

struct TempMaker {
    home: Arc<TempHome>,
    max: Usage,
}

/// The `temp` of one call. It is removed when this is dropped, which takes as long as removing its files does.
pub struct Temp {
    place: Arc<Place>,
    _room: TempRoom,
}

impl Temp {
    /// The folder.
    pub fn place(&self) -> &Arc<Place> {
        &self.place
    }
}

impl Places {
    /// Opens what the keys give: nothing, when they give no kind of storage that is a folder.
    ///
    /// # Errors
    /// When a folder is not there, or is one that nobody may be shown.
    pub fn open(
        keys: &Keys,
        limits: &Limits,
        state: &State,
        folders: &[Folder],
        forbidden: &[PathBuf],
    ) -> Result<Option<Self>, PlacesError> {
        let gives = |kind| keys.storage(kind).is_ok();
        let mut lasting = Vec::new();
        let quotas = [
            (
                StorageKind::UserData,
                usage(limits.user_data_bytes, limits.user_data_files),
            ),
            (
                StorageKind::Cache,
                usage(limits.cache_bytes, limits.cache_files),
            ),
        ];
        for (kind, max) in quotas.into_iter().filter(|(kind, _)| gives(*kind)) {
            lasting.push(Arc::new(open_kept(keys, state, kind, max)?));
        }
        if gives(StorageKind::Directories) && !folders.is_empty() {
            let own = [state.dir().to_owned()];
            let forbidden =
                Forbidden::new(own.iter().chain(forbidden).cloned()).map_err(PlacesError::Own)?;
            for folder in folders {
                lasting.push(Arc::new(open_shared(folder, &forbidden)?));
            }
        }
        let temp = gives(StorageKind::Temp).then(|| TempMaker {
            home: state.temp().clone(),
            max: usage(limits.temp_bytes, limits.temp_files),
        });
        let is_empty = lasting.is_empty() && temp.is_none();
        Ok((!is_empty).then(|| Self(Arc::new(Inner { lasting, temp }))))
    }

    /// Those that are there before a call and after it.
    pub fn lasting(&self) -> &[Arc<Place>] {
        &self.0.lasting
    }

    /// A `temp` for one call, when there is to be one.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_temp(&self) -> io::Result<Option<Temp>> {
        let Some(TempMaker { home, max }) = &self.0.temp else {
            return Ok(None);
        };
        let room = home.make_room()?;
        let top = File::open(room.path())?;
        let quota = Quota::new(*max, None);
        let kind = StorageKind::Temp;
        let place = Place::new(kind, guest_path(kind), top, true, Some(quota));
        Ok(Some(Temp {
            place: Arc::new(place),
            _room: room,
        }))
    }
}

/// Where a plugin sees a kind of storage.
pub fn guest_path(kind: StorageKind) -> String {
    format!("/{kind}")
}

fn usage(bytes: u64, files: u64) -> Usage {
    Usage { bytes, files }
}

fn open_kept(
    keys: &Keys,
    state: &State,
    kind: StorageKind,
    max: Usage,
) -> Result<Place, PlacesError> {
    let name = &keys.identity().name;
    let plugin = state.open_plugin(name)?;
    let dir = state.path_of(name);
    let folder = kind.to_string();
    let top = own_dir::open_in(&plugin, &folder)
        .map_err(|why| StateError::of(&dir.join(&folder), why))?;
    let note = dir.join(format!("{kind}.usage"));
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&note);
    let opened = opened.map_err(|source| StateError::Io { dir: note, source })?;
    let quota = Quota::new(max, Some(opened));
    Ok(Place::new(kind, guest_path(kind), top, true, Some(quota)))
}

fn open_shared(folder: &Folder, forbidden: &Forbidden) -> Result<Place, PlacesError> {
    let failed = |source| PlacesError::Folder {
        name: folder.name.clone(),
        path: folder.path.clone(),
        source,
    };
    // From here on the folder is what was opened, whatever its path comes to mean.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let top = rustix::fs::open(&folder.path, flags, Mode::empty());
    let top = File::from(top.map_err(|errno| failed(errno.into()))?);
    if let Some(own) = forbidden.touches(&top).map_err(failed)? {
        return Err(PlacesError::Forbidden {
            name: folder.name.clone(),
            path: folder.path.clone(),
            own: own.to_owned(),
        });
    }
    let kind = StorageKind::Directories;
    let guest_path = format!("{}/{}", guest_path(kind), folder.name);
    Ok(Place::new(kind, guest_path, top, folder.is_writable, None))
}
