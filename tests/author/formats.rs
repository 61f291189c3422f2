//! Reports for programs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use portcullis::validate::format::{github, junit, sarif};
use portcullis::validate::{self, Code, Finding, Origin, Place, Report, Severity, Stage, all};
use portcullis_fixtures::guest_path;
use quick_junit::{Report as Document, TestCaseStatus};
use serde_json::Value;

use crate::support::program::Home;

/// What a guest may try to say: commands, markup, links, line ends of all kinds, and characters that XML has no form for.
const HOSTILE: [&str; 10] = [
    "\n::error file=/etc/passwd::forged",
    "\r\n::set-output name=x::y\r",
    "100% %0A::error::x %25",
    "a,line=9,title=T::forged",
    "]]></failure><testcase name=\"forged\"/><!-- & \" ' -->",
    "\u{0}\u{1}\u{8}\u{b}\u{1b}[31mred\u{fffe}\u{ffff}",
    "a ##[error]forged ###[group]x",
    "##vso[task.setvariable variable=x]y",
    "[click](https://evil.example) ![x](https://evil.example/p.png)",
    "größer als ∞ 🦀 \u{202e}",
];

fn code(severity: Severity) -> &'static Code {
    all()
        .find(|code| code.severity == severity)
        .expect("there is one of each severity")
}

fn finding(severity: Severity, within: Option<&str>, message: &str) -> Finding {
    Finding {
        code: code(severity),
        severity,
        place: Place {
            file: PathBuf::from("plugins/große Dinge/a b.wasm"),
            line: None,
            within: within.map(str::to_owned),
        },
        message: message.to_owned(),
        hint: Some("mend it".to_owned()),
    }
}

fn report(findings: Vec<Finding>) -> Report {
    Report {
        path: PathBuf::from("plugins/große Dinge/a b.wasm"),
        origin: None,
        name: Some("a-b".to_owned()),
        version: None,
        digest: None,
        n_bytes: Some(8),
        provenance: None,
        reached: Stage::Checks,
        is_locked: true,
        findings,
    }
}

/// One of each severity, and every hostile thing in every place.
fn full() -> Vec<Report> {
    let mut findings = vec![
        finding(Severity::Error, Some("tool `add`"), "it is wrong"),
        finding(Severity::Warning, None, "it is odd"),
        finding(Severity::Note, Some("key `x`"), "it is so"),
    ];
    for words in HOSTILE {
        let mut hostile = finding(Severity::Error, Some(words), words);
        hostile.hint = Some(words.to_owned());
        hostile.place.file = PathBuf::from(format!("x{words}"));
        hostile.place.line = Some(7);
        findings.push(hostile);
    }
    vec![report(findings), report(Vec::new())]
}

fn sarif_of(reports: &[Report]) -> Value {
    serde_json::from_str(&sarif::write(reports)).expect("SARIF is JSON")
}

#[test]
fn sarif_names_each_rule_once_and_points_every_result_at_its_own() {
    let log = sarif_of(&full());
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), 3);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 3 + HOSTILE.len());
    for result in results {
        let idx = result["ruleIndex"].as_u64().expect("an index");
        let rule = &rules[usize::try_from(idx).expect("a small one")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(rule["defaultConfiguration"]["level"], result["level"]);
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(
                rule[text]["text"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{rule}"
            );
        }
        assert!(rule["help"]["markdown"].is_string(), "{rule}");
    }
}

#[test]
fn the_help_of_a_rule_leads_to_its_heading() {
    const PAGE: &str = include_str!("../../docs/reference/problem-codes.md");
    // As GitHub makes an anchor of a heading: small letters, no marks, and hyphens for blanks.
    let anchor = |heading: &str| heading.to_lowercase().replace('`', "").replace(' ', "-");
    let headings = PAGE.lines().filter_map(|line| line.strip_prefix("## "));
    let anchors: BTreeSet<_> = headings.map(anchor).collect();
    let findings = all().map(|code| Finding {
        code,
        ..finding(Severity::Note, None, "it is so")
    });
    let log = sarif_of(&[report(findings.collect())]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules");
    assert_eq!(rules.len(), all().count());
    for rule in rules {
        let uri = rule["helpUri"].as_str().expect("an address");
        let (page, at) = uri.split_once('#').expect("a part of a page");
        assert!(page.ends_with("/docs/reference/problem-codes.md"), "{uri}");
        assert!(anchors.contains(at), "{at}");
    }
}

#[test]
fn what_is_in_a_built_component_is_shown_in_its_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plugin.json");
    std::fs::write(
        &path,
        "{\n  \"name\": \"a\",\n  \"limits\": {\"fuel\": 1}\n}\n",
    )
    .expect("a file");
    let mut other = finding(Severity::Note, None, "it is elsewhere");
    (other.place.file, other.place.line) = (PathBuf::from("b/plugin.json"), Some(7));
    let findings = vec![
        finding(Severity::Error, Some("tool `add`"), "it is wrong"),
        finding(Severity::Warning, Some("key `limits.fuel`"), "it is odd"),
        other,
    ];
    let reports = [Report {
        origin: Origin::in_folder(folder.path()),
        ..report(findings)
    }];
    let log = sarif_of(&reports);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let shown: Vec<_> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a file");
            let line = place["region"]["startLine"].as_u64().expect("a line");
            (uri.to_owned(), line)
        })
        .collect();
    let source = format!("file://{}", path.display());
    assert_eq!(
        shown,
        [
            (source.clone(), 1),
            (source, 3),
            ("b/plugin.json".to_owned(), 7)
        ]
    );
    let commands = github::write(&reports);
    let lines: Vec<_> = commands.lines().collect();
    let at = |line: usize| format!("file={},line={line},", path.display());
    assert!(
        lines[0].contains(&at(1)) && lines[1].contains(&at(3)),
        "{commands}"
    );
    assert!(
        lines[2].contains("file=b/plugin.json,line=7,"),
        "{commands}"
    );
}

