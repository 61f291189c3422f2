//! The flags that the author gives the compiler: in the environment, or in cargo's configuration.
//!
//! Of its four places cargo takes the first that has any: `CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, those of the target, those
//! of each build. Whoever adds to one hides the ones behind it, so what counts has to be known first.

use std::path::{Path, PathBuf};

use crate::project::config;
use crate::project::rust::TARGET;

/// The author's flags.
#[derive(Debug, PartialEq, Eq)]
pub enum Own {
    /// These. What is added has to be added to them.
    Words(Vec<String>),
    /// None, or those of targets by their properties, which only cargo can tell: it puts together what it finds for a target.
    Left,
}

/// What a condition such as `cfg(unix)` has to hold to be true of the target.
const TRUE_OF_THE_TARGET: [&str; 6] = [
    "wasm",
    "wasi",
    "target_endian",
    "target_pointer_width",
    "not(",
    "all()",
];

/// The flags for a build in `dir`.
pub fn own(dir: &Path) -> Own {
    own_of(&configurations(dir), &|name| std::env::var(name).ok())
}

/// As cargo finds them, the weakest configuration first.
fn own_of(files: &[toml::Table], variable: &dyn Fn(&str) -> Option<String>) -> Own {
    // Also an empty one counts.
    if let Some(encoded) = variable("CARGO_ENCODED_RUSTFLAGS") {
        let words = encoded.split('\x1f').filter(|word| !word.is_empty());
        return Own::Words(words.map(str::to_owned).collect());
    }
    if let Some(words) = variable("RUSTFLAGS") {
        return Own::Words(split(&words));
    }
    let sections = || {
        files
            .iter()
            .filter_map(|file| file.get("target")?.as_table())
    };
    let may_be_it = |(name, section): (&String, &toml::Value)| {
        let mut words = TRUE_OF_THE_TARGET.iter();
        name.starts_with("cfg(")
            && words.any(|word| name.contains(word))
            && section.get("rustflags").is_some()
    };
    if sections().flatten().any(may_be_it) {
        return Own::Left;
    }
    let of_target = sections().filter_map(|section| section.get(TARGET)?.get("rustflags"));
    let name = format!("CARGO_TARGET_{}_RUSTFLAGS", TARGET.to_uppercase());
    let words = together(of_target, variable(&name.replace('-', "_")));
    if !words.is_empty() {
        return Own::Words(words);
    }
    let of_build = files
        .iter()
        .filter_map(|file| file.get("build")?.get("rustflags"));
    match together(of_build, variable("CARGO_BUILD_RUSTFLAGS")) {
        words if words.is_empty() => Own::Left,
        words => Own::Words(words),
    }
}

/// The values of one key in all configurations, and the variable that stands for it.
fn together<'a>(
    values: impl Iterator<Item = &'a toml::Value>,
    variable: Option<String>,
) -> Vec<String> {
    let mut words = Vec::new();
    for value in values {
        match value {
            // Of two lists cargo makes one, and of two texts it takes the stronger.
            toml::Value::String(text) => words = split(text),
            toml::Value::Array(list) => {
                let list = list.iter().filter_map(toml::Value::as_str);
                words.extend(list.map(str::to_owned));
            }
            // What is wrong with it, cargo says.
            _ => {}
        }
    }
    words.extend(variable.iter().flat_map(|text| split(text)));
    words
}

fn split(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// Cargo's configurations for a build in `dir`, the weakest first: the user's own, and then from the top down.
fn configurations(dir: &Path) -> Vec<toml::Table> {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut folders: Vec<PathBuf> = dir.ancestors().map(|it| it.join(".cargo")).collect();
    // The user's own may lie above the plugin as well, and counts once.
    let is_above = |home: &PathBuf| folders.contains(home);
    folders.extend(home.filter(|home| !is_above(home)));
    let read = |folder: &PathBuf| {
        // The old name wins where both are there.
        let mut files = ["config", "config.toml"].into_iter();
        let text = files.find_map(|file| config::read(&folder.join(file)).ok().flatten())?;
        text.parse().ok()
    };
    folders.iter().rev().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::carry::put;

    fn words(words: &[&str]) -> Own {
        Own::Words(words.iter().map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn flags_are_found_where_cargo_finds_them_and_nowhere_behind() {
        let check = |files: &[&str], variables: &[(&str, &str)], expected: Own| {
            let files: Vec<_> = files.iter().map(|text| text.parse().unwrap()).collect();
            let variable = |name: &str| {
                let mut found = variables.iter().filter(|(found, _)| *found == name);
                found.next().map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(
                own_of(&files, &variable),
                expected,
                "{files:?} {variables:?}"
            );
        };
        let build = "[build]\nrustflags = [\"--cfg\", \"b\"]";
        let target = "[target.wasm32-wasip2]\nrustflags = [\"t\"]";
        let of_build = ("CARGO_BUILD_RUSTFLAGS", "e  f");
        let of_target = ("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "g");
        check(&[], &[], Own::Left);
        check(&[build], &[], words(&["--cfg", "b"]));
        check(&[build], &[of_build], words(&["--cfg", "b", "e", "f"]));
        check(
            &[build, "[build]\nrustflags = [\"c\"]"],
            &[],
            words(&["--cfg", "b", "c"]),
        );
        check(&["[build]\nrustflags = \"x y\""], &[], words(&["x", "y"]));
        check(&[build, target], &[of_build], words(&["t"]));
        check(&[build, target], &[of_target], words(&["t", "g"]));
        check(
            &[build, target],
            &[("RUSTFLAGS", "r s")],
            words(&["r", "s"]),
        );
        check(&[build], &[("RUSTFLAGS", "")], words(&[]));
        let encoded = ("CARGO_ENCODED_RUSTFLAGS", "a b\x1fc");
        check(
            &[build],
            &[encoded, ("RUSTFLAGS", "r")],
            words(&["a b", "c"]),
        );
        check(&[build], &[("CARGO_ENCODED_RUSTFLAGS", "")], words(&[]));
        // Those of another target are nobody's here.
        check(
            &[
                build,
                "[target.x86_64-unknown-linux-gnu]\nrustflags = [\"n\"]",
            ],
            &[],
            words(&["--cfg", "b"]),
        );
        let not_here = "[target.'cfg(any(unix, windows))']\nrustflags = [\"n\"]";
        check(&[build, not_here], &[], words(&["--cfg", "b"]));
        let cfg = "[target.'cfg(target_family = \"wasm\")']\nrustflags = [\"n\"]";
        check(&[build, cfg], &[], Own::Left);
        check(
            &[build, "[target.'cfg(unix)']\nrustflags = [\"n\"]"],
            &[],
            words(&["--cfg", "b"]),
        );
    }

    #[test]
    fn configurations_are_read_from_the_top_down() {
        let top = tempfile::tempdir().unwrap();
        let dir = top.path().join("a/b");
        let write = |name: &str, flag: &str| {
            let text = format!("[build]\nrustflags = [\"{flag}\"]");
            put(&top.path().join(name), text.as_bytes()).unwrap();
        };
        write(".cargo/config.toml", "top");
        write("a/.cargo/config", "old");
        write("a/.cargo/config.toml", "hidden by the old one");
        write("a/b/.cargo/config.toml", "own");
        let files = configurations(&dir);
        let flags = files
            .iter()
            .filter_map(|it| it.get("build")?.get("rustflags"));
        let flags = together(flags, None);
        assert!(
            flags.ends_with(&["top".to_owned(), "old".to_owned(), "own".to_owned()]),
            "{flags:?}"
        );
    }
}
