//! New plugins, and their builds.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portcullis::manifest::Manifest;
use rustix::process::Signal;

use crate::support::program::{Ended, Home};

const LANGUAGES: [&str; 3] = ["rust", "python", "javascript"];
const KINDS: [&str; 4] = ["tool", "resource", "prompt", "full"];

/// The files below a folder, with what they hold.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// Makes a plugin, and returns its files.
fn made(home: &Home, name: &str, language: &str, kind: &str) -> BTreeMap<String, String> {
    let ended = home.run(&["new", name, "--lang", language, "--kind", kind]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let next = format!("cd {name}\n  portcullis test\n");
    assert!(ended.stdout.contains(&next), "{ended:?}");
    files(&home.path().join(name))
}

#[test]
fn every_language_and_kind_makes_whole_files_that_parse() {
    let home = Home::new();
    for language in LANGUAGES {
        for kind in KINDS {
            let name = format!("{language}-{kind}");
            let files = made(&home, &name, language, kind);
            for expected in [
                ".github/workflows/ci.yml",
                ".gitignore",
                "LICENSE",
                "README.md",
                "plugin.json",
                "tests/cases.toml",
            ] {
                assert!(files.contains_key(expected), "{name} has no {expected}");
            }
            for (path, text) in &files {
                let at = format!("{name}/{path}");
                // GitHub has the same braces, after a sign of its own.
                let own = text.replace("${{", "");
                assert!(!own.contains("{{") && !own.contains("%%"), "{at}: {text}");
                assert!(!text.is_empty() && text.ends_with('\n'), "{at}");
                assert!(!text.contains("\n\n\n\n"), "{at}");
                if path.ends_with(".toml") {
                    text.parse::<toml::Table>().expect(&at);
                } else if path.ends_with(".json") {
                    serde_json::from_str::<serde_json::Value>(text).expect(&at);
                }
            }
            let manifest = Manifest::parse(files["plugin.json"].as_bytes(), "plugin.json").unwrap();
            assert_eq!(manifest.name.as_str(), name);
            assert!(files["README.md"].contains("portcullis test"));
            let needs = match language {
                "rust" => "Rust 1.95 or newer with the target `wasm32-wasip2` (`rustup target add",
                "python" => "Python 3.10 or newer",
                _ => "Node.js 20 or newer",
            };
            let needs = format!("Needs Portcullis, and {needs}");
            assert!(files["README.md"].contains(&needs), "{name}");
            let packed = format!("path = \"dist/{name}-0.1.0.wasm\"");
            assert!(files["README.md"].contains(&packed), "{name}");
            assert!(files[".gitignore"].contains("/dist\n"), "{name}");
            let workflow = &files[".github/workflows/ci.yml"];
            for line in [
                "uses: portcullis-mcp/portcullis@v0",
                // Code scanning refuses what comes from a private repository that has none.
                "upload: ${{ !github.event.repository.private }}",
                "actions: read",
            ] {
                assert!(workflow.contains(line), "{name}: {line}");
            }
        }
    }
}

#[test]
fn only_what_the_kind_needs_is_in_a_folder() {
    let home = Home::new();
    let check = |kind: &str, words: &[(&str, bool)]| {
        for language in LANGUAGES {
            let name = format!("{language}-{kind}");
            let files = made(&home, &name, language, kind);
            let cases = &files["tests/cases.toml"];
            for (word, expected) in words {
                assert_eq!(cases.contains(word), *expected, "{name}: {word}");
            }
        }
    };
    check(
        "tool",
        &[("tool =", true), ("resource =", false), ("prompt =", false)],
    );
    check(
        "resource",
        &[("tool =", false), ("resource =", true), ("prompt =", false)],
    );
    check(
        "prompt",
        &[("tool =", false), ("resource =", false), ("prompt =", true)],
    );
    check(
        "full",
        &[("tool =", true), ("resource =", true), ("prompt =", true)],
    );
}

#[test]
fn what_is_there_is_never_overwritten() {
    let home = Home::new();
    home.write("full/kept.txt", "mine").write("file", "mine");
    fs::create_dir(home.path().join("empty")).unwrap();
    std::os::unix::fs::symlink("nowhere", home.path().join("link")).unwrap();
    let check = |dir: &str, code: i32| {
        let ended = home.run(&["new", "greeter", "--dir", dir]);
        assert_eq!(ended.code, code, "{dir}: {ended:?}");
        let is_named = ended.stderr.contains(&format!("`{dir}` is already there"));
        assert_eq!(is_named, code == 4, "{ended:?}");
    };
    check("full", 4);
    check("file", 4);
    check("link", 4);
    check("empty", 0);
    check("empty", 4);
    check("fresh", 0);
    let kept = files(&home.path().join("full"));
    assert_eq!(
        kept,
        BTreeMap::from([("kept.txt".to_owned(), "mine".to_owned())])
    );
    assert_eq!(
        fs::read_to_string(home.path().join("file")).unwrap(),
        "mine"
    );
}

#[test]
fn nothing_is_left_where_nothing_can_be_made() {
    let home = Home::new();
    let check = |dir: &str, expected: &str| {
        let ended = home.run(&["new", "greeter", "--dir", dir]);
        assert_eq!(ended.code, 4, "{dir}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{ended:?}");
        assert_eq!(ended.stderr.matches("(hint: ").count(), 1, "{ended:?}");
    };
    check("missing/greeter", "/missing");
    // A folder in which nobody can make another, whoever they are.
    check("/proc/greeter", "/proc/greeter");
    assert!(files(home.path()).is_empty());
}

#[test]
fn a_bad_name_gets_the_rules_and_a_better_one() {
    let home = Home::new();
    let check = |arguments: &[&str], hint: &str| {
        let ended = home.run(&[&["new"], arguments].concat());
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(hint), "{ended:?}");
        assert!(files(home.path()).is_empty());
    };
    check(&["My Tool"], "(hint: `portcullis new my-tool`)");
    check(&["web_search"], "lower-case letters, digits and hyphens");
    check(
        &["plugins/weather"],
        "`portcullis new weather --dir plugins/weather`",
    );
    check(&["größe"], "`portcullis new gr--e`");
    check(&["42"], "web-search");
    check(&["match"], "my-match");
    check(
        &["a", "--lang", "python", "--sdk", "."],
        "`--sdk` is for plugins in Rust",
    );
    // What the host answers for itself is no plugin's.
    for kind in ["resource", "full"] {
        let arguments = ["skill", "--kind", kind, "--lang", "javascript"];
        check(&arguments, "(hint: `portcullis new my-skill`)");
    }
    // Tools have no URIs.
    let ended = home.run(&["new", "skill", "--lang", "python", "--kind", "tool"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // A word of Rust means nothing in Python.
    let ended = home.run(&["new", "match", "--lang", "python"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn the_sdk_is_the_one_that_was_named_or_the_one_of_this_build() {
    let home = Home::new();
    let check = |arguments: &[&str]| {
        let ended = home.run(&[&["new", "greeter"], arguments].concat());
        assert_eq!(ended.code, 0, "{ended:?}");
        let made = files(&home.path().join("greeter"));
        let patch: toml::Table = made[".cargo/config.toml"].parse().unwrap();
        let sdk = patch["patch"]["crates-io"]["portcullis-plugin"]["path"]
            .as_str()
            .unwrap();
        assert!(Path::new(sdk).join("src/lib.rs").is_file(), "{sdk}");
        assert!(ended.stdout.contains(sdk), "{ended:?}");
        let elsewhere = "a CI run elsewhere takes it from crates.io";
        assert!(ended.stdout.contains(elsewhere), "{ended:?}");
        // What is committed names no folder of this computer.
        assert!(made[".gitignore"].contains("/.cargo/config.toml"));
        assert!(!made["Cargo.toml"].contains("path"));
        fs::remove_dir_all(home.path().join("greeter")).unwrap();
    };
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-sdk");
    check(&[]);
    check(&["--sdk", sdk.to_str().unwrap()]);
    let ended = home.run(&["new", "greeter", "--sdk", "."]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("is not the SDK"), "{ended:?}");
    assert!(files(home.path()).is_empty());
}

#[test]
fn a_new_plugin_in_a_workspace_does_not_disturb_it() {
    let home = Home::new();
    let manifest = |home: &Home, name: &str| made(home, name, "rust", "tool")["Cargo.toml"].clone();
    assert!(!manifest(&home, "first").contains("[workspace]"));
    home.write("Cargo.toml", "[workspace]\nmembers = []\n");
    assert!(manifest(&home, "second").contains("[workspace]"));
}

/// The environment of a build: the toolchains of whoever runs the tests, which are found through their home.
fn with_toolchain(command: &mut Command) {
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
    command.env(
        "CARGO_TARGET_DIR",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"),
    );
}

/// As an author would: made, built, tested, changed, broken, in a folder with a name that has everything.
#[test]
fn a_new_plugin_in_rust_builds_and_passes_its_own_tests() {
    let home = Home::new();
    let folder = "mit Leerzeichen und Ümläuten/greeter";
    fs::create_dir(home.path().join("mit Leerzeichen und Ümläuten")).unwrap();
    let ended = home.run(&["new", "greeter", "--kind", "full", "--dir", folder]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // The versions this repository was tested with.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    home.write(&format!("{folder}/Cargo.lock"), fs::read(lock).unwrap());

    let run = |arguments: &[&str]| {
        let mut command = home.command();
        with_toolchain(&mut command);
        Ended::of(
            command
                .args(arguments)
                .stdin(Stdio::null())
                .output()
                .unwrap(),
        )
    };
    let built = run(&["build", folder]);
    assert_eq!(built.code, 0, "{built:?}");
    let component = built.stdout.trim_end();
    let bytes = fs::read(component).unwrap();
    // The folders of this computer are not in it.
    let tests = home.path().to_str().unwrap();
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR"))
        .canonicalize()
        .unwrap();
    for path in [
        tests,
        sdk.parent().unwrap().to_str().unwrap(),
        "/.cargo/registry",
    ] {
        let found = bytes
            .windows(path.len())
            .any(|window| window == path.as_bytes());
        assert!(!found, "the component holds {path}");
    }
    let ended = run(&["call", "greet", r#"{"name": "Ada"}"#, "--plugin", component]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "Hello, Ada!\n"),
        "{ended:?}"
    );

    let tested = run(&["test", folder]);
    assert_eq!(tested.code, 0, "{tested:?}");
    assert!(tested.stdout.contains("8 passed"), "{tested:?}");

    let source = home.path().join(folder).join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace("fn greet(", "fn greet(nonsense")).unwrap();
    let ended = run(&["build", folder]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    assert!(ended.stderr.contains("nonsense"), "{ended:?}");
    assert!(ended.stderr.contains("the build of"), "{ended:?}");
    assert_eq!(fs::read(component).unwrap(), bytes);
}

#[test]
fn a_crate_that_is_no_plugin_and_a_workspace_of_several_are_told() {
    let home = Home::new();
    home.write(
        "crate/Cargo.toml",
        "[package]\nname = \"a\"\nedition = \"2024\"\n",
    )
    .write("crate/src/lib.rs", "")
    .write(
        "all/Cargo.toml",
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n",
    );
    for name in ["a", "b"] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n"
        );
        home.write(&format!("all/{name}/Cargo.toml"), manifest)
            .write(&format!("all/{name}/src/lib.rs"), "");
    }
    let check = |folder: &str, expected: &str| {
        let mut command = home.command();
        with_toolchain(&mut command);
        let ended = Ended::of(command.args(["build", folder]).output().unwrap());
        assert_eq!(ended.code, 4, "{ended:?}");
        assert!(ended.stderr.contains(expected), "{ended:?}");
    };
    check("crate", "makes no component");
    check("all", "several plugins: `a`, `b`");
    check("nowhere", "there is no plugin in `nowhere`");
}

/// A home whose path of programs has just these scripts.
struct Toolbox(Home);

impl Toolbox {
    fn new(scripts: &[(&str, &str)]) -> Self {
        let toolbox = Self(Home::new());
        fs::create_dir(toolbox.0.path().join("bin")).unwrap();
        for (name, script) in scripts {
            toolbox.script(&format!("bin/{name}"), script);
        }
        toolbox
    }

    fn script(&self, path: &str, script: &str) {
        self.0.write(path, format!("#!/bin/sh\n{script}\n"));
        let path = self.0.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command();
        command
            .env("PATH", self.0.path().join("bin"))
            .env("BOX", self.0.path())
            .env_remove("CARGO")
            .env_remove("RUSTC")
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }
}

#[test]
fn a_toolchain_that_is_missing_or_too_old_is_named_with_the_way_to_get_it() {
    let check = |language: &str, scripts: &[(&str, &str)], expected: &str, hint: &str| {
        let toolbox = Toolbox::new(scripts);
        let ended = toolbox.run(&["new", "greeter", "--lang", language]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let ended = toolbox.run(&["build", "greeter"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
        assert!(ended.stderr.contains(expected), "{ended:?}");
        assert!(
            ended.stderr.contains(&format!("(hint: {hint}")),
            "{ended:?}"
        );
    };
    let rustup = "install Rust from https://rustup.rs";
    check("rust", &[], "rustc does not start", rustup);
    check(
        "rust",
        &[("rustc", "echo /")],
        "cargo does not start",
        rustup,
    );
    check(
        "rust",
        &[("rustc", "echo /nowhere/lib")],
        "Rust's target `wasm32-wasip2` is missing",
        "`rustup target add wasm32-wasip2`",
    );
    let python = "install Python 3.10 or newer";
    check("python", &[], "python3 does not start", python);
    check(
        "python",
        &[("python3", "echo Python 3.9.2")],
        "python3 is too old: Python 3.9.2",
        "install 3.10 or newer",
    );
    check(
        "python",
        &[("python3", "test \"$1\" = --version && echo Python 3.12.1")],
        "cannot make a virtual environment",
        "on Debian",
    );
    let node = "install Node.js 20 or newer";
    check("javascript", &[], "node does not start", node);
    check(
        "javascript",
        &[("node", "echo v18.1.0")],
        "node is too old: v18.1.0",
        "install 20 or newer",
    );
    check(
        "javascript",
        &[("node", "echo v22.1.0")],
        "npm does not start",
        node,
    );
    check(
        "javascript",
        &[
            ("node", "echo v22.1.0"),
            ("npm", "echo npm error code ENOTFOUND >&2; exit 1"),
        ],
        "npm does not reach its registry",
        "the first build needs the network",
    );
}

/// An npm that installs a jco, which writes the smallest component and counts how often it is called.
const NPM: &str = r#"echo npm >> "$BOX/called"
/bin/mkdir -p node_modules/.bin
/bin/cp "$BOX/jco" node_modules/.bin/jco
[ -f package-lock.json ] || echo '{}' > package-lock.json
/bin/chmod +x node_modules/.bin/jco"#;

fn with_javascript(jco: &str) -> Toolbox {
    let toolbox = Toolbox::new(&[("node", "echo v22.1.0"), ("npm", NPM)]);
    toolbox.script("jco", jco);
    let ended = toolbox.run(&["new", "greeter", "--lang", "javascript"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    toolbox
}

/// Where `--out` of jco's arguments leads.
const OUT: &str = r#"while [ "$1" != --out ]; do shift; done; out=$2"#;

#[test]
fn a_build_is_repeated_when_something_changed_and_only_then() {
    let jco =
        format!("echo jco >> \"$BOX/called\"\n{OUT}\nprintf '\\0asm\\015\\0\\1\\0' > \"$out\"");
    let toolbox = with_javascript(&jco);
    let project = toolbox.0.path().join("greeter");
    let build = |called: &str| {
        let _ = fs::remove_file(toolbox.0.path().join("called"));
        let ended = toolbox.run(&["build", "greeter"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let component = PathBuf::from(ended.stdout.trim_end());
        assert!(component.ends_with("greeter/target/portcullis/greeter.wasm"));
        let found = fs::read_to_string(toolbox.0.path().join("called")).unwrap_or_default();
        assert_eq!(
            found.split_whitespace().collect::<Vec<_>>().join(" "),
            called
        );
        component
    };
    let component = build("npm jco");
    let description = |component: &Path| {
        let loaded = portcullis::manifest::load(component).unwrap();
        loaded.manifest.description.unwrap()
    };
    assert_eq!(description(&component), "Greets people and counts words");
    build("");
    let edit = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(project.join(file)).unwrap();
        assert!(text.contains(from));
        fs::write(project.join(file), text.replace(from, to)).unwrap();
    };
    edit("plugin.js", "Hello, ", "Hi, ");
    build("jco");
    edit("plugin.json", "Greets people", "Greets everybody");
    let component = build("jco");
    assert_eq!(description(&component), "Greets everybody and counts words");
    edit("package.json", "1.35.0", "1.36.0");
    build("npm jco");
    edit("README.md", "MCP clients", "clients");
    build("");
    // Another version of what the tools depend on makes another component.
    edit("package-lock.json", "{}", "{\"lockfileVersion\": 3}");
    build("npm jco");
    build("");
}

#[test]
fn a_failed_build_keeps_the_component_that_was_there() {
    let jco = format!(
        "{OUT}\nprintf '\\0asm\\015\\0\\1\\0' > \"$out\"\n! /bin/grep -q broken plugin.js || exit 1"
    );
    let toolbox = with_javascript(&format!("echo looking; {jco}"));
    let ended = toolbox.run(&["build", "greeter"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // What the compiler says of a file that is moved right after helps nobody.
    assert!(!ended.stderr.contains("looking"), "{ended:?}");
    let component = PathBuf::from(ended.stdout.trim_end());
    let bytes = fs::read(&component).unwrap();

    toolbox.0.write("greeter/plugin.js", "broken");
    let ended = toolbox.run(&["build", "greeter"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    assert!(ended.stderr.contains("looking"), "{ended:?}");
    assert_eq!(fs::read(&component).unwrap(), bytes);
    assert!(unfinished(component.parent().unwrap()).is_empty());
}

#[test]
fn a_place_that_cannot_be_built_in_is_named() {
    let toolbox = with_javascript("exit 1");
    toolbox.0.write("greeter/target", "a file");
    let ended = toolbox.run(&["build", "greeter"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended:?}");
    assert!(
        ended.stderr.contains("greeter/target/portcullis`"),
        "{ended:?}"
    );
    assert_eq!(ended.stderr.matches("(hint: ").count(), 1, "{ended:?}");
}

/// What a build left half-written.
fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_hidden = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with('.') && name != ".gitignore"
    };
    entries.filter(is_hidden).collect()
}

/// Runs the program until a tool of its build writes `begun` into the pipe `$BOX/pipe`, sends it a signal, and gives its exit code
/// and what was written to the pipe afterwards, which ends when the last program that holds it has.
fn interrupted(toolbox: &Toolbox, arguments: &[&str], signal: Signal) -> (Option<i32>, String) {
    let pipe = toolbox.0.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let mut building = toolbox
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(fs::File::open(&pipe).unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    rustix::process::kill_process(rustix::process::Pid::from_child(&building), signal).unwrap();
    let code = building.wait().unwrap().code();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    fs::remove_file(pipe).unwrap();
    (code, rest)
}

/// Whether whoever runs the tests ignores a closed terminal, as `nohup` does: so do the programs that they start.
pub fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
}

#[test]
fn an_interrupted_build_leaves_neither_half_a_component_nor_a_child() {
    // It writes half, starts a child of its own, says so, and waits. Both hold the pipe open, and write to it if they live on.
    let jco = format!(
        "{OUT}\nprintf half > \"$out\"\nexec 3> \"$BOX/pipe\"\n\
         (/bin/sleep 20; echo the child lives >&3) &\necho begun >&3\nwait\necho jco lives >&3"
    );
    let mut signals = vec![Signal::INT, Signal::TERM];
    if !ignores_hangup() {
        signals.push(Signal::HUP);
    }
    for signal in signals {
        for command in ["build", "pack", "test"] {
            let toolbox = with_javascript(&jco);
            let (code, rest) = interrupted(&toolbox, &[command, "greeter"], signal);
            assert_eq!(
                (code, rest.as_str()),
                (Some(130), ""),
                "{command} {signal:?}"
            );
            let bench = toolbox.0.path().join("greeter/target/portcullis");
            assert!(unfinished(&bench).is_empty(), "{:?}", unfinished(&bench));
            assert!(!bench.join("greeter.wasm").exists());
            assert!(!toolbox.0.path().join("greeter/dist").exists());
        }
    }
}

/// A python3 whose virtual environment has an interpreter before it has pip, as the true one, and which says so and waits when it is
/// made for the first time. Pip installs a compiler that writes the smallest component.
const PYTHON: &str = r#"[ "$1" != --version ] || { echo Python 3.12.1; exit; }
echo "$1 $2" >> "$BOX/called"
/bin/mkdir -p "$3/bin"
/bin/cp "$BOX/python" "$3/bin/python"
/bin/chmod +x "$3/bin/python"
[ ! -p "$BOX/pipe" ] || { exec 3> "$BOX/pipe"; echo begun >&3; /bin/sleep 20; echo python lives >&3; }
/bin/cp "$BOX/componentize" "$3/componentize""#;

const PIP: &str = r#"here=${0%/bin/python}
/bin/cp "$here/componentize" "$here/bin/componentize-py" || exit 1
/bin/chmod +x "$here/bin/componentize-py""#;

#[test]
fn an_interrupted_installation_is_begun_anew() {
    let toolbox = Toolbox::new(&[("python3", PYTHON)]);
    toolbox.script("python", PIP);
    toolbox.script(
        "componentize",
        r#"while [ "$1" != --output ]; do shift; done; printf '\0asm\015\0\1\0' > "$2""#,
    );
    let ended = toolbox.run(&["new", "greeter", "--lang", "python"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let (code, rest) = interrupted(&toolbox, &["build", "greeter"], Signal::TERM);
    assert_eq!((code, rest.as_str()), (Some(130), ""));
    let python = "greeter/target/portcullis/venv/bin/python";
    assert!(
        toolbox.0.path().join(python).exists(),
        "half of it is there"
    );
    let ended = toolbox.run(&["build", "greeter"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    // What is whole is not made again, also where the tools change.
    let path = toolbox.0.path().join("greeter/pyproject.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, text.replace("0.25.1", "0.25.2")).unwrap();
    let ended = toolbox.run(&["build", "greeter"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let called = fs::read_to_string(toolbox.0.path().join("called")).unwrap();
    assert_eq!(called, "-m venv\n-m venv\n");
}

/// A cargo that knows a workspace in `$BOX/all` with the member `greeter`, notes the flags it is given, and built `$BOX/made.wasm`.
const CARGO: &str = r#"member='{"name": "greeter", "manifest_path": "'$BOX'/all/greeter/Cargo.toml", "targets": [{"kind": ["cdylib"]}]}'
[ "$1" != metadata ] || { echo '{"packages": ['$member']}'; exit; }
echo "$CARGO_ENCODED_RUSTFLAGS $*" > "$BOX/flags"
echo '{"reason": "compiler-artifact", "manifest_path": "'$PWD'/Cargo.toml", "target": {"kind": ["cdylib"]},
"filenames": ["'$BOX'/made.wasm"]}' | /usr/bin/tr -d '\n'; echo"#;

/// The box with that cargo and its workspace.
fn with_workspace() -> Toolbox {
    let toolbox = Toolbox::new(&[("cargo", CARGO), ("rustc", "echo /")]);
    toolbox
        .0
        .write("made.wasm", portcullis_fixtures::guest("noop"))
        .write("all/Cargo.toml", "[workspace]\nmembers = [\"greeter\"]\n")
        .write("all/README.md", "# All of them\n")
        .write("all/LICENSE", "of all\n")
        .write("all/greeter/Cargo.toml", "[package]\nname = \"greeter\"\n")
        .write("all/greeter/README.md", "# The greeter\n")
        .write(
            "all/greeter/plugin.json",
            r#"{"name": "greeter", "version": "1.0.0"}"#,
        );
    toolbox
}

#[test]
fn the_plugin_of_a_workspace_is_packed_with_its_own_papers_in_its_own_folder() {
    let toolbox = with_workspace();
    let ended = toolbox.run(&["pack", "all"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let packed = toolbox.0.path().join("all/greeter/dist/greeter-1.0.0.wasm");
    let packed = fs::read(packed).unwrap();
    let inside = portcullis::manifest::Embedded::find(&packed).unwrap();
    assert_eq!(inside.readme, Some("# The greeter\n"));
    // It has no licence of its own, so that of the workspace holds, before any lock file is there.
    assert_eq!(inside.license, Some("of all\n"));
}

#[test]
fn a_cargo_that_is_not_understood_is_told_as_one() {
    let toolbox = with_workspace();
    toolbox.script("bin/cargo", "echo '{\"packages\": [{\"name\": \"gree'");
    let ended = toolbox.run(&["build", "all"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("cargo metadata"), "{ended:?}");
    assert!(!ended.stderr.contains("without a plugin"), "{ended:?}");
}

#[test]
fn an_authors_own_flags_reach_the_compiler_beside_those_that_leave_out_paths() {
    let toolbox = with_workspace();
    let check = |configuration: &str, variables: &[(&str, &str)], expected: &str| {
        toolbox.0.write("all/.cargo/config.toml", configuration);
        let mut command = toolbox.command(&["build", "all/greeter"]);
        command
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
            .env_remove("CARGO_HOME")
            .envs(variables.iter().copied());
        let ended = Ended::of(command.output().unwrap());
        assert_eq!(ended.code, 0, "{ended:?}");
        let flags = fs::read_to_string(toolbox.0.path().join("flags")).unwrap();
        assert!(flags.starts_with(expected), "{flags}");
        // The paths of a package are below its workspace's.
        let all = toolbox.0.path().canonicalize().unwrap().join("all");
        let left_out = format!("--remap-path-prefix={}=.", all.display());
        assert!(flags.contains(&left_out), "{flags}");
    };
    let build = "[build]\nrustflags = \"--cfg mine\"\n";
    check("", &[], " build");
    check(build, &[], "--cfg\x1fmine\x1f--remap");
    check(
        "",
        &[("CARGO_BUILD_RUSTFLAGS", "--cfg yours")],
        "--cfg\x1fyours\x1f--remap",
    );
    check(build, &[("RUSTFLAGS", "")], "--remap");
    let target = "[target.wasm32-wasip2]\nrustflags = \"--cfg ours\"\n";
    check(&format!("{build}{target}"), &[], "--cfg\x1fours\x1f--remap");
}

#[test]
fn a_reader_that_went_away_early_is_no_error() {
    let toolbox = with_workspace();
    let check = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = toolbox.command(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {said}");
    };
    check(&["new", "first"]);
    check(&["wit"]);
    check(&["build", "all/greeter"]);
}

#[test]
fn the_contract_is_written_and_nothing_else_is_touched() {
    let home = Home::new();
    home.write("my wit/world.wit", "package mine:own;");
    let ended = home.run(&["wit", "my wit"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let found = files(&home.path().join("my wit"));
    assert_eq!(found["world.wit"], "package mine:own;");
    assert!(found["deps/portcullis-plugin/world.wit"].contains("package portcullis:plugin@"));
    assert!(
        found
            .keys()
            .any(|path| path.starts_with("deps/wasi-config/"))
    );
    assert_eq!(ended.stdout.lines().count(), found.len() - 1);
    // A file where a folder should be.
    home.write("file", "");
    let ended = home.run(&["wit", "file"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("`file/deps"), "{ended:?}");
}
