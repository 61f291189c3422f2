//! Bytes at rest that outlive the process: the cache of compiled code and of lists, and what plugins keep.
//!
//! The cache belongs to the host, and no guest can ever be given a directory of it. What a plugin may see is a [`Place`],
//! opened once and used by descriptor; whether it may have one was decided by its keys.

mod cache;
mod evict;
mod forbidden;
mod key;
mod key_value;
mod opened;
mod own_dir;
mod place;
mod places;
mod quota;
mod seal;
mod spot;
mod sqlite;
mod state;
mod tasks;
mod temp;
mod usage;

pub use cache::{Cache, CacheError, Draft, Entry, VerifiedFile};
pub use key_value::{KeyPage, KeyValue, KeyValueError, Quota, Swap};
pub use place::{How, Opened, Place, Refusal};
pub use places::{Folder, Places, PlacesError, Temp, guest_path};
pub use seal::Seal;
pub use spot::depth_of;
pub use state::{State, StateError};
pub use tasks::{Phase, TaskId, TaskRow, TaskStore, TaskStoreError};
pub use usage::entries_up_to;
