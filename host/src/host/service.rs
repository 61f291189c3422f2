//! Putting plugins into service, and keeping the catalogue true.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::slot::Slot;
use super::{Change, Host};
use crate::catalogue::{Builder, headers};
use crate::contract::Lists;
use crate::names::PluginName;
use crate::storage::Entry;

impl Host {
    /// Brings every plugin into service or finds out why not; then gets the code of the eager ones ready.
    pub(super) async fn begin_service(&self) {
        let inner = &self.0;
        let mut settling: FuturesUnordered<_> =
            inner.slots.iter().map(|slot| self.settle(slot)).collect();
        while settling.next().await.is_some() {}
        let before = self.catalogue_now();
        self.rebuild_catalogue();
        inner.settled.send_replace(true);
        if !before.tools().is_empty()
            || !before.resources().is_empty()
            || !before.prompts().is_empty()
        {
            // Somebody was given a list that was not complete.
            self.announce_all_lists();
        }
        let eager = inner
            .slots
            .iter()
            .filter(|slot| slot.starts_eagerly() && slot.lists().is_some());
        let mut starting: FuturesUnordered<_> =
            eager.map(|slot| slot.plugin(&inner.premises)).collect();
        while let Some(started) = starting.next().await {
            if let Err(reason) = started {
                tracing::warn!(%reason, "a plugin that was in service does not start");
                self.rebuild_catalogue();
                self.announce_all_lists();
            }
        }
    }

    /// Gets a plugin ready to be called: loaded, and told that its service begins.
    ///
    /// # Errors
    /// When it is out of service, with the reason for people.
    pub async fn ready(&self, plugin: &PluginName) -> Result<(), String> {
        self.settled().await;
        let slot = self.slot(plugin);
        let slot = slot.ok_or_else(|| format!("there is no plugin `{plugin}`"))?;
        match slot.failure() {
            Some(reason) => Err(reason),
            None => slot.plugin(&self.0.premises).await.map(drop),
        }
    }

    /// Finds out what a plugin offers: from the cache, or by asking it.
    async fn settle(&self, slot: &Slot) {
        let Some(installed) = slot.installed() else {
            return;
        };
        let entry = Entry::Lists {
            component: installed.identity.digest,
        };
        let cache = self
            .0
            .premises
            .engine()
            .cache()
            .filter(|_| !installed.is_configured());
        let kept = cache.and_then(|cache| cache.read(entry));
        if let Some(lists) = kept.and_then(|json| serde_json::from_slice(&json).ok()) {
            slot.set_lists(lists);
            return;
        }
        match self.ask(slot).await {
            Ok(lists) => slot.set_lists(lists),
            Err(reason) => {
                tracing::warn!(plugin = %installed.identity.name, %reason, "a plugin is out of service");
                slot.set_failure(reason);
            }
        }
    }

    /// Asks a plugin what it offers, and keeps the answer.
    async fn ask(&self, slot: &Slot) -> Result<Lists, String> {
        let plugin = slot.plugin(&self.0.premises).await?;
        let lists = plugin
            .lists()
            .await
            .map_err(|failure| failure.to_string())?;
        warn_of_headers(slot, &lists);
        let cache = self.0.premises.engine().cache();
        let installed = slot.installed().filter(|it| !it.is_configured());
        if let (Some(cache), Some(installed)) = (cache, installed) {
            let entry = Entry::Lists {
                component: installed.identity.digest,
            };
            let kept = serde_json::to_vec(&lists)
                .map_err(std::io::Error::other)
                .and_then(|json| cache.write(entry, &json));
            if let Err(error) = kept {
                tracing::warn!(%error, dir = %cache.dir().display(), "lists are not kept");
            }
        }
        Ok(lists)
    }

    /// Asks a plugin again, because it said that something changed, and tells the clients.
    pub(super) async fn refresh(&self, plugin: &PluginName) {
        let Some(slot) = self.slot(plugin) else {
            return;
        };
        let _one_at_a_time = slot.refreshing().await;
        let stale = slot.take_stale_lists();
        match self.ask(slot).await {
            Ok(lists) => {
                if slot.lists().as_deref() != Some(&lists) {
                    slot.set_lists(lists);
                    self.rebuild_catalogue();
                }
                for kind in stale {
                    self.announce(Change::List(kind));
                }
            }
            Err(reason) => {
                tracing::warn!(%plugin, %reason, "a list is said to have changed and cannot be had; the old one stays");
            }
        }
    }

    /// Makes the catalogue of all plugins in service. Where two clash, the one the operator named first stays.
    pub(super) fn rebuild_catalogue(&self) {
        self.0.catalogue.send_modify(|catalogue| {
            let mut builder = Builder::default();
            for slot in &self.0.slots {
                let (Some(installed), Some(lists)) = (slot.installed(), slot.lists()) else { continue };
                let added =
                    builder.add(&installed.identity.name, &installed.prefix, &lists, &installed.manifest.uris);
                if added.is_ok() {
                    builder.add_skills(&installed.identity.name, &installed.skills);
                }
                if let Err(clash) = &added {
                    tracing::warn!(plugin = %installed.identity.name, %clash, "a plugin is out of service");
                }
                slot.set_clash(added.err().map(|clash| clash.to_string()));
            }
            *catalogue = Arc::new(builder.finish());
        });
    }

    pub(super) fn slot(&self, plugin: &PluginName) -> Option<&Slot> {
        self.0
            .by_name
            .get(plugin)
            .and_then(|place| self.0.slots.get(*place))
    }
}

/// Says which arguments would be sent where every machine on the way can read them and should perhaps not.
fn warn_of_headers(slot: &Slot, lists: &Lists) {
    let Some(installed) = slot.installed() else {
        return;
    };
    for tool in &lists.tools {
        let headers = headers::headers(&tool.input_schema).unwrap_or_default();
        for header in headers
            .iter()
            .filter(|header| headers::looks_secret(header))
        {
            tracing::warn!(
                plugin = %installed.identity.name, tool = %tool.name, header,
                "a tool asks clients to send what looks like a secret as an HTTP header, which others on the way can read"
            );
        }
    }
}
