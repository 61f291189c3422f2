//! A plugin in Rust, from an edit to the swap.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::program::Dev;
use crate::support::client::Era;
use crate::support::program::Home;

/// The plugin of the README. Its folder is the same in every run, so that what it depends on is compiled once: its compiler
/// is told to leave the folder's name out of the component, and builds everything anew where that is another.
fn greeter() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sdk = root.join("plugin-sdk").canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"greeter\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = \"Greets people\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\nportcullis-plugin = {{ path = {sdk:?} }}\n\n\
         # It lies within another workspace.\n[workspace]\n"
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev greeter");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions this repository was tested with.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

fn source(greeting: &str, more: &str) -> String {
    format!(
        "#[portcullis_plugin::plugin]\nmod greeter {{\n    /// Greets somebody by name.\n    #[tool]\n    fn greet(\n        \
         /// Whom to greet.\n        name: String,\n    ) -> String {{\n        format!(\"{greeting}\")\n    }}\n{more}}}\n"
    )
}

#[tokio::test]
async fn an_edit_is_built_and_swapped_and_one_that_does_not_build_changes_nothing() {
    let home = Home::new();
    let folder = greeter();
    let save = |text: String| std::fs::write(folder.join("src/lib.rs"), text).unwrap();
    save(source("Hello, {name}!", ""));
    home.write(
        "portcullis.toml",
        "[policy]\nstorage = [\"key-value\"]\n[plugins.greeter]\npath = \"gone.wasm\"\n\
         [plugins.greeter.grants]\nstorage = [\"key-value\"]\n",
    );
    // The author's own tools, not those of the tests' empty home.
    let real = |name: &str| std::env::var_os(name).map(std::path::PathBuf::from);
    let user = real("HOME").unwrap();
    let cargo_home = real("CARGO_HOME").unwrap_or_else(|| user.join(".cargo"));
    let rustup_home = real("RUSTUP_HOME").unwrap_or_else(|| user.join(".rustup"));
    let variables = [
        ("CARGO_HOME", cargo_home.as_path()),
        ("RUSTUP_HOME", rustup_home.as_path()),
    ];
    let mut dev = Dev::start(&home, &[folder.to_str().unwrap(), "--stdio"], &variables);
    assert_eq!(dev.hears("granted").await["plugin"], "greeter");
    let first = dev.hears("swapped").await;
    assert_eq!(first["plugin"], "greeter");
    println!("first: {first}");
    let client = dev.connect(Era::Legacy).await;
    let greet = async || {
        let answer = client.call("greeter__greet", json!({"name": "Ada"})).await;
        let answer = answer.unwrap();
        answer.content[0].as_text().unwrap().text.clone()
    };
    assert_eq!(greet().await, "Hello, Ada!");
    let times = |swapped: &Value| {
        let [build, load, start, swap, since] =
            ["buildMs", "loadMs", "startMs", "swapUs", "sinceBuiltMs"]
                .map(|key| swapped[key].as_u64().expect("it is measured"));
        println!(
            "build {build} ms, compile {load} ms, start {start} ms, swap {swap} µs: swapped {since} ms after the build"
        );
    };

    save(source("Good day, {name}!", ""));
    times(&dev.hears("swapped").await);
    assert_eq!(greet().await, "Good day, Ada!");

    save(source("Good night, {nobody}!", ""));
    let failed = dev.hears("failed").await;
    assert_eq!(
        (&failed["stage"], &failed["kept"]),
        (&json!("build"), &json!(true))
    );
    let output = failed["output"].as_str().unwrap();
    assert!(
        output.contains("nobody") && output.contains("src/lib.rs"),
        "{output}"
    );
    assert_eq!(greet().await, "Good day, Ada!");

    // A save while it builds: what is built of the files before is nobody's wish any more.
    let part = "    /// Says goodbye.\n    #[tool]\n    fn part() -> String {\n        \"Goodbye!\".to_owned()\n    }\n";
    save(source("Good evening, {name}!", ""));
    dev.hears("building").await;
    save(source("Good morning, {name}!", part));
    let again = dev.hears("changed").await;
    assert_eq!(again["restarted"], true);
    let swapped = dev.hears("swapped").await;
    times(&swapped);
    assert_eq!(swapped["tools"]["added"], json!(["part"]));
    assert_eq!(greet().await, "Good morning, Ada!");
    assert_eq!(dev.end(Signal::INT).await, Some(0));
}
