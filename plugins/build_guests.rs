//! Builds guests for the build scripts of the host and of the test fixtures, which both include this file.
//!
//! The guests are built by a second cargo, because one build of cargo has one target and one profile. It gets a target
//! directory of its own, so that it does not wait for a lock that the first cargo holds while it waits for the second.
//! That directory is the same for every profile of the first cargo: guests are built once, always with the profile
//! `guest`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};

const TARGET: &str = "wasm32-wasip2";

/// What every guest is made from, relative to the workspace. A change here may change any of them.
const SHARED_SOURCES: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain.toml",
    "wit",
    "plugin-sdk/Cargo.toml",
    "plugin-sdk/src",
    "plugin-sdk/macros/Cargo.toml",
    "plugin-sdk/macros/src",
];

/// What the first cargo, or whoever started it, says about the first build and what would change the second.
///
/// Flags and wrappers are meant for the host's code (`-D warnings`, coverage, clippy). Variables that a build script
/// gets about its package would make the second cargo believe that its inputs differ from one caller to the next.
const FOREIGN_VARIABLES: [&str; 14] = [
    "CARGO_CRATE_NAME",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "TARGET",
];
const FOREIGN_PREFIXES: [&str; 7] = [
    "CARGO_BUILD_",
    "CARGO_CFG_",
    "CARGO_FEATURE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PROFILE_",
    "DEP_",
];

/// Builds what `selection`, arguments for `cargo build`, selects, and returns the folder with the components.
///
/// `sources` are the files and folders, relative to the workspace, that belong to the selection alone. The calling
/// build script runs again when one of them changes, or one that all guests share.
pub fn build_guests(selection: &[&str], sources: &[&str]) -> PathBuf {
    let workspace = workspace();
    for source in SHARED_SOURCES.iter().chain(sources) {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(source).display()
        );
    }
    let target_dir = target_dir();
    ensure_target(&workspace, &target_dir);

    let mut cargo = Command::new(variable("CARGO"));
    cargo
        .current_dir(&workspace)
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            "guest",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(&target_dir)
        .args(selection)
        // Only lines for the first cargo may go to the standard output. Errors pass through, and it shows them.
        .stdout(Stdio::null());
    // What is left holds `CARGO_MAKEFLAGS`: both cargos share one job server and keep to one number of jobs.
    for name in env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| is_foreign(name))
    {
        cargo.env_remove(name);
    }
    // The compiler writes into a guest where each panic was in the source. Nobody's folders belong into what is shipped.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", without_folders(&workspace));
    // `--target-dir` does not move the build directory when a configuration file does.
    cargo.env("CARGO_BUILD_BUILD_DIR", &target_dir);

    match cargo.status() {
        Ok(status) if status.success() => target_dir.join(TARGET).join("guest"),
        Ok(_) => fail(&format!(
            "could not build the guests ({})",
            selection.join(" ")
        )),
        Err(err) => fail(&format!("could not start cargo to build the guests: {err}")),
    }
}

/// Copies the component `name` out of the folder of [`build_guests`] and returns where it is then.
///
/// The copy belongs to the calling build script alone: it outlives the guests' target directory.
pub fn keep(components: &Path, name: &str) -> PathBuf {
    let file = format!("{name}.wasm");
    let (built, kept) = (components.join(&file), out_dir().join(&file));
    match fs::copy(&built, &kept) {
        Ok(_) => kept,
        Err(err) => fail(&format!("could not copy `{}`: {err}", built.display())),
    }
}

/// The root of the workspace, which has the lock file.
///
/// It is looked up when the script runs: a path that was compiled in would be wrong once the checkout moved.
pub fn workspace() -> PathBuf {
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    match package
        .ancestors()
        .find(|dir| dir.join("Cargo.lock").is_file())
    {
        Some(workspace) => workspace.to_owned(),
        None => fail(&format!(
            "found no `Cargo.lock` above `{}`",
            package.display()
        )),
    }
}

/// The folder of the calling build script.
pub fn out_dir() -> PathBuf {
    variable("OUT_DIR").into()
}

/// Installs the guests' target when it is missing.
///
/// `rust-toolchain.toml` names it, but rustup heeds that only when it installs the toolchain itself.
fn ensure_target(workspace: &Path, target_dir: &Path) {
    if has_target(workspace) {
        return;
    }
    // Two build scripts may come here at once, and rustup does not wait for itself. The lock ends with this function.
    let lock = File::create(target_dir.with_extension("lock"));
    let locked = lock.and_then(|file| file.lock().map(|()| file));
    let added = || {
        let rustup = Command::new("rustup")
            .current_dir(workspace)
            .args(["target", "add", TARGET])
            .stdout(Stdio::null())
            .status();
        rustup.is_ok_and(|status| status.success())
    };
    if locked.is_err() || !(has_target(workspace) || added()) {
        fail(&format!(
            "the Rust target `{TARGET}`, which guests are built for, is missing and could not be installed \
             (hint: run `rustup target add {TARGET}` in the workspace, or install it the way you installed Rust)"
        ));
    }
}

fn has_target(workspace: &Path) -> bool {
    let libraries = Command::new(variable("RUSTC"))
        .current_dir(workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    libraries
        .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim_end()).is_dir())
}

/// The folder `guests` in the target directory of the first cargo, which cargo marks as a cache.
///
/// A folder for one target has the mark as well and is passed over, since all targets embed the same guests. A target
/// directory that somebody else made has no mark; the guests are then built beside the caller's other output, once for
/// each caller and profile.
fn target_dir() -> PathBuf {
    let (out_dir, target) = (out_dir(), variable("TARGET"));
    let target_dir = out_dir
        .ancestors()
        .filter(|dir| dir.file_name() != Some(&target))
        .find(|dir| dir.join("CACHEDIR.TAG").is_file());
    target_dir.unwrap_or(&out_dir).join("guests")
}

/// Flags that make the compiler write other paths than those of this computer. Where one folder is in another, the later counts.
fn without_folders(workspace: &Path) -> OsString {
    let home = env::var_os("HOME").map(PathBuf::from);
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(home.as_ref()?.join(".cargo")));
    let workspace = workspace.canonicalize().ok();
    let folders = [(home, "home"), (cargo, "cargo"), (workspace, ".")];
    let mut flags = OsString::new();
    for (folder, name) in folders {
        let Some(folder) =
            folder.filter(|folder| folder.is_absolute() && folder.parent().is_some())
        else {
            continue;
        };
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push(format!("={name}"));
    }
    flags
}

fn is_foreign(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    FOREIGN_VARIABLES.contains(&&*name)
        || FOREIGN_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| fail(&format!("cargo did not set `{name}`")))
}

fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    exit(1)
}
