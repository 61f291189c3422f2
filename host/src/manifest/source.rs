//! A plugin as it lies on disk.
//!
//! A component is a file, or the only `.wasm` in a folder. Its manifest is embedded in it, or lies beside it: as
//! `<stem>.plugin.json`, or else as `plugin.json` when the folder has no other component that it could belong to.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::embedded::Embedded;
use super::skills::{self, SkillError};
use super::{Manifest, ManifestError, ManifestProblem, document};
use crate::contract::Skill;
use crate::limits::{COMPONENT_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::names::{Digest, Identity, NameError, PluginName};

/// A plugin's files, read once: what is compiled later is these bytes, whatever the file becomes.
///
/// Holding one proves that the bytes begin as a component does and that the manifest makes sense.
#[derive(Debug, Clone)]
pub struct Source {
    /// The component's file.
    pub path: PathBuf,
    /// The component.
    pub component: Vec<u8>,
    /// What the plugin says of itself.
    pub manifest: Manifest,
    /// The skills it ships.
    pub skills: Vec<Skill>,
    /// Its name and the digest of `component`.
    pub identity: Identity,
}

/// A plugin that cannot be read from disk.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No such file, or none that may be read.
    #[error("cannot read `{}`: {error} (hint: {hint})", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// A device, a pipe or a socket.
    #[error("`{}` is not a file (hint: name a component, or the folder with it)", .0.display())]
    NotAFile(PathBuf),
    /// Longer than the host takes.
    #[error("`{}` has more than the {allowed} bytes it may have (hint: strip debug information from it)", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Bytes.
        allowed: u64,
    },
    /// A folder without a component.
    #[error("folder `{}` has no `.wasm` in it (hint: name the component itself; `portcullis build` says where it is)", .0.display())]
    NoComponent(PathBuf),
    /// A folder with more than one.
    #[error("folder `{}` has several `.wasm` in it (hint: name one of them)", .0.display())]
    SeveralComponents(PathBuf),
    /// Something else than a component.
    #[error("`{}` is {what}, not a component (hint: {hint})", path.display())]
    NotAComponent {
        /// The path.
        path: PathBuf,
        /// What it seems to be.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A manifest that makes no sense.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Skills that cannot be given out.
    #[error(transparent)]
    Skill(#[from] SkillError),
    /// No manifest, and a file name from which no plugin name can be made.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Reads a plugin from a component's file, or from the folder with it.
///
/// # Errors
/// When the path leads to something else than one component, or its manifest makes no sense.
pub fn load(path: &Path) -> Result<Source, SourceError> {
    let path = if path.is_dir() {
        only_component(path)?
    } else {
        path.to_owned()
    };
    let component = read_component(&path)?;
    check_header(&path, &component)?;
    let embedded = Embedded::find(&component)?;
    let manifest = manifest(&path, embedded.manifest)?;
    let skills = skills(&path, embedded.skills)?;
    let identity = Identity {
        name: manifest.name.clone(),
        digest: Digest::of(&component),
    };
    Ok(Source {
        path,
        component,
        manifest,
        skills,
        identity,
    })
}

/// Reads a component again, for instance to compile it. It may have become something else: compare the digest.
///
/// # Errors
/// When the path no longer leads to a file of an allowed size.
pub fn read_component(path: &Path) -> Result<Vec<u8>, SourceError> {
    read_file(path, COMPONENT_BYTES_MAX)
}

/// Reads a manifest's text, to show where in it something is.
///
/// # Errors
/// When the path no longer leads to a file of an allowed size.
pub fn read_text(path: &Path) -> Result<String, SourceError> {
    let bytes = read_file(path, MANIFEST_BYTES_MAX as u64)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The folder of a component that is the plugin's own, since its `plugin.json` lies there and can belong to no other. What
/// else lies there, such as `skills` and a README, belongs to the plugin as well.
pub fn own_folder(component: &Path) -> Option<&Path> {
    let is_the_plugins =
        !component.with_extension("plugin.json").exists() && manifest_beside(component).is_some();
    is_the_plugins.then(|| folder_of(component))
}

/// The manifest of a component: the embedded one, the one beside it, or the least there can be.
fn manifest(path: &Path, inside: Option<&[u8]>) -> Result<Manifest, SourceError> {
    let shown = path.display().to_string();
    let at = |origin: &str| {
        let origin = origin.to_owned();
        move |problem| ManifestError::new(origin, problem)
    };
    let several = |origin: &str| {
        let origin = origin.to_owned();
        move |problems| ManifestError::several(origin, problems)
    };
    let inside = inside.map(document::read).transpose().map_err(at(&shown))?;
    let Some(beside) = manifest_beside(path) else {
        return match inside {
            Some(inside) => Ok(Manifest::read(&inside).map_err(several(&shown))?),
            None => Ok(Manifest::minimal(name_of_file(path)?)),
        };
    };
    let origin = beside.display().to_string();
    let outside =
        document::read(&read_file(&beside, MANIFEST_BYTES_MAX as u64)?).map_err(at(&origin))?;
    let manifest = Manifest::read(&outside).map_err(several(&origin))?;
    match inside.and_then(|inside| difference(&inside, &outside)) {
        Some(key) => Err(at(&origin)(ManifestProblem::Disagrees {
            key,
            component: shown,
        })
        .into()),
        None => Ok(manifest),
    }
}

/// The skills of a component: those inside it, or those in the folder `skills` beside its `plugin.json`.
///
/// Without a `plugin.json` the folder is not the plugin's own, and `skills` may be somebody else's.
fn skills(path: &Path, inside: Option<&[u8]>) -> Result<Vec<Skill>, SkillError> {
    let inside = inside.map(skills::packed).transpose()?;
    let folder = own_folder(path).map(|folder| folder.join("skills"));
    let folder = folder.filter(|folder| folder.is_dir());
    let outside = folder.map(|folder| skills::beside(&folder)).transpose()?;
    match (inside, outside) {
        (Some(inside), Some(outside)) if inside != outside => Err(SkillError::Disagrees(
            skills::first_difference(&inside, &outside),
        )),
        (inside, outside) => Ok(inside.or(outside).unwrap_or_default()),
    }
}

/// The file with the manifest of the component at `path`, when there is one.
pub fn manifest_beside(path: &Path) -> Option<PathBuf> {
    let own = path.with_extension("plugin.json");
    if own.exists() {
        return Some(own);
    }
    let folder = folder_of(path);
    let shared = folder.join("plugin.json");
    (shared.exists() && only_component(folder).is_ok()).then_some(shared)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn name_of_file(path: &Path) -> Result<PluginName, NameError> {
    PluginName::from_file_stem(&path.file_stem().unwrap_or_default().to_string_lossy())
}

/// The first key with another value, of the two manifests' own keys. Editors alone read `$schema`.
fn difference(inside: &Value, outside: &Value) -> Option<String> {
    let keys = [outside, inside]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|object| object.keys());
    keys.filter(|key| *key != "$schema")
        .find(|key| inside.get(key) != outside.get(key))
        .cloned()
}

/// The one `.wasm` in a folder.
fn only_component(folder: &Path) -> Result<PathBuf, SourceError> {
    let unreadable = |error| unreadable(folder, error);
    let mut only = None;
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
            && only.replace(path).is_some()
        {
            return Err(SourceError::SeveralComponents(folder.to_owned()));
        }
    }
    only.ok_or_else(|| SourceError::NoComponent(folder.to_owned()))
}

/// Reads a whole file, and no more of it than allowed: its length may change while it is read.
fn read_file(path: &Path, bytes_max: u64) -> Result<Vec<u8>, SourceError> {
    let unreadable = |error| unreadable(path, error);
    let file = open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(SourceError::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(SourceError::TooLarge {
            path: path.to_owned(),
            allowed: bytes_max,
        });
    }
    Ok(bytes)
}

/// Opens a file without waiting: a pipe that nobody writes to would hold up the host.
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

fn unreadable(path: &Path, error: io::Error) -> SourceError {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            "paths in portcullis.toml are relative to its folder, others to the current one"
        }
        io::ErrorKind::PermissionDenied => "the host's user must be allowed to read it",
        _ => "name a component, or the folder with it",
    };
    SourceError::Unreadable {
        path: path.to_owned(),
        error,
        hint,
    }
}

