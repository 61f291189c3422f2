//! What a plugin offers, and what of it no case ever called.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cases::Asks;
use crate::catalogue::Catalogue;

/// What a plugin offers, and how often each of it was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    things: BTreeMap<Thing, usize>,
    /// Whether it was ever seen what the plugin offers. Before that nothing is covered.
    is_known: bool,
}

/// Something a plugin offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A tool, by the plugin's own name.
    Tool(String),
    /// A resource, by its URI.
    Resource(String),
    /// A resource template.
    Template(String),
    /// A prompt, by the plugin's own name.
    Prompt(String),
}

impl Thing {
    /// Its kind and its name.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Tool(name) => ("tool", name),
            Self::Resource(uri) => ("resource", uri),
            Self::Template(template) => ("resource template", template),
            Self::Prompt(name) => ("prompt", name),
        }
    }
}

impl Coverage {
    /// Notes what a plugin offers. Under other conditions it may have offered something else; it is all of it.
    pub fn offer(&mut self, catalogue: &Catalogue) {
        let tools = catalogue.tools().iter();
        let prompts = catalogue.prompts().iter();
        let things = tools
            .map(|tool| Thing::Tool(tool.item.name.to_string()))
            .chain(prompts.map(|prompt| Thing::Prompt(prompt.item.name.to_string())))
            .chain(
                catalogue
                    .resources()
                    .iter()
                    // The host itself answers for these.
                    .filter(|resource| !resource.item.uri.starts_with("skill:"))
                    .map(|resource| Thing::Resource(resource.item.uri.clone())),
            )
            .chain(
                catalogue
                    .templates()
                    .iter()
                    .map(|template| Thing::Template(template.item.uri_template.clone())),
            );
        self.is_known = true;
        for thing in things {
            self.things.entry(thing).or_default();
        }
    }

    /// Notes a call. What is not offered does not count.
    pub fn call(&mut self, asks: &Asks) {
        let thing = match asks {
            Asks::Tool { name, .. } => Some(Thing::Tool(name.clone())),
            Asks::Prompt { name, .. } => Some(Thing::Prompt(name.clone())),
            // What is completed is not filled in by that.
            Asks::Completion { .. } => None,
            Asks::Resource(uri) => {
                let listed = Thing::Resource(uri.clone());
                match self.things.contains_key(&listed) {
                    true => Some(listed),
                    false => self.template_of(uri),
                }
            }
        };
        if let Some(times) = thing.and_then(|thing| self.things.get_mut(&thing)) {
            *times += 1;
        }
    }

    /// The template with the longest beginning that a URI has.
    fn template_of(&self, uri: &str) -> Option<Thing> {
        let templates = self.things.keys().filter_map(|thing| match thing {
            Thing::Template(template) => Some(template),
            _ => None,
        });
        let literal = |template: &str| template.split('{').next().unwrap_or_default().len();
        templates
            .filter(|template| uri.starts_with(template.split('{').next().unwrap_or_default()))
            .max_by_key(|template| literal(template))
            .map(|template| Thing::Template(template.clone()))
    }

    /// How many things there are.
    pub fn n_offered(&self) -> usize {
        self.things.len()
    }

    /// What was never called.
    pub fn never_called(&self) -> Vec<&Thing> {
        let never = self.things.iter().filter(|(_, times)| **times == 0);
        never.map(|(thing, _)| thing).collect()
    }

    /// Hundredths of what there is that were called, rounded down. A plugin that offers nothing is covered, and one that was
    /// never on a stage is not.
    pub fn percent(&self) -> usize {
        if !self.is_known {
            return 0;
        }
        let n_called = self.n_offered() - self.never_called().len();
        (n_called * 100)
            .checked_div(self.n_offered())
            .unwrap_or(100)
    }

    /// All of it for a program.
    pub fn json(&self) -> Value {
        let things = self.things.iter().map(|(thing, times)| {
            let (kind, name) = thing.parts();
            json!({ "kind": kind, "name": name, "calls": times })
        });
        json!({ "percent": self.percent(), "offers": things.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_for_what_it_reached() {
        let things = [
            Thing::Tool("add".to_owned()),
            Thing::Prompt("add".to_owned()),
            Thing::Resource("a://all".to_owned()),
            Thing::Template("a://{id}".to_owned()),
            Thing::Template("a://deep/{id}".to_owned()),
        ];
        let mut coverage = Coverage {
            things: things.iter().map(|thing| (thing.clone(), 0)).collect(),
            is_known: true,
        };
        assert_eq!(coverage.percent(), 0);
        let resource = |uri: &str| Asks::Resource(uri.to_owned());
        coverage.call(&resource("a://all"));
        coverage.call(&resource("a://deep/1"));
        coverage.call(&resource("b://1"));
        coverage.call(&Asks::Tool {
            name: "add".to_owned(),
            arguments: Default::default(),
        });
        coverage.call(&Asks::Tool {
            name: "sub".to_owned(),
            arguments: Default::default(),
        });
        assert_eq!(coverage.percent(), 60);
        assert_eq!(coverage.never_called(), [&things[3], &things[1]]);
        assert_eq!(Coverage::default().percent(), 0);
        let nothing = Coverage {
            is_known: true,
            ..Coverage::default()
        };
        assert_eq!(nothing.percent(), 100);
    }
}
