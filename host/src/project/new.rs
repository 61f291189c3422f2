//! Making a new plugin: a folder that builds and passes its own tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::carry::unusable;
use super::config::{CARGO_TOML, senseless};
use super::{Language, ProjectError, template, workspace};
use crate::names::PluginName;

/// The crate that plugins in Rust are written with.
const SDK: &str = "portcullis-plugin";

/// What a new plugin offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tools: one that answers in words, one with structured content that can say no.
    Tool,
    /// A resource, and a template of them.
    Resource,
    /// A prompt, with completion.
    Prompt,
    /// All of these, with a setting, progress and log lines.
    Full,
}

impl Kind {
    /// Whether it has URIs of its own, which begin with its name.
    pub fn has_resources(self) -> bool {
        matches!(self, Self::Resource | Self::Full)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Full => "full",
        }
    }
}

/// A plugin to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// What it is called.
    pub name: PluginName,
    /// What it is written in.
    pub language: Language,
    /// What it offers.
    pub kind: Kind,
    /// The folder to make.
    pub dir: PathBuf,
    /// Who makes it, for the license.
    pub author: String,
    /// The SDK's folder, for Rust, where it does not come from crates.io.
    pub sdk: Option<PathBuf>,
}

impl NewProject {
    /// Makes the folder with all its files, or nothing. Returns the files by their paths in it.
    ///
    /// # Errors
    /// When something is there already, or the place cannot be written to.
    pub fn make(&self) -> Result<Vec<PathBuf>, ProjectError> {
        refuse_what_is_there(&self.dir)?;
        // Also for a name such as `.`, which has no parent as it is written.
        let dir = std::path::absolute(&self.dir).map_err(|error| unusable(&self.dir, error))?;
        let parent = dir.parent().unwrap_or(&dir);
        if !parent.is_dir() {
            return Err(ProjectError::File {
                path: parent.to_owned(),
                error: io::ErrorKind::NotFound.into(),
                hint: "make the folder around the new one first",
            });
        }
        let files = self.files();
        self.put(parent, &dir, &files)
            .map_err(|error| unusable(&self.dir, error))?;
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }

    /// Writes the files beside their place, and then moves them there at once.
    fn put(&self, parent: &Path, dir: &Path, files: &[(PathBuf, String)]) -> io::Result<()> {
        let beside = tempfile::Builder::new()
            .prefix(".portcullis-new-")
            .tempdir_in(parent)?;
        // The temporary folder is its owner's alone; the one in it is like any other.
        let whole = beside.path().join("whole");
        for (path, text) in files {
            let path = whole.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&whole))?;
            fs::write(path, text)?;
        }
        // An empty folder gives way.
        fs::rename(whole, dir)
    }

    /// The files by their paths in the folder.
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        let folder = match self.language {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::JavaScript => "javascript",
        };
        let is_alone = workspace::above(&self.dir).is_some();
        let is_on = |word: &str| {
            word == self.kind.word() || word == folder || (word == "alone" && is_alone)
        };
        let mut files = template::files(&["common", folder], &is_on, &self.values());
        if self.sdk.is_none() {
            files.retain(|(path, _)| !path.starts_with(".cargo"));
        }
        files
    }

    /// What stands for the words in a template.
    fn values(&self) -> Vec<(&'static str, String)> {
        let name = self.name.as_str();
        let title = title(name);
        let description = match self.kind {
            Kind::Tool => "Greets people and counts words",
            Kind::Resource => "Greetings in several languages",
            Kind::Prompt => "Helps to welcome people",
            Kind::Full => "Greets people in several languages and counts words",
        };
        let source = match self.language {
            Language::Rust => "src/lib.rs",
            Language::Python => "plugin.py",
            Language::JavaScript => "plugin.js",
        };
        // About ten times what the call needs; an interpreter needs more of it.
        let fuel = match self.language {
            Language::Rust => "1_000_000",
            Language::Python | Language::JavaScript => "100_000_000",
        };
        let author: String = self.author.chars().filter(|c| !c.is_control()).collect();
        let sdk = self.sdk.as_deref().unwrap_or(Path::new(""));
        vec![
            ("name", name.to_owned()),
            ("module", name.replace('-', "_")),
            ("title", title),
            ("description", description.to_owned()),
            ("source", source.to_owned()),
            ("fuel", fuel.to_owned()),
            ("year", year(SystemTime::now()).to_string()),
            (
                "author_json",
                serde_json::Value::from(author.as_str()).to_string(),
            ),
            ("author", author),
            (
                "sdk_toml",
                toml::Value::from(sdk.to_string_lossy().into_owned()).to_string(),
            ),
        ]
    }
}

