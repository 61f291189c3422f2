//! `wasi:filesystem`: what a guest sees of the disk, and what it may do there.
//!
//! Reading is left to wasmtime. Whatever opens, makes, moves, removes or writes goes through the [`Place`] the guest's
//! descriptor belongs to, which knows the quota and keeps every path below its top. Links are not made at all: they are how
//! one thing gets two names, and with them a way around quotas and trees.

mod error;
mod files;
mod stream;

use std::sync::Arc;

use tokio::task::spawn_blocking;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, FsError, FsResult, IoError, OutputStream, ReaddirIterator,
};

pub(in crate::runtime) use files::Files;
use files::{Held, entries_fit};
use stream::{FileOutput, Position};
use types::{ErrorCode, HostDescriptor, HostDirectoryEntryStream};

use crate::permissions::Attempt;
use crate::runtime::guest::{Guest, HasGuest};
use crate::storage::{How, Place, Refusal};

/// Offers the two interfaces instead of wasmtime's own.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    preopens::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    types::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Does something that waits for the disk. Once begun it is finished, even when nobody waits for it any more.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> FsResult<T> {
    let done = spawn_blocking(work).await;
    // It fails when the work panicked, or the host goes down.
    let done = done.map_err(FsError::trap)?;
    done.map_err(|refusal| error::code_of(&refusal).into())
}

impl Guest {
    /// Counts a call, and finds out what its descriptor belongs to. A kind of storage that was not given is refused, and
    /// people are told.
    fn held(&mut self, fd: &Resource<Descriptor>) -> FsResult<(Arc<Place>, u32)> {
        self.count_host_call().map_err(FsError::trap)?;
        match self.files.held(fd.rep()) {
            Some(Held::In { place, depth }) => {
                self.warden.saw(|| Attempt::Storage(place.kind()), true);
                Ok((place.clone(), *depth))
            }
            Some(Held::Refused(kind)) => {
                let attempt = Attempt::Storage(*kind);
                self.warden.permits(&attempt);
                Err(ErrorCode::NotPermitted.into())
            }
            None => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// The same, for what changes something.
    fn held_to_change(&mut self, fd: &Resource<Descriptor>) -> FsResult<(Arc<Place>, u32)> {
        let (place, depth) = self.held(fd)?;
        match place.is_writable() {
            true => Ok((place, depth)),
            false => Err(ErrorCode::ReadOnly.into()),
        }
    }

    fn folder(&mut self, fd: &Resource<Descriptor>) -> FsResult<Arc<std::fs::File>> {
        match self.table.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir.dir.clone()),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory.into()),
        }
    }

    fn file(&mut self, fd: &Resource<Descriptor>) -> FsResult<Arc<std::fs::File>> {
        match self.table.get(fd)? {
            Descriptor::File(file) => Ok(file.file.clone()),
            Descriptor::Dir(_) => Err(ErrorCode::IsDirectory.into()),
        }
    }

    /// A stream that writes to a file.
    fn output(
        &mut self,
        fd: &Resource<Descriptor>,
        position: Position,
    ) -> FsResult<Resource<DynOutputStream>> {
        let (place, _) = self.held_to_change(fd)?;
        let output = FileOutput::new(place, self.file(fd)?, position);
        let output: Box<dyn OutputStream> = Box::new(output);
        Ok(self.table.push(output)?)
    }
}

impl preopens::Host for Guest {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        self.count_host_call()?;
        let preopens = self.files.preopens(self.warden.keys())?;
        let mut directories = Vec::with_capacity(preopens.len());
        for (dir, path, held) in preopens {
            let fd = self.table.push(Descriptor::Dir(dir))?;
            self.files.hold(fd.rep(), held);
            directories.push((fd, path));
        }
        Ok(directories)
    }
}

