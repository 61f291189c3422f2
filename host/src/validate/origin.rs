//! The file of a plugin's source that stands for what was built of it.
//!
//! Nobody reviews the component of a build, and no repository has it. What is found in it is shown where whoever wrote it can
//! mend it.

use std::path::{Path, PathBuf};

use super::{Place, manifests};
use crate::manifest;

/// The files that describe a plugin in its source, the one that says most of it first.
const FILES: [&str; 4] = [
    "plugin.json",
    "Cargo.toml",
    "pyproject.toml",
    "package.json",
];

/// The file of a plugin's source that stands for what was built of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    path: PathBuf,
    /// What a manifest says, to find keys in it.
    text: String,
}

impl Origin {
    /// The file in a folder with source; none where no such file is.
    pub fn in_folder(folder: &Path) -> Option<Self> {
        let mut paths = FILES.iter().map(|file| folder.join(file));
        let path = paths.find(|path| path.is_file())?;
        let text = match manifests::is_one(&path) {
            true => manifest::read_text(&path).unwrap_or_default(),
            false => String::new(),
        };
        // A folder is mostly named as `.`, which is no part of what a file is called.
        let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
        Some(Self { path, text })
    }

    /// The file and the line for what stands somewhere in the component.
    pub(super) fn line(&self, place: &Place) -> (&Path, u32) {
        let within = place.within.as_deref().unwrap_or_default();
        let key = within.strip_prefix("key `");
        let key = key.and_then(|rest| rest.strip_suffix('`'));
        let line = key.and_then(|key| manifest::line_of(&self.text, key));
        (&self.path, line.unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_file_that_says_most_stands_for_the_rest_and_a_key_has_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let place = |within: &str| Place {
            file: PathBuf::from("a.wasm"),
            line: None,
            within: Some(within.to_owned()),
        };
        assert_eq!(Origin::in_folder(folder), None);
        let check = |within: &str, file: &str, line: u32| {
            let origin = Origin::in_folder(folder).expect("there is a file");
            assert_eq!(origin.line(&place(within)), (&*folder.join(file), line));
        };
        fs::write(folder.join("package.json"), "{}").expect("it can be written");
        check("tool `a`", "package.json", 1);
        fs::write(folder.join("Cargo.toml"), "").expect("it can be written");
        check("key `limits.fuel`", "Cargo.toml", 1);
        let text = "{\n  \"name\": \"a\",\n  \"limits\": {\n    \"fuel\": 1\n  }\n}\n";
        fs::write(folder.join("plugin.json"), text).expect("it can be written");
        check("tool `a`", "plugin.json", 1);
        check("key `limits.fuel`", "plugin.json", 4);
    }
}
