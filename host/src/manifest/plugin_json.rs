//! The manifest itself.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Problems;
use super::{Configuration, ManifestError, ManifestProblem, document, license, shape};
use crate::limits::LimitsPatch;
use crate::names::PluginName;
use crate::permissions::Request;

/// What a plugin says of itself. Holding one proves that it makes sense, not that it is true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// What the plugin is called.
    pub name: PluginName,
    /// Its version.
    pub version: Version,
    /// What people call it.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How a model should use it: a part of the server's instructions.
    pub instructions: Option<String>,
    /// A license expression, as SPDX has it.
    pub license: Option<String>,
    /// Who made it.
    pub authors: Vec<String>,
    /// Where people find more.
    pub links: Links,
    /// The one shelf it belongs on.
    pub category: Option<Category>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The beginnings of the URIs it claims, each with a scheme, such as `time://`.
    pub uris: Vec<String>,
    /// What it asks for.
    pub permissions: Request,
    /// The limits it wishes for.
    pub limits: LimitsPatch,
    /// What the operator can set.
    pub configuration: Option<Configuration>,
    /// The plugins it needs.
    pub dependencies: BTreeMap<PluginName, VersionReq>,
    /// The environments it is made for.
    pub environments: Vec<String>,
}

/// Web addresses. They are shown to people and never fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Its page.
    pub homepage: Option<String>,
    /// Its source.
    pub repository: Option<String>,
    /// Its documentation.
    pub documentation: Option<String>,
    /// Where to report what is wrong.
    pub issues: Option<String>,
}

/// The shelves plugins are sorted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Category {
    Utilities,
    Data,
    Developer,
    Communication,
    Productivity,
    Media,
    System,
    Other,
}

impl Manifest {
    /// Reads a manifest; `origin` is the file, or what else people know it by.
    ///
    /// # Errors
    /// When it is too long, is not JSON, or does not make sense.
    pub fn parse(bytes: &[u8], origin: &str) -> Result<Self, ManifestError> {
        let document =
            document::read(bytes).map_err(|problem| ManifestError::new(origin, problem))?;
        Self::read(&document).map_err(|problems| ManifestError::several(origin, problems))
    }

    /// The manifest of a component that has none: a name, and nothing asked for.
    pub fn minimal(name: PluginName) -> Self {
        Self {
            name,
            version: Version::new(0, 0, 0),
            title: None,
            description: None,
            instructions: None,
            license: None,
            authors: Vec::new(),
            links: Links::default(),
            category: None,
            tags: Vec::new(),
            uris: Vec::new(),
            permissions: Request::default(),
            limits: LimitsPatch::default(),
            configuration: None,
            dependencies: BTreeMap::new(),
            environments: Vec::new(),
        }
    }

    /// Whether it says no more than the manifest of a component that has none.
    pub fn is_minimal(&self) -> bool {
        *self == Self::minimal(self.name.clone())
    }

    /// Reads a manifest that is JSON already, and tells all that is wrong with it.
    pub(super) fn read(document: &Value) -> Result<Self, Problems> {
        match Problems::of(shape::problems(document)) {
            Some(problems) => Err(problems),
            None => Self::of_fields(Fields {
                document,
                problems: Vec::new(),
            }),
        }
    }

    fn of_fields(mut fields: Fields<'_>) -> Result<Self, Problems> {
        let (name, version) = (fields.text("/name"), fields.version());
        let rest = Self {
            title: fields.of_type("/title"),
            description: fields.of_type("/description"),
            instructions: fields.of_type("/instructions"),
            license: fields.license(),
            authors: fields.list("/authors"),
            links: fields.of_type("/links"),
            category: fields.of_type("/category"),
            tags: fields.list("/tags"),
            uris: fields.list("/uris"),
            permissions: Request {
                network: fields.list("/permissions/network"),
                storage: fields.list("/permissions/storage"),
                system: fields.list("/permissions/system"),
            },
            limits: fields.of_type("/limits"),
            configuration: fields.configuration(),
            dependencies: fields.dependencies(),
            environments: fields.list("/environments"),
            version: version.unwrap_or(Version::new(0, 0, 0)),
            name: name.unwrap_or_else(|| "nameless".parse().expect("the word is a name")),
        };
        Problems::of(fields.problems).map_or(Ok(rest), Err)
    }
}

