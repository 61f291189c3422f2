//! `portcullis.lock`: what each plugin was when somebody looked at it.
//!
//! Written by `portcullis lock` in a stable order, so that the same plugins give the same bytes, and read by people as a
//! diff. The digests of what a plugin offers are in parts, so that a change can be named without keeping the words.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::{ConfigError, ConfigProblem};
use crate::names::{Digest, PluginName};
use crate::permissions::Words;

/// What the file is called.
pub const LOCK_FILE: &str = "portcullis.lock";

/// The version of the file's form.
const FORM: u32 = 1;

/// Bytes of a lock file. A hundred plugins with a hundred tools each have half of that.
const BYTES_MAX: u64 = 8 << 20;

/// What stands at the beginning, for people.
const HEAD: &str = "# What these plugins were when somebody looked at them. Written by `portcullis lock`; `portcullis validate --locked`
# refuses what differs. Keep it with the configuration, and read its diff.

";

/// A lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    plugins: BTreeMap<PluginName, LockedPlugin>,
}

/// What one plugin was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPlugin {
    /// Its name.
    pub name: PluginName,
    /// Its version.
    pub version: Version,
    /// The SHA-256 of its component.
    pub digest: Digest,
    /// Where it came from, below the folder of the lock file where it lies there. For people; nothing is read from it.
    pub source: String,
    /// What its manifest said, but for what stands in this file by itself: its name, its version, and what it asked for. A file
    /// from before this was kept has none, which vouches for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Fingerprint>,
    /// What it asked for.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub permissions: Words,
    /// Its tools, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, Fingerprint>,
    /// Its prompts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, Fingerprint>,
    /// Its resources, by URI.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, Fingerprint>,
    /// Its templates of resources, as they are written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, Fingerprint>,
    /// The files of its skills, each by the skill's name and the file's path in it, such as `lend/SKILL.md`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<String, Digest>,
}

/// What a thing said of itself, in three digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// Of its title and description; of a manifest also of its instructions.
    pub description: Digest,
    /// Of its schemas, its arguments, or its settings.
    pub schema: Digest,
    /// Of everything else.
    pub rest: Digest,
}

/// The file as TOML has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    #[serde(default, rename = "plugin", skip_serializing_if = "Vec::is_empty")]
    plugins: Vec<LockedPlugin>,
}

impl Lock {
    /// A lock file of these plugins. Of two with one name the last is kept.
    pub fn of(plugins: impl IntoIterator<Item = LockedPlugin>) -> Self {
        let plugins = plugins.into_iter();
        Self {
            plugins: plugins
                .map(|plugin| (plugin.name.clone(), plugin))
                .collect(),
        }
    }

    /// Reads a lock file; nothing when there is none.
    ///
    /// # Errors
    /// When there is one, and it cannot be read or makes no sense.
    pub fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        let refuse = |problem: String| ConfigError {
            place: path.display().to_string(),
            problem: ConfigProblem::Lock(problem),
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse(error.to_string())),
        };
        let mut text = String::new();
        file.take(BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(|error| refuse(error.to_string()))?;
        if text.len() as u64 > BYTES_MAX {
            return Err(refuse(format!("it has more than {BYTES_MAX} bytes")));
        }
        Self::parse(&text).map_err(refuse).map(Some)
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// What makes no sense in it.
    fn parse(text: &str) -> Result<Self, String> {
        let document: Document =
            toml::from_str(text).map_err(|error| error.to_string().trim().replace('\n', " "))?;
        if document.version != FORM {
            return Err(format!(
                "it is of version {}, and this program knows {FORM}",
                document.version
            ));
        }
        let n_plugins = document.plugins.len();
        let lock = Self::of(document.plugins);
        match lock.plugins.len() == n_plugins {
            true => Ok(lock),
            false => Err("it has a plugin twice".to_owned()),
        }
    }

    /// The file's text: the same plugins give the same bytes.
    ///
    /// # Errors
    /// When TOML has no way to write it, which no plugin should achieve.
    pub fn to_text(&self) -> Result<String, String> {
        let document = Document {
            version: FORM,
            plugins: self.plugins.values().cloned().collect(),
        };
        let text = toml::to_string(&document).map_err(|error| error.to_string())?;
        Ok(format!("{HEAD}{text}"))
    }

    /// What one plugin was.
    pub fn plugin(&self, name: &PluginName) -> Option<&LockedPlugin> {
        self.plugins.get(name)
    }

    /// All of them, by name.
    pub fn plugins(&self) -> impl Iterator<Item = &LockedPlugin> {
        self.plugins.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(name: &str) -> LockedPlugin {
        let print = Fingerprint {
            description: Digest::ZERO,
            schema: Digest::of(b"schema"),
            rest: Digest::of(b"rest"),
        };
        let prints = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), print))
                .collect()
        };
        LockedPlugin {
            name: name.parse().unwrap(),
            version: Version::new(1, 2, 3),
            digest: Digest::of(name.as_bytes()),
            source: "größe/a \"b\".wasm".to_owned(),
            manifest: Some(print),
            permissions: serde_json::from_str(r#"{"network": ["api.example.com"]}"#).unwrap(),
            tools: prints(&["add", "subtract"]),
            prompts: BTreeMap::new(),
            resources: prints(&["notes://all", "x:\"]\n[y]\u{7f}"]),
            templates: prints(&["notes://{id}"]),
            skills: BTreeMap::from([("größe/a b.md".to_owned(), Digest::ZERO)]),
        }
    }

    #[test]
    fn what_is_written_is_read_and_the_order_makes_no_difference() {
        let lock = Lock::of([plugin("b"), plugin("a")]);
        let text = lock.to_text().unwrap();
        assert_eq!(Lock::parse(&text).unwrap(), lock);
        assert_eq!(
            Lock::of([plugin("a"), plugin("b")]).to_text().unwrap(),
            text
        );
        assert!(text.starts_with("# What"), "{text}");
        let empty = Lock::default().to_text().unwrap();
        assert_eq!(Lock::parse(&empty).unwrap(), Lock::default());
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused() {
        let check = |text: &str, expected: &str| {
            let said = Lock::parse(text).unwrap_err();
            assert!(said.contains(expected), "{said}");
        };
        check("", "version");
        check("version = 2", "it is of version 2");
        check("version = 1\ncolour = 1", "colour");
        check("version = 1\n[[plugin]]\nname = \"A\"", "plugin name");
        let twice = Lock::of([plugin("a")]).to_text().unwrap();
        let (_, second) = twice.split_once("[[plugin]]").unwrap();
        check(&format!("{twice}\n[[plugin]]{second}"), "twice");
    }

    #[test]
    fn a_missing_file_is_none_and_another_thing_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Lock::read(&dir.path().join(LOCK_FILE)).unwrap().is_none());
        assert!(Lock::read(dir.path()).is_err());
        let long = dir.path().join("long");
        File::create(&long).unwrap().set_len(BYTES_MAX + 1).unwrap();
        let said = Lock::read(&long).unwrap_err().to_string();
        assert!(said.contains("more than"), "{said}");
    }
}
