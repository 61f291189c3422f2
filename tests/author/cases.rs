//! `portcullis test`: every key of a case file says something, answers and recordings are kept and looked at, reports can be
//! read, and the shipped plugins pass their own cases.

mod every_key;
mod kept_answers;
mod recorded;
mod reports;
mod shipped;

use std::path::PathBuf;

use portcullis_fixtures::guest;
use serde_json::{Value, json};

use crate::support::program::{Ended, Home};

/// A folder with a test guest as a plugin that asks for everything its cases may give it.
fn plugin(name: &str) -> Home {
    let manifest = json!({
        "name": name.replace('_', "-"),
        "version": "1.0.0",
        "uris": ["echo://", "interrogates://"],
        "permissions": {
            "network": ["*"],
            "storage": ["key-value", "directories"],
            "system": ["env:GREETING"],
        },
        "configuration": { "schema": { "type": "object", "properties": { "unit": { "type": "string" } } } },
    });
    let home = Home::new();
    home.write("p/plugin.wasm", guest(name));
    // `echo` has its own inside.
    if name != "echo" {
        home.write("p/plugin.json", manifest.to_string());
    }
    home
}

/// Runs `portcullis test p` with more arguments, as a person would: not in a job.
fn run(home: &Home, arguments: &[&str]) -> Ended {
    let mut command = home.command();
    command.args(["test", "p"]).args(arguments);
    command.stdin(std::process::Stdio::null());
    Ended::of(command.output().expect("the program starts"))
}

/// What a program is told of a run.
fn report(home: &Home, arguments: &[&str]) -> Value {
    let ended = run(home, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

/// A shipped plugin's component, as it is built into the program.
fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("OUT_DIR")).join(format!("{name}.wasm"))
}

#[test]
fn a_case_that_passes_ends_with_0_and_one_that_fails_with_1() {
    let home = plugin("echo");
    let case = |expect: &str| {
        format!(
            "[[case]]\nname = \"a\"\ntool = \"echo\"\narguments = {{ text = \"hi\" }}\nexpect = \"{expect}\"\n"
        )
    };
    home.write("p/tests/a.toml", case("hi"));
    let well = run(&home, &[]);
    assert_eq!(well.code, 0, "{well:?}");
    assert!(
        well.stdout.contains("1 passed") && !well.stdout.contains('\u{1b}'),
        "{well:?}"
    );
    home.write("p/tests/a.toml", case("ho"));
    let badly = run(&home, &[]);
    assert_eq!(badly.code, 1, "{badly:?}");
    assert!(badly.stdout.contains("- ho\n    + hi"), "{badly:?}");
    assert!(badly.stdout.contains("p/tests/a.toml:1"), "{badly:?}");
}

#[test]
fn a_typo_is_named_with_its_place_before_anything_is_played() {
    let home = plugin("echo");
    let check = |text: &str, expected: &[&str]| {
        home.write("p/tests/a.toml", text);
        let ended = run(&home, &[]);
        assert_eq!(ended.code, 4, "{ended:?}");
        assert_eq!(ended.stdout, "");
        for part in expected {
            assert!(ended.stderr.contains(part), "{part}: {ended:?}");
        }
        assert_eq!(ended.stderr.matches("(hint: ").count(), 1, "{ended:?}");
    };
    check(
        "[[case]]\nname = \"a\"\ntol = \"echo\"\n",
        &[
            "p/tests/a.toml:3:1: key `case[0].tol` is not known",
            "did you mean `tool`?",
        ],
    );
    check("[[case]\n", &["p/tests/a.toml:1:", "is not TOML"]);
    check("", &["there are no cases in `p/tests/a.toml`"]);
    home.write(
        "p/tests/b.toml",
        "[[case]]\nname = \"b\"\nresource = \"echo://hello\"\n",
    );
    check(
        "[clock]\nnow = 2026-01-02T03:04:05Z\n",
        &["there are no cases in `p/tests/a.toml`"],
    );
    std::fs::remove_dir_all(home.path().join("p/tests")).unwrap();
    let none = run(&home, &[]);
    assert_eq!(none.code, 4, "{none:?}");
    assert!(
        none.stderr.contains("there are no cases in `p`"),
        "{none:?}"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_the_way_out() {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\nresource = \"echo://hello\"\n",
    );
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let ended = run(&home, arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {ended:?}");
    };
    check(
        &["--filter", "nobody"],
        2,
        "no case has `nobody` in its name",
    );
    check(&["--review"], 2, "there is no terminal");
    check(
        &["--profile", "--format", "junit"],
        2,
        "cannot be written as JUnit",
    );
    check(&["--min-coverage", "101"], 2, "101");
    check(
        &["--record"],
        2,
        "no case is recorded (hint: write `record = true`",
    );
    check(
        &["--record=b"],
        2,
        "no case with `record = true` has `b` in its name",
    );
    // A word after it is the path, and no name.
    check(&["--record", "b"], 2, "unexpected argument 'b'");
    check(&["--profile", "3"], 2, "unexpected argument '3'");
    check(&["--cases", "p/none.toml"], 4, "cannot read `p/none.toml`");
    check(&["--component", "p/none.wasm"], 4, "p/none.wasm");
}

#[test]
fn a_path_may_have_spaces_and_letters_of_any_language() {
    let home = Home::new();
    home.write("mein Ordner/grüße/echo.wasm", guest("echo"))
        .write(
            "mein Ordner/grüße/tests/à la carte.toml",
            "[[case]]\nname = \"grüßt\"\nprompt = \"greet\"\narguments = { name = \"Ada\" }\nexpect = { snapshot = true }\n",
        );
    let test = |arguments: &[&str]| {
        let mut command = home.command();
        command.args(["test", "mein Ordner/grüße"]).args(arguments);
        Ended::of(command.output().expect("the program starts"))
    };
    let kept = test(&["--accept"]);
    assert_eq!(kept.code, 0, "{kept:?}");
    assert!(
        home.path()
            .join("mein Ordner/grüße/tests/snapshots/à la carte/grüßt.snap")
            .is_file()
    );
    assert_eq!(test(&[]).code, 0);
}

#[test]
fn what_a_plugin_says_does_nothing_to_the_terminal() {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\ntool = \"echo\"\narguments = { text = \"\\u001b[2Jgone\" }\nexpect = \"x\"\n",
    );
    let ended = run(&home, &[]);
    assert_eq!(ended.code, 1);
    assert!(
        !ended.stdout.contains('\u{1b}') && ended.stdout.contains("gone"),
        "{ended:?}"
    );
}
