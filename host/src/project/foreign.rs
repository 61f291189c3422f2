//! Folders below a plugin's own that hold no source: what builds make, and what tools install.

use std::path::Path;

/// Folders of builds, right below the plugin's own. Deeper ones are as good as any other name: a module may be called
/// `build`.
const OF_BUILDS: [&str; 4] = ["target", "build", "dist", "venv"];

/// Folders of tools, which are called so wherever they lie.
const OF_TOOLS: [&str; 2] = ["node_modules", "__pycache__"];

/// Files by which a folder says that it is no source: an environment of Python, and what can be made again, such as a
/// folder of builds that is called otherwise.
const MARKS: [&str; 2] = ["pyvenv.cfg", "CACHEDIR.TAG"];

/// Whether the folder `below` the plugin's own, in `dir`, is somebody else's. What it holds changes with every build, and
/// comes from the sources.
pub fn is_foreign(dir: &Path, below: &Path) -> bool {
    let name = below.file_name().unwrap_or_default().to_string_lossy();
    let is_top = below.components().count() == 1;
    name.starts_with('.')
        || OF_TOOLS.contains(&&*name)
        || (is_top && OF_BUILDS.contains(&&*name))
        || MARKS
            .iter()
            .any(|mark| dir.join(below).join(mark).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::carry::put;

    #[test]
    fn a_folder_of_builds_is_one_by_its_place_or_by_what_it_says_of_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in [
            "out/CACHEDIR.TAG",
            "a/mine/pyvenv.cfg",
            "a/out/CACHEDIR.TAG",
        ] {
            put(&dir.path().join(name), b"").expect("a file");
        }
        let check = |below: &str, expected: bool| {
            assert_eq!(
                is_foreign(dir.path(), Path::new(below)),
                expected,
                "{below}"
            );
        };
        for name in ["target", "build", "dist", "venv"] {
            check(name, true);
            check(&format!("src/{name}"), false);
        }
        for name in ["node_modules", "__pycache__", ".git"] {
            check(name, true);
            check(&format!("src/{name}"), true);
        }
        for name in ["out", "a/mine", "a/out"] {
            check(name, true);
        }
        check("a", false);
        check("src", false);
    }
}
