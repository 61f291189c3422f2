//! The configuration itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::ConfigError;
use super::grants::{self, Directory};
use super::http::{self, HttpConfig};
use super::table::{Field, File, Table};
use super::telemetry::{self, TelemetryConfig};
use crate::limits::{LimitError, Limits, LimitsPatch, TOTAL_MEMORY_BYTES};
use crate::names::{PluginName, Prefix};
use crate::permissions::{Approved, Grant, Policy, SystemPower, Words};
use crate::secrets::Reference;

/// What the operator wants. The default is what holds without any file.
///
/// Holding one that was parsed proves that every limit in it is allowed; it does not say that the plugins exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The file it was read from.
    pub origin: Option<PathBuf>,
    /// The host as a whole.
    pub host: HostConfig,
    /// How hosts on the network are recognised.
    pub network: NetworkConfig,
    /// How clients over HTTP are served.
    pub http: HttpConfig,
    /// Where telemetry goes.
    pub telemetry: TelemetryConfig,
    /// What any plugin can be granted.
    pub policy: Policy,
    /// The limits of every plugin.
    pub limits: LimitsPatch,
    /// The plugins, in the order of the file, which is the order clients see them in.
    pub plugins: Vec<(PluginName, PluginConfig)>,
}

/// The host as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostConfig {
    /// Whether the plugins that come with the host are served.
    pub shipped: bool,
    /// The folder for compiled code, when it is not the platform's.
    pub cache: Option<PathBuf>,
    /// The folder for what plugins keep, when it is not the platform's.
    pub state: Option<PathBuf>,
    /// Bytes of linear memory in all instances of all plugins together.
    pub memory_bytes: u64,
    /// The highest value each limit can have.
    pub ceiling: Limits,
}

/// How hosts on the network are recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkConfig {
    /// Whether the certificates built into the host are trusted, instead of the system's.
    pub bundled_roots: bool,
    /// A PEM file with certificates that are trusted besides.
    pub ca_file: Option<PathBuf>,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            shipped: true,
            cache: None,
            state: None,
            memory_bytes: TOTAL_MEMORY_BYTES,
            ceiling: Limits::ceiling(),
        }
    }
}

/// One plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginConfig {
    /// Its component, or the folder with it. A shipped plugin has none.
    pub path: Option<PathBuf>,
    /// Whether it is served.
    pub enabled: bool,
    /// When its code is loaded.
    pub start: Start,
    /// What stands before its names, when it is not the plugin's name.
    pub prefix: Option<Prefix>,
    /// Which component the grants are for.
    pub approved: Approved,
    /// What it is given.
    pub grants: Words,
    /// What it goes without: `clock`, `random`.
    pub withheld: Vec<SystemPower>,
    /// Folders it may see.
    pub directories: Vec<Directory>,
    /// Values of environment variables, before the host's own.
    pub environment: BTreeMap<String, String>,
    /// Its settings, an object; none when there are none.
    pub config: Option<Value>,
    /// Its secrets, by name.
    pub secrets: BTreeMap<String, Reference>,
    /// Its limits, which come before those of every plugin.
    pub limits: LimitsPatch,
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self {
            path: None,
            enabled: true,
            start: Start::default(),
            prefix: None,
            approved: Approved::default(),
            grants: Words::default(),
            withheld: Vec::new(),
            directories: Vec::new(),
            environment: BTreeMap::new(),
            config: None,
            secrets: BTreeMap::new(),
            limits: LimitsPatch::default(),
        }
    }
}

impl PluginConfig {
    /// What the user gives it: the second key.
    pub fn grant(&self) -> Grant {
        Grant {
            approved: self.approved,
            words: self.grants.clone(),
            withheld: self.withheld.clone(),
        }
    }
}

/// When a plugin's code is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// With the host.
    #[default]
    Eager,
    /// With the first call.
    Lazy,
}

/// Keys at the top that a later version may serve.
const TOP_NOT_SERVED: [(&str, &str); 1] = [(
    "transports",
    "clients are served over stdio, or over HTTP as `[http]` says",
)];

