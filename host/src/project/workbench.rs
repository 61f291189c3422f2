//! Where a plugin in an interpreted language is built: `target/portcullis` in its folder, with the tools, the contract and
//! the component.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::carry::{PLUGIN_JSON, put, unusable, with_own_files};
use super::config::{Recipe, senseless};
use super::contract::{contract_files, write_contract};
use super::{Built, ProjectError, carry};
use crate::names::Digest;

/// The folder of a build, which one build uses at a time.
pub struct Workbench {
    /// The plugin's folder as it was named.
    named: PathBuf,
    project: PathBuf,
    dir: PathBuf,
    /// Locked until the workbench is dropped.
    _lock: File,
}

impl Workbench {
    /// Waits until no other build uses the folder, and says so.
    pub async fn open(project: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<Self, ProjectError> {
        let named = project.to_owned();
        // What is compiled is told the whole path, wherever its compiler runs.
        let project = project
            .canonicalize()
            .map_err(|error| unusable(project, error))?;
        let dir = project.join("target").join("portcullis");
        let open = || -> io::Result<File> {
            fs::create_dir_all(&dir)?;
            // As cargo does with its own: neither backups nor version control want what can be made again.
            fs::write(dir.join(".gitignore"), "*\n")?;
            File::create(dir.join("lock"))
        };
        let lock = open().map_err(|error| unusable(&dir, error))?;
        let lock = match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::Error(error)) => Err(error),
            Err(TryLockError::WouldBlock) => {
                tell("waiting for another build of this plugin");
                let wait = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock));
                wait.await.map_err(io::Error::other).flatten()
            }
        };
        let lock = lock.map_err(|error| unusable(&dir, error))?;
        Ok(Self {
            named,
            project,
            dir,
            _lock: lock,
        })
    }

    /// A place in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The plugin's own folder, as a whole path.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Whether what is called `name` was made of exactly what `stamp` stands for.
    pub fn is_current(&self, name: &str, stamp: Digest) -> bool {
        let kept = fs::read_to_string(self.stamp(name)).unwrap_or_default();
        kept.lines().next() == Some(stamp.to_string().as_str())
    }

    /// Remembers what `name` was made of, which `is_current` says from now on.
    pub fn mark(&self, name: &str, stamp: Digest) -> Result<(), ProjectError> {
        put(&self.stamp(name), format!("{stamp}\n").as_bytes())
    }

    /// Forgets it, before what is called `name` is changed.
    pub fn unmark(&self, name: &str) -> Result<(), ProjectError> {
        let stamp = self.stamp(name);
        match fs::remove_file(&stamp) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&stamp, error)),
            _ => Ok(()),
        }
    }

    fn stamp(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.stamp"))
    }

    /// Lays out the world and the contract as its dependency, for a compiler to read.
    pub fn lay_out_wit(&self, recipe: &Recipe) -> Result<PathBuf, ProjectError> {
        let wit = self.path("wit");
        self.clear(&wit)?;
        let world = self.project.join(&recipe.world);
        let text = fs::read(&world).map_err(|error| no_world(&world, error))?;
        put(&wit.join("world.wit"), &text)?;
        write_contract(&wit)?;
        Ok(wit)
    }

    /// Removes a folder of the workbench.
    pub fn clear(&self, folder: &Path) -> Result<(), ProjectError> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(folder, error)),
            _ => Ok(()),
        }
    }

    /// Everything that makes a component what it is, in one digest: the sources, the world, the contract, the manifest, the
    /// skills, and what the tools are.
    pub fn stamp_of(
        &self,
        recipe: &Recipe,
        sources: &[(PathBuf, Vec<u8>)],
        tools: &[u8],
    ) -> Result<Digest, ProjectError> {
        let world = self.project.join(&recipe.world);
        let world = fs::read(&world).map_err(|error| no_world(&world, error))?;
        let mut all = Vec::new();
        let mut add = |bytes: &[u8]| {
            all.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            all.extend_from_slice(bytes);
        };
        for part in [recipe.module.as_bytes(), &world, tools] {
            add(part);
        }
        for (path, bytes) in sources {
            add(path.as_os_str().as_encoded_bytes());
            add(bytes);
        }
        for (path, bytes) in contract_files() {
            add(path.as_os_str().as_encoded_bytes());
            add(bytes);
        }
        // As sections of the smallest component, so that whatever is carried counts.
        add(&with_own_files(&self.project, b"\0asm\x0d\0\x01\0")?);
        Ok(Digest::of(&all))
    }

    /// The component, when it was made of what `stamp` stands for.
    pub fn built(&self, stamp: Digest) -> Option<Built> {
        let kept = fs::read_to_string(self.stamp("component")).ok()?;
        let (made_of, name) = kept.trim_end().split_once('\n')?;
        let component = self.dir.join(name);
        let is_it = made_of == stamp.to_string() && component.is_file();
        is_it.then(|| self.is_built(component))
    }

    /// Puts a component that was just made in its place, with the manifest and the skills in it.
    pub fn finish(
        &self,
        made: &Path,
        recipe: &Recipe,
        stamp: Digest,
    ) -> Result<Built, ProjectError> {
        let bytes = fs::read(made).map_err(|error| unusable(made, error))?;
        let whole = with_own_files(&self.project, &bytes)?;
        let name = format!("{}.wasm", self.name(recipe)?);
        let component = self.dir.join(&name);
        self.remove_other_than(&name);
        put(&component, &whole)?;
        put(
            &self.stamp("component"),
            format!("{stamp}\n{name}\n").as_bytes(),
        )?;
        Ok(self.is_built(component))
    }

    fn is_built(&self, component: PathBuf) -> Built {
        Built {
            component,
            folder: self.named.clone(),
        }
    }

    /// What an earlier build made under another name, and only that: two components in one folder are no plugin.
    fn remove_other_than(&self, name: &str) {
        let kept = fs::read_to_string(self.stamp("component")).unwrap_or_default();
        if let Some(old) = kept.lines().nth(1).filter(|old| *old != name) {
            let is_a_name = old.ends_with(".wasm") && !old.contains('/');
            if is_a_name {
                let _ = fs::remove_file(self.dir.join(old));
            }
        }
    }

    /// The plugin's name in its manifest, or else the module's.
    fn name(&self, recipe: &Recipe) -> Result<String, ProjectError> {
        let path = self.project.join(PLUGIN_JSON);
        let Some(bytes) = carry::manifest(&self.project)? else {
            let stem = Path::new(&recipe.module).file_stem().unwrap_or_default();
            return Ok(stem.to_string_lossy().into_owned());
        };
        let manifest: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| {
            senseless(&path, format!("is not JSON: {error}"), "correct it there")
        })?;
        let name = manifest.get("name").and_then(serde_json::Value::as_str);
        let name = name.and_then(|name| name.parse::<crate::names::PluginName>().ok());
        name.map(|name| name.to_string()).ok_or_else(|| {
            senseless(
                &path,
                "has no `name` that a plugin can have",
                "use lower-case letters, digits and hyphens, such as `web-search`",
            )
        })
    }

    /// A place for a component that is not whole yet. It is removed when it is dropped.
    pub fn unfinished(&self) -> Result<tempfile::TempPath, ProjectError> {
        let file = tempfile::Builder::new()
            .prefix(".unfinished")
            .tempfile_in(&self.dir)
            .map_err(|error| unusable(&self.dir, error))?;
        Ok(file.into_temp_path())
    }
}