impl types::Host for Guest {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<IoError>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.count_host_call()?;
        let refusal = self.table.get(&error)?.downcast_ref::<Refusal>();
        match refusal.map(error::code_of) {
            Some(code) => Ok(Some(code)),
            None => self.filesystem().filesystem_error_code(error),
        }
    }
}

impl HostDescriptor for Guest {
    async fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: types::PathFlags,
        claimed_path: String,
        open_flags: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        use types::{DescriptorFlags as D, OpenFlags as O};

        let (place, depth) = self.held(&fd)?;
        if flags
            .intersects(D::FILE_INTEGRITY_SYNC | D::DATA_INTEGRITY_SYNC | D::REQUESTED_WRITE_SYNC)
        {
            return Err(ErrorCode::Unsupported.into());
        }
        let how = How {
            read: flags.contains(D::READ),
            write: flags.contains(D::WRITE),
            create: open_flags.contains(O::CREATE),
            exclusive: open_flags.contains(O::EXCLUSIVE),
            truncate: open_flags.contains(O::TRUNCATE),
            directory: open_flags.contains(O::DIRECTORY),
            follow: path_flags.contains(types::PathFlags::SYMLINK_FOLLOW),
        };
        let folder = self.folder(&fd)?;
        let below = crate::storage::depth_of(depth, &claimed_path);
        let there = place.clone();
        let opened = on_disk(move || there.open(&folder, depth, &claimed_path, how)).await?;
        let descriptor = files::descriptor(&place, opened, how)?;
        let fd = self.table.push(descriptor)?;
        let held = Held::In {
            place,
            depth: below,
        };
        self.files.hold(fd.rep(), held);
        Ok(fd)
    }

    async fn create_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        claimed_path: String,
    ) -> FsResult<()> {
        let (place, depth) = self.held_to_change(&fd)?;
        let folder = self.folder(&fd)?;
        on_disk(move || place.create_folder(&folder, depth, &claimed_path)).await
    }

    async fn remove_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        claimed_path: String,
    ) -> FsResult<()> {
        let (place, _) = self.held_to_change(&fd)?;
        let folder = self.folder(&fd)?;
        on_disk(move || place.remove_folder(&folder, &claimed_path)).await
    }

    async fn unlink_file_at(
        &mut self,
        fd: Resource<Descriptor>,
        claimed_path: String,
    ) -> FsResult<()> {
        let (place, _) = self.held_to_change(&fd)?;
        let folder = self.folder(&fd)?;
        on_disk(move || place.remove_file(&folder, &claimed_path)).await
    }

    async fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        claimed_path: String,
        new_fd: Resource<Descriptor>,
        claimed_new_path: String,
    ) -> FsResult<()> {
        let (place, _) = self.held_to_change(&fd)?;
        let (new_place, new_depth) = self.held_to_change(&new_fd)?;
        if !Arc::ptr_eq(&place, &new_place) {
            return Err(ErrorCode::CrossDevice.into());
        }
        let (from, to) = (self.folder(&fd)?, self.folder(&new_fd)?);
        on_disk(move || place.rename((&from, &claimed_path), (&to, new_depth, &claimed_new_path)))
            .await
    }

    async fn link_at(
        &mut self,
        fd: Resource<Descriptor>,
        _path_flags: types::PathFlags,
        _claimed_path: String,
        new_fd: Resource<Descriptor>,
        _claimed_new_path: String,
    ) -> FsResult<()> {
        self.held(&fd)?;
        self.held(&new_fd)?;
        Err(ErrorCode::NotPermitted.into())
    }

    async fn symlink_at(
        &mut self,
        fd: Resource<Descriptor>,
        _claimed_target: String,
        _claimed_path: String,
    ) -> FsResult<()> {
        self.held(&fd)?;
        Err(ErrorCode::NotPermitted.into())
    }

    async fn write(
        &mut self,
        fd: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: u64,
    ) -> FsResult<u64> {
        let (place, _) = self.held_to_change(&fd)?;
        let file = self.file(&fd)?;
        on_disk(move || place.write_at(&file, &bytes, offset)).await
    }

    fn write_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::At(offset))
    }

    fn append_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::End)
    }

    async fn set_size(&mut self, fd: Resource<Descriptor>, bytes: u64) -> FsResult<()> {
        let (place, _) = self.held_to_change(&fd)?;
        let file = self.file(&fd)?;
        on_disk(move || place.resize(&file, bytes)).await
    }

    async fn set_times(
        &mut self,
        fd: Resource<Descriptor>,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        self.held_to_change(&fd)?;
        self.filesystem().set_times(fd, accessed, modified).await
    }

    async fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: types::PathFlags,
        claimed_path: String,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        self.held_to_change(&fd)?;
        let mut wasi = self.filesystem();
        wasi.set_times_at(fd, path_flags, claimed_path, accessed, modified)
            .await
    }

    async fn read_directory(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<ReaddirIterator>> {
        self.held(&fd)?;
        let folder = self.folder(&fd)?;
        // wasmtime reads all of a folder into the host's memory.
        let fits = on_disk(move || Ok(entries_fit(&folder)?)).await?;
        if !fits || !self.files.open_listing() {
            return Err(ErrorCode::InsufficientMemory.into());
        }
        let listed = self.filesystem().read_directory(fd).await;
        if listed.is_err() {
            self.files.close_listing();
        }
        listed
    }

    async fn advise(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
        bytes: u64,
        advice: types::Advice,
    ) -> FsResult<()> {
        self.held(&fd)?;
        self.filesystem().advise(fd, offset, bytes, advice).await
    }

    async fn sync_data(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.held(&fd)?;
        self.filesystem().sync_data(fd).await
    }

    async fn sync(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.held(&fd)?;
        self.filesystem().sync(fd).await
    }

    async fn get_flags(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorFlags> {
        self.held(&fd)?;
        self.filesystem().get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorType> {
        self.held(&fd)?;
        self.filesystem().get_type(fd).await
    }

    async fn stat(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorStat> {
        self.held(&fd)?;
        self.filesystem().stat(fd).await
    }

    async fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: types::PathFlags,
        claimed_path: String,
    ) -> FsResult<types::DescriptorStat> {
        self.held(&fd)?;
        self.filesystem()
            .stat_at(fd, path_flags, claimed_path)
            .await
    }

    async fn readlink_at(
        &mut self,
        fd: Resource<Descriptor>,
        claimed_path: String,
    ) -> FsResult<String> {
        self.held(&fd)?;
        self.filesystem().readlink_at(fd, claimed_path).await
    }

    async fn read(
        &mut self,
        fd: Resource<Descriptor>,
        bytes: u64,
        offset: u64,
    ) -> FsResult<(Vec<u8>, bool)> {
        self.held(&fd)?;
        self.filesystem().read(fd, bytes, offset).await
    }

    fn read_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynInputStream>> {
        self.held(&fd)?;
        self.filesystem().read_via_stream(fd, offset)
    }

    async fn metadata_hash(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<types::MetadataHashValue> {
        self.held(&fd)?;
        self.filesystem().metadata_hash(fd).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: types::PathFlags,
        claimed_path: String,
    ) -> FsResult<types::MetadataHashValue> {
        self.held(&fd)?;
        let mut wasi = self.filesystem();
        wasi.metadata_hash_at(fd, path_flags, claimed_path).await
    }

    async fn is_same_object(
        &mut self,
        a: Resource<Descriptor>,
        b: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        self.count_host_call()?;
        self.filesystem().is_same_object(a, b).await
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.files.release(fd.rep());
        self.table.delete(fd)?;
        Ok(())
    }
}

impl HostDirectoryEntryStream for Guest {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<ReaddirIterator>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        self.count_host_call().map_err(FsError::trap)?;
        self.filesystem().read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<ReaddirIterator>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        self.files.close_listing();
        Ok(())
    }
}
