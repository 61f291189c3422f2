//! The files that pages show and that no other test runs, read as the program reads them.

use std::path::Path;

use portcullis::config::Config;
use serde_json::Value;

use super::pages::{blocks, pages};
use super::source;

/// The files of one language that the pages show, each with its page.
fn shown(language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, page) in pages() {
        for (of, block) in blocks(&page) {
            if of == language {
                found.push((path.clone(), block));
            }
        }
    }
    found
}

/// The tutorial's are run, and those of *Test a plugin* say which plugin plays them.
#[test]
fn every_configuration_that_a_page_shows_is_one_the_host_takes() {
    let mut n_configurations = 0;
    for (path, block) in shown("toml") {
        match path.as_str() {
            "docs/tutorial.md" => {}
            // These are for Cargo, and for a plugin that is not there yet.
            "plugin-sdk/README.md" => drop(block.parse::<toml::Table>().expect("it is TOML")),
            "host/templates/common/README.md" => {}
            _ => {
                // A digest that the reader has to put in.
                let block = block.replace('…', &"0".repeat(64));
                if let Err(error) = Config::parse(&block, Path::new("portcullis.toml")) {
                    panic!("{path}: {error}\n{block}");
                }
                n_configurations += 1;
            }
        }
    }
    assert!(n_configurations >= 7, "{n_configurations} were found");
}

#[test]
fn every_json_that_a_page_shows_is_json() {
    let mut n_files = 0;
    for (path, block) in shown("json") {
        // Its first line may say what file it is.
        let block = match block.starts_with("// ") {
            true => block.split_once('\n').unwrap_or_default().1,
            false => &block,
        };
        let read: Result<Value, _> = serde_json::from_str(block);
        assert!(read.is_ok(), "{path}: {read:?}");
        n_files += 1;
    }
    assert!(n_files >= 6, "{n_files} were found");
}

#[test]
fn every_benchmark_that_a_page_names_is_there() {
    let manifest = source("host/Cargo.toml");
    let mut n_named = 0;
    for (path, block) in shown("sh") {
        for (_, rest) in block
            .match_indices(" --bench ")
            .map(|(at, found)| block.split_at(at + found.len()))
        {
            let name = rest.split_whitespace().next().unwrap_or_default();
            let entry = format!("[[bench]]\nname = \"{name}\"\n");
            assert!(manifest.contains(&entry), "{path}: there is no `{name}`");
            n_named += 1;
        }
    }
    assert!(n_named >= 9, "{n_named} were found");
}