fn no_world(path: &Path, error: io::Error) -> ProjectError {
    match error.kind() {
        io::ErrorKind::NotFound => senseless(
            path,
            "is missing",
            "it holds the plugin's world; docs/languages.md shows one",
        ),
        _ => unusable(path, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"name": "first", "version": "1.0.0"}"#;

    fn recipe() -> Recipe {
        Recipe {
            module: "plugin".to_owned(),
            world: "world.wit".to_owned(),
        }
    }

    fn write(folder: &Path, name: &str, text: &str) {
        put(&folder.join(name), text.as_bytes()).unwrap();
    }

    #[tokio::test]
    async fn a_component_is_made_again_when_something_in_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "world.wit", "package a:b;");
        write(folder.path(), "plugin.json", JSON);
        write(folder.path(), "made", "\0asm\x0d\0\x01\0");
        let bench = Workbench::open(folder.path(), &|_| {}).await.unwrap();
        let sources = |text: &str| vec![(PathBuf::from("plugin.py"), text.as_bytes().to_vec())];
        let stamp = |text: &str, tools: &[u8]| bench.stamp_of(&recipe(), &sources(text), tools);
        let first = stamp("one", b"t").unwrap();
        assert_eq!(bench.built(first), None);
        let made = folder.path().join("made");
        let built = bench.finish(&made, &recipe(), first).unwrap();
        assert_eq!(bench.built(first).as_ref(), Some(&built));
        assert!(built.component.ends_with("target/portcullis/first.wasm"));

        assert_ne!(stamp("two", b"t").unwrap(), first);
        assert_ne!(stamp("one", b"u").unwrap(), first);
        assert_eq!(stamp("one", b"t").unwrap(), first);
        write(
            folder.path(),
            "plugin.json",
            &JSON.replace("first", "second"),
        );
        let second = stamp("one", b"t").unwrap();
        assert_ne!(second, first);
        // The component with the old name goes when the new one comes.
        let again = bench.finish(&made, &recipe(), second).unwrap();
        assert!(again.component.ends_with("second.wasm") && again.component.is_file());
        assert!(!built.component.exists());
    }

    #[tokio::test]
    async fn one_build_at_a_time_uses_a_folder_and_the_next_says_that_it_waits() {
        let folder = tempfile::tempdir().unwrap();
        let silent = |line: &str| panic!("{line}");
        let first = Workbench::open(folder.path(), &silent).await.unwrap();
        let (told, mut said) = tokio::sync::mpsc::unbounded_channel();
        let second = tokio::spawn({
            let folder = folder.path().to_owned();
            async move {
                let tell = |line: &str| told.send(line.to_owned()).unwrap();
                Workbench::open(&folder, &tell).await.map(|_| ())
            }
        });
        let said = said.recv().await.unwrap();
        assert!(said.contains("another build"), "{said}");
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap().unwrap();
    }
}
