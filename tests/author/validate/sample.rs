//! Plugins to validate: one with nothing wrong, and whatever a test makes of it.

use std::path::{Path, PathBuf};

use portcullis::config::Config;
use portcullis::host::Premises;
use portcullis::validate::{Settings, Validated, validate};
use portcullis_fixtures::guest;
use serde_json::{Value, json};

use crate::support::host::engine;

/// A folder with a component and its manifest.
pub struct Sample {
    dir: tempfile::TempDir,
    manifest: Value,
}

impl Sample {
    /// A plugin with nothing wrong.
    pub fn good() -> Self {
        Self::of(guest("noop"))
    }

    /// The same of another component.
    pub fn of(component: &[u8]) -> Self {
        let sample = Self {
            dir: tempfile::tempdir().expect("a temporary directory"),
            manifest: json!({
                "name": "sample",
                "version": "1.0.0",
                "title": "Sample",
                "description": "Does nothing, and does it well.",
                "license": "MIT",
                "authors": ["Ada"],
                "links": {"repository": "https://example.com/sample"},
            }),
        };
        sample
            .with("sample.wasm", component)
            .with_manifest(json!({}))
    }

    /// With other values in its manifest; null takes a key out.
    pub fn with_manifest(mut self, keys: Value) -> Self {
        for (key, value) in keys.as_object().expect("keys with values") {
            match value {
                Value::Null => {
                    let object = self.manifest.as_object_mut().expect("a manifest");
                    object.shift_remove(key);
                }
                value => self.manifest[key] = value.clone(),
            }
        }
        let text = format!("{:#}", self.manifest);
        self.with("plugin.json", text.as_bytes())
    }

    /// With one more file, or another in its place.
    pub fn with(self, name: &str, contents: &[u8]) -> Self {
        let path = self.path().join(name);
        let folder = path.parent().expect("it lies in the folder");
        std::fs::create_dir_all(folder).expect("folders can be made");
        std::fs::write(path, contents).expect("files can be written");
        self
    }

    /// Without a file.
    pub fn without(self, name: &str) -> Self {
        std::fs::remove_file(self.path().join(name)).expect("it is there");
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Validates it.
    pub async fn validate(&self, config: &Config) -> Validated {
        validate(&engine().into(), self.path(), &settings(config)).await
    }

    /// The ids of what is found, on these premises.
    pub async fn found_on(&self, premises: &Premises, config: &Config) -> Vec<&'static str> {
        let validated = validate(premises, self.path(), &settings(config)).await;
        ids(&validated)
    }
}

/// The ids of what was found.
pub fn ids(validated: &Validated) -> Vec<&'static str> {
    let findings = validated.report.findings.iter();
    findings.map(|finding| finding.code.id).collect()
}

/// Settings with this configuration.
pub fn settings(config: &Config) -> Settings {
    Settings {
        config: config.clone(),
        ..Settings::default()
    }
}
