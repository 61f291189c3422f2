//! The plugins in their places, and the catalogue they make together: one consistent state.
//!
//! A lineup is made anew whenever a plugin or a list changes, and never altered. Whoever holds one finds the plugin that
//! answers to a name as it was when the name was listed, whatever takes its place meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use super::install::{Broken, Installed};
use super::slot::{Slot, Status};
use crate::catalogue::{Builder, Catalogue};
use crate::names::PluginName;

/// The plugins in their places.
#[derive(Default)]
pub(super) struct Lineup {
    places: Vec<Arc<Slot>>,
    /// Positions in `places`.
    by_name: HashMap<PluginName, usize>,
    /// Why the plugin of a place does not stand beside those before it.
    clashes: Vec<Option<String>>,
    pub(super) catalogue: Arc<Catalogue>,
    /// What a model should know before it chooses a tool.
    pub(super) instructions: Option<Arc<str>>,
}

impl Lineup {
    /// Gives each plugin its place. Of two with one name the first is served. The catalogue is empty at first.
    pub(super) fn new(installed: Vec<Result<Installed, Broken>>) -> Self {
        let mut by_name = HashMap::new();
        let mut places: Vec<Arc<Slot>> = Vec::with_capacity(installed.len());
        for plugin in installed {
            let slot = match plugin {
                Ok(plugin) => Slot::new(plugin),
                Err(broken) => Slot::broken(broken),
            };
            let Some(name) = slot.plugin_name().cloned() else {
                places.push(Arc::new(slot));
                continue;
            };
            let first = by_name
                .get(&name)
                .and_then(|place: &usize| places.get(*place));
            match first.map(|first| first.origin().to_owned()) {
                Some(first) => places.push(Arc::new(slot.into_duplicate_of(&first))),
                None => {
                    by_name.insert(name, places.len());
                    places.push(Arc::new(slot));
                }
            }
        }
        Self {
            clashes: vec![None; places.len()],
            catalogue: Arc::default(),
            instructions: instructions(&places),
            by_name,
            places,
        }
    }

    /// Every place, in the operator's order.
    pub(super) fn places(&self) -> &[Arc<Slot>] {
        &self.places
    }

    /// The place of a plugin.
    pub(super) fn place_of(&self, plugin: &PluginName) -> Option<usize> {
        self.by_name.get(plugin).copied()
    }

    pub(super) fn slot(&self, plugin: &PluginName) -> Option<&Arc<Slot>> {
        self.places.get(self.place_of(plugin)?)
    }

    pub(super) fn statuses(&self) -> Vec<Status> {
        let places = self.places.iter().zip(&self.clashes);
        places
            .map(|(slot, clash)| slot.status(clash.as_deref()))
            .collect()
    }

    /// The same plugins with the catalogue of what they list now. Where two clash, the one the operator named first stays.
    pub(super) fn rebuilt(&self) -> Self {
        let mut builder = Builder::default();
        let mut clashes = Vec::with_capacity(self.places.len());
        for (place, slot) in self.places.iter().enumerate() {
            let clash = add(&mut builder, slot).err();
            let is_new = self.clashes.get(place).is_none_or(Option::is_none);
            if let (Some(clash), Some(plugin), true) = (&clash, slot.plugin_name(), is_new) {
                tracing::warn!(%plugin, %clash, "a plugin is out of service");
            }
            clashes.push(clash);
        }
        Self {
            places: self.places.clone(),
            by_name: self.by_name.clone(),
            clashes,
            catalogue: Arc::new(builder.finish()),
            instructions: instructions(&self.places),
        }
    }

    /// Whether a plugin of this name may stand in a place.
    ///
    /// # Errors
    /// When there is no such place, or the name is another's.
    pub(super) fn admit(&self, place: usize, plugin: &PluginName) -> Result<(), String> {
        if place >= self.places.len() {
            return Err("it has no place in this host".to_owned());
        }
        let holder = self.place_of(plugin).filter(|taken| *taken != place);
        match holder.and_then(|taken| self.places.get(taken)) {
            None => Ok(()),
            Some(first) => Err(format!(
                "a plugin named `{plugin}` is already there, from {} (hint: rename one of the two in its manifest)",
                first.origin()
            )),
        }
    }

    /// The same with another plugin in a place.
    ///
    /// # Errors
    /// When the newcomer cannot stand beside the others, before it or after it.
    pub(super) fn with(&self, place: usize, newcomer: Arc<Slot>) -> Result<Self, String> {
        let Some(name) = newcomer.plugin_name() else {
            return Err("it cannot be read".to_owned());
        };
        self.admit(place, name)?;
        let mut places = self.places.clone();
        let mut by_name = self.by_name.clone();
        by_name.retain(|_, taken| *taken != place);
        by_name.insert(name.clone(), place);
        if let Some(held) = places.get_mut(place) {
            *held = newcomer.clone();
        }
        let mut builder = Builder::default();
        let mut clashes = Vec::with_capacity(places.len());
        for (n, (slot, before)) in places.iter().zip(&self.clashes).enumerate() {
            let clash = add(&mut builder, slot).err();
            match &clash {
                Some(clash) if n == place => return Err(clash.clone()),
                // Whoever is there was there first.
                Some(clash) if before.is_none() => {
                    return Err(format!("{} cannot stay beside it: {clash}", slot.origin()));
                }
                _ => clashes.push(clash),
            }
        }
        Ok(Self {
            instructions: instructions(&places),
            catalogue: Arc::new(builder.finish()),
            places,
            by_name,
            clashes,
        })
    }
}

/// Adds what a plugin in service offers, or nothing of it.
fn add(builder: &mut Builder, slot: &Slot) -> Result<(), String> {
    let (Some(installed), Some(lists)) = (slot.installed(), slot.lists()) else {
        return Ok(());
    };
    let (name, uris) = (&installed.identity.name, &installed.manifest.uris);
    builder
        .add(name, &installed.prefix, &lists, uris)
        .map_err(|clash| clash.to_string())?;
    builder.add_skills(name, &installed.skills);
    Ok(())
}

/// The plugins' own words, each under its name.
fn instructions(places: &[Arc<Slot>]) -> Option<Arc<str>> {
    let plugins = places.iter().filter_map(|slot| slot.installed());
    let sections: Vec<_> = plugins
        .filter_map(|plugin| {
            let words = plugin.manifest.instructions.as_deref()?;
            Some(format!("## {}\n\n{}", plugin.identity.name, words.trim()))
        })
        .collect();
    (!sections.is_empty()).then(|| sections.join("\n\n").into())
}
