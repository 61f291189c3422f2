//! Which cargo workspace a folder belongs to, read off the manifests as cargo does: its lock file is not there before the first
//! build.

use std::path::{Path, PathBuf};

use super::config::{self, CARGO_TOML};

/// The root of the workspace that the package in `dir` belongs to, which is `dir` itself for one that stands alone.
pub fn root_of(dir: &Path) -> PathBuf {
    let own = manifest(dir);
    if own.as_ref().is_some_and(|it| it.contains_key("workspace")) {
        return dir.to_owned();
    }
    // A package may name the root, which then need not be above it.
    let named = own
        .as_ref()
        .and_then(|it| it.get("package")?.get("workspace"));
    if let Some(named) = named.and_then(toml::Value::as_str) {
        let root = dir.join(named);
        return root.canonicalize().unwrap_or(root);
    }
    above(dir).unwrap_or_else(|| dir.to_owned())
}

/// The nearest workspace above `dir`, which a package there belongs to. There need be nothing at `dir` yet.
pub fn above(dir: &Path) -> Option<PathBuf> {
    let dir = dir
        .canonicalize()
        .or_else(|_| std::path::absolute(dir))
        .ok()?;
    let mut above = dir.ancestors().skip(1);
    above.find(|root| takes_in(root, &dir)).map(Path::to_owned)
}

/// Whether `root` is a workspace that does not exclude `dir`.
fn takes_in(root: &Path, dir: &Path) -> bool {
    let Some(manifest) = manifest(root) else {
        return false;
    };
    let Some(workspace) = manifest.get("workspace") else {
        return false;
    };
    let excluded = workspace.get("exclude").and_then(toml::Value::as_array);
    let mut excluded = excluded
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    !excluded.any(|below| dir.starts_with(root.join(below)))
}

fn manifest(dir: &Path) -> Option<toml::Table> {
    let text = config::read(&dir.join(CARGO_TOML)).ok().flatten()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::carry::put;

    #[test]
    fn a_package_belongs_to_the_workspace_that_cargo_says_before_there_is_a_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| {
            put(&root.join(name).join(CARGO_TOML), text.as_bytes()).unwrap();
        };
        let check = |name: &str, expected: &str| {
            let expected = root.join(expected).components().collect::<PathBuf>();
            assert_eq!(root_of(&root.join(name)), expected, "{name}");
        };
        write("all/a", "[package]\nname = \"a\"");
        check("all/a", "all/a");
        write("all", "[workspace]\nmembers = [\"a\"]\nexclude = [\"out\"]");
        write("all/a/deep", "[package]\nname = \"deep\"");
        write("all/out/b", "[package]\nname = \"b\"");
        write("all/own", "[package]\nname = \"own\"\n[workspace]");
        write(
            "elsewhere",
            "[package]\nname = \"c\"\nworkspace = \"../all\"",
        );
        check("all", "all");
        check("all/a", "all");
        // The package around it is no workspace, so cargo looks further up.
        check("all/a/deep", "all");
        check("all/out/b", "all/out/b");
        check("all/own", "all/own");
        check("elsewhere", "all");
        // A lock file of somebody else's changes nothing.
        put(&root.join("Cargo.lock"), b"").unwrap();
        check("all/own", "all/own");
        assert_eq!(
            above(&root.join("all/not-there-yet")),
            Some(root.join("all"))
        );
        assert_eq!(above(&root.join("all/out/not-there-yet")), None);
    }
}
