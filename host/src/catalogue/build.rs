//! Makes a catalogue, plugin by plugin. A plugin whose names clash with an earlier one's is left out whole.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{BadPage, Catalogue, Offered, apps, skills};
use crate::contract::{CacheHint, Lists, Skill};
use crate::names::{LocalName, NameError, PluginName, Prefix, PublicName};

/// Why a plugin cannot stand beside the ones before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Two things of one kind under one public name.
    #[error(
        "{kind} `{name}` is already offered by plugin `{owner}` (hint: give this plugin another `prefix` in \
         portcullis.toml)"
    )]
    Name {
        /// `tool` or `prompt`.
        kind: &'static str,
        /// What a client would see.
        name: String,
        /// Who has it.
        owner: PluginName,
    },
    /// Two claims on one URI.
    #[error(
        "`{uri}` lies within `{taken}`, which belongs to plugin `{owner}` (hint: serve only one of the two plugins)"
    )]
    Uri {
        /// What this plugin claims.
        uri: String,
        /// What the other one claimed before.
        taken: String,
        /// Who has it.
        owner: PluginName,
    },
    /// A claim on what is the host's.
    #[error(
        "`{0}` begins as the host's own URIs do (hint: skills are given out by the host; ship a folder `skills`)"
    )]
    HostUri(String),
    /// A tool with a page that is not its plugin's.
    #[error(transparent)]
    Page(#[from] BadPage),
    /// A name that clients would refuse.
    #[error(transparent)]
    BadName(#[from] NameError),
}

/// A catalogue in the making.
#[derive(Default)]
pub struct Builder {
    catalogue: Catalogue,
    /// Every plugin that has something, in order.
    order: Vec<PluginName>,
}

impl Builder {
    /// Adds all a plugin offers, or nothing of it.
    ///
    /// `uris` are the prefixes its manifest declares.
    ///
    /// # Errors
    /// When something of it clashes with a plugin added before, or its names grow too long for clients.
    pub fn add(
        &mut self,
        plugin: &PluginName,
        prefix: &Prefix,
        lists: &Lists,
        uris: &[String],
    ) -> Result<(), Clash> {
        let tools = named(
            "tool",
            plugin,
            prefix,
            &lists.tools,
            |tool| &tool.name,
            &self.catalogue.tools,
        )?;
        let prompts = named(
            "prompt",
            plugin,
            prefix,
            &lists.prompts,
            |prompt| &prompt.name,
            &self.catalogue.prompts,
        )?;

        let prefixes: HashSet<String> = lists
            .templates
            .iter()
            .map(|template| template.literal_prefix().to_owned())
            .chain(uris.iter().cloned())
            .collect();
        let listed = || lists.resources.iter().map(|resource| resource.uri.as_str());
        if let Some(claim) = listed()
            .chain(prefixes.iter().map(String::as_str))
            .find(|claim| skills::is_the_hosts(claim))
        {
            return Err(Clash::HostUri(claim.to_owned()));
        }
        apps::check(&lists.tools, |uri| {
            listed().any(|listed| listed == uri)
                || prefixes.iter().any(|prefix| uri.starts_with(&**prefix))
        })?;
        self.refuse_taken(
            lists.resources.iter().map(|resource| resource.uri.as_str()),
            &prefixes,
        )?;

        let mut prefixes = plain(plugin, prefixes, |prefix| prefix.as_str());
        let mut resources = plain(plugin, lists.resources.iter().cloned(), |resource| {
            resource.uri.as_str()
        });
        let mut templates = plain(plugin, lists.templates.iter().cloned(), |template| {
            template.uri_template.as_str()
        });
        self.order.push(plugin.clone());
        let catalogue = &mut self.catalogue;
        for (place, (hint, is_empty)) in lists
            .cache
            .into_iter()
            .zip([
                tools.is_empty(),
                resources.is_empty(),
                templates.is_empty(),
                prompts.is_empty(),
            ])
            .enumerate()
        {
            let before = [
                catalogue.tools.is_empty(),
                catalogue.resources.is_empty(),
                catalogue.templates.is_empty(),
                catalogue.prompts.is_empty(),
            ][place];
            if !is_empty {
                catalogue.cache[place] = if before {
                    hint
                } else {
                    CacheHint::narrower(catalogue.cache[place], hint)
                };
            }
        }
        catalogue.tools.extend(tools);
        catalogue.prompts.extend(prompts);
        catalogue.prefixes.append(&mut prefixes);
        catalogue.resources.append(&mut resources);
        catalogue.templates.append(&mut templates);
        Ok(())
    }

    /// Adds the skills of a plugin. They clash with nothing: their URIs begin with its name.
    pub fn add_skills(&mut self, plugin: &PluginName, skills: &[Arc<Skill>]) {
        self.order.push(plugin.clone());
        self.catalogue.skills.add(plugin, skills);
    }

    /// The catalogue of all that was added.
    pub fn finish(self) -> Catalogue {
        let mut catalogue = self.catalogue;
        let listed = catalogue.skills.listed();
        if !listed.is_empty() {
            catalogue.resources.extend(listed);
            let mut places = HashMap::new();
            for plugin in &self.order {
                let place = places.len();
                places.entry(plugin).or_insert(place);
            }
            let order =
                |entry: &Offered<_>| (places.get(&entry.plugin).copied(), entry.public.clone());
            catalogue.resources.sort_by_cached_key(order);
        }
        catalogue.index();
        catalogue
    }

    /// Refuses a URI or prefix that lies within another plugin's, or the other way round.
    fn refuse_taken<'a>(
        &self,
        uris: impl Iterator<Item = &'a str> + Clone,
        prefixes: &HashSet<String>,
    ) -> Result<(), Clash> {
        let clash = |uri: &str, taken: &Arc<str>, owner: &PluginName| Clash::Uri {
            uri: uri.to_owned(),
            taken: taken.to_string(),
            owner: owner.clone(),
        };
        for taken in &self.catalogue.prefixes {
            let overlaps = |prefix: &&str| {
                prefix.starts_with(&*taken.public) || taken.public.starts_with(prefix)
            };
            let within = |uri: &&str| uri.starts_with(&*taken.public);
            if let Some(uri) = uris
                .clone()
                .find(within)
                .or_else(|| prefixes.iter().map(String::as_str).find(overlaps))
            {
                return Err(clash(uri, &taken.public, &taken.plugin));
            }
        }
        for taken in &self.catalogue.resources {
            let claims = |prefix: &&str| taken.public.starts_with(prefix);
            if let Some(uri) = uris
                .clone()
                .find(|uri| *uri == &*taken.public)
                .or_else(|| prefixes.iter().map(String::as_str).find(claims))
            {
                return Err(clash(uri, &taken.public, &taken.plugin));
            }
        }
        Ok(())
    }
}

