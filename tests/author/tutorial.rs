//! The tutorial as a reader would follow it: its files, its commands, in its order.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{Ended, Home, PROGRAM};

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
        // The versions this repository was tested with.
        let lock = here.join("Cargo.lock");
        if here.join("Cargo.toml").exists() && !lock.exists() {
            fs::copy(root.join("Cargo.lock"), lock).unwrap();
        }
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
    assert!(Path::new(PROGRAM).exists());
    Ended::of(output.expect("the program starts"))
}

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial")
}

/// The reader's toolchain is the one that runs this test, whatever their home is.
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
