//! Which plugin owns which tool, prompt and URI, under which name a client sees it, and whether arguments fit.
//!
//! A catalogue is made anew whenever a list changes, and never altered: whoever holds one sees one consistent state.

mod apps;
mod arguments;
mod build;
pub mod headers;
mod offered;
mod resolve;
pub mod schema;
mod skills;

use crate::contract::{CacheHint, Prompt, ResourceLink, ResourceTemplate, Tool};

pub use apps::BadPage;
pub use build::{Builder, Clash};
pub use offered::Offered;

/// All that the plugins in service offer, in their order.
#[derive(Default)]
pub struct Catalogue {
    tools: Vec<Offered<Tool>>,
    prompts: Vec<Offered<Prompt>>,
    resources: Vec<Offered<ResourceLink>>,
    templates: Vec<Offered<ResourceTemplate>>,
    prefixes: Vec<Offered<String>>,
    skills: skills::Skills,
    cache: [Option<CacheHint>; 4],
    tool_index: resolve::Index,
    prompt_index: resolve::Index,
    checks: arguments::Checks,
}

impl Catalogue {
    /// The tools, by plugin and then by name.
    pub fn tools(&self) -> &[Offered<Tool>] {
        &self.tools
    }

    /// The prompts, by plugin and then by name.
    pub fn prompts(&self) -> &[Offered<Prompt>] {
        &self.prompts
    }

    /// The listed resources, by plugin and then by URI.
    pub fn resources(&self) -> &[Offered<ResourceLink>] {
        &self.resources
    }

    /// The resource templates, by plugin and then by template.
    pub fn templates(&self) -> &[Offered<ResourceTemplate>] {
        &self.templates
    }

    /// How long the lists may be kept, the shortest time and the narrowest scope of all plugins: tools, resources,
    /// templates, prompts. None when a plugin with entries in the list gave no hint.
    pub fn cache(&self) -> [Option<CacheHint>; 4] {
        self.cache
    }
}
