//! What the host does for guests, one file per interface. Each call is counted, and nothing here trusts what it is given.

mod cancellation;
mod environment;
mod filesystem;
pub(super) mod http;
mod key_value;
mod log;
mod notify;
mod progress;
mod settings;

use wasmtime::component::Linker;

use super::bindings::portcullis::plugin::{
    call, cancellation as c, content, key_value as kv, log as l, notify as n, progress as p, types,
};
use super::bindings::wasi::config::store;
use super::guest::{Guest, HasGuest};

pub(super) use filesystem::Files;

/// Offers WASI 0.2 and the contract's own interfaces. Which of them has any effect is for the [`Guest`] to say: without a
/// grant its WASI context is empty.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    http::add_to_linker(linker)?;
    filesystem::add_to_linker(linker)?;
    environment::add_to_linker(linker)?;
    types::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    content::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    call::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    p::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    l::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    c::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    n::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    kv::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    store::add_to_linker::<_, HasGuest>(linker, |guest| guest)?;
    Ok(())
}

// These interfaces hold types and no functions.
impl types::Host for Guest {}
impl content::Host for Guest {}
impl call::Host for Guest {}