/// Whether `name` can be a crate's: it would be a word of the language, or hide a crate that comes with it.
pub fn is_a_crate_name(name: &PluginName) -> bool {
    const TAKEN: [&str; 44] = [
        "abstract",
        "alloc",
        "as",
        "async",
        "await",
        "become",
        "box",
        "break",
        "const",
        "continue",
        "core",
        "crate",
        "do",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "final",
        "fn",
        "for",
        "gen",
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "macro",
        "match",
        "mod",
        "move",
        "mut",
        "override",
        "priv",
        "proc-macro",
        "pub",
        "ref",
        "return",
        "self",
        "std",
        "super",
        "test",
        "trait",
        "true",
    ];
    const MORE: [&str; 12] = [
        "static", "struct", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
        "where", "while", "yield",
    ];
    !TAKEN.contains(&name.as_str()) && !MORE.contains(&name.as_str()) && name.as_str() != SDK
}

/// Sees that `path` is the folder of the SDK.
///
/// # Errors
/// When it is another one, or none.
pub fn sdk_at(path: &Path) -> Result<PathBuf, ProjectError> {
    let manifest = path.join(CARGO_TOML);
    let text = super::config::read(&manifest)?.unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let name = table.get("package").and_then(|package| package.get("name"));
    match name.and_then(toml::Value::as_str) {
        Some(SDK) => path.canonicalize().map_err(|error| unusable(path, error)),
        _ => Err(senseless(
            path,
            "is not the SDK",
            "name the folder `plugin-sdk` of a checkout of Portcullis",
        )),
    }
}

/// The SDK of the checkout that this program was built from, while it is there.
pub fn sdk_of_this_build() -> Option<PathBuf> {
    sdk_at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-sdk")).ok()
}

/// An empty folder gives way; anything else stays.
fn refuse_what_is_there(dir: &Path) -> Result<(), ProjectError> {
    let metadata = match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(|error| unusable(dir, error))?,
    };
    let is_empty = metadata.is_dir()
        && fs::read_dir(dir)
            .map_err(|error| unusable(dir, error))?
            .next()
            .is_none();
    match is_empty {
        true => Ok(()),
        false => Err(ProjectError::Taken(dir.to_owned())),
    }
}

/// `web-search` as people write it.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => words,
    }
}

/// The year of the Gregorian calendar, in UTC.
fn year(now: SystemTime) -> u64 {
    const DAY: u64 = 24 * 60 * 60;
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut days = since.as_secs() / DAY;
    let mut year = 1970;
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = if is_leap { 366 } else { 365 };
        if days < length {
            return year;
        }
        days -= length;
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_year_ends_with_its_last_second() {
        let check = |seconds: u64, expected: u64| {
            assert_eq!(year(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, 1970);
        check(951_782_399, 2000);
        check(1_798_761_599, 2026);
        check(1_798_761_600, 2027);
        check(4_102_444_799, 2099);
    }

    #[test]
    fn a_title_is_what_people_write() {
        assert_eq!(title("web-search"), "Web search");
        assert_eq!(title("a"), "A");
    }

    #[test]
    fn words_of_the_language_are_no_crates() {
        let check = |name: &str, expected: bool| {
            assert_eq!(is_a_crate_name(&name.parse().unwrap()), expected, "{name}");
        };
        check("greeter", true);
        check("web-search", true);
        check("match", false);
        check("test", false);
        check("proc-macro", false);
        check("portcullis-plugin", false);
    }
}
