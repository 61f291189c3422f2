//! The shipped plugins pass their own cases, which call all they offer; and the examples of the documentation are cases.

use std::path::{Path, PathBuf};

use super::shipped;
use crate::support::program::{Ended, Home};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("it is in the workspace")
        .to_owned()
}

#[track_caller]
fn passes(name: &str) {
    let home = Home::new();
    let mut command = home.command();
    command
        .arg("test")
        .arg(workspace().join("plugins").join(name))
        .arg("--component")
        .arg(shipped(name))
        .args(["--min-coverage", "100"])
        .env("CI", "true");
    let ended = Ended::of(command.output().unwrap());
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains("unused"), "{}", ended.stdout);
}

#[test]
fn the_calculator_passes_its_cases() {
    passes("calculator");
}

#[test]
fn fetch_passes_its_cases() {
    passes("fetch");
}

#[test]
fn files_passes_its_cases() {
    passes("files");
}

#[test]
fn notes_passes_its_cases() {
    passes("notes");
}

#[test]
fn text_passes_its_cases() {
    passes("text");
}

#[test]
fn time_passes_its_cases() {
    passes("time");
}

#[test]
fn every_example_of_the_documentation_is_a_case_file_that_passes() {
    let page = std::fs::read_to_string(workspace().join("docs/testing.md")).unwrap();
    let mut n_played = 0;
    for block in page.split("```toml plugin=").skip(1) {
        let (plugin, text) = block.split_once('\n').unwrap();
        let (text, _) = text.split_once("\n```").unwrap();
        let home = Home::new();
        home.write("example.toml", text);
        let component = shipped(plugin);
        let ended = home.run(&[
            "test",
            "--component",
            component.to_str().unwrap(),
            "--cases",
            "example.toml",
        ]);
        assert_eq!(ended.code, 0, "{text}\n{}\n{}", ended.stdout, ended.stderr);
        n_played += 1;
    }
    assert!(n_played >= 6, "{n_played}");
}
