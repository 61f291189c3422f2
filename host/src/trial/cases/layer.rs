//! Reading conditions: those of a file, and those of a case on top.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Folder;
use super::http;
use crate::config::{
    ConfigError, Field, Table, key_name, read_binding, read_environment, read_grants, read_limits,
    read_withheld,
};
use crate::limits::{KEY_BYTES_MAX, Limits, LimitsPatch, VALUE_BYTES_MAX};
use crate::permissions::{SystemPower, Words};
use crate::trial::{Conditions, Exchange, PretendedSecret, Reach};

/// The keys that are conditions.
pub(super) const CONDITION_KEYS: &[&str] = &[
    "allow",
    "withhold",
    "limits",
    "config",
    "environment",
    "secrets",
    "directories",
    "key-value",
    "clock",
    "random",
    "http",
];

/// Some conditions. What is left out is as the layer below says.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    allow: Words,
    /// Which of its powers are spoken of.
    allows: [bool; 3],
    withhold: Option<Vec<SystemPower>>,
    limits: LimitsPatch,
    config: Map<String, Value>,
    environment: BTreeMap<String, String>,
    secrets: BTreeMap<String, (PretendedSecret, Option<String>)>,
    folders: BTreeMap<String, Folder>,
    key_value: BTreeMap<String, Bytes>,
    now: Option<SystemTime>,
    seed: Option<u64>,
    http: Vec<Exchange>,
}

/// What a case is played under.
pub(super) struct Settled {
    pub(super) conditions: Conditions,
    pub(super) folders: BTreeMap<String, Folder>,
    pub(super) recorded_with: BTreeMap<String, String>,
}

impl Layer {
    /// Reads the conditions of a table. Files it names are looked for in `folder`.
    pub(super) fn read(table: &Table<'_>, folder: &Path) -> Result<Self, ConfigError> {
        let mut layer = Self {
            withhold: match table.field("withhold") {
                Some(_) => Some(read_withheld(table)?),
                None => None,
            },
            ..Self::default()
        };
        if let Some(allow) = table.field("allow") {
            let allow = allow.table()?;
            layer.allow = read_grants(&allow)?;
            layer.allows =
                ["network", "storage", "system"].map(|power| allow.field(power).is_some());
        }
        if let Some(limits) = table.field("limits") {
            layer.limits = read_limits(&limits.table()?, &Limits::ceiling())?;
        }
        if let Some(config) = table.field("config") {
            // What is no table is said here.
            config.table()?;
            if let Value::Object(config) = config.json()? {
                layer.config = config;
            }
        }
        if let Some(environment) = table.field("environment") {
            layer.environment = read_environment(&environment.table()?)?;
        }
        if let Some(secrets) = table.field("secrets") {
            for field in secrets.table()?.fields() {
                layer.secrets.insert(key_name(field)?, read_secret(field)?);
            }
        }
        if let Some(directories) = table.field("directories") {
            for field in directories.table()?.fields() {
                layer.folders.insert(key_name(field)?, read_folder(field)?);
            }
        }
        if let Some(values) = table.field("key-value") {
            for field in values.table()?.fields() {
                layer.key_value.insert(read_key(field)?, read_value(field)?);
            }
        }
        if let Some(clock) = table.field("clock") {
            layer.now = read_clock(clock)?;
        }
        if let Some(random) = table.field("random") {
            let random = random.table()?;
            random.only(&["seed"], &[])?;
            layer.seed = random.field("seed").map(Field::count).transpose()?;
        }
        if let Some(exchanges) = table.field("http") {
            let exchanges = exchanges.items()?;
            layer.http = exchanges
                .iter()
                .map(|exchange| http::read(exchange, folder))
                .collect::<Result<_, _>>()?;
        }
        Ok(layer)
    }

