//! From files and configuration to plugins that can be put into service.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::component::Component;
use crate::config::{Config, PluginConfig, Start};
use crate::contract::Skill;
use crate::limits::Limits;
use crate::manifest::{self, Embedded, Manifest, Source};
use crate::names::{Digest, Identity, PluginName, Prefix};
use crate::permissions::{Approved, Grant, Keys, StorageKind, SystemPower};

/// A plugin whose files were read and whose manifest makes sense. Its component may still be anything.
#[derive(Debug)]
pub struct Installed {
    /// Its name and the digest of `component`.
    pub identity: Identity,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The skills it ships.
    pub skills: Vec<Arc<Skill>>,
    /// Where its bytes are.
    pub component: Component,
    /// Where it came from, for people.
    pub origin: String,
    /// What it may use.
    pub limits: Limits,
    /// What stands before its names.
    pub prefix: Prefix,
    /// When its code is loaded.
    pub start: Start,
    /// What decides on everything it tries.
    pub keys: Arc<Keys>,
    /// What the operator says of it besides.
    pub settings: PluginConfig,
    /// Whether it is only watched: everything is refused, and what it tries is noted.
    pub is_watched: bool,
}

impl Installed {
    /// The same plugin with every permission refused, to see what it tries. Its secrets and folders stay where they are.
    #[must_use]
    pub fn without_any_permission(self) -> Self {
        Self {
            keys: Arc::new(Keys::none(self.identity.clone())),
            settings: PluginConfig {
                directories: Vec::new(),
                environment: BTreeMap::new(),
                secrets: BTreeMap::new(),
                ..self.settings
            },
            is_watched: true,
            ..self
        }
    }
}

impl Installed {
    /// The same plugin with its grants for whatever comes under its name, as `digest = "any"` has it: for an author, whose
    /// build is another one after each save. It is given nothing that is not granted to its name.
    #[must_use]
    pub fn approved_by_its_author(self) -> Self {
        let grant = Grant {
            approved: Approved::Anything,
            ..self.keys.grant().clone()
        };
        let keys = Keys::new(
            self.identity.clone(),
            self.keys.policy().clone(),
            grant,
            self.keys.request().clone(),
        );
        Self {
            keys: Arc::new(keys),
            ..self
        }
    }

    /// Whether anything is granted to its name, or any secret given.
    pub fn is_granted_anything(&self) -> bool {
        !self.keys.grant().words.is_empty() || !self.settings.secrets.is_empty()
    }
}

impl Installed {
    /// Whether its manifest sets something by itself. The manifest beside a component changes without the component.
    fn has_defaults(&self) -> bool {
        let configuration = self.manifest.configuration.as_ref();
        let settings = configuration.and_then(|it| it.settle(None).ok());
        settings.is_some_and(|settings| !settings.is_empty())
    }

    /// Whether it was given, or goes without, something that its lists may depend on. Lists that are kept are those of a component alone.
    pub(super) fn is_configured(&self) -> bool {
        let given = &self.settings;
        let keys = &self.keys;
        let keeps = StorageKind::ALL
            .into_iter()
            .any(|kind| keys.storage(kind).is_ok());
        let opens = keeps || keys.opens_network() || keys.variables().next().is_some();
        let goes_without = |power: &SystemPower| keys.system(power).is_err();
        let goes_without = goes_without(&SystemPower::Clock) || goes_without(&SystemPower::Random);
        opens
            || goes_without
            || given.config.is_some()
            || self.has_defaults()
            || !given.secrets.is_empty()
    }
}

/// A plugin that was asked for and cannot be read.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its name, where the configuration gives one.
    pub name: Option<PluginName>,
    /// Where it should have come from.
    pub origin: String,
    /// What is wrong, for people.
    pub reason: String,
}

/// Reads every plugin there is: those named on the command line, those of the configuration in its order, and those
/// shipped with the host, as far as the configuration lets them.
///
/// `shipped` are names with components, as they were built into the host.
pub fn install(
    config: &Config,
    paths: &[PathBuf],
    shipped: &[(&'static str, &'static [u8])],
) -> Vec<Result<Installed, Broken>> {
    let mut plugins: Vec<_> = paths.iter().map(|path| install_one(config, path)).collect();
    let is_shipped =
        |name: &PluginName| shipped.iter().any(|(shipped, _)| *shipped == name.as_str());
    for (name, plugin) in &config.plugins {
        match &plugin.path {
            _ if !plugin.enabled => {}
            Some(path) => plugins.push(read(config, path, Some(name))),
            None if is_shipped(name) => {}
            None => plugins.extend(without_a_path(&plugins, name).map(Err)),
        }
    }
    // A shipped plugin gives way to the operator's own of the same name.
    let taken: HashSet<_> = plugins
        .iter()
        .filter_map(|plugin| name_of(plugin).map(ToString::to_string))
        .collect();
    let wanted = |name: &str| {
        let configured = config
            .plugins
            .iter()
            .find(|(configured, _)| configured.as_str() == name);
        config.host.shipped
            && !taken.contains(name)
            && configured.is_none_or(|(_, plugin)| plugin.enabled)
    };
    plugins.extend(
        shipped
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, component)| install_shipped(config, name, component)),
    );
    plugins
}

/// Reads one plugin from its path.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn install_one(config: &Config, path: &Path) -> Result<Installed, Broken> {
    read(config, path, None)
}

/// Reads a plugin that the configuration may have given a name.
fn read(config: &Config, path: &Path, expected: Option<&PluginName>) -> Result<Installed, Broken> {
    let origin = path.display().to_string();
    let broken = |reason: String| Broken {
        name: expected.cloned(),
        origin: origin.clone(),
        reason,
    };
    let source = manifest::load(path).map_err(|error| broken(error.to_string()))?;
    let name = &source.identity.name;
    if let Some(expected) = expected.filter(|expected| *expected != name) {
        return Err(broken(format!(
            "its manifest names it `{name}` and the configuration `{expected}` (hint: write `[plugins.{name}]`)"
        )));
    }
    install_source(config, &source, &origin)
}