#[test]
fn sarif_says_where_in_a_form_that_code_scanning_reads() {
    let log = sarif_of(&full());
    let result = &log["runs"][0]["results"][0];
    assert_eq!(
        result["message"]["text"],
        "tool `add`: it is wrong (hint: mend it)"
    );
    let location = &result["locations"][0];
    let place = &location["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "plugins/gro%C3%9Fe%20Dinge/a%20b.wasm"
    );
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(
        location["logicalLocations"][0]["fullyQualifiedName"],
        "tool `add`"
    );
    assert_eq!(
        log["runs"][0]["results"][3]["locations"][0]["physicalLocation"]["region"]["startLine"],
        7
    );
}

#[test]
fn a_result_is_recognised_in_the_next_run_whatever_its_words_are() {
    let prints = |messages: [&str; 2]| -> Vec<Value> {
        let same = messages.map(|message| finding(Severity::Error, Some("tool `add`"), message));
        let other = finding(Severity::Error, Some("tool `sub`"), "x");
        let log = sarif_of(&[report(same.into_iter().chain([other]).collect())]);
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].clone())
            .collect()
    };
    let before = prints(["9 bytes", "10 bytes"]);
    assert_eq!(before, prints(["11 bytes", "12 bytes"]));
    assert!(
        before[0] != before[1] && before[0] != before[2],
        "{before:?}"
    );
}

#[test]
fn no_guest_puts_a_link_into_a_message_of_sarif() {
    let log = sarif_of(&full());
    let results = log["runs"][0]["results"].as_array().expect("results");
    let texts: Vec<_> = results
        .iter()
        .filter_map(|result| result["message"]["text"].as_str())
        .collect();
    assert_eq!(texts.len(), results.len());
    assert!(
        texts
            .iter()
            .any(|text| text.contains("[click] (https://evil")),
        "{texts:?}"
    );
    assert!(texts.iter().all(|text| !text.contains("](")), "{texts:?}");
}

/// Names with values.
type Properties = Vec<(String, String)>;

/// What the runner of GitHub reads of a line: the command, its properties, and the message.
fn read_command(line: &str) -> Option<(String, Properties, String)> {
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescape = |text: &str, and: &[(&str, &str)]| {
        let text = and
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let properties = properties
        .split(',')
        .filter_map(|property| property.split_once('='));
    let properties = properties.map(|(key, value)| {
        (
            key.to_owned(),
            unescape(value, &[("%3A", ":"), ("%2C", ",")]),
        )
    });
    Some((
        command.to_owned(),
        properties.collect(),
        unescape(message, &[]),
    ))
}

#[test]
fn no_guest_forges_a_command_in_the_log_of_a_job() {
    let reports = full();
    let text = github::write(&reports);
    let lines: Vec<_> = text
        .split(['\n', '\r'])
        .filter(|line| !line.is_empty())
        .collect();
    let findings = &reports[0].findings;
    assert_eq!(lines.len(), findings.len(), "{text}");
    for (line, finding) in lines.into_iter().zip(findings) {
        let (command, properties, message) = read_command(line).expect("a command");
        let expected = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        assert_eq!(command, expected);
        let keys: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["file", "line", "title"], "{line}");
        let line_of = finding.place.line.unwrap_or(1).to_string();
        assert_eq!(properties[1].1, line_of);
        assert_eq!(properties[2].1, finding.code.id);
        // It says all of it, turned back.
        assert!(message.contains(&finding.message), "{message}");
        assert!(
            message.contains(finding.hint.as_deref().expect("a hint")),
            "{message}"
        );
    }
}

