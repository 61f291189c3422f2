//! From a name a client sent to the plugin that answers to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::arguments::Checks;
use super::{Catalogue, Offered};
use crate::contract::{Prompt, ResourceTemplate, Tool};
use crate::names::PluginName;

/// Positions by name. A local name that two plugins use leads nowhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    public: HashMap<Arc<str>, usize>,
    local: HashMap<String, Option<usize>>,
}

impl Index {
    fn of<T>(offered: &[Offered<T>], local: impl Fn(&T) -> &str) -> Self {
        let mut index = Self::default();
        for (place, entry) in offered.iter().enumerate() {
            index.public.insert(entry.public.clone(), place);
            index
                .local
                .entry(local(&entry.item).to_owned())
                .and_modify(|place| *place = None)
                .or_insert(Some(place));
        }
        index
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.public
            .get(name)
            .copied()
            .or_else(|| self.local.get(name).copied().flatten())
    }
}

impl Catalogue {
    /// The tool a client means: by its public name, or by its plugin's name for it where that is unique.
    pub fn tool(&self, name: &str) -> Option<&Offered<Tool>> {
        self.tools.get(self.tool_index.find(name)?)
    }

    /// The prompt a client means, by the same rule.
    pub fn prompt(&self, name: &str) -> Option<&Offered<Prompt>> {
        self.prompts.get(self.prompt_index.find(name)?)
    }

    /// The template with this text.
    pub fn template(&self, template: &str) -> Option<&Offered<ResourceTemplate>> {
        self.templates
            .iter()
            .find(|offered| &*offered.public == template)
    }

    /// The plugin that answers for a URI: the one that lists it, or else the one with a prefix of it.
    pub fn resource_owner(&self, uri: &str) -> Option<&PluginName> {
        let listed = self
            .resources
            .iter()
            .find(|offered| &*offered.public == uri)
            .map(|offered| &offered.plugin);
        listed.or_else(|| {
            let owner = self
                .prefixes
                .iter()
                .find(|offered| uri.starts_with(&*offered.public));
            owner.map(|offered| &offered.plugin)
        })
    }

    pub(super) fn index(&mut self) {
        self.checks = Checks::for_tools(self.tools.len());
        self.tool_index = Index::of(&self.tools, |tool| tool.name.as_str());
        self.prompt_index = Index::of(&self.prompts, |prompt| prompt.name.as_str());
    }
}