/// Puts the prefix before each name, and refuses a name that is taken, by another plugin or by this one.
fn named<T: Clone>(
    kind: &'static str,
    plugin: &PluginName,
    prefix: &Prefix,
    items: &[T],
    local: impl Fn(&T) -> &LocalName,
    taken: &[Offered<T>],
) -> Result<Vec<Offered<T>>, Clash> {
    let mut owners: HashMap<&str, &PluginName> = taken
        .iter()
        .map(|offered| (&*offered.public, &offered.plugin))
        .collect();
    let names = items
        .iter()
        .map(|item| PublicName::new(prefix, local(item)))
        .collect::<Result<Vec<_>, _>>()?;
    for name in &names {
        if let Some(owner) = owners.insert(name.as_str(), plugin) {
            return Err(Clash::Name {
                kind,
                name: name.to_string(),
                owner: owner.clone(),
            });
        }
    }
    let mut offered: Vec<_> = items
        .iter()
        .zip(&names)
        .map(|(item, name)| Offered {
            plugin: plugin.clone(),
            public: name.as_str().into(),
            item: Arc::new(item.clone()),
        })
        .collect();
    offered.sort_by(|a, b| a.public.cmp(&b.public));
    Ok(offered)
}

/// Entries that clients know by the URI the plugin gave them.
fn plain<T>(
    plugin: &PluginName,
    items: impl IntoIterator<Item = T>,
    uri: impl Fn(&T) -> &str,
) -> Vec<Offered<T>> {
    let mut offered: Vec<_> = items
        .into_iter()
        .map(|item| Offered {
            plugin: plugin.clone(),
            public: uri(&item).into(),
            item: Arc::new(item),
        })
        .collect();
    offered.sort_by(|a, b| a.public.cmp(&b.public));
    offered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{ResourceLink, ResourceTemplate, TaskSupport, Tool};

    fn tool(name: &str) -> Tool {
        Tool {
            name: name.parse().expect("the tests use good names"),
            title: None,
            description: None,
            input_schema: serde_json::Map::new(),
            output_schema: None,
            annotations: None,
            icons: Vec::new(),
            task_support: TaskSupport::Forbidden,
            required_capabilities: None,
            meta: None,
        }
    }

    fn tools(names: &[&str]) -> Lists {
        Lists {
            tools: names.iter().map(|name| tool(name)).collect(),
            ..Lists::default()
        }
    }

    fn uris(resources: &[&str], templates: &[&str]) -> Lists {
        let resource = |uri: &&str| ResourceLink {
            uri: (*uri).to_owned(),
            name: (*uri).to_owned(),
            title: None,
            description: None,
            mime_type: None,
            size: None,
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        let template = |template: &&str| ResourceTemplate {
            uri_template: (*template).to_owned(),
            name: (*template).to_owned(),
            title: None,
            description: None,
            mime_type: None,
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        Lists {
            resources: resources.iter().map(resource).collect(),
            templates: templates.iter().map(template).collect(),
            ..Lists::default()
        }
    }

    fn name(name: &str) -> PluginName {
        name.parse().expect("the tests use good names")
    }

    fn catalogue(plugins: &[(&str, &str, Lists)]) -> (Catalogue, Vec<Clash>) {
        let mut builder = Builder::default();
        let clashes = plugins
            .iter()
            .filter_map(|(plugin, prefix, lists)| {
                let prefix =
                    Prefix::try_from((*prefix).to_owned()).expect("the tests use good prefixes");
                builder.add(&name(plugin), &prefix, lists, &[]).err()
            })
            .collect();
        (builder.finish(), clashes)
    }

    #[test]
    fn tools_are_listed_by_plugin_and_then_by_name() {
        let (catalogue, clashes) = catalogue(&[
            ("zoo", "zoo", tools(&["b", "a"])),
            ("ant", "ant", tools(&["c"])),
        ]);
        let listed: Vec<_> = catalogue.tools().iter().map(|tool| &*tool.public).collect();
        assert_eq!(listed, ["zoo__a", "zoo__b", "ant__c"]);
        assert_eq!(clashes, []);
    }

    #[test]
    fn the_second_plugin_with_a_name_is_refused_whole_and_the_first_goes_on() {
        let (catalogue, clashes) =
            catalogue(&[("one", "", tools(&["x"])), ("two", "", tools(&["x", "y"]))]);
        assert_eq!(catalogue.tools().len(), 1);
        assert!(matches!(&clashes[..], [Clash::Name { owner, .. }] if owner.as_str() == "one"));
        assert!(catalogue.tool("y").is_none());
    }

    #[test]
    fn names_that_differ_only_in_what_clients_refuse_clash() {
        let (_, clashes) = catalogue(&[("one", "one", tools(&["a-b", "a_b"]))]);
        assert!(matches!(&clashes[..], [Clash::Name { .. }]));
    }

    #[test]
    fn a_bare_name_is_understood_where_it_is_unique() {
        let (catalogue, _) = catalogue(&[
            ("one", "one", tools(&["x", "y"])),
            ("two", "two", tools(&["x"])),
        ]);
        let owner = |name: &str| catalogue.tool(name).map(|tool| tool.plugin.to_string());
        assert_eq!(owner("one__x").as_deref(), Some("one"));
        assert_eq!(owner("y").as_deref(), Some("one"));
        assert_eq!(owner("x"), None);
    }

    #[test]
    fn a_uri_belongs_to_one_plugin() {
        let check = |first: Lists, second: Lists, clashes: bool| {
            let (_, found) = catalogue(&[
                ("one", "one", first.clone()),
                ("two", "two", second.clone()),
            ]);
            assert_eq!(!found.is_empty(), clashes, "{first:?} {second:?}");
        };
        check(uris(&["a://x"], &[]), uris(&["a://x"], &[]), true);
        check(uris(&["a://x"], &[]), uris(&["a://y"], &[]), false);
        check(uris(&["a://x/1"], &[]), uris(&[], &["a://x/{n}"]), true);
        check(uris(&[], &["a://x/{n}"]), uris(&["a://x/1"], &[]), true);
        check(uris(&[], &["a://x/{n}"]), uris(&[], &["a://x/y/{n}"]), true);
        check(uris(&[], &["a://x/{n}"]), uris(&[], &["a://y/{n}"]), false);
    }

    #[test]
    fn a_read_goes_to_the_owner_of_the_uri() {
        let (catalogue, _) = catalogue(&[("one", "one", uris(&["a://x"], &["b://{n}"]))]);
        assert!(catalogue.resource_owner("a://x").is_some());
        assert!(catalogue.resource_owner("b://anything").is_some());
        assert!(catalogue.resource_owner("a://y").is_none());
        assert!(catalogue.resource_owner("").is_none());
    }
}