/// Makes a plugin of files that were read, as the operator wants it. `origin` is where it came from, for people.
///
/// # Errors
/// When the configuration asks for limits that the host does not allow.
pub fn install_source(config: &Config, source: &Source, origin: &str) -> Result<Installed, Broken> {
    settle(
        config,
        source.identity.clone(),
        source.manifest.clone(),
        source.skills.clone(),
        Component::File(source.path.clone()),
        origin.to_owned(),
    )
}

fn install_shipped(
    config: &Config,
    name: &str,
    component: &'static [u8],
) -> Result<Installed, Broken> {
    let origin = "shipped with the host".to_owned();
    let broken = |reason: String| Broken {
        name: name.parse().ok(),
        origin: origin.clone(),
        reason,
    };
    let embedded = Embedded::find(component).map_err(|error| broken(error.to_string()))?;
    let manifest = Manifest::parse(embedded.manifest.unwrap_or_default(), name)
        .map_err(|error| broken(error.to_string()))?;
    let skills = embedded.skills.map(manifest::packed_skills).transpose();
    let skills = skills.map_err(|error| broken(error.to_string()))?;
    let identity = Identity {
        name: manifest.name.clone(),
        digest: Digest::of(component),
    };
    settle(
        config,
        identity,
        manifest,
        skills.unwrap_or_default(),
        component.into(),
        origin.clone(),
    )
}

/// Adds what the operator has to say about a plugin.
fn settle(
    config: &Config,
    identity: Identity,
    manifest: Manifest,
    skills: Vec<Skill>,
    component: Component,
    origin: String,
) -> Result<Installed, Broken> {
    let plugin = config.plugin(&identity.name);
    let mut grant = plugin.map(PluginConfig::grant).unwrap_or_default();
    if let (Component::BuiltIn(_), Approved::Nothing) = (&component, grant.approved) {
        // These bytes are a part of the program that the operator chose to run.
        grant.approved = Approved::Digest(identity.digest);
    }
    let limits = config
        .limits_for(&identity.name, &manifest.limits)
        .map_err(|error| Broken {
            name: Some(identity.name.clone()),
            origin: origin.clone(),
            reason: error.to_string(),
        })?;
    Ok(Installed {
        limits,
        prefix: plugin
            .and_then(|plugin| plugin.prefix.clone())
            .unwrap_or_else(|| Prefix::of(&identity.name)),
        start: plugin.map_or(Start::Eager, |plugin| plugin.start),
        keys: Arc::new(Keys::new(
            identity.clone(),
            config.policy.clone(),
            grant,
            manifest.permissions.clone(),
        )),
        settings: plugin.cloned().unwrap_or_default(),
        is_watched: false,
        identity,
        manifest,
        skills: skills.into_iter().map(Arc::new).collect(),
        component,
        origin,
    })
}

/// A plugin the configuration speaks of without saying where it is, unless the command line brought it.
fn without_a_path(plugins: &[Result<Installed, Broken>], name: &PluginName) -> Option<Broken> {
    let is_there = plugins.iter().any(|plugin| name_of(plugin) == Some(name));
    (!is_there).then(|| Broken {
        name: Some(name.clone()),
        origin: "portcullis.toml".to_owned(),
        reason: format!(
            "no plugin of this name is shipped (hint: add `path` under `[plugins.{name}]`)"
        ),
    })
}

fn name_of(plugin: &Result<Installed, Broken>) -> Option<&PluginName> {
    match plugin {
        Ok(installed) => Some(&installed.identity.name),
        Err(broken) => broken.name.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{Policy, Words};

    /// A plugin that is granted a store for another component of its name; `policy` says whether anybody may have one.
    fn granted(policy: Words, request: Words) -> Installed {
        let bytes: &'static [u8] = b"a build";
        let name: PluginName = "weather".parse().expect("a good name");
        let identity = Identity {
            name: name.clone(),
            digest: Digest::of(bytes),
        };
        let store = store();
        let settings = PluginConfig {
            approved: Approved::Digest(Digest::of(b"another build")),
            grants: store,
            ..PluginConfig::default()
        };
        let policy = Policy {
            words: policy,
            ..Policy::default()
        };
        Installed {
            keys: Arc::new(Keys::new(
                identity.clone(),
                policy,
                settings.grant(),
                request,
            )),
            manifest: Manifest::minimal(name.clone()),
            skills: Vec::new(),
            component: bytes.into(),
            origin: String::new(),
            limits: Limits::default(),
            prefix: Prefix::of(&name),
            start: Start::Eager,
            settings,
            is_watched: false,
            identity,
        }
    }

    fn store() -> Words {
        Words {
            storage: vec![StorageKind::KeyValue],
            ..Words::default()
        }
    }

    #[test]
    fn an_authors_build_is_given_what_is_granted_to_its_name_and_nothing_more() {
        let opens = |plugin: &Installed| plugin.keys.storage(StorageKind::KeyValue).is_ok();
        let check = |policy: Words, request: Words, expected: bool| {
            let plugin = granted(policy, request);
            assert!(plugin.is_granted_anything());
            assert!(!opens(&plugin), "the grant is for another build");
            let own = plugin.approved_by_its_author();
            assert_eq!(opens(&own), expected);
            assert!(own.keys.storage(StorageKind::Cache).is_err());
        };
        check(store(), store(), true);
        check(Words::default(), store(), false);
        check(store(), Words::default(), false);
    }
}