impl Config {
    /// Reads a configuration; paths in it are relative to the folder of `origin`.
    ///
    /// # Errors
    /// When it is not TOML, has a key that means nothing, or a value that does not fit.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, ConfigError> {
        let file = File {
            text,
            origin,
            described_in: "schemas/portcullis.schema.json",
        };
        let table = file.read()?;
        let top = file.top(table.get_ref());
        top.only(
            &[
                "host",
                "network",
                "http",
                "telemetry",
                "policy",
                "limits",
                "plugins",
            ],
            &TOP_NOT_SERVED,
        )?;
        let folder = origin.parent().unwrap_or(Path::new(""));
        let host = read_or_default(&top, "host", |host| read_host(host, folder))?;
        let network = read_or_default(&top, "network", |network| read_network(network, folder))?;
        let http = read_or_default(&top, "http", |table| http::read(table, folder))?;
        let telemetry = read_or_default(&top, "telemetry", |table| telemetry::read(table, folder))?;
        let policy = read_or_default(&top, "policy", grants::read_policy)?;
        let limits = read_or_default(&top, "limits", |limits| read_limits(limits, &host.ceiling))?;
        let plugins = read_or_default(&top, "plugins", |plugins| {
            plugins
                .fields()
                .iter()
                .map(|plugin| read_plugin(plugin, folder, &host.ceiling))
                .collect()
        })?;
        Ok(Self {
            origin: Some(origin.to_owned()),
            host,
            network,
            http,
            telemetry,
            policy,
            limits,
            plugins,
        })
    }

    /// What the operator says of one plugin.
    pub fn plugin(&self, name: &PluginName) -> Option<&PluginConfig> {
        self.plugins
            .iter()
            .find(|(configured, _)| configured == name)
            .map(|(_, plugin)| plugin)
    }

    /// The limits of one plugin: the host's, lowered where its manifest wishes for less, and then what the operator says
    /// of every plugin and of this one. Who sets a limit for a plugin has read its wishes.
    ///
    /// # Errors
    /// When a limit is zero or above the ceiling. That cannot be for a configuration that was parsed.
    pub fn limits_for(
        &self,
        name: &PluginName,
        wishes: &LimitsPatch,
    ) -> Result<Limits, LimitError> {
        let ceiling = &self.host.ceiling;
        let limits = Limits::default()
            .lowered(wishes)
            .capped(ceiling)
            .patched(&self.limits, ceiling)?;
        match self.plugin(name) {
            Some(plugin) => limits.patched(&plugin.limits, ceiling),
            None => Ok(limits),
        }
    }
}

