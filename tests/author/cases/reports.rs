//! Reports for programs and jobs, coverage, and profiles.

use std::fs;

use super::{plugin, report, run};
use crate::support::program::Home;

/// Two cases that pass and one that fails with what XML and terminals do not bear.
fn home() -> Home {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a <resource> & more\"\nresource = \"echo://hello\"\nexpect = \"hello\"\n\
         [[case]]\nname = \"hostile\"\ntool = \"echo\"\narguments = { text = \"]]>\\u0000\\u001b[2J<x>\" }\nexpect = \"x\"\n",
    )
    .write("p/tests/b.toml", "[[case]]\nname = \"b\"\nresource = \"echo://say/b\"\nexpect = \"b\"\n");
    home
}

#[test]
fn junit_has_a_suite_for_each_file_and_can_be_read() {
    let home = home();
    let ended = run(&home, &["--format", "junit", "--output", "out/report.xml"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.stdout.contains("2 passed, 1 failed"),
        "people are told as well: {ended:?}"
    );
    let xml = fs::read_to_string(home.path().join("out/report.xml")).unwrap();
    assert!(!xml.contains('\u{0}') && !xml.contains('\u{1b}'), "{xml}");
    let suites: Vec<_> = xml
        .lines()
        .filter(|line| line.contains("<testsuite "))
        .collect();
    assert_eq!(suites.len(), 2, "{xml}");
    assert!(
        suites[0].contains("p/tests/a.toml") && suites[0].contains("failures=\"1\""),
        "{xml}"
    );
    assert!(xml.contains("a &lt;resource&gt; &amp; more"), "{xml}");
    let streamed = run(&home, &["--format", "junit"]);
    assert!(streamed.stdout.starts_with("<?xml"), "{streamed:?}");
    assert!(
        streamed.stderr.contains("2 passed, 1 failed"),
        "{streamed:?}"
    );
}

#[test]
fn json_has_each_case_with_what_its_call_used() {
    let report = report(&home(), &[]);
    assert_eq!(
        (&report["passed"], &report["failed"]),
        (&2.into(), &1.into()),
        "{report:#}"
    );
    let names: Vec<_> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a <resource> & more", "hostile", "b"]);
    assert!(
        report["cases"][0]["steps"][0]["usage"]["fuel"]
            .as_u64()
            .unwrap()
            > 0,
        "{report:#}"
    );
}

#[test]
fn the_order_is_that_of_the_files_whoever_is_ready_first() {
    let home = plugin("echo");
    let cases = (0..12).map(|n| {
        format!("[[case]]\nname = \"n{n:02}\"\nresource = \"echo://say/{n}\"\nexpect = \"{n}\"\n")
    });
    home.write("p/tests/a.toml", cases.collect::<String>());
    let report = report(&home, &[]);
    let names: Vec<_> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["name"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (0..12).map(|n| format!("n{n:02}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn what_is_never_called_is_named_and_fails_where_that_is_demanded() {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\nresource = \"echo://hello\"\n",
    );
    let listed = run(&home, &["--coverage"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    for missing in [
        "tool `echo`",
        "prompt `greet`",
        "resource template `echo://say/{word}`",
    ] {
        assert!(
            listed.stdout.contains(&format!("never called {missing}")),
            "{missing}: {listed:?}"
        );
    }
    assert!(
        !listed
            .stdout
            .contains("never called resource `echo://hello`"),
        "{listed:?}"
    );
    assert_eq!(run(&home, &["--min-coverage", "20"]).code, 0);
    let demanded = run(&home, &["--min-coverage", "21"]);
    assert_eq!(demanded.code, 1, "{demanded:?}");
    assert!(
        demanded.stderr.contains("20 %") && demanded.stdout.contains("never called"),
        "{demanded:?}"
    );
}

#[test]
fn a_filter_plays_some_cases_and_says_nothing_of_coverage() {
    let ended = run(&home(), &["--filter", "resource"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("1 passed") && !ended.stdout.contains("hostile"),
        "{ended:?}"
    );
}

#[test]
fn a_late_call_is_said_and_fails_only_where_that_is_asked_for() {
    let home = plugin("slow");
    home.write("p/tests/a.toml", "[[case]]\nname = \"a\"\ntool = \"sleep\"\narguments = { ms = 30 }\n[case.budget]\ncall_ms = 1\n");
    let lenient = run(&home, &[]);
    assert_eq!(lenient.code, 0, "{lenient:?}");
    assert!(
        lenient.stdout.contains("and the budget is 1"),
        "{lenient:?}"
    );
    assert_eq!(run(&home, &["--strict-time"]).code, 1);
}

#[test]
fn a_profile_shows_what_calls_use_and_proposes_limits_that_hold() {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\ntool = \"echo\"\narguments = { text = \"a\" }\n",
    );
    let shown = run(&home, &["--profile=3"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.stdout.contains("tool `echo` fuel") && shown.stdout.contains("\"limits\": {"),
        "{shown:?}"
    );
    assert!(
        !shown.stdout.contains("fails under these limits"),
        "{shown:?}"
    );
    let ended = run(&home, &["--profile=3", "--format", "json"]);
    let profile: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(profile["profile"]["calls"][0]["n_calls"], 3, "{profile:#}");
    assert_eq!(profile["profile"]["holds"], true, "{profile:#}");
}

#[test]
fn a_profile_of_what_fails_or_reaches_nothing_proposes_nothing() {
    let home = plugin("echo");
    let case = |name: &str, lines: &str| format!("[[case]]\nname = \"{name}\"\n{lines}\n");
    let fails = case("fails", "resource = \"echo://hello\"\nexpect = \"x\"");
    let unreached = case("unreached", "tool = \"echo\"\nexpect.fails = \"text\"");
    home.write("p/tests/a.toml", format!("{fails}{unreached}"));
    let nothing = run(&home, &["--profile=2"]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    assert!(
        nothing.stdout.contains("not measured `fails`")
            && nothing
                .stdout
                .contains("no case that passes reaches the plugin")
            && !nothing.stdout.contains("\"limits\""),
        "{nothing:?}"
    );
}

#[test]
fn a_profile_proposes_no_time_for_what_waits_for_a_server() {
    let home = plugin("http");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\ntool = \"http\"\narguments = { url = \"https://api.example.com/\" }\n\
         allow.network = [\"api.example.com\"]\nhttp = [{ request = \"GET https://api.example.com/\" }]\n",
    );
    let shown = run(&home, &["--profile=2"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.stdout.contains("\"fuel\"") && !shown.stdout.contains("call_ms"),
        "{shown:?}"
    );
}

#[test]
fn a_call_that_is_turned_away_covers_nothing() {
    let home = plugin("echo");
    home.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\ntool = \"echo\"\nexpect.fails = \"text\"\n",
    );
    let ended = run(&home, &["--coverage"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("never called tool `echo`"),
        "{ended:?}"
    );
    let never_started = plugin("needs_a_grant");
    never_started.write(
        "p/tests/a.toml",
        "[[case]]\nname = \"a\"\ntool = \"needs_a_grant\"\n\
         expect = { fails = \"does not start\", refused = [\"storage key-value\"] }\n",
    );
    let ended = run(&never_started, &["--min-coverage", "100"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("1 passed"), "{ended:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_shown_all_the_same() {
    let home = home();
    home.write("in-the-way", "");
    let check = |arguments: &[&str], shown: &str| {
        let ended = run(
            &home,
            &[arguments, &["--output", "in-the-way/report"]].concat(),
        );
        assert_eq!(ended.code, 4, "{ended:?}");
        assert!(ended.stdout.contains(shown), "{ended:?}");
        assert!(
            ended.stderr.contains("cannot write `in-the-way/report`"),
            "{ended:?}"
        );
    };
    check(&["--format", "junit"], "2 passed, 1 failed");
    check(&["--profile=1"], "resource `echo://hello` fuel");
}
