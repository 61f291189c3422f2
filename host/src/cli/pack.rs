//! `portcullis pack`: one self-contained component.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::Common;
use super::exit::{Exit, Problem};
use super::progress::Progress;
use super::{build, output, render, setup, style};
use crate::manifest::{self, Source, SourceError};
use crate::names::Digest;
use crate::project::{self, Debug, Packed, Project, ProjectError};
use crate::runtime::Asks;

/// The folder for what is packed, as other tools have it for what they make.
const OUTPUT: &str = "dist";

/// `portcullis pack`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis pack                           the plugin of this folder, as dist/<name>-<version>.wasm
  portcullis pack ./weather --output packed/weather.wasm
  portcullis pack ./weather.wasm --keep-debug
  portcullis pack --json | jq -r .digest

The same contents give the same bytes, wherever and whenever they are packed.")]
pub struct Pack {
    /// The plugin: a folder with its source, which is built first; a component; or a folder with one
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Where to write it, a file or a folder that is there [default: dist/<name>-<version>.wasm in the plugin's folder, or in
    /// the current one for a component]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there and differs
    #[arg(long)]
    pub force: bool,
    /// Take the component that `path` leads to as it is, and build nothing
    #[arg(long)]
    pub no_build: bool,
    /// Leave names and line tables in, for readable traces of a crash
    #[arg(long)]
    pub keep_debug: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What became of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// It was not there.
    New,
    /// Another one was there.
    Replaced,
    /// It was there, with the same bytes.
    Already,
}

/// Builds, packs, sees that the host loads it, and writes it.
pub async fn run(common: &Common, args: &Pack) -> Result<Exit, Problem> {
    tokio::select! {
        biased;
        // Writing is one step, so that an interrupted one leaves nothing behind.
        () = build::told_to_end() => Ok(Exit::Interrupted),
        exit = pack(common, args) => exit,
    }
}

async fn pack(common: &Common, args: &Pack) -> Result<Exit, Problem> {
    let progress = Progress::start("packing");
    let Found {
        component,
        folder,
        home,
    } = component(args, &progress).await?;
    let source = manifest::load(&component).map_err(|error| Problem::broken(error.to_string()))?;
    let folder = folder.or_else(|| manifest::own_folder(&source.path).map(Path::to_owned));
    let target = target(args, &source, &home)?;
    refuse_ambiguity(&source, &target)?;
    let debug = match args.keep_debug {
        true => Debug::Kept,
        false => Debug::Stripped,
    };
    let packed = project::pack(&source, folder.as_deref(), debug).map_err(broken)?;
    let digest = Digest::of(&packed.component);
    progress.say(format!("compiling `{}`", source.identity.name));
    check_loads(common, &source, &packed, digest).await?;
    if args.output.is_none() {
        make_folder_of(&target)?;
    }
    let written = write(&target, &packed.component, args.force)?;
    drop(progress);
    if args.json {
        render::print_json(&facts(&source, &packed, digest, &target, written))?;
    } else {
        render::print_styled(&human(&source, &packed, digest, &target, written))?;
    }
    Ok(Exit::Success)
}

/// What is to be packed.
struct Found {
    /// The component.
    component: PathBuf,
    /// The folder of its source, where it was built; without source a folder is the plugin's only when its `plugin.json` says so.
    folder: Option<PathBuf>,
    /// The folder below which it is written unless somebody says where.
    home: PathBuf,
}

impl Found {
    /// A component that is there: in the folder that was named, or by itself.
    fn there(path: &Path, component: PathBuf) -> Self {
        let home = if path.is_dir() { path } else { Path::new("") };
        Self {
            component,
            folder: None,
            home: home.to_owned(),
        }
    }
}

async fn component(args: &Pack, progress: &Progress) -> Result<Found, Problem> {
    if args.no_build {
        return Ok(Found::there(&args.path, args.path.clone()));
    }
    match Project::find(&args.path) {
        Ok(project) => {
            progress.say(format!("building {}", project.dir.display()));
            let built = project.build(&|line| progress.line(line)).await;
            let built = built.map_err(broken)?;
            Ok(match project.language {
                Some(_) => Found {
                    component: built.component,
                    home: built.folder.clone(),
                    folder: Some(built.folder),
                },
                None => Found::there(&args.path, built.component),
            })
        }
        // A component may be there all the same, and whoever loads it says what is wrong with it.
        Err(error @ ProjectError::NoPlugin(_)) => match manifest::load(&args.path) {
            Err(SourceError::NoComponent(_) | SourceError::Unreadable { .. }) => Err(broken(error)),
            _ => Ok(Found::there(&args.path, args.path.clone())),
        },
        Err(error) => Err(broken(error)),
    }
}

fn broken(error: ProjectError) -> Problem {
    Problem::broken(error.to_string())
}

/// Where the packed component goes. By itself not beside its `plugin.json`: whatever lies there has to agree with what is inside,
/// and so the next edit would break it.
fn target(args: &Pack, source: &Source, home: &Path) -> Result<PathBuf, Problem> {
    let name = format!("{}-{}.wasm", source.identity.name, source.manifest.version);
    let target = match &args.output {
        // The current folder has no name of its own.
        None if home == Path::new(".") => Path::new(OUTPUT).join(name),
        None => home.join(OUTPUT).join(name),
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file.clone(),
    };
    match target.extension() {
        Some(extension) if extension == "wasm" => Ok(target),
        _ => Err(Problem::usage(format!(
            "`{}` does not end in `.wasm` (hint: the host takes components by that ending; a folder must be there already)",
            target.display()
        ))),
    }
}

/// Two components beside one `plugin.json`: nobody could say whose it is, and neither would get it.
fn refuse_ambiguity(source: &Source, target: &Path) -> Result<(), Problem> {
    let Some(folder) = manifest::own_folder(&source.path) else {
        return Ok(());
    };
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if same(folder, parent) && !same(&source.path, target) {
        return Err(Problem::broken(format!(
            "`{}` would lie beside `{}`, and the `plugin.json` there belongs to one component (hint: `--output` with another folder)",
            target.display(),
            source.path.display()
        )));
    }
    Ok(())
}

/// Loads what was packed as the host will, so that a file that is written is one that loads.
async fn check_loads(
    common: &Common,
    source: &Source,
    packed: &Packed,
    digest: Digest,
) -> Result<(), Problem> {
    let config = setup::config(common)?;
    let asks = Asks {
        network: !source.manifest.permissions.network.is_empty(),
    };
    let component = packed.component.clone();
    let engine = setup::engine(&config)?;
    let loaded = engine.load(digest, asks, || Ok(Cow::Owned(component)));
    loaded.await.map_err(|error| {
        Problem::broken(format!(
            "failed to load what was packed from {}: {error}",
            source.path.display()
        ))
    })?;
    Ok(())
}

fn make_folder_of(target: &Path) -> Result<(), Problem> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| {
        Problem::broken(format!(
            "cannot make `{}`: {error} (hint: `--output` names another place)",
            folder.display()
        ))
    })
}