/// Reads the table under `name`, where there is one.
pub(super) fn read_or_default<T: Default>(
    parent: &Table<'_>,
    name: &str,
    read: impl FnOnce(&Table<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    parent
        .field(name)
        .map_or(Ok(T::default()), |field| read(&field.table()?))
}

fn read_host(host: &Table<'_>, folder: &Path) -> Result<HostConfig, ConfigError> {
    host.only(
        &["shipped", "cache", "state", "memory_bytes", "ceiling"],
        &[],
    )?;
    let highest = Limits::ceiling();
    let ceiling = match host.field("ceiling") {
        None => highest,
        Some(field) => {
            let lowered = read_limits(&field.table()?, &highest)?;
            highest
                .clone()
                .patched(&lowered, &highest)
                .map_err(|error| field.limit_error(error))?
        }
    };
    Ok(HostConfig {
        shipped: host.field("shipped").map_or(Ok(true), Field::boolean)?,
        cache: host
            .field("cache")
            .map(|cache| read_path(cache, folder))
            .transpose()?,
        state: host
            .field("state")
            .map(|state| read_path(state, folder))
            .transpose()?,
        memory_bytes: host
            .field("memory_bytes")
            .map_or(Ok(TOTAL_MEMORY_BYTES), read_positive)?,
        ceiling,
    })
}

pub(super) fn read_positive(field: &Field<'_>) -> Result<u64, ConfigError> {
    match field.count()? {
        0 => Err(field.bad_value("is 0 (hint: write a number above zero, or remove the key)")),
        count => Ok(count),
    }
}

fn read_network(network: &Table<'_>, folder: &Path) -> Result<NetworkConfig, ConfigError> {
    network.only(&["roots", "ca_file"], &[])?;
    let bundled_roots = match network.field("roots") {
        None => false,
        Some(roots) => match roots.text()? {
            "system" => false,
            "bundled" => true,
            other => {
                return Err(roots.bad_value(format!(
                    "{other:?} is no list of certificates (hint: write \"system\" or \"bundled\")"
                )));
            }
        },
    };
    Ok(NetworkConfig {
        bundled_roots,
        ca_file: network
            .field("ca_file")
            .map(|file| read_path(file, folder))
            .transpose()?,
    })
}

fn read_plugin(
    plugin: &Field<'_>,
    folder: &Path,
    ceiling: &Limits,
) -> Result<(PluginName, PluginConfig), ConfigError> {
    let name = plugin
        .name
        .parse()
        .map_err(|error| plugin.bad_value(error))?;
    let plugin = plugin.table()?;
    plugin.only(
        &[
            "path",
            "enabled",
            "start",
            "prefix",
            "digest",
            "withhold",
            "grants",
            "directories",
            "environment",
            "config",
            "secrets",
            "limits",
        ],
        &[],
    )?;
    let config = PluginConfig {
        path: plugin
            .field("path")
            .map(|path| read_path(path, folder))
            .transpose()?,
        enabled: plugin.field("enabled").map_or(Ok(true), Field::boolean)?,
        start: plugin
            .field("start")
            .map_or(Ok(Start::default()), read_start)?,
        prefix: plugin.field("prefix").map(read_prefix).transpose()?,
        approved: plugin
            .field("digest")
            .map_or(Ok(Approved::default()), grants::read_approved)?,
        grants: read_or_default(&plugin, "grants", grants::read_grants)?,
        withheld: grants::read_withheld(&plugin)?,
        directories: read_or_default(&plugin, "directories", |directories| {
            grants::read_directories(directories, folder)
        })?,
        environment: read_or_default(&plugin, "environment", grants::read_environment)?,
        config: plugin.field("config").map(read_settings).transpose()?,
        secrets: read_or_default(&plugin, "secrets", |secrets| {
            grants::read_secrets(secrets, folder)
        })?,
        limits: read_or_default(&plugin, "limits", |limits| read_limits(limits, ceiling))?,
    };
    Ok((name, config))
}

fn read_start(start: &Field<'_>) -> Result<Start, ConfigError> {
    match start.text()? {
        "eager" => Ok(Start::Eager),
        "lazy" => Ok(Start::Lazy),
        "manual" => Err(start.bad_value(
            "nobody can start a plugin by hand in this version (hint: write \"lazy\", or `enabled = false`)",
        )),
        other => Err(start.bad_value(format!("{other:?} is no way to start (hint: write \"eager\" or \"lazy\")"))),
    }
}

fn read_prefix(prefix: &Field<'_>) -> Result<Prefix, ConfigError> {
    Prefix::try_from(prefix.text()?.to_owned()).map_err(|error| prefix.bad_value(error))
}

fn read_settings(settings: &Field<'_>) -> Result<Value, ConfigError> {
    settings.table()?;
    settings.json()
}

pub(super) fn read_path(path: &Field<'_>, folder: &Path) -> Result<PathBuf, ConfigError> {
    match path.text()? {
        "" => Err(path.bad_value(
            "is empty (hint: write a path, relative to this file's folder, or remove the key)",
        )),
        path => Ok(match path.strip_prefix("~/") {
            Some(below) => home().unwrap_or_default().join(below),
            None => folder.join(path),
        }),
    }
}

/// The user's home, which `~/` stands for.
fn home() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}

/// Reads limits. They are tried against the ceiling at once, since here their lines are known.
pub(crate) fn read_limits(
    limits: &Table<'_>,
    ceiling: &Limits,
) -> Result<LimitsPatch, ConfigError> {
    let known: Vec<_> = ceiling
        .entries()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    limits.only(&known, &[])?;
    let values: Result<Map<_, _>, _> = limits
        .fields()
        .iter()
        .map(|field| Ok((field.name.to_owned(), field.count()?.into())))
        .collect();
    let patch = serde_json::from_value(Value::Object(values?))
        .expect("these are keys of limits, with whole numbers");
    match Limits::default().patched(&patch, ceiling) {
        Ok(_) => Ok(patch),
        Err(error) => {
            let (LimitError::AboveCeiling { name, .. } | LimitError::Zero { name, .. }) = &error;
            let field = limits
                .field(name)
                .expect("only keys of this table are in the patch");
            Err(field.limit_error(error))
        }
    }
}

#[cfg(test)]
mod tests;
