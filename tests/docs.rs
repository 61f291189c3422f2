//! What the documents show is what happens.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::limits::Limits;
use portcullis::names::Digest;
use portcullis_fixtures::guest;

use crate::support::program::Home;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks with their languages, in order.
fn all_blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language, block.join("\n")));
        }
    }
    blocks
}

/// The fenced blocks of one language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let blocks = all_blocks(text).into_iter();
    let of_language = blocks.filter(|(found, _)| *found == language);
    of_language.map(|(_, block)| block).collect()
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

/// The reader's folder, with the plugin that a stranger gave them.
fn home_with_a_stranger() -> Home {
    let home = Home::new();
    let manifest = serde_json::json!({
        "name": "journal",
        "version": "1.0.0",
        "permissions": { "network": ["telemetry.example"], "storage": ["key-value"] },
    });
    home.write("journal/plugin.json", manifest.to_string())
        .write("journal/journal.wasm", guest("journal"));
    home
}

/// Runs a command that serves over HTTP, on a port that is free instead of the one shown.
fn serves_until_it_is_told_to_end(home: &Home, arguments: &[&str]) {
    use std::io::{BufRead as _, BufReader};

    let shown = arguments.last().copied().unwrap_or_default();
    let port = shown.rsplit_once(':').expect("it ends with an address").1;
    assert!(port.parse::<u16>().is_ok(), "{shown}");
    let free = shown.replace(port, "0");
    let mut arguments = arguments.to_vec();
    arguments.pop();
    let mut server = home
        .command()
        .args(arguments)
        .arg(free)
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut told = BufReader::new(server.stderr.take().unwrap());
    told.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("serving MCP at http://127.0.0.1:"),
        "{line}"
    );
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(server.wait().unwrap().success());
}

/// Every command in the order of the page, and the configuration of the stranger's plugin where it is shown.
#[test]
fn the_commands_the_readme_shows_succeed() {
    let home = home_with_a_stranger();
    let readme = readme();
    let mut n_commands = 0;
    for (language, block) in all_blocks(&readme) {
        if language == "toml" && block.contains("[plugins.journal]") {
            let digest = Digest::of(guest("journal")).to_string();
            home.write("portcullis.toml", block.replace("sha256:…", &digest));
        }
        let commands = block
            .lines()
            .filter_map(|line| line.strip_prefix("$ portcullis "));
        for command in commands.filter(|_| language == "console") {
            let arguments = words(command);
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            n_commands += 1;
            if arguments.first() == Some(&"serve") {
                serves_until_it_is_told_to_end(&home, &arguments);
                continue;
            }
            let ended = home.run(&arguments);
            assert_eq!(ended.code, 0, "{command}: {ended:?}");
        }
    }
    assert!(n_commands >= 7, "{n_commands} commands were found");

    // What the page says of the last two.
    let ended = home.run(&["call", "journal__write", r#"{"text": "x"}"#]);
    assert!(
        ended.stdout.contains("kept: true, told: false"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("telemetry.example"), "{ended:?}");
    let attempt = "POST https://telemetry.example/";
    assert!(readme.contains(attempt));
    let ended = home.run(&["explain", "journal", "--attempt", attempt]);
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[test]
fn the_permissions_the_readme_shows_are_understood_and_have_an_effect() {
    let shown = blocks(&readme(), "toml")
        .into_iter()
        .find(|block| block.contains("[plugins.fetch.grants]"))
        .unwrap();
    let home = Home::new();
    home.write("portcullis.toml", shown)
        .write("plugins/weather.wasm", guest("noop"))
        .write("papers/a.txt", "a");
    let check = |plugin: &str, attempt: &str, code: i32| {
        let ended = home.run(&["explain", plugin, "--attempt", attempt]);
        assert_eq!(ended.code, code, "{plugin}: {attempt}: {ended:?}");
    };
    check("fetch", "GET https://example.com/", 0);
    check("fetch", "POST https://www.example.com/x", 0);
    check("fetch", "HEAD https://api.example.org/v1/x", 0);
    check("fetch", "POST https://api.example.org/v1/x", 1);
    check("fetch", "GET https://evilexample.com/", 1);
    check("files", "storage directories", 0);
    check("notes", "storage key-value", 0);
    check("notes", "storage user-data", 1);
    check("weather", "clock", 0);
    check("weather", "random", 1);
}

/// Every row of the table that leads from a promise to its tests.
#[test]
fn the_tests_that_the_security_page_names_are_there() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let (_, table) = page.split_once("## From promise to test").unwrap();
    let mut sources = String::new();
    for folder in ["tests", "host/src", "plugins"] {
        append_sources(&root().join(folder), &mut sources);
    }
    let mut n_named = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let (_, tests) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        for name in tests.split('`').filter(|name| name.contains('_')) {
            assert!(
                sources.contains(&format!("fn {name}(")),
                "there is no test `{name}`"
            );
            n_named += 1;
        }
    }
    assert!(n_named > 30, "{n_named} tests are named");
}

/// All Rust code below a folder, but for what is built there.
fn append_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            append_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
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
        .write("plugins/weather.wasm", guest("noop"));
    let ended = home.run(&["list"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("weather__noop"), "{}", ended.stdout);
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
