//! Keeping the author's folders out of a component: a compiler writes into it where each panic was in the source.

mod rustflags;

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::config::{self, CARGO_TOML};
use super::rust::TARGET;
use super::workspace;
use rustflags::Own;

/// Where cargo's flags are separated from each other in one variable.
const SEPARATOR: &str = "\x1f";

/// Makes the compiler write other paths than those of this computer. So two authors get the same bytes, too.
pub fn leave_out_paths(command: &mut Command, dir: &Path) {
    let flags: Vec<_> = remapped(dir)
        .into_iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from.to_str()?)))
        .collect();
    match rustflags::own(dir) {
        // Flags in the environment win over all others, so they are put together there.
        Own::Words(words) => {
            let all = [words, flags].concat().join(SEPARATOR);
            command.env("CARGO_ENCODED_RUSTFLAGS", all);
        }
        Own::Left => {
            let flags = toml::Value::from(flags);
            command.args(["--config", &format!("target.{TARGET}.rustflags={flags}")]);
        }
    }
}

/// Folders and what stands for them. Where one is in another, the later counts.
///
/// They are the same for all plugins of one workspace: cargo builds what they share anew for each set of flags.
fn remapped(dir: &Path) -> Vec<(PathBuf, String)> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(home.as_ref()?.join(".cargo")));
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    // The compiler is told of a workspace's packages by their whole paths.
    let workspace = workspace::root_of(&dir);
    let mut all = Vec::new();
    all.extend(home.map(|home| (home, "home".to_owned())));
    all.extend(cargo.map(|cargo| (cargo, "cargo".to_owned())));
    for (name, folder) in path_dependencies(&dir) {
        if !folder.starts_with(&workspace) {
            all.push((folder, name));
        }
    }
    all.push((workspace, ".".to_owned()));
    all.retain(|(folder, _)| folder.is_absolute() && folder.parent().is_some());
    all
}

/// The dependencies that lie on this computer, as `Cargo.toml` and a patch in `.cargo/config.toml` name them.
fn path_dependencies(dir: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for file in [CARGO_TOML, ".cargo/config.toml"] {
        let text = config::read(&dir.join(file)).ok().flatten();
        let table = text.and_then(|text| text.parse::<toml::Table>().ok());
        for (section, value) in table.into_iter().flatten() {
            if section == "dependencies" {
                append(&value, dir, &mut found);
            } else if section == "patch" {
                for (_, registry) in value.as_table().into_iter().flatten() {
                    append(registry, dir, &mut found);
                }
            }
        }
    }
    found
}

fn append(dependencies: &toml::Value, dir: &Path, found: &mut Vec<(String, PathBuf)>) {
    for (name, dependency) in dependencies.as_table().into_iter().flatten() {
        let path = dependency.get("path").and_then(toml::Value::as_str);
        if let Some(folder) = path.and_then(|path| dir.join(path).canonicalize().ok()) {
            found.push((name.clone(), folder));
        }
    }
}
