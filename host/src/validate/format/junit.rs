//! JUnit, for whatever counts tests: a suite for each component, a case for each finding, and one for each family of problems in
//! which nothing was found. What was not looked for, because the component fell at an earlier stage, is skipped.
//!
//! The form is that of Jenkins' `junit-10.xsd`. Characters that XML forbids are left out.

use std::path::Path;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::location;
use crate::validate::{Finding, Report, Severity, Stage};

/// The family of a lock file's problems, which are looked for when somebody asks for it.
const LOCK: &str = "PC09";

/// The families of problems: how their ids begin, what they are about, and the stage that has to be reached for all of one to be
/// looked for. What is compiled is looked at as a file, and held against the contract, before it is started.
const FAMILIES: [(&str, &str, Stage); 9] = [
    ("PC01", "the file", Stage::Start),
    ("PC02", "the manifest and the skills", Stage::Start),
    (
        "PC03",
        "the contract, imports and permissions",
        Stage::Checks,
    ),
    ("PC04", "names and URIs", Stage::Checks),
    ("PC05", "descriptions", Stage::Checks),
    ("PC06", "schemas", Stage::Checks),
    ("PC07", "behaviour", Stage::Checks),
    ("PC08", "what was left inside", Stage::Start),
    (LOCK, "portcullis.lock", Stage::Checks),
];

/// All components, as XML.
pub fn write(reports: &[Report]) -> String {
    let base = location::base();
    let mut document = Document::new("portcullis validate");
    for report in reports {
        document.add_test_suite(suite(report, &base));
    }
    plain(&document)
}

fn suite(report: &Report, base: &Path) -> TestSuite {
    let file = said(&location::path(&report.path, base));
    let mut suite = TestSuite::new(file.as_str());
    for (family, about, stage) in FAMILIES {
        let found = report
            .findings
            .iter()
            .filter(|finding| finding.code.id.starts_with(family));
        let mut cases: Vec<_> = found.map(|finding| case(finding, base)).collect();
        if cases.is_empty() {
            let mut status = TestCaseStatus::success();
            if report.reached < stage {
                status = TestCaseStatus::skipped();
                status.set_message(format!("ended at the stage `{}`", report.reached.name()));
            } else if family == LOCK && !report.is_locked {
                status = TestCaseStatus::skipped();
                status.set_message("not asked for with `--locked`");
            }
            cases.push(TestCase::new(format!("{family}xx {about}"), status));
        }
        for mut case in cases {
            case.set_classname(file.as_str());
            suite.add_test_case(case);
        }
    }
    suite
}

/// An error is a failure. Anything less passes and says what it is.
fn case(finding: &Finding, base: &Path) -> TestCase {
    let place = &finding.place;
    let within = place.within.as_deref();
    let within = within
        .map(|within| format!(": {within}"))
        .unwrap_or_default();
    let name = format!("{} {}{within}", finding.code.id, finding.code.name);
    let line = place
        .line
        .map(|line| format!(":{line}"))
        .unwrap_or_default();
    let at = format!("{}{line}", location::path(&place.file, base));
    let hint = finding.hint.as_deref();
    let hint = hint
        .map(|hint| format!("\nhint: {hint}"))
        .unwrap_or_default();
    let words = format!("{at}\n{}{hint}", finding.message);
    if finding.severity < Severity::Error {
        let mut case = TestCase::new(said(&name), TestCaseStatus::success());
        case.set_system_out(said(&words));
        return case;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(finding.code.id);
    status.set_message(said(&finding.message));
    status.set_description(said(&words));
    TestCase::new(said(&name), status)
}

/// Words without the two characters that XML forbids and `quick-junit` does not leave out.
fn said(words: &str) -> String {
    words.replace(['\u{fffe}', '\u{ffff}'], "")
}

/// The document without what `quick-junit` adds to the form: how many were skipped in all.
fn plain(document: &Document) -> String {
    let text = document
        .to_string()
        .expect("a report in memory can be written");
    // The first is that of the root, since no value of an attribute has a quotation mark in it.
    text.replacen(&format!(" skipped=\"{}\"", document.skipped), "", 1)
}
