//! The configuration itself.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::ConfigError;
use super::table::{Field, File, Table};
use crate::limits::{LimitError, Limits, LimitsPatch};
use crate::names::{PluginName, Prefix};

/// What the operator wants. The default is what holds without any file.
///
/// Holding one that was parsed proves that every limit in it is allowed; it does not say that the plugins exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The file it was read from.
    pub origin: Option<PathBuf>,
    /// The host as a whole.
    pub host: HostConfig,
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
    /// The highest value each limit can have.
    pub ceiling: Limits,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            shipped: true,
            cache: None,
            ceiling: Limits::ceiling(),
        }
    }
}

/// One plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginConfig {
    /// Its component, or the folder with it. A shipped plugin has none.
    pub path: Option<PathBuf>,
    /// Whether it is served.
    pub enabled: bool,
    /// When its code is loaded.
    pub start: Start,
    /// What stands before its names, when it is not the plugin's name.
    pub prefix: Option<Prefix>,
    /// Its limits, which come before those of every plugin.
    pub limits: LimitsPatch,
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
const TOP_NOT_SERVED: [(&str, &str); 2] = [
    ("http", "this version serves clients over stdio alone"),
    ("transports", "this version serves clients over stdio alone"),
];

/// Keys of a plugin that a later version may serve.
const PLUGIN_NOT_SERVED: [(&str, &str); 3] = [
    (
        "grants",
        "this version gives no grants, so nothing would be granted",
    ),
    (
        "config",
        "this version gives no grants, and passes no settings to plugins either",
    ),
    (
        "secrets",
        "this version gives no grants, and passes no secrets to plugins either",
    ),
];

