//! Bytes at rest that outlive the process. Today that is the cache of compiled code and of lists.
//!
//! What is written here belongs to the host: no guest can ever be given a directory of this room.

mod cache;
mod key;

pub use cache::{Cache, CacheError, Draft, Entry, VerifiedFile};
