//! What a person sees of permissions: what a plugin asks for and gets, what it was refused and what would allow it, what
//! it would need, and what is unsafe. The plugin is a journal that also writes to a stranger.

use portcullis::names::Digest;
use portcullis_fixtures::guest;
use serde_json::{Value, json};

use crate::support::program::{Ended, Home};

/// A folder with the journal in it, and this in `portcullis.toml`, where `DIGEST` stands for the journal's.
fn with_journal(configuration: &str) -> Home {
    let home = Home::new();
    let manifest = json!({
        "name": "journal",
        "version": "1.0.0",
        "permissions": { "network": ["https://telemetry.example"], "storage": ["key-value"] },
    });
    home.write("journal/plugin.json", manifest.to_string())
        .write("journal/journal.wasm", guest("journal"));
    let digest = Digest::of(guest("journal")).to_string();
    if !configuration.is_empty() {
        let shipped = "[host]\nshipped = false\n";
        let configuration = configuration.replace("DIGEST", &digest);
        home.write("portcullis.toml", format!("{shipped}{configuration}"));
    }
    home
}

/// The journal may keep things, and that is all.
const KEEPS: &str = r#"
[policy]
storage = ["key-value"]

[plugins.journal]
path = "journal"
digest = "DIGEST"

[plugins.journal.grants]
storage = ["key-value"]
"#;

