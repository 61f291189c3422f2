//! The tutorial as a reader would follow it: its files, its commands, in its order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{Ended, Home};

/// One step of the page.
#[derive(Debug)]
enum Step {
    /// `contents` go into the file the sentence before the block names.
    Write { file: String, contents: String },
    /// A command, and whether the page says that it ends with another exit code than 0.
    Run { command: String, code: i32 },
}

#[test]
fn every_step_of_the_tutorial_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/tutorial.md")).unwrap();
    let steps = steps(&page);
    let n_commands = steps
        .iter()
        .filter(|step| matches!(step, Step::Run { .. }))
        .count();
    assert!(n_commands >= 8, "{n_commands} commands were found");

    let home = Home::new();
    let mut here = home.path().to_owned();
    for step in steps {
        match step {
            Step::Write { file, contents } => {
                fs::write(here.join(&file), contents).unwrap();
            }
            Step::Run { command, code } => match command.strip_prefix("cd ") {
                Some(folder) => here.push(folder),
                None => {
                    let ended = run(&home, &here, &command);
                    assert_eq!(ended.code, code, "{command}: {ended:?}");
                }
            },
        }
        keep_versions(&root, &here);
    }
}

/// What the README shows first: three commands, and a whole plugin in twelve lines at most.
#[test]
fn the_plugin_of_the_readme_builds_and_answers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, section) = readme
        .split_once("## Write a plugin in five minutes")
        .unwrap();
    let block = |language: &str| {
        let (_, rest) = section.split_once(&format!("```{language}\n")).unwrap();
        rest.split("\n```").next().unwrap()
    };
    let home = Home::new();
    let mut here = home.path().to_owned();
    let mut n_commands = 0;
    for line in block("sh").lines() {
        let command = line.split('#').next().unwrap_or_default().trim();
        match command.strip_prefix("cd ") {
            Some(folder) => here.push(folder),
            None => {
                let ended = run(&home, &here, command);
                assert_eq!(ended.code, 0, "{command}: {ended:?}");
                n_commands += 1;
            }
        }
        keep_versions(&root, &here);
    }
    assert_eq!(n_commands, 2);

    let code = block("rust");
    let lines = code.lines().skip(1).filter(|line| !line.is_empty());
    assert!(lines.count() <= 12, "hello world has grown");
    fs::write(here.join("src/lib.rs"), code).unwrap();
    let built = run(&home, &here, "portcullis build");
    assert_eq!(built.code, 0, "{built:?}");
    let call = format!(
        "portcullis --plugin '{}' call greet '{{\"name\": \"Ada\"}}'",
        built.stdout.trim()
    );
    let answered = run(&home, &here, &call);
    assert_eq!(
        (answered.code, answered.stdout.as_str()),
        (0, "Hello, Ada!\n"),
        "{answered:?}"
    );
}

/// Puts the versions that this repository was tested with into a new crate.
fn keep_versions(root: &Path, folder: &Path) {
    let lock = folder.join("Cargo.lock");
    if folder.join("Cargo.toml").exists() && !lock.exists() {
        fs::copy(root.join("Cargo.lock"), lock).unwrap();
    }
}

/// Runs a command of the page in a folder of the reader's.
fn run(home: &Home, here: &Path, command: &str) -> Ended {
    let arguments = command
        .strip_prefix("portcullis ")
        .expect("it is one of ours");
    let mut words = Vec::new();
    for (n, part) in arguments.split('\'').enumerate() {
        match n % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    let output = home
        .command()
        .args(words)
        .current_dir(here)
        // Shared with every other run of this test, since compiling the SDK takes a while.
        .env("CARGO_TARGET_DIR", target_dir())
        .env("CARGO_HOME", cargo_home())
        .env("RUSTUP_HOME", rustup_home())
        .stdin(std::process::Stdio::null())
        .output();
    let ended = Ended::of(output.expect("the program starts"));
    // Whoever follows a page to the letter has nothing to be told by the compiler.
    let complains = ended.stderr.contains("--> src/");
    assert!(!complains, "{command}: {}", ended.stderr);
    ended
}

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial")
}

