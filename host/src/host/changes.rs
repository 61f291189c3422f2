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
        let (host, plugin) = (self.clone(), plugin.clone());
        self.0.background.spawn(async move {
            for uri in notices.resources {
                if host.catalogue_now().resource_owner(&uri) == Some(&plugin) {
                    host.announce(Change::Resource(uri));
                }
            }
            if !notices.lists.is_empty() && host.refresh(&plugin).await {
                for kind in notices.lists {
                    host.announce(Change::List(kind));
                }
            }
        });
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
