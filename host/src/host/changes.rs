//! What clients may have kept and is out of date, and where that comes from: a guest's notice, or a plugin that comes late.

use super::Host;
use crate::contract::ListKind;
use crate::names::PluginName;
use crate::runtime::Notices;

/// Something a client may have kept that is out of date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A list.
    List(ListKind),
    /// A resource, by its URI.
    Resource(String),
}

impl Host {
    /// Follows up on what a guest said is out of date, without keeping its caller waiting.
    pub(super) fn follow_up(&self, plugin: &PluginName, notices: Notices) {
        if notices == Notices::default() {
            return;
        }
        let catalogue = self.catalogue_now();
        for uri in notices.resources {
            if catalogue.resource_owner(&uri) == Some(plugin) {
                self.announce(Change::Resource(uri));
            }
        }
        // However often a plugin says it, one refresh runs and at most one waits; the one that waits will see it all.
        let is_first = self
            .slot(plugin)
            .is_some_and(|slot| slot.note_stale_lists(notices.lists));
        if is_first {
            let (host, plugin) = (self.clone(), plugin.clone());
            tokio::spawn(async move { host.refresh(&plugin).await });
        }
    }

    pub(super) fn announce(&self, change: Change) {
        // It fails when no session listens, and then nobody has kept anything.
        let _ = self.0.changes.send(change);
    }

    pub(super) fn announce_all_lists(&self) {
        for kind in [ListKind::Tools, ListKind::Resources, ListKind::Prompts] {
            self.announce(Change::List(kind));
        }
    }
}
