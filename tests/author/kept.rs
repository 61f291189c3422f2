//! Components built once are loaded and called for ever.
//!
//! `tests/kept` has a folder for each version of the contract, with components built against it and, beside each, the
//! conversations with it: what was asked, and what was answered on the day it was built. A host that answers something else
//! has broken the contract. `tests/kept/README.md` says how a component comes there.

mod conversation;
mod premises;
mod promises;
mod speak;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::names::Digest;

use conversation::Kept;

const BROKEN: &str = "the contract broke, or `tests/kept` was changed";

/// Every version of the contract that a host has ever served. A new one joins them; none leaves.
const SERVED: [&str; 1] = ["0.1.0"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/kept")
}

/// The components of all versions, as `0.1.0/everything`.
fn components() -> Vec<String> {
    let mut found = Vec::new();
    for version in entries(&root()) {
        for file in entries(&root().join(&version)) {
            found.extend(
                file.strip_suffix(".wasm")
                    .map(|name| format!("{version}/{name}")),
            );
        }
    }
    found.sort();
    found
}

fn entries(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("the folder can be read")
            .file_name()
            .into_string()
            .expect("a plain name")
    };
    entries.map(name).collect()
}

#[test]
fn every_kept_component_and_conversation_is_the_one_of_its_first_day() {
    let sums = fs::read_to_string(root().join("SHA256SUMS")).expect("there are sums");
    let mut listed = BTreeSet::new();
    for line in sums.lines() {
        let (sum, file) = line.split_once("  ").expect("a sum and a file");
        let bytes =
            fs::read(root().join(file)).unwrap_or_else(|error| panic!("{BROKEN}: {file}: {error}"));
        assert_eq!(
            Digest::of(&bytes).to_hex(),
            sum,
            "{BROKEN}: {file} is another one"
        );
        listed.insert(file.to_owned());
    }
    let there = components()
        .into_iter()
        .flat_map(|name| [format!("{name}.json"), format!("{name}.wasm")]);
    let there: BTreeSet<_> = there.collect();
    assert_eq!(
        there, listed,
        "{BROKEN}: a file is listed and gone, or there and not listed"
    );
}

/// The version of the contract that `wit/` has today.
fn today() -> String {
    let world = include_str!("../../wit/world.wit");
    let (_, rest) = world
        .split_once("\npackage portcullis:plugin@")
        .expect("the package is named");
    let (version, _) = rest.split_once(';').expect("its version ends");
    version.to_owned()
}

#[test]
fn every_version_of_the_contract_that_was_ever_served_is_kept() {
    assert!(
        SERVED.contains(&today().as_str()),
        "{BROKEN}: `SERVED` does not know the contract {}, which `wit/` has",
        today()
    );
    let versions = components()
        .into_iter()
        .filter_map(|name| Some(name.split_once('/')?.0.to_owned()));
    let versions: BTreeSet<_> = versions.collect();
    let served: BTreeSet<_> = SERVED.map(str::to_owned).into();
    assert_eq!(
        versions, served,
        "{BROKEN}: a version that was served has nothing kept, or something is kept of one that never was"
    );
}

#[tokio::test]
async fn everything_of_0_1_0_loads_and_answers_as_on_its_first_day() {
    check("0.1.0/everything").await;
}

#[tokio::test]
async fn the_calculator_of_0_1_0_loads_and_answers_as_on_its_first_day() {
    check("0.1.0/calculator").await;
}

#[test]
fn no_kept_component_goes_without_a_test() {
    let source = include_str!("kept.rs");
    for component in components() {
        assert!(
            source.contains(&format!("check(\"{component}\")")),
            "{component} has no test"
        );
    }
}

/// Loads a component with all that its configuration grants, and has every conversation with it again.
async fn check(component: &str) {
    let path = root().join(format!("{component}.json"));
    let mut kept = Kept::read(&path);
    let premises = premises::Stage::set(
        &root().join(format!("{component}.wasm")),
        &kept.configuration,
    )
    .await;
    let mut problems = Vec::new();
    for conversation in &mut kept.conversations {
        premises.has(conversation, &mut problems).await;
    }
    premises.shutdown().await;
    kept.write_what_is_new(&path);
    assert!(
        problems.is_empty(),
        "{BROKEN}: {component}\n{}",
        problems.join("\n")
    );
}
