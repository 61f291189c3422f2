//! Where the configuration is.

use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::{Config, ConfigError, ConfigProblem};

/// What the file is called, wherever it lies.
const FILE: &str = "portcullis.toml";

impl Config {
    /// Reads the configuration: the file named on the command line, or else `portcullis.toml` in the current folder, or
    /// else in the platform's configuration folder. Without any of them, the default.
    ///
    /// # Errors
    /// When the file named is not there, or the one found cannot be used. There is no falling back from a broken file:
    /// it may have lowered a limit.
    pub fn find(explicit: Option<&Path>, current: &Path) -> Result<Self, ConfigError> {
        let platform = etcetera::choose_base_strategy().ok();
        let platform = platform.map(|platform| platform.config_dir().join("portcullis"));
        find_in(explicit, current, platform.as_deref())
    }
}

fn find_in(
    explicit: Option<&Path>,
    current: &Path,
    platform: Option<&Path>,
) -> Result<Config, ConfigError> {
    let path = match explicit {
        Some(explicit) => Some(current.join(explicit)),
        None => [Some(current), platform]
            .into_iter()
            .flatten()
            .map(|folder| folder.join(FILE))
            .find(|path| is_there(path)),
    };
    path.map_or_else(|| Ok(Config::default()), read)
}

/// Whether there is something of this name. What is there and cannot be read is not passed over.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn read(path: PathBuf) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(&path).map_err(|error| ConfigError {
        place: path.display().to_string(),
        problem: ConfigProblem::Unreadable(error.to_string()),
    })?;
    Config::parse(&text, &path)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            fs::write(folder.path().join(file), "[plugins.a]\npath = \"a.wasm\"").unwrap();
        }
        folder
    }

    #[test]
    fn the_nearest_configuration_is_the_one() {
        let (full, empty) = (folder(&[FILE, "other.toml"]), folder(&[]));
        let (full, empty) = (full.path(), empty.path());
        let check = |explicit: Option<&str>,
                     current: &Path,
                     platform: Option<&Path>,
                     expected: Option<PathBuf>| {
            let config = find_in(explicit.map(Path::new), current, platform).unwrap();
            assert_eq!(config.origin, expected);
        };
        check(
            Some("other.toml"),
            full,
            Some(empty),
            Some(full.join("other.toml")),
        );
        check(None, full, None, Some(full.join(FILE)));
        check(None, empty, Some(full), Some(full.join(FILE)));
        check(None, empty, Some(empty), None);
        check(None, empty, None, None);
    }

    #[test]
    fn paths_are_relative_to_the_file_and_not_to_the_current_folder() {
        let (full, empty) = (folder(&[FILE]), folder(&[]));
        let config = find_in(Some(&full.path().join(FILE)), empty.path(), None).unwrap();
        assert_eq!(config.plugins[0].1.path, Some(full.path().join("a.wasm")));
    }

    #[test]
    fn a_file_that_is_named_and_missing_or_found_and_broken_is_an_error() {
        let (full, empty) = (folder(&[FILE]), folder(&[]));
        let error = find_in(Some(Path::new("missing.toml")), full.path(), None).unwrap_err();
        assert!(
            matches!(error.problem, ConfigProblem::Unreadable(_)),
            "{error}"
        );
        fs::create_dir(empty.path().join(FILE)).unwrap();
        let error = find_in(None, empty.path(), Some(full.path())).unwrap_err();
        assert!(
            matches!(error.problem, ConfigProblem::Unreadable(_)),
            "{error}"
        );
    }
}