/// Writes the file, unless another one is there.
fn write(target: &Path, bytes: &[u8], force: bool) -> Result<Written, Problem> {
    if !target.exists() {
        output::create(target, bytes)?;
        return Ok(Written::New);
    }
    if is_already(target, bytes) {
        return Ok(Written::Already);
    }
    if !force {
        return Err(Problem::broken(format!(
            "`{}` is there and differs (hint: `--force` replaces it, and `--output` names another place)",
            target.display()
        )));
    }
    output::replace(target, bytes)?;
    Ok(Written::Replaced)
}

fn is_already(target: &Path, bytes: &[u8]) -> bool {
    manifest::read_component(target).is_ok_and(|there| there == bytes)
}

fn facts(
    source: &Source,
    packed: &Packed,
    digest: Digest,
    target: &Path,
    written: Written,
) -> Value {
    let sections: Vec<_> = packed
        .carried
        .iter()
        .map(|carried| {
            json!({
                "section": carried.section,
                "bytes": carried.bytes,
                "files": carried.files,
            })
        })
        .collect();
    json!({
        "name": source.identity.name,
        "version": source.manifest.version,
        "path": target.display().to_string(),
        "digest": digest,
        "bytes": packed.component.len(),
        "strippedBytes": packed.stripped_bytes,
        "sections": sections,
        "written": written != Written::Already,
    })
}

fn human(
    source: &Source,
    packed: &Packed,
    digest: Digest,
    target: &Path,
    written: Written,
) -> String {
    let shown = render::harmless(&target.display().to_string());
    let what = match written {
        Written::New => style::paint(style::GOOD, "packed"),
        Written::Replaced => style::paint(style::GOOD, "replaced"),
        Written::Already => style::paint(style::NOTE, "already packed"),
    };
    let name = style::paint(style::STRONG, &source.identity.name);
    let mut text = format!("{what} {name} {} as {shown}\n", source.manifest.version);
    let mut line = |title: &str, words: &str| {
        text.push_str(&format!("  {title:<10} {}\n", render::harmless(words)));
    };
    line("identity", &digest.to_string());
    line("size", &format!("{} bytes", packed.component.len()));
    if packed.stripped_bytes > 0 {
        line(
            "left out",
            &format!("{} bytes of debug information", packed.stripped_bytes),
        );
    }
    for carried in &packed.carried {
        let from = match carried.files.is_empty() {
            true => String::new(),
            false => format!(", from {}", carried.files.join(", ")),
        };
        let section = carried.section.trim_start_matches("portcullis:");
        line(section, &format!("{} bytes{from}", carried.bytes));
    }
    for (section, hint) in [
        (
            manifest::README_SECTION,
            "a README.md beside plugin.json says how to use it",
        ),
        (
            manifest::LICENSE_SECTION,
            "a LICENSE beside plugin.json says what others may do with it",
        ),
    ] {
        if !packed
            .carried
            .iter()
            .any(|carried| carried.section == section)
        {
            let section = section.trim_start_matches("portcullis:");
            line(section, &format!("none (hint: {hint})"));
        }
    }
    text.push_str(&format!("\nNext: portcullis validate {shown}\n"));
    text
}
