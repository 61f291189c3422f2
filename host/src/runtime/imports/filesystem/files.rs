//! What one instance has open: each of its descriptors, and the place it belongs to.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File as WasiFile, FsPerms, OpenMode};

use crate::permissions::{Keys, StorageKind};
use crate::runtime::powers::Powers;
use crate::storage::{How, Opened, Place, Places, Temp, guest_path};

/// The kinds of storage that are folders.
const FOLDERS: [StorageKind; 4] = [
    StorageKind::UserData,
    StorageKind::Cache,
    StorageKind::Temp,
    StorageKind::Directories,
];

/// Entries in a folder that may be listed. All of them lie in the host's memory at once, some hundred bytes each.
const LISTING_ENTRIES_MAX: usize = 20_000;

/// Listings one instance may have open, for the same reason. A program that walks a tree has one open for each level.
const LISTINGS_MAX: u32 = 32;

/// What a descriptor belongs to.
pub(in crate::runtime) enum Held {
    /// A file or folder in a place, so many levels down.
    In { place: Arc<Place>, depth: u32 },
    /// A kind of storage the plugin was not given, or was given none of.
    Refused(StorageKind),
}

/// What one instance has open. Costs nothing until the instance asks for its folders.
pub(in crate::runtime) struct Files {
    places: Option<Places>,
    is_learning: bool,
    held: HashMap<u32, Held>,
    listings: u32,
    temp: Option<Temp>,
}

impl Files {
    pub(in crate::runtime) fn new(powers: &Powers) -> Self {
        Self {
            places: powers.places.clone(),
            is_learning: powers.is_watched,
            held: HashMap::new(),
            listings: 0,
            temp: None,
        }
    }

    /// The folders an instance begins with: those it was given, and in the place of those it asks for in vain one that
    /// refuses everything, so that its author sees why.
    pub(super) fn preopens(&mut self, keys: &Keys) -> io::Result<Vec<(Dir, String, Held)>> {
        let mut given: Vec<Arc<Place>> = Vec::new();
        if let Some(places) = &self.places {
            given.extend(places.lasting().iter().cloned());
            if self.temp.is_none() {
                self.temp = places.make_temp()?;
            }
        }
        given.extend(self.temp.iter().map(|temp| temp.place().clone()));
        let is_refused = |kind: &StorageKind| {
            let is_wanted = self.is_learning || keys.request().storage.contains(kind);
            is_wanted && !given.iter().any(|place| place.kind() == *kind)
        };
        let refused: Vec<_> = FOLDERS.into_iter().filter(is_refused).collect();
        let mut preopens = Vec::with_capacity(given.len() + refused.len());
        for place in given {
            let dir = folder(&place, place.top()?);
            let path = place.guest_path().to_owned();
            preopens.push((dir, path, Held::In { place, depth: 0 }));
        }
        for kind in refused {
            // Nothing can be opened below a device, should anything ever get that far.
            let nowhere = File::open("/dev/null")?;
            let dir = Dir::new(nowhere, FsPerms::ReadOnly, OpenMode::READ, false);
            preopens.push((dir, guest_path(kind), Held::Refused(kind)));
        }
        Ok(preopens)
    }

    pub(super) fn held(&self, rep: u32) -> Option<&Held> {
        self.held.get(&rep)
    }

    pub(super) fn hold(&mut self, rep: u32, held: Held) {
        self.held.insert(rep, held);
    }

    pub(super) fn release(&mut self, rep: u32) {
        self.held.remove(&rep);
    }

    /// Counts a listing, when there may be one more.
    pub(super) fn open_listing(&mut self) -> bool {
        let fits = self.listings < LISTINGS_MAX;
        self.listings += u32::from(fits);
        fits
    }

    pub(super) fn close_listing(&mut self) {
        self.listings = self.listings.saturating_sub(1);
    }
}

/// What was kept for the call goes with it, however it ended.
impl Drop for Files {
    fn drop(&mut self) {
        let Some(temp) = self.temp.take() else { return };
        match Handle::try_current() {
            // When the runtime goes down the closure is dropped instead, and the folder with it.
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(temp))),
            Err(_) => drop(temp),
        }
    }
}

/// What was opened, as wasmtime knows it.
pub(super) fn descriptor(place: &Place, opened: Opened, how: How) -> io::Result<Descriptor> {
    Ok(match opened {
        Opened::Folder(dir) => Descriptor::Dir(folder(place, dir)),
        Opened::File(file) => {
            let mut mode = OpenMode::empty();
            mode.set(OpenMode::READ, how.read || !(how.write || how.truncate));
            mode.set(OpenMode::WRITE, how.write || how.create || how.truncate);
            let mut wasi = WasiFile::new(file.try_clone()?, perms(place), mode, false);
            // The place knows by this very `Arc` how long the file is open.
            wasi.file = file;
            Descriptor::File(wasi)
        }
    })
}

fn folder(place: &Place, dir: File) -> Dir {
    let mut mode = OpenMode::READ;
    mode.set(OpenMode::WRITE, place.is_writable());
    Dir::new(dir, perms(place), mode, false)
}

fn perms(place: &Place) -> FsPerms {
    match place.is_writable() {
        true => FsPerms::ReadWrite,
        false => FsPerms::ReadOnly,
    }
}

/// Whether a folder has few enough entries to be listed.
pub(super) fn entries_fit(folder: &File) -> io::Result<bool> {
    crate::storage::entries_up_to(folder, LISTING_ENTRIES_MAX + 1)
        .map(|entries| entries <= LISTING_ENTRIES_MAX)
}
