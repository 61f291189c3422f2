//! What the documents show is what happens.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::limits::Limits;

use crate::support::program::Home;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks of one language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(fence) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if fence == language {
                blocks.push(block.join("\n"));
            }
        }
    }
    blocks
}

/// The words of a shell command whose arguments stand in single quotes or in none.
fn words(command: &str) -> Vec<String> {
    command
        .split('\'')
        .enumerate()
        .flat_map(|(n, part)| match n % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

#[test]
fn the_first_command_of_the_readme_shows_a_tool_answering() {
    let command = &blocks(&readme(), "sh")[0];
    let arguments = command
        .strip_prefix("cargo run --release -- ")
        .expect("it runs the release build");
    let arguments = words(arguments);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ended = Home::new().run(&arguments);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "0.3\n"),
        "{ended:?}"
    );
    assert!(readme().contains("prints `0.3`"));
}

#[test]
fn the_second_command_of_the_readme_is_the_one_that_continuous_integration_runs() {
    let command = &blocks(&readme(), "sh")[1];
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert_eq!(command, "cargo test --workspace");
    assert!(ci.lines().any(|line| line.starts_with(command.as_str())));
}

#[test]
fn the_commands_the_readme_shows_succeed() {
    let shown = blocks(&readme(), "console").concat();
    let commands: Vec<_> = shown
        .lines()
        .filter_map(|line| line.strip_prefix("$ portcullis "))
        .collect();
    assert!(!commands.is_empty());
    for command in commands {
        let arguments = words(command);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let ended = Home::new().run(&arguments);
        assert_eq!(ended.code, 0, "{command}: {ended:?}");
    }
}

#[test]
fn the_configuration_the_readme_shows_is_understood() {
    let shown = blocks(&readme(), "toml")
        .into_iter()
        .find(|block| block.contains("[plugins.weather]"))
        .unwrap();
    let home = Home::new();
    home.write("portcullis.toml", shown)
        .write("plugins/weather.wasm", portcullis_fixtures::guest("noop"));
    let ended = home.run(&["list"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("weather__noop"), "{}", ended.stdout);
}

/// The tutorial as a reader would follow it: its files, its commands.
#[test]
fn the_plugin_of_the_readme_builds_and_answers() {
    let readme = readme();
    let home = Home::new();
    let manifest = blocks(&readme, "toml")
        .into_iter()
        .find(|block| block.contains("crate-type"))
        .unwrap();
    let sdk = root().join("plugin-sdk").canonicalize().unwrap();
    home.write(
        "greeter/Cargo.toml",
        manifest.replace("../plugin-sdk", sdk.to_str().unwrap()),
    );
    home.write("greeter/src/lib.rs", blocks(&readme, "rust").concat());
    // The versions this repository was tested with.
    home.write(
        "greeter/Cargo.lock",
        fs::read(root().join("Cargo.lock")).unwrap(),
    );

    let commands = blocks(&readme, "sh")
        .into_iter()
        .find(|block| block.contains("wasm32-wasip2"))
        .unwrap();
    let (build, call) = commands.split_once('\n').expect("there are two commands");
    let build = words(build);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let built =
        std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(&build[1..])
            .args(["--quiet", "--target-dir"])
            .arg(&target)
            .current_dir(home.path().join("greeter"))
            .output()
            .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );

    let call = words(
        call.strip_prefix("portcullis ")
            .expect("it calls the plugin"),
    );
    let component = target.join("wasm32-wasip2/release/greeter.wasm");
    let arguments: Vec<_> = call
        .iter()
        .map(|word| {
            if word.ends_with("greeter.wasm") {
                component.to_str().unwrap()
            } else {
                word
            }
        })
        .collect();
    let ended = home.run(&arguments);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "Hello, Ada!\n"),
        "{ended:?}"
    );
}

#[test]
fn the_table_of_limits_is_the_one_in_the_code() {
    let readme = readme();
    let with_commas = |n: u64| {
        let digits = n.to_string();
        let groups: Vec<_> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        groups.join(",")
    };
    for ((name, default), (_, ceiling)) in Limits::default()
        .entries()
        .into_iter()
        .zip(Limits::ceiling().entries())
    {
        let row = format!(
            "| `{name}` | {} | {} |",
            with_commas(default),
            with_commas(ceiling)
        );
        assert!(readme.contains(&row), "the README lacks {row}");
    }
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for (_, rest) in text
            .match_indices("](")
            .map(|(at, found)| text.split_at(at + found.len()))
        {
            let link = rest.split(')').next().unwrap_or_default();
            if !link.starts_with("http") {
                assert!(root().join(link).exists(), "{document} links to {link}");
            }
        }
    }
}