    /// These conditions on top of others.
    pub(super) fn over(self, below: &Self) -> Settled {
        fn both<K: Ord + Clone, V: Clone>(
            own: BTreeMap<K, V>,
            below: &BTreeMap<K, V>,
        ) -> BTreeMap<K, V> {
            let mut all = below.clone();
            all.extend(own);
            all
        }
        let [network, storage, system] = self.allows;
        let mut config = below.config.clone();
        config.extend(self.config);
        let secrets = both(self.secrets, &below.secrets);
        let recorded_with = secrets
            .iter()
            .filter_map(|(name, (_, variable))| Some((name.clone(), variable.clone()?)))
            .collect();
        // The case's own answer comes before that of the file to the same request.
        let is_own = |of_file: &Exchange| {
            let mut own = self.http.iter();
            own.any(|own| own.is_for_the_same_as(of_file))
        };
        let of_file: Vec<_> = below
            .http
            .iter()
            .filter(|of_file| !is_own(of_file))
            .cloned()
            .collect();
        let http = [self.http, of_file].concat();
        let conditions = Conditions {
            allow: Words {
                network: if network {
                    self.allow.network
                } else {
                    below.allow.network.clone()
                },
                storage: if storage {
                    self.allow.storage
                } else {
                    below.allow.storage.clone()
                },
                system: if system {
                    self.allow.system
                } else {
                    below.allow.system.clone()
                },
            },
            withhold: self
                .withhold
                .or_else(|| below.withhold.clone())
                .unwrap_or_default(),
            limits: patched(&below.limits, &self.limits),
            config,
            environment: both(self.environment, &below.environment),
            secrets: secrets
                .into_iter()
                .map(|(name, (secret, _))| (name, secret))
                .collect(),
            now: self.now.or(below.now),
            seed: self.seed.or(below.seed),
            key_value: both(self.key_value, &below.key_value),
            reach: match http.is_empty() {
                true => Reach::Nobody,
                false => Reach::Script(http),
            },
            ..Conditions::default()
        };
        Settled {
            conditions,
            folders: both(self.folders, &below.folders),
            recorded_with,
        }
    }
}

/// The limits of one patch, and those of another on top.
fn patched(below: &LimitsPatch, own: &LimitsPatch) -> LimitsPatch {
    let entries = below.entries().into_iter().chain(own.entries());
    let limits: Map<_, _> = entries
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    serde_json::from_value(Value::Object(limits))
        .expect("these are keys of limits, with whole numbers")
}

fn read_secret(field: &Field<'_>) -> Result<(PretendedSecret, Option<String>), ConfigError> {
    if field.is_text() {
        let value = field.text()?.to_owned();
        return Ok((
            PretendedSecret {
                value,
                binding: None,
            },
            None,
        ));
    }
    let table = field.table()?;
    table.only(
        &["value", "record-env", "host", "header", "query", "prefix"],
        &[],
    )?;
    let value = table.field("value").ok_or_else(|| {
        field.bad_value("has no `value` (hint: invent one; a true secret never stands in a test)")
    })?;
    let variable = match table.field("record-env") {
        Some(variable) => Some(variable.text()?.to_owned()),
        None => None,
    };
    let secret = PretendedSecret {
        value: value.text()?.to_owned(),
        binding: read_binding(field, &table)?,
    };
    Ok((secret, variable))
}

fn read_folder(field: &Field<'_>) -> Result<Folder, ConfigError> {
    let table = field.table()?;
    table.only(&["files", "write"], &[])?;
    let mut files = BTreeMap::new();
    for file in table.field("files").map_or(Ok(Vec::new()), |files| {
        files.table().map(|files| files.into_fields())
    })? {
        let is_inside = Path::new(file.name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if file.name.is_empty() || !is_inside {
            return Err(file.bad_value(
                "does not stay in its folder (hint: write a path such as `docs/a.txt`)",
            ));
        }
        files.insert(file.name.to_owned(), file.text()?.to_owned());
    }
    Ok(Folder {
        files,
        write: table.field("write").map_or(Ok(false), Field::boolean)?,
    })
}

fn read_key(field: &Field<'_>) -> Result<String, ConfigError> {
    match field.name.len() {
        1..=KEY_BYTES_MAX => Ok(field.name.to_owned()),
        _ => Err(field.bad_value(format!(
            "has a key that no store takes (hint: 1 to {KEY_BYTES_MAX} bytes)"
        ))),
    }
}

fn read_value(field: &Field<'_>) -> Result<Bytes, ConfigError> {
    let text = field.text()?;
    match text.len() {
        0..=VALUE_BYTES_MAX => Ok(Bytes::copy_from_slice(text.as_bytes())),
        _ => Err(field.bad_value(format!(
            "has more than {VALUE_BYTES_MAX} bytes (hint: no store takes it)"
        ))),
    }
}

fn read_clock(field: &Field<'_>) -> Result<Option<SystemTime>, ConfigError> {
    let table = field.table()?;
    table.only(&["now"], &[])?;
    let Some(now) = table.field("now") else {
        return Ok(None);
    };
    let moment = now.moment()?;
    let moment: jiff::Timestamp = moment.parse().map_err(|_| {
        now.bad_value(format!(
            "{moment} is no moment (hint: write date, time and offset, such as 2026-01-02T03:04:05Z)"
        ))
    })?;
    // Clocks of WebAssembly count from 1970.
    match moment.as_second() {
        0.. => Ok(Some(moment.into())),
        _ => Err(now.bad_value("is before 1970, and no plugin's clock goes back that far (hint: choose a later moment)")),
    }
}