#[test]
fn junit_has_a_suite_for_each_component_and_cases_that_pass() {
    let reports = full();
    let text = junit::write(&reports);
    let document =
        Document::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(document.test_suites.len(), reports.len());
    let failures = 1 + HOSTILE.len();
    assert_eq!((document.failures, document.errors), (failures, 0));
    for (suite, report) in document.test_suites.iter().zip(&reports) {
        assert_eq!(suite.name.as_str(), report.path.to_str().expect("UTF-8"));
        let failed = suite
            .test_cases
            .iter()
            .filter(|case| matches!(case.status, TestCaseStatus::NonSuccess { .. }));
        let errors = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        assert_eq!(failed.count(), errors.count(), "{text}");
    }
    let clean = &document.test_suites[1];
    assert_eq!(
        (clean.tests, clean.failures, clean.skipped),
        (9, 0, 0),
        "{text}"
    );
    assert!(text.contains("größer als ∞ 🦀"), "{text}");
}

#[test]
fn junit_is_xml_whatever_a_guest_says() {
    let text = junit::write(&full());
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let forbidden: Vec<_> = text.chars().filter(|c| !allowed(*c)).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
    assert!(!text.contains("<testcase name=\"forged\""), "{text}");
    // The form of the schema has no such attribute on the root.
    let root = text
        .lines()
        .find(|line| line.contains("<testsuites"))
        .expect("a root");
    assert!(!root.contains("skipped"), "{root}");
}

#[test]
fn what_was_not_looked_for_is_skipped_and_did_not_pass() {
    let fell = Report {
        reached: Stage::File,
        ..report(vec![finding(Severity::Error, None, "it is no component")])
    };
    let document = Document::deserialize_from_str(&junit::write(&[fell])).expect("XML");
    let suite = &document.test_suites[0];
    assert_eq!((suite.failures, suite.skipped), (1, 8), "{suite:?}");
}

#[test]
fn a_family_passes_only_when_all_of_it_was_looked_for() {
    let passed = |report: Report| {
        let document = Document::deserialize_from_str(&junit::write(&[report])).expect("XML");
        let cases = document.test_suites[0].test_cases.iter();
        let passed = cases.filter(|case| matches!(case.status, TestCaseStatus::Success { .. }));
        let families = passed.map(|case| case.name.as_str()[..4].to_owned());
        families.collect::<Vec<_>>()
    };
    let at = |reached: Stage, id: &str| {
        let mut found = finding(Severity::Error, None, "it is wrong");
        found.code = validate::code(id).expect("there is one");
        Report {
            reached,
            ..report(vec![found])
        }
    };
    // The compiler may still have refused the file.
    assert_eq!(passed(at(Stage::Manifest, "PC0201")), [""; 0]);
    // Nothing was held against the contract, since it was not compiled.
    assert_eq!(passed(at(Stage::Component, "PC0107")), [""; 0]);
    assert_eq!(passed(at(Stage::Start, "PC0709")), ["PC01", "PC02", "PC08"]);
    let unlocked = Report {
        is_locked: false,
        ..report(Vec::new())
    };
    assert_eq!(passed(unlocked).len(), 8);
    assert_eq!(passed(report(Vec::new())).len(), 9);
}

#[test]
fn the_program_writes_every_format_and_ends_with_the_same_code() {
    let home = Home::new();
    home.write(
        "größe und so.wasm",
        std::fs::read(guest_path("no_exports")).expect("a guest"),
    );
    home.write(
        "fine.wasm",
        std::fs::read(guest_path("noop")).expect("a guest"),
    );
    let check = |format: &str, holds: &dyn Fn(&str) -> bool| {
        let ended = home.run(&[
            "validate",
            "größe und so.wasm",
            "fine.wasm",
            "--format",
            format,
        ]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(holds(&ended.stdout), "{format}: {}", ended.stdout);
        let file = format!("out/{format}");
        std::fs::create_dir_all(home.path().join("out")).expect("a folder");
        let ended = home.run(&[
            "validate",
            "größe und so.wasm",
            "fine.wasm",
            "--format",
            format,
            "--output",
            &file,
        ]);
        assert_eq!(ended.code, 1, "{ended:?}");
        let written = std::fs::read_to_string(home.path().join(file)).expect("it was written");
        assert!(holds(&written), "{format}: {written}");
    };
    check("sarif", &|text| {
        let log: Value = serde_json::from_str(text).expect("JSON");
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            == "gr%C3%B6%C3%9Fe%20und%20so.wasm"
    });
    check("junit", &|text| {
        Document::deserialize_from_str(text).is_ok_and(|document| document.test_suites.len() == 2)
    });
    check("github", &|text| {
        text.starts_with("::error file=größe und so.wasm,line=1,title=PC")
    });
}

#[test]
fn a_denied_warning_is_an_error_in_every_format() {
    let mut denied = report(vec![
        finding(Severity::Warning, None, "it is odd"),
        finding(Severity::Note, None, "it is so"),
    ]);
    denied.deny_warnings();
    let reports = [denied];
    assert_eq!(
        sarif_of(&reports)["runs"][0]["results"][0]["level"],
        "error"
    );
    assert_eq!(
        Document::deserialize_from_str(&junit::write(&reports))
            .expect("XML")
            .failures,
        1
    );
    let commands = github::write(&reports);
    assert!(
        commands.starts_with("::error ") && commands.contains("\n::notice "),
        "{commands}"
    );
}
