//! The corpora of the fuzz targets, held against the same properties. Bytes that once broke one stay there.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod properties;

/// Checks every file of a corpus. A panic names the property; the file is told before it.
fn check(target: &str, property: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut n_files = 0;
    for file in fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        println!("{}", path.display());
        property(&fs::read(path).unwrap());
        n_files += 1;
    }
    assert!(n_files > 0, "the corpus was not found");
}

#[test]
fn what_holds_of_manifests_holds_of_the_corpus() {
    check("manifest", properties::manifest::check);
}

#[test]
fn what_holds_of_configurations_holds_of_the_corpus() {
    check("config", properties::config::check);
}

#[test]
fn what_holds_of_rules_and_requests_holds_of_the_corpus() {
    check("network_rule", properties::network_rule::check);
}

#[test]
fn what_holds_of_schemas_holds_of_the_corpus() {
    check("schema", properties::schema::check);
}