impl Config {
    /// Reads a configuration; paths in it are relative to the folder of `origin`.
    ///
    /// # Errors
    /// When it is not TOML, has a key that means nothing, or a value that does not fit.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, ConfigError> {
        let file = File { text, origin };
        let table = file.read()?;
        let top = file.top(table.get_ref());
        top.only(&["host", "limits", "plugins"], &TOP_NOT_SERVED)?;
        let folder = origin.parent().unwrap_or(Path::new(""));
        let host = read_or_default(&top, "host", |host| read_host(host, folder))?;
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
fn read_or_default<T: Default>(
    parent: &Table<'_>,
    name: &str,
    read: impl FnOnce(&Table<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    parent
        .field(name)
        .map_or(Ok(T::default()), |field| read(&field.table()?))
}

fn read_host(host: &Table<'_>, folder: &Path) -> Result<HostConfig, ConfigError> {
    host.only(&["shipped", "cache", "ceiling"], &[])?;
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
        ceiling,
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
        &["path", "enabled", "start", "prefix", "limits"],
        &PLUGIN_NOT_SERVED,
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

fn read_path(path: &Field<'_>, folder: &Path) -> Result<PathBuf, ConfigError> {
    match path.text()? {
        "" => Err(path.bad_value(
            "is empty (hint: write a path, relative to this file's folder, or remove the key)",
        )),
        path => Ok(folder.join(path)),
    }
}

/// Reads limits. They are tried against the ceiling at once, since here their lines are known.
fn read_limits(limits: &Table<'_>, ceiling: &Limits) -> Result<LimitsPatch, ConfigError> {
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
mod tests {
    use super::*;

    /// A configuration in which every key has a value.
    fn full() -> String {
        let limits = |limits: &Limits| {
            limits
                .entries()
                .iter()
                .map(|(name, value)| format!("{name} = {value}\n"))
                .collect::<String>()
        };
        format!(
            r#"
[host]
shipped = false
cache = "cache"

[host.ceiling]
{ceiling}
[limits]
{default}
[plugins.weather]
path = "plugins/weather.wasm"
enabled = false
start = "lazy"
prefix = "w"

[plugins.weather.limits]
{default}
[plugins.calculator]
"#,
            ceiling = limits(&Limits::ceiling()),
            default = limits(&Limits::default()),
        )
    }

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("/etc/portcullis.toml"))
    }

    fn name(name: &str) -> PluginName {
        name.parse().unwrap()
    }

    fn fuel(fuel: u64) -> LimitsPatch {
        LimitsPatch {
            fuel: Some(fuel),
            ..LimitsPatch::default()
        }
    }

    #[test]
    fn every_key_is_read() {
        let config = parse(&full()).unwrap();
        let all = serde_json::from_value(serde_json::to_value(Limits::default()).unwrap()).unwrap();
        let weather = PluginConfig {
            path: Some("/etc/plugins/weather.wasm".into()),
            enabled: false,
            start: Start::Lazy,
            prefix: Some(Prefix::try_from("w".to_owned()).unwrap()),
            limits: all,
        };
        assert_eq!(config.plugin(&name("weather")), Some(&weather));
        assert_eq!(config.host.cache.as_deref(), Some(Path::new("/etc/cache")));
        assert!(!config.host.shipped);
        assert_eq!(config.limits, weather.limits);
        let calculator = config.plugin(&name("calculator")).unwrap();
        assert!(
            calculator.enabled && calculator.path.is_none() && calculator.start == Start::Eager
        );
    }

    #[test]
    fn the_schema_and_the_reader_know_the_same_keys() {
        let schema: Value =
            serde_json::from_str(include_str!("../../../schemas/portcullis.schema.json")).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let full: Value = toml::from_str(&full()).unwrap();
        assert!(validator.is_valid(&full));

        let keys = |value: &Value| -> Vec<String> {
            let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let host = &schema["properties"]["host"]["properties"];
        let plugin = &schema["properties"]["plugins"]["additionalProperties"]["properties"];
        for (described, written) in [
            (&schema["properties"], &full),
            (host, &full["host"]),
            (&host["ceiling"]["properties"], &full["host"]["ceiling"]),
            (plugin, &full["plugins"]["weather"]),
            (&schema["$defs"]["limits"]["properties"], &full["limits"]),
        ] {
            assert_eq!(keys(described), keys(written));
            assert!(
                described
                    .as_object()
                    .unwrap()
                    .values()
                    .all(|key| key["description"].is_string())
            );
        }
    }

    #[test]
    fn the_schema_has_the_limits_of_the_host() {
        let schema: Value =
            serde_json::from_str(include_str!("../../../schemas/portcullis.schema.json")).unwrap();
        let written = |place: &Value| -> Vec<(String, Option<u64>, Option<u64>)> {
            let limits = place["properties"].as_object().unwrap().iter();
            limits
                .map(|(key, limit)| {
                    (
                        key.clone(),
                        limit["default"].as_u64(),
                        limit["maximum"].as_u64(),
                    )
                })
                .collect()
        };
        let built_in = |defaults: Limits| -> Vec<_> {
            let pairs = defaults
                .entries()
                .into_iter()
                .zip(Limits::ceiling().entries());
            pairs
                .map(|((key, default), (_, ceiling))| {
                    (key.to_owned(), Some(default), Some(ceiling))
                })
                .collect()
        };
        assert_eq!(
            written(&schema["$defs"]["limits"]),
            built_in(Limits::default())
        );
        let ceiling = &schema["properties"]["host"]["properties"]["ceiling"];
        assert_eq!(written(ceiling), built_in(Limits::ceiling()));
    }

    #[test]
    fn nothing_is_a_configuration_too() {
        let config = parse("# empty").unwrap();
        assert_eq!(
            Config {
                origin: None,
                ..config
            },
            Config::default()
        );
        assert!(Config::default().host.shipped);
    }

    #[test]
    fn plugins_keep_the_order_of_the_file() {
        let config =
            parse("[plugins.zoo]\n[plugins.ant]\n[plugins.zoo.limits]\n[plugins.mole]\n").unwrap();
        let names: Vec<_> = config
            .plugins
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["zoo", "ant", "mole"]);
    }

    #[test]
    fn an_error_names_the_line_the_key_and_the_way_out() {
        let check = |text: &str, expected: &str| {
            let error = parse(text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("/etc/portcullis.toml:{expected}")),
                "{error}"
            );
            assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
            assert!(!error.contains('\n'), "{error}");
        };
        check("a = [", "1:6: is not TOML: ");
        check(
            "[limits]\nfuel = 1\nfuel = 2",
            "3:1: is not TOML: duplicate key",
        );
        check(
            "[limit]",
            "1:2: key `limit` is not known (hint: did you mean `limits`?)",
        );
        check(
            "[servers]",
            "1:2: key `servers` is not known (hint: known are `host`, `limits`, `plugins`)",
        );
        check(
            "plugins = [\"a.wasm\"]",
            "1:1: key `plugins` is a list, expected a table",
        );
        check(
            "[plugins.a]\n\nstrat = \"lazy\"",
            "3:1: key `plugins.a.strat` is not known (hint: did you mean `start`?)",
        );
        check(
            "[plugins.a]\nstart = \"now\"",
            "2:1: key `plugins.a.start`: \"now\" is no way to start",
        );
        check(
            "[plugins.a]\nstart = \"manual\"",
            "2:1: key `plugins.a.start`: nobody can start a plugin by hand",
        );
        check(
            "[plugins.a]\nenabled = 1",
            "2:1: key `plugins.a.enabled` is a whole number, expected `true` or `false`",
        );
        check(
            "[plugins.a]\npath = \"\"",
            "2:1: key `plugins.a.path`: is empty",
        );
        check(
            "[plugins.a]\nprefix = \"a-b\"",
            "2:1: key `plugins.a.prefix`: prefix `a-b` is not a prefix",
        );
        check(
            "[plugins.My_Tool]",
            "1:10: key `plugins.My_Tool`: plugin name `My_Tool` has a character",
        );
        check(
            "[plugins]\na = 1",
            "2:1: key `plugins.a` is a whole number, expected a table",
        );
        check(
            "[limits]\ncall-ms = 1",
            "2:1: key `limits.call-ms` is not known (hint: did you mean `call_ms`?)",
        );
        check(
            "[limits]\nfuel = -1",
            "2:1: key `limits.fuel`: -1 is out of range",
        );
        check(
            "[limits]\nfuel = 1.5",
            "2:1: key `limits.fuel` is a number with a fraction, expected a whole number",
        );
        check(
            "[limits]\nfuel = 0",
            "2:1: key `limits.fuel`: limit `fuel` is 0",
        );
        check(
            "[host]\nshiped = true",
            "2:1: key `host.shiped` is not known (hint: did you mean `shipped`?)",
        );
    }

    #[test]
    fn a_key_that_would_give_something_is_refused_with_a_sentence() {
        let check = |text: &str, expected: &str| {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(
            "[plugins.a.grants]\nnetwork = [\"*\"]",
            "`plugins.a.grants` is refused: this version gives no grants",
        );
        check(
            "[plugins.a]\nconfig = {}",
            "`plugins.a.config` is refused: this version gives no grants",
        );
        check(
            "[plugins.a]\nsecrets = {}",
            "`plugins.a.secrets` is refused: this version gives no grants",
        );
        check(
            "[http]",
            "`http` is refused: this version serves clients over stdio alone",
        );
        check(
            "[transports.http]",
            "`transports` is refused: this version serves clients over stdio alone",
        );
    }

    #[test]
    fn a_limit_above_the_ceiling_is_found_when_the_file_is_read() {
        let check = |text: &str, expected: Option<&str>| {
            let error = parse(text).err().map(|error| error.to_string());
            assert_eq!(error.is_some(), expected.is_some(), "{text}: {error:?}");
            assert!(error.is_none_or(|error| error.contains(expected.unwrap_or_default())));
        };
        check("[host.ceiling]\nfuel = 9\n[limits]\nfuel = 9", None);
        check(
            "[host.ceiling]\nfuel = 9\n[limits]\nfuel = 10",
            Some(":4:1: key `limits.fuel`: limit `fuel` is 10, above"),
        );
        check(
            "[limits]\nfuel = 10\n[host.ceiling]\nfuel = 9",
            Some(":2:1: key `limits.fuel`"),
        );
        check(
            "[host.ceiling]\nfuel = 9\n[plugins.a.limits]\ncall_ms = 1\nfuel = 10",
            Some(":5:1: key `plugins.a.limits.fuel`"),
        );
        check(
            "[host.ceiling]\ncall_ms = 600_001",
            Some(":2:1: key `host.ceiling.call_ms`"),
        );
    }

    #[test]
    fn the_operator_comes_before_the_manifest_and_the_plugin_before_all_plugins() {
        let check = |text: &str, wish: LimitsPatch, expected: u64| {
            let limits = parse(text).unwrap().limits_for(&name("a"), &wish).unwrap();
            assert_eq!(limits.fuel, expected, "{text}");
        };
        let default = Limits::default().fuel;
        check("", LimitsPatch::default(), default);
        check("", fuel(5), 5);
        check("", fuel(u64::MAX), default);
        check("[limits]\nfuel = 7", LimitsPatch::default(), 7);
        check("[limits]\nfuel = 7", fuel(5), 7);
        check(
            "[limits]\nfuel = 7\n[plugins.a.limits]\nfuel = 8",
            fuel(5),
            8,
        );
        check(
            "[limits]\nfuel = 7\n[plugins.b.limits]\nfuel = 8",
            fuel(5),
            7,
        );
        check("[limits]\ncall_ms = 7", fuel(5), 5);
        check("[host.ceiling]\nfuel = 9", LimitsPatch::default(), 9);
        check("[host.ceiling]\nfuel = 9", fuel(5), 5);
        check("[host.ceiling]\nfuel = 9", fuel(10), 9);
    }
}