const WRITE: [&str; 3] = ["call", "write", r#"{"text": "Dear diary"}"#];

fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

#[test]
fn what_all_three_keys_name_is_given_and_nothing_else() {
    let check = |configuration: &str, kept: bool, missing: &[&str]| {
        let home = with_journal(configuration);
        let ended = home.run(&WRITE);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(ended.stdout, format!("kept: {kept}, told: false\n"));
        assert!(
            ended
                .stderr
                .contains("`POST https://telemetry.example/` is refused")
        );
        for key in missing {
            let told = format!("`storage key-value` is refused: {key}");
            assert!(
                ended.stderr.contains(&told),
                "{told} not in {}",
                ended.stderr
            );
        }
    };
    let without = |line: &str| KEEPS.replace(line, "");
    check(KEEPS, true, &[]);
    check(
        &without("[policy]\nstorage = [\"key-value\"]\n"),
        false,
        &["the operator's policy lacks it"],
    );
    check(
        &without("[plugins.journal.grants]\nstorage = [\"key-value\"]\n"),
        false,
        &["the grant lacks it"],
    );
    check(
        &without("digest = \"DIGEST\"\n"),
        false,
        &["the grant lacks it"],
    );
    let other = Digest::of(b"another component").to_string();
    check(
        &KEEPS.replace("DIGEST", &other),
        false,
        &["the grant lacks it"],
    );
}

#[test]
fn other_bytes_under_the_same_name_get_nothing_of_the_grant() {
    let home = with_journal(KEEPS);
    assert!(home.run(&WRITE).stdout.starts_with("kept: true"));
    // A custom section at the end: the same code with another digest.
    let mut replaced = guest("journal").to_vec();
    replaced.extend([0, 2, 1, b'x']);
    home.write("journal/journal.wasm", replaced);
    let ended = home.run(&WRITE);
    assert!(ended.stdout.starts_with("kept: false"), "{ended:?}");
    let explained = home.run(&["explain", "journal"]);
    assert!(explained.stdout.contains("does not hold"), "{explained:?}");
}

#[test]
fn what_a_model_hears_of_a_refusal_does_not_say_how_to_lift_it() {
    let home = with_journal("[plugins.journal]\npath = \"journal\"\n");
    let ended = home.run(&["call", "write", r#"{"text": "x"}"#, "--json"]);
    for word in ["portcullis.toml", "grants", "policy", "explain"] {
        assert!(!ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
    assert!(ended.stderr.contains("portcullis explain journal"));
}

#[test]
fn explain_names_the_missing_keys_and_its_lines_would_allow_it() {
    let home = with_journal(KEEPS);
    let attempt = "POST https://telemetry.example/";
    let asked = ["explain", "journal", "--attempt", attempt];
    let refused = home.run(&asked);
    assert_eq!(refused.code, 1, "{refused:?}");
    for words in [
        "missing: the operator's policy",
        "missing: the grant",
        "[policy]\n  network = [\"https://telemetry.example\"]",
        "[plugins.journal.grants]\n  network = [\"https://telemetry.example\"]",
    ] {
        assert!(
            refused.stdout.contains(words),
            "{words}: {}",
            refused.stdout
        );
    }

    // What it says to write is written, and then it is so.
    let facts = json_of(&home.run(&[&asked[..], &["--json"]].concat()));
    assert_eq!(facts["missing"], json!(["policy", "grant"]));
    let rules = "network = [\"https://telemetry.example\"]\nstorage";
    let allowing = KEEPS.replace("storage", rules);
    let home = with_journal(&allowing);
    let allowed = home.run(&asked);
    assert_eq!(allowed.code, 0, "{allowed:?}");
    assert!(allowed.stdout.contains("is allowed"), "{}", allowed.stdout);
}

#[test]
fn explain_shows_all_that_a_plugin_asks_for_with_what_becomes_of_it() {
    let home = with_journal(KEEPS);
    let ended = home.run(&["explain", "journal"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let line = |word: &str| {
        let lines: Vec<_> = ended
            .stdout
            .lines()
            .filter(|line| line.contains(word))
            .collect();
        lines.concat()
    };
    assert!(
        line("  storage key-value ").ends_with("allowed"),
        "{ended:?}"
    );
    assert!(
        line("  GET https://telemetry.example/").contains("refused, missing:"),
        "{ended:?}"
    );
    let facts = json_of(&home.run(&["explain", "journal", "--json"]));
    assert_eq!(facts["grantHolds"], true);
    assert_eq!(facts["attempts"][0]["allowed"], false);
    assert_eq!(facts["attempts"][1]["allowed"], true);
}

#[test]
fn explain_refuses_what_is_no_attempt_and_who_is_no_plugin() {
    let home = with_journal(KEEPS);
    let check = |arguments: &[&str], code: i32, word: &str| {
        let ended = home.run(&[&["explain"], arguments].concat());
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.stderr.contains(word), "{ended:?}");
        assert!(ended.stderr.contains("(hint: "), "{ended:?}");
    };
    check(&["stranger"], 4, "`stranger`");
    check(&["journal", "--attempt", "fly"], 2, "`fly`");
    check(&["journal", "--attempt", "GET https://a b/"], 2, "a b");
    check(
        &["journal", "--attempt", "CONNECT https://example.com/"],
        2,
        "CONNECT",
    );
    check(&["journal", "--attempt", "storage disk"], 2, "`disk`");
}

#[test]
fn a_process_is_never_given_and_the_reason_says_what_to_do_instead() {
    let home = with_journal(KEEPS);
    let ended = home.run(&["explain", "journal", "--attempt", "process:spawn"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("compile the program to WebAssembly"));
    let granting = KEEPS.replace(
        "[plugins.journal.grants]",
        "[plugins.journal.grants]\nsystem = [\"process:spawn\"]",
    );
    let ended = with_journal(&granting).run(&["list"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("compile the program to WebAssembly"));
}

#[test]
fn learning_prints_the_smallest_block_for_what_was_tried_and_does_none_of_it() {
    let home = with_journal(KEEPS);
    let ended = home.run(&["call", "--learn", "write", r#"{"text": "x"}"#]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(
        json_of(&ended),
        json!({"permissions": {
            "network": ["POST https://telemetry.example"],
            "storage": ["key-value"],
        }})
    );
    assert!(
        ended.stderr.contains("kept: false, told: false"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("POST https://telemetry.example/"));

    // The block is what a manifest takes.
    let manifest = json!({
        "name": "journal",
        "version": "1.0.0",
        "permissions": json_of(&ended)["permissions"],
    });
    home.write("journal/plugin.json", manifest.to_string());
    let allowing = KEEPS.replace(
        "storage",
        "network = [\"POST https://telemetry.example\"]\nstorage",
    );
    home.write(
        "portcullis.toml",
        allowing.replace("DIGEST", &Digest::of(guest("journal")).to_string()),
    );
    let attempt = [
        "explain",
        "journal",
        "--attempt",
        "POST https://telemetry.example/x",
    ];
    assert_eq!(home.run(&attempt).code, 0);
}

#[test]
fn doctor_finds_what_is_unsafe_and_what_has_no_effect() {
    use std::os::unix::fs::PermissionsExt;

    let home = with_journal(KEEPS);
    let calm = json_of(&home.run(&["doctor", "--json"]));
    assert!(calm["engine"].as_str().unwrap().starts_with("wasmtime 48."));
    assert_eq!(calm["limits"]["call_ms"], 30_000);
    let paths = calm["paths"].as_array().unwrap();
    let names: Vec<_> = paths.iter().map(|path| path["what"].clone()).collect();
    assert_eq!(names, ["configuration", "its folder", "cache", "state"]);

    let check = |configuration: &str, severity: &str, words: &str| {
        let home = with_journal(configuration);
        let report = json_of(&home.run(&["doctor", "--json"]));
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().any(|finding| {
            finding["severity"] == severity && finding["what"].as_str().unwrap().contains(words)
        });
        assert!(found, "{words}: {findings:#?}");
        let shown = home.run(&["doctor"]).stdout;
        let lines = shown.lines().filter(|line| line.starts_with(severity));
        for line in lines {
            assert_eq!(line.matches("(hint: ").count(), 1, "{line}");
        }
    };
    check(
        &KEEPS.replace("digest = \"DIGEST\"\n", ""),
        "warning",
        "the grants of `journal` do not hold",
    );
    check(
        &KEEPS.replace("DIGEST", "any"),
        "warning",
        "whatever bytes come",
    );
    check(
        &KEEPS.replace("storage = ", "network = [\"*\"]\nstorage = "),
        "warning",
        "every public host",
    );
    check(
        &format!("{KEEPS}[plugins.journal.directories.root]\npath = \"/\"\n"),
        "warning",
        "with all that is below",
    );
    check(
        &format!("{KEEPS}[plugins.journal.directories.gone]\npath = \"gone\"\n"),
        "unsafe",
        "is not there",
    );
    check(
        &format!("{KEEPS}[plugins.journal.secrets.key]\nenv = \"NOBODY_SET_THIS\"\n"),
        "unsafe",
        "NOBODY_SET_THIS",
    );

    let file = home.path().join("portcullis.toml");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    let open = home.run(&["doctor"]);
    assert_eq!(open.code, 4, "{open:?}");
    assert!(
        open.stdout
            .contains("unsafe: others can change the configuration"),
        "{open:?}"
    );
    assert!(open.stdout.contains("chmod go-w"), "{open:?}");
}
