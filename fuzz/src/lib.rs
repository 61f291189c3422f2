//! What holds of everything the host reads, whatever the bytes. Each module has one function, `check`, which panics when it
//! does not hold.
//!
//! The fuzz targets call it with bytes nobody thought of, and `tests/fuzz_corpora.rs`, which includes this file, with the
//! committed corpora. Claims of guests are checked inside the host (`runtime/claims/judged.rs`), since they never leave it.

pub mod config;
pub mod manifest;
pub mod network_rule;
pub mod schema;

mod sentence;
