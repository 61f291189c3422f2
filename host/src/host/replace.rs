//! One plugin takes the place of another while the host serves.
//!
//! The newcomer is loaded, started and listed beside the old one, and takes its place in one step when it is ready. Calls
//! that have begun end where they began; the old plugin is told that another version took over when the last of them has
//! ended. A newcomer that fails changes nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::install::Installed;
use super::lineup::Lineup;
use super::slot::Slot;
use super::{Change, Host};
use crate::catalogue::{Catalogue, Offered};
use crate::contract::{ListKind, Lists};
use crate::names::PluginName;
use crate::runtime::Deactivation;

/// How a plugin took another's place.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// What the old one listed; none when it was not in service.
    pub before: Option<Arc<Lists>>,
    /// What the new one lists.
    pub after: Arc<Lists>,
    /// The lists that clients were told have changed.
    pub changed: Vec<ListKind>,
    /// How long the code took, from the cache or by compiling it.
    pub loading: Duration,
    /// How long the newcomer took to start and to say what it offers.
    pub starting: Duration,
    /// How long the step itself took.
    pub swapping: Duration,
}

impl Host {
    /// The place of a plugin, to be replaced there.
    pub fn place_of(&self, plugin: &PluginName) -> Option<usize> {
        self.lineup().place_of(plugin)
    }

    /// Puts a plugin into the place of another, which is counted as plugins were given to [`Host::start`]. It may have
    /// another name.
    ///
    /// # Errors
    /// When it does not load or start, its lists make no sense, or it cannot stand beside the others. The old one is in
    /// service then as before, and was never touched.
    pub async fn replace(&self, place: usize, installed: Installed) -> Result<Replaced, String> {
        // A plugin that is still being put into service would come into a place that is not its own any more.
        self.settled().await;
        let _one_at_a_time = self.0.replacing.lock().await;
        let lineup = self.lineup();
        // Said before anything is compiled in vain.
        lineup.admit(place, &installed.identity.name)?;
        let name = installed.identity.name.clone();
        let slot = Slot::new(installed);
        let slot = Arc::new(match lineup.places().get(place) {
            Some(old) => slot.after(old),
            None => slot,
        });
        drop(lineup);
        slot.resume(&self.0.premises);
        let began = Instant::now();
        slot.plugin(&self.0.premises).await?;
        let put = match self.lists_of(&slot).await {
            Ok(lists) => {
                slot.set_lists(lists);
                let starting = began.elapsed().saturating_sub(slot.loaded_in());
                self.put(place, &slot).map(|put| (put, starting))
            }
            Err(reason) => Err(reason),
        };
        let ((before, after, swapping), starting) = match put {
            Ok(put) => put,
            Err(reason) => {
                slot.end(Deactivation::Removal, &self.0.premises).await;
                return Err(reason);
            }
        };
        let changed = changed(&before.catalogue, &after.catalogue);
        for kind in &changed {
            self.announce(Change::List(*kind));
        }
        self.0.tasks.forget_turns(&name);
        let old = before.places().get(place);
        if let Some(old) = old {
            let stopping = self.0.tasks.stopping().clone();
            let farewell = old.farewell(stopping, self.0.premises.clone());
            self.0.leaving.spawn(farewell);
        }
        Ok(Replaced {
            before: old.and_then(|old| old.lists()),
            after: slot.lists().unwrap_or_default(),
            changed,
            loading: slot.loaded_in(),
            starting,
            swapping,
        })
    }

    /// The step itself.
    fn put(
        &self,
        place: usize,
        slot: &Arc<Slot>,
    ) -> Result<(Arc<Lineup>, Arc<Lineup>, Duration), String> {
        let began = Instant::now();
        let (before, after) = self.publish(|lineup| lineup.with(place, slot.clone()))?;
        Ok((before, after, began.elapsed()))
    }
}

/// The lists in which clients see something else.
fn changed(before: &Catalogue, after: &Catalogue) -> Vec<ListKind> {
    let tools = differ(before.tools(), after.tools());
    let resources = differ(before.resources(), after.resources())
        || differ(before.templates(), after.templates());
    let prompts = differ(before.prompts(), after.prompts());
    let kinds = [
        (tools, ListKind::Tools),
        (resources, ListKind::Resources),
        (prompts, ListKind::Prompts),
    ];
    kinds
        .into_iter()
        .filter_map(|(differs, kind)| differs.then_some(kind))
        .collect()
}

fn differ<T: PartialEq>(before: &[Offered<T>], after: &[Offered<T>]) -> bool {
    let is_same = |(a, b): (&Offered<T>, &Offered<T>)| a.public == b.public && a.item == b.item;
    before.len() != after.len() || !before.iter().zip(after).all(is_same)
}
