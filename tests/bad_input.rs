//! What bad files get: a sentence that names the thing and the way out, on standard error and in `list`; the others are served.

use portcullis_fixtures::{guest, guest_path};

use crate::support::program::Home;

/// Puts a plugin from these bytes beside the shipped ones. It is refused with these words, and the shipped ones are served.
fn refused(file: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    let home = Home::new();
    home.write(file, bytes);
    let ended = home.run(&["--plugin", file, "list"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(
        ended.stdout.contains("calculator__add"),
        "the others are served: {}",
        ended.stdout
    );
    for word in words {
        assert!(
            ended.stdout.contains(word),
            "`{word}` is missing in {}",
            ended.stdout
        );
    }
    assert!(ended.stdout.contains("(hint: "), "{}", ended.stdout);
}

#[test]
fn what_is_not_a_component_is_refused_with_a_hint() {
    let component = guest("noop");
    refused("empty.wasm", b"", &["empty.wasm"]);
    refused(
        "garbage.wasm",
        b"this is not wasm at all",
        &["garbage.wasm"],
    );
    refused(
        "truncated.wasm",
        &component[..component.len() / 2],
        &["truncated"],
    );
    refused(
        "module.wasm",
        b"\0asm\x01\0\0\0",
        &["module.wasm", "core module", "wasm32-wasip2"],
    );
    refused("elf.wasm", b"\x7fELF\x02\x01\x01", &["elf.wasm"]);
}

#[test]
fn a_missing_file_and_an_empty_folder_are_named() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("empty")).unwrap();
    for path in ["gone.wasm", "empty"] {
        let ended = home.run(&["--plugin", path, "list"]);
        assert_eq!(ended.code, 4);
        assert!(ended.stdout.contains(path), "{ended:?}");
    }
}

#[test]
fn a_bad_manifest_names_file_key_and_what_is_expected() {
    let with = |manifest: &str, words: &[&str]| {
        let home = Home::new();
        home.write("plugin/plugin.json", manifest)
            .write("plugin/noop.wasm", guest("noop"));
        let ended = home.run(&["--plugin", "plugin", "list"]);
        assert_eq!(ended.code, 4, "{ended:?}");
        for word in words {
            assert!(
                ended.stdout.contains(word),
                "`{word}` is missing in {}",
                ended.stdout
            );
        }
    };
    with(
        r#"{"name": "noop", "version": "1.0.0", "descripton": "x"}"#,
        &["plugin.json", "descripton", "description"],
    );
    with(
        r#"{"name": "noop", "version": 1}"#,
        &["plugin.json", "version"],
    );
    with(
        r#"{"name": "No Op", "version": "1.0.0"}"#,
        &["plugin.json", "name"],
    );
    with(r#"{"version": "1.0.0"}"#, &["plugin.json", "name"]);
    with(
        r#"{"name": "noop", "version": "1.0.0", "permissions": {"network": ["http://"]}}"#,
        &["plugin.json", "network"],
    );
    with("{", &["plugin.json"]);
}

#[test]
fn a_good_manifest_beside_the_component_is_used() {
    let home = Home::new();
    home.write(
        "plugin/plugin.json",
        r#"{"name": "nothing", "version": "1.2.3"}"#,
    )
    .write("plugin/noop.wasm", guest("noop"));
    let ended = home.run(&["--plugin", "plugin", "list"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("nothing 1.2.3") && ended.stdout.contains("nothing__noop"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_manifest_beside_must_agree_with_the_one_inside() {
    let home = Home::new();
    home.write(
        "plugin/plugin.json",
        r#"{"name": "other", "version": "1.2.3"}"#,
    )
    .write("plugin/echo.wasm", guest("echo"));
    let ended = home.run(&["--plugin", "plugin", "list"]);
    assert_eq!(ended.code, 4);
    assert!(ended.stdout.contains("name"), "{}", ended.stdout);
}

#[test]
fn a_bad_configuration_names_file_key_and_what_is_expected() {
    let with = |config: &str, words: &[&str]| {
        let home = Home::new();
        home.write("portcullis.toml", config);
        let ended = home.run(&["list"]);
        assert_eq!(ended.code, 4, "{ended:?}");
        for word in words.iter().chain(&["portcullis.toml"]) {
            assert!(
                ended.stderr.contains(word),
                "`{word}` is missing in {}",
                ended.stderr
            );
        }
    };
    with("[plugins.echo]\npth = \"x\"", &["pth", "path"]);
    with("[plugins.echo.limits]\nfuel = \"much\"", &["fuel"]);
    with("[plugins.echo.limits]\nfuel = 0", &["fuel"]);
    with(
        "[limits]\nmemory_bytes = 99_000_000_000_000",
        &["memory_bytes", "ceiling"],
    );
    with(
        "[plugins.echo]\ngrants = { network = [\"user@example.com\"] }",
        &["grants"],
    );
    with("[plugins.Echo]\n", &["Echo"]);
    with("this is not toml", &["portcullis.toml"]);
}

#[test]
fn the_configuration_decides_which_plugins_are_served_and_under_which_names() {
    let home = Home::new();
    let echo = guest_path("echo").display().to_string();
    home.write(
        "portcullis.toml",
        format!("[host]\nshipped = false\n[plugins.echo]\npath = {echo:?}\nprefix = \"e\"\n"),
    );
    let ended = home.run(&["list"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("e__echo") && !ended.stdout.contains("calculator"),
        "{}",
        ended.stdout
    );

    home.write("portcullis.toml", "[plugins.calculator]\nenabled = false\n");
    let ended = home.run(&["list"]);
    assert!(
        !ended.stdout.contains("calculator") && ended.stdout.contains("time__"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_cache_that_cannot_be_written_costs_time_and_nothing_else() {
    let home = Home::new();
    home.write("occupied", "a file where a folder should be");
    home.write("portcullis.toml", "[host]\ncache = \"occupied\"\n");
    let ended = home.run(&["call", "add", r#"{"a": 2, "b": 3}"#]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "5\n"), "{ended:?}");
    assert!(
        ended.stderr.contains("cache") && ended.stderr.contains("occupied"),
        "{ended:?}"
    );
}