/// A manifest whose shape was checked: what is there has its JSON type. What makes no sense is noted, and its place is taken
/// by what nobody will see.
struct Fields<'d> {
    document: &'d Value,
    problems: Vec<ManifestProblem>,
}

impl Fields<'_> {
    /// The value, or its problem noted.
    fn note<T>(&mut self, read: Result<T, ManifestProblem>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// A text with a meaning.
    fn text<T: FromStr<Err: Display>>(&mut self, pointer: &str) -> Option<T> {
        let read = self.parsed(pointer);
        self.note(read)
    }

    fn parsed<T: FromStr<Err: Display>>(&self, pointer: &str) -> Result<T, ManifestProblem> {
        let text = self
            .document
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        text.parse()
            .map_err(|error: T::Err| bad_value(pointer, error))
    }

    /// Several of them.
    fn list<T: FromStr<Err: Display>>(&mut self, pointer: &str) -> Vec<T> {
        let n_items = self
            .document
            .pointer(pointer)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        (0..n_items)
            .filter_map(|item_idx| self.text(&format!("{pointer}/{item_idx}")))
            .collect()
    }

    /// What serde reads by itself. What is missing has its default.
    fn of_type<T: serde::de::DeserializeOwned + Default>(&mut self, pointer: &str) -> T {
        let read = match self.document.pointer(pointer) {
            None => Ok(T::default()),
            Some(value) => T::deserialize(value).map_err(|error| bad_value(pointer, error)),
        };
        self.note(read).unwrap_or_default()
    }

    fn version(&mut self) -> Option<Version> {
        let read = self
            .parsed::<Version>("/version")
            .map_err(|problem| match problem {
                ManifestProblem::BadValue { key, reason } => ManifestProblem::BadValue {
                    key,
                    reason: format!(
                        "is not a version: {reason} (hint: write three numbers, such as `1.0.0`)"
                    ),
                },
                problem => problem,
            });
        self.note(read)
    }

    fn license(&mut self) -> Option<String> {
        let license: Option<String> = self.of_type("/license");
        if license
            .as_deref()
            .is_some_and(|license| !license::is_expression(license))
        {
            let reason = "is not a license expression (hint: write it as SPDX has it, such as `Apache-2.0 OR MIT`)";
            self.problems.push(bad_value("/license", reason));
        }
        license
    }

    fn configuration(&mut self) -> Option<Configuration> {
        let read = self.document.get("configuration").map(Configuration::read);
        read.and_then(|read| self.note(read))
    }

    fn dependencies(&mut self) -> BTreeMap<PluginName, VersionReq> {
        let dependencies = self
            .document
            .get("dependencies")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        dependencies
            .filter_map(|(name, range)| self.note(dependency(name, range)))
            .collect()
    }
}

fn dependency(name: &str, range: &Value) -> Result<(PluginName, VersionReq), ManifestProblem> {
    let name: PluginName = name
        .parse()
        .map_err(|error| bad_value("/dependencies", error))?;
    let range = range.as_str().unwrap_or_default().parse();
    let range = range.map_err(|error| {
        let reason =
            format!("is not a range of versions: {error} (hint: write `^1.2` or `>=1, <3`)");
        bad_value(&format!("/dependencies/{name}"), reason)
    })?;
    Ok((name, range))
}