/// The reader's toolchain is the one that runs this test, whatever their home is. rustup hands on `RUSTUP_TOOLCHAIN` as well, and it
/// stays: the default toolchain of a machine that only runs the tests seldom has the target.
fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME").map_or_else(|| home_dir().join(".cargo"), PathBuf::from)
}

fn rustup_home() -> PathBuf {
    std::env::var_os("RUSTUP_HOME").map_or_else(|| home_dir().join(".rustup"), PathBuf::from)
}

fn home_dir() -> PathBuf {
    std::env::var_os("HOME")
        .expect("somebody runs this test")
        .into()
}

/// The steps of the page, in its order.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut sentence = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            match line.is_empty() {
                true if sentence.ends_with(':') => {}
                true => sentence.clear(),
                false => {
                    sentence.push(' ');
                    sentence.push_str(line);
                }
            }
            continue;
        };
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        if language == "console" {
            let commands = block.iter().filter_map(|line| line.strip_prefix("$ "));
            steps.extend(commands.map(command));
        } else {
            let file = sentence
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|word| word.contains('.'))
                .last()
                .expect("the sentence before a block names its file");
            steps.push(Step::Write {
                file: file.to_owned(),
                contents: block.join("\n") + "\n",
            });
        }
        sentence.clear();
    }
    steps
}

fn command(line: &str) -> Step {
    let (command, comment) = line.split_once("  # ").unwrap_or((line, ""));
    let code = comment
        .strip_prefix("exit code ")
        .and_then(|said| said.split(':').next())
        .map_or(0, |code| code.parse().expect("an exit code is a number"));
    Step::Run {
        command: command.trim().to_owned(),
        code,
    }
}

#[test]
fn a_page_is_read_as_files_and_commands_in_order() {
    let page = "Look at `a b` in `src/lib.rs`:\n\n```rust\nfn x() {}\n```\n\n```console\n$ cd x\n$ portcullis explain 'a b'  # exit code 1: no\n```\n";
    let steps = steps(page);
    let [
        Step::Write { file, contents },
        Step::Run {
            command: first,
            code: 0,
        },
        Step::Run { command, code: 1 },
    ] = &steps[..]
    else {
        panic!("{steps:?}")
    };
    assert_eq!(
        (file.as_str(), contents.as_str()),
        ("src/lib.rs", "fn x() {}\n")
    );
    assert_eq!(
        (first.as_str(), command.as_str()),
        ("cd x", "portcullis explain 'a b'")
    );
}

/// What a reader has to have is what a build asks for. The tests above run with a toolchain that has the target, so they would
/// not notice that a page forgets it.
#[test]
fn the_pages_on_which_one_begins_name_everything_that_a_build_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("it is there");
    // The oldest that a build accepts, as its own code has it.
    let version = |path: &str, constant: &str| {
        let source = read(path);
        let (_, rest) = source.split_once(constant).expect("the constant is there");
        let (major, rest) = rest.split_once(", ").expect("a major version");
        let (minor, _) = rest.split_once(')').expect("a minor version");
        (major.to_owned(), minor.to_owned())
    };
    let rust = format!("Rust {} or newer", env!("CARGO_PKG_RUST_VERSION"));
    let target = "`rustup target add wasm32-wasip2`".to_owned();
    let (major, minor) = version(
        "host/src/project/python.rs",
        "PYTHON_MIN: Version = Version(",
    );
    let python = format!("Python {major}.{minor} or newer with `venv`");
    let (major, _) = version(
        "host/src/project/javascript.rs",
        "NODE_MIN: Version = Version(",
    );
    let node = format!("Node.js {major} or newer with npm");
    for (page, needs) in [
        ("README.md", vec![&rust, &target, &python, &node]),
        ("docs/tutorial.md", vec![&rust, &target]),
        ("docs/languages.md", vec![&python, &node]),
    ] {
        let text = read(page);
        for need in needs {
            assert!(text.contains(need.as_str()), "{page} does not say `{need}`");
        }
    }
}
