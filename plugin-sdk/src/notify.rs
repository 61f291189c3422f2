//! Tells clients that something they may have kept is out of date.
//!
//! Notices go out after the call that made them has ended, each once.

use crate::bindings::host::portcullis::plugin::notify::ListKind;
use crate::imports::notify;

/// Says that the list of tools changed.
pub fn tools_changed() {
    notify::list_changed(ListKind::Tools);
}

/// Says that the list of resources or of templates changed.
pub fn resources_changed() {
    notify::list_changed(ListKind::Resources);
}

/// Says that the list of prompts changed.
pub fn prompts_changed() {
    notify::list_changed(ListKind::Prompts);
}

/// Says that the resource at `uri` changed, to the clients that subscribed to it.
pub fn resource_updated(uri: impl AsRef<str>) {
    notify::resource_updated(uri.as_ref());
}
