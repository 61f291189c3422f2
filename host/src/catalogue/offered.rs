//! One entry of a catalogue.

use std::sync::Arc;

use crate::names::PluginName;

/// A thing with its owner and the name clients know it by. Cheap to copy.
#[derive(Debug)]
pub struct Offered<T> {
    /// Whose it is.
    pub plugin: PluginName,
    /// What a client calls it: a public name for tools and prompts, the URI for resources.
    pub public: Arc<str>,
    /// The thing, as the plugin describes it, with its own name.
    pub item: Arc<T>,
}

impl<T> Clone for Offered<T> {
    fn clone(&self) -> Self {
        Self {
            plugin: self.plugin.clone(),
            public: self.public.clone(),
            item: self.item.clone(),
        }
    }
}
