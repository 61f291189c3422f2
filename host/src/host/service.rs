//! Putting plugins into service, and keeping the catalogue true.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::install::Installed;
use super::lineup::Lineup;
use super::slot::Slot;
use super::witness::Watching;
use super::{Call, Change, Host};
use crate::catalogue::headers;
use crate::contract::Lists;
use crate::names::PluginName;
use crate::runtime::Failure;
use crate::storage::{Cache, Entry};

impl Host {
    /// Brings every plugin into service or finds out why not; then gets the code of the eager ones ready.
    pub(super) async fn begin_service(&self) {
        let inner = &self.0;
        let places = self.lineup().places().to_vec();
        let mut settling: FuturesUnordered<_> = places
            .iter()
            .map(async |slot| self.settle(slot).await)
            .collect();
        while settling.next().await.is_some() {}
        drop(settling);
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
        // Each is let go of when it has started, so that one that is replaced is not kept by those that take longer.
        let eager = places
            .into_iter()
            .filter(|slot| slot.starts_eagerly() && slot.lists().is_some());
        let mut starting: FuturesUnordered<_> = eager
            .map(async |slot| slot.plugin(&inner.premises).await.map(drop))
            .collect();
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
        let lineup = self.lineup();
        let slot = lineup.slot(plugin).cloned();
        let slot = slot.ok_or_else(|| format!("there is no plugin `{plugin}`"))?;
        match lineup.failure(plugin) {
            Some(reason) => Err(reason),
            None => slot.plugin(&self.0.premises).await.map(drop),
        }
    }

    /// Finds out what a plugin offers: from the cache, or by asking it.
    async fn settle(&self, slot: &Slot) {
        let Some(name) = slot.plugin_name() else {
            return;
        };
        match self.lists_of(slot).await {
            Ok(lists) => slot.set_lists(lists),
            Err(reason) => {
                tracing::warn!(plugin = %name, %reason, "a plugin is out of service");
                slot.set_failure(reason);
            }
        }
    }

    /// What a plugin offers: from the cache, or by asking it.
    pub(super) async fn lists_of(&self, slot: &Slot) -> Result<Lists, String> {
        let Some(installed) = slot.installed() else {
            return Err(slot.failure().unwrap_or_default());
        };
        let entry = Entry::Lists {
            component: installed.identity.digest,
        };
        let cache = self.cache_of_lists(installed);
        let kept = cache.and_then(|cache| cache.read(entry));
        match kept.and_then(|json| serde_json::from_slice(&json).ok()) {
            Some(lists) => Ok(lists),
            None => {
                let plugin = slot.plugin(&self.0.premises).await?;
                let name = &installed.identity.name;
                let (watching, call) = Watching::begin_quietly(&self.0.premises, "list", name);
                let lists = Watching::end_quietly(watching, plugin.lists(&call).await);
                self.keep(slot, lists)
            }
        }
    }

    /// Where the lists of a plugin are kept, when they are those of its component alone. What it lists in a trial depends on
    /// what is pretended to it.
    fn cache_of_lists(&self, installed: &Installed) -> Option<&Cache> {
        let premises = &self.0.premises;
        let cache = premises.engine().cache()?;
        let is_true = premises.pretended().is_none() && !installed.is_configured();
        is_true.then_some(cache)
    }

    /// Keeps what a plugin says that it offers.
    fn keep(&self, slot: &Slot, lists: Result<Lists, Failure>) -> Result<Lists, String> {
        let lists = lists.map_err(|failure| failure.to_string())?;
        warn_of_headers(slot, &lists);
        let installed = slot.installed();
        let cache = installed.and_then(|installed| self.cache_of_lists(installed));
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
        let asked = match slot.plugin(&self.0.premises).await {
            // Nobody watches: it comes at any time, also in the middle of a call.
            Ok(plugin) => self.keep(&slot, plugin.lists(&Call::default()).await),
            Err(reason) => Err(reason),
        };
        if self
            .slot(plugin)
            .is_none_or(|now| !Arc::ptr_eq(&now, &slot))
        {
            // Another took its place meanwhile, and clients were told then.
            return;
        }
        match asked {
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
        let Ok(_) = self.publish(|lineup| Ok::<_, Infallible>(lineup.rebuilt()));
    }

    /// Puts another lineup in the place of the one there is, in one step: what `make` makes of it. Gives both.
    ///
    /// Nobody waits while it is made, so it is made again when another one came in between.
    pub(super) fn publish<E>(
        &self,
        make: impl Fn(&Lineup) -> Result<Lineup, E>,
    ) -> Result<(Arc<Lineup>, Arc<Lineup>), E> {
        loop {
            let before = self.lineup();
            let after = Arc::new(make(&before)?);
            let is_published = self.0.lineup.send_if_modified(|now| {
                let is_the_same = Arc::ptr_eq(now, &before);
                if is_the_same {
                    now.clone_from(&after);
                }
                is_the_same
            });
            if is_published {
                return Ok((before, after));
            }
        }
    }

    pub(super) fn slot(&self, plugin: &PluginName) -> Option<Arc<Slot>> {
        self.lineup().slot(plugin).cloned()
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