fn bad_value(pointer: &str, reason: impl Display) -> ManifestProblem {
    ManifestProblem::BadValue {
        key: shape::key(pointer),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::Limits;

    /// A manifest in which every key has a value.
    fn full() -> Value {
        let limits: serde_json::Map<_, _> = Limits::default()
            .entries()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        json!({
            "$schema": "https://example.com/plugin.schema.json",
            "name": "web-search",
            "version": "1.2.3-beta.1",
            "title": "Web search",
            "description": "Searches the web",
            "instructions": "Search before you guess.",
            "license": "Apache-2.0 OR MIT",
            "authors": ["Ada"],
            "links": {
                "homepage": "https://example.com",
                "repository": "https://example.com/source",
                "documentation": "https://example.com/docs",
                "issues": "https://example.com/issues",
            },
            "category": "data",
            "tags": ["web"],
            "uris": ["search:", "https://example.com/"],
            "permissions": {
                "network": ["api.example.com", "localhost:3000"],
                "storage": ["cache"],
                "system": ["clock", "env:LANG"],
            },
            "limits": limits,
            "configuration": {"schema": {"type": "object"}, "defaults": {}},
            "dependencies": {"text": "^1.2", "time": ">=1, <3"},
            "environments": ["desktop"],
        })
    }

    #[test]
    fn the_schema_and_the_types_know_the_same_keys() {
        let claimed = full();
        let schema: Value =
            serde_json::from_str(include_str!("../../../schemas/plugin.schema.json")).unwrap();
        let keys = |value: &Value| -> Vec<String> {
            let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&schema["properties"]), keys(&claimed));

        let written = serde_json::to_value(Manifest::read(&claimed).unwrap()).unwrap();
        for (key, value) in claimed
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| *key != "$schema" && *key != "dependencies")
        {
            assert_eq!(&written[key], value, "{key}");
            if let (Value::Object(value), false) = (value, key == "configuration") {
                assert_eq!(
                    keys(&schema["properties"][key]["properties"]),
                    keys(&Value::Object(value.clone())),
                    "{key}"
                );
            }
        }
        assert_eq!(written["dependencies"]["time"], ">=1, <3");
        assert_eq!(keys(&written).len() + 1, keys(&claimed).len());
    }

    #[test]
    fn a_name_and_a_version_are_enough() {
        let manifest =
            Manifest::parse(br#"{"name": "weather", "version": "0.0.0"}"#, "plugin.json").unwrap();
        assert_eq!(manifest, Manifest::minimal("weather".parse().unwrap()));
    }

    #[test]
    fn an_error_names_the_file_the_key_and_the_way_out() {
        let check = |key: &str, value: Value, expected: &str| {
            let mut claimed = full();
            claimed[key] = value;
            let error = Manifest::parse(claimed.to_string().as_bytes(), "weather/plugin.json")
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with(&format!("manifest `weather/plugin.json`: {expected}")),
                "{error}"
            );
            assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
        };
        check(
            "name",
            json!("Web Search"),
            "key `name`: plugin name `Web Search` has a character that is not allowed",
        );
        check("name", json!(""), "key `name`: plugin name `` is empty");
        check("version", json!("1"), "key `version`: is not a version: ");
        check(
            "license",
            json!("see LICENSE"),
            "key `license`: is not a license expression",
        );
        check(
            "uris",
            json!(["time"]),
            "key `uris[0]` is \"time\", expected text that matches",
        );
        check(
            "permissions",
            json!({"network": ["a.b", "*.com"]}),
            "key `permissions.network[1]`: network rule `*.com` covers a whole",
        );
        check(
            "permissions",
            json!({"system": ["env:*"]}),
            "key `permissions.system[0]`: system power `env:*` asks",
        );
        check(
            "dependencies",
            json!({"X": "1"}),
            "key `dependencies`: plugin name `X`",
        );
        check(
            "dependencies",
            json!({"x": "one"}),
            "key `dependencies.x`: is not a range of versions",
        );
        check(
            "configuration",
            json!({"schema": {"type": "array"}}),
            "key `configuration.schema`: the schema cannot be used",
        );
        check(
            "tag",
            json!([]),
            "key `tag` is not known (hint: did you mean `tags`?)",
        );
        check(
            "limits",
            json!({"fuel": 1.5}),
            "key `limits.fuel` is 1.5, expected a whole number",
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bytes in [&b""[..], b"null", b"[]", b"\"x\"", b"{}", b"\0asm"] {
            assert!(Manifest::parse(bytes, "x").is_err());
        }
    }

    #[test]
    fn a_wish_may_be_higher_than_any_limit() {
        let claimed =
            br#"{"name": "a", "version": "1.0.0", "limits": {"fuel": 18446744073709551615}}"#;
        assert_eq!(
            Manifest::parse(claimed, "x").unwrap().limits.fuel,
            Some(u64::MAX)
        );
    }
}