/// Tells a component from what is often taken for one. Whether it is a good one, the compiler says.
fn check_header(path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
    let refuse = |what, hint| {
        Err(SourceError::NotAComponent {
            path: path.to_owned(),
            what,
            hint,
        })
    };
    let text = bytes.trim_ascii_start();
    match bytes {
        // The version of the binary format, and the layer: 0 is a module, 1 a component.
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [b'\0', b'a', b's', b'm', _, _, 0, 0, ..] => {
            refuse("a core module", "build with --target wasm32-wasip2")
        }
        [] => refuse("empty", "build the plugin again"),
        [0x7f, b'E', b'L', b'F', ..] => refuse(
            "native or precompiled code",
            "name the `.wasm` it was made from; the host compiles by itself",
        ),
        _ if text.starts_with(b"(") || text.starts_with(b";;") => refuse(
            "WebAssembly text",
            "turn it into a component with `wasm-tools parse`",
        ),
        _ => refuse("not WebAssembly", "build with --target wasm32-wasip2"),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::manifest::embedded::tests::component;

    const WEATHER: &str = r#"{"name": "weather", "version": "1.0.0", "tags": ["a"]}"#;

    fn folder(files: &[(&str, &[u8])]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_manifest_is_found_where_it_can_belong_to_one_component_only() {
        let bare = component(None);
        let whole = component(Some(WEATHER));
        let check = |files: &[(&str, &[u8])], path: &str, name: &str| {
            let folder = folder(files);
            let source = load(&folder.path().join(path)).unwrap();
            assert_eq!(source.manifest.name.as_str(), name, "{path}");
            assert_eq!(source.identity.name, source.manifest.name);
            assert_eq!(source.identity.digest, Digest::of(&source.component));
            assert_eq!(source.path.extension().unwrap(), "wasm");
        };
        let json = WEATHER.as_bytes();
        check(&[("a.wasm", &bare)], "a.wasm", "a");
        check(&[("a.wasm", &bare)], "", "a");
        check(&[("a.wasm", &whole)], "a.wasm", "weather");
        check(
            &[("a.wasm", &bare), ("plugin.json", json)],
            "a.wasm",
            "weather",
        );
        check(&[("a.wasm", &bare), ("plugin.json", json)], "", "weather");
        check(&[("a.wasm", &whole), ("plugin.json", json)], "", "weather");
        check(
            &[("a.wasm", &bare), ("b.wasm", &bare), ("plugin.json", json)],
            "a.wasm",
            "a",
        );
        check(
            &[
                ("a.wasm", &bare),
                ("b.wasm", &bare),
                ("a.plugin.json", json),
            ],
            "a.wasm",
            "weather",
        );
        check(
            &[
                ("a.wasm", &bare),
                ("b.wasm", &bare),
                ("a.plugin.json", json),
            ],
            "b.wasm",
            "b",
        );
        check(
            &[
                ("a.wasm", &bare),
                ("a.plugin.json", json),
                ("plugin.json", b"broken"),
            ],
            "a.wasm",
            "weather",
        );
    }

    #[test]
    fn two_manifests_of_one_component_must_agree() {
        let whole = component(Some(WEATHER));
        let check = |beside: &str, disagrees_on: Option<&str>| {
            let folder = folder(&[("a.wasm", &whole), ("plugin.json", beside.as_bytes())]);
            let error = load(folder.path()).err().map(|error| error.to_string());
            assert_eq!(error.is_some(), disagrees_on.is_some(), "{error:?}");
            assert!(error.is_none_or(|error| error.contains(&format!(
                "key `{}` differs",
                disagrees_on.unwrap_or_default()
            ))));
        };
        check(
            r#"{"tags": ["a"], "version": "1.0.0", "name": "weather", "$schema": "x"}"#,
            None,
        );
        check(
            r#"{"name": "weather", "version": "1.0.1", "tags": ["a"]}"#,
            Some("version"),
        );
        check(r#"{"name": "weather", "version": "1.0.0"}"#, Some("tags"));
        check(
            r#"{"name": "weather", "version": "1.0.0", "tags": ["a"], "permissions": {"network": ["a.b"]}}"#,
            Some("permissions"),
        );
    }

    #[test]
    fn what_is_not_a_component_is_refused_by_its_first_bytes() {
        let check = |bytes: &[u8], expected: &str| {
            let folder = folder(&[("a.wasm", bytes)]);
            let error = load(folder.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(
            b"\0asm\x01\0\0\0",
            "is a core module, not a component (hint: build with --target wasm32-wasip2)",
        );
        check(b"\x7fELF\x02\x01", "is native or precompiled code");
        check(b"\n (component)", "is WebAssembly text");
        check(b";; text", "is WebAssembly text");
        check(b"", "is empty");
        check(b"\0asm", "is not WebAssembly");
        check(b"MZ\x90\0", "is not WebAssembly");
        check(b"\0asm\x0d\0\x02\0", "is not WebAssembly");
    }

    #[test]
    fn a_path_leads_to_exactly_one_readable_component() {
        let bare = component(None);
        let empty = folder(&[]);
        assert!(matches!(
            load(&empty.path().join("a.wasm")),
            Err(SourceError::Unreadable { .. })
        ));
        assert!(matches!(
            load(empty.path()),
            Err(SourceError::NoComponent(_))
        ));
        let two = folder(&[("a.wasm", &bare), ("b.wasm", &bare)]);
        assert!(matches!(
            load(two.path()),
            Err(SourceError::SeveralComponents(_))
        ));
        let nameless = folder(&[("1.wasm", &bare)]);
        assert!(matches!(load(nameless.path()), Err(SourceError::Name(_))));
        let inner = folder(&[]);
        fs::create_dir(inner.path().join("a.wasm")).unwrap();
        assert!(matches!(load(inner.path()), Err(SourceError::NotAFile(_))));
    }

    #[test]
    fn a_file_longer_than_allowed_is_not_read_to_its_end() {
        let folder = folder(&[("a.wasm", &component(None)), ("b.plugin.json", b"")]);
        let path = folder.path().join("a.wasm");
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(COMPONENT_BYTES_MAX + 1)
            .unwrap();
        assert!(matches!(
            load(&path),
            Err(SourceError::TooLarge {
                allowed: COMPONENT_BYTES_MAX,
                ..
            })
        ));
        fs::write(&path, component(None)).unwrap();
        fs::write(
            folder.path().join("a.plugin.json"),
            vec![b' '; MANIFEST_BYTES_MAX + 1],
        )
        .unwrap();
        assert!(matches!(load(&path), Err(SourceError::TooLarge { .. })));
    }

    #[test]
    fn a_pipe_and_a_device_are_refused_without_waiting() {
        let folder = folder(&[]);
        let pipe = folder.path().join("a.wasm");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        assert!(matches!(load(&pipe), Err(SourceError::NotAFile(_))));
        assert!(matches!(load(folder.path()), Err(SourceError::NotAFile(_))));
        assert!(matches!(
            load(Path::new("/dev/zero")),
            Err(SourceError::NotAFile(_))
        ));
    }
}
