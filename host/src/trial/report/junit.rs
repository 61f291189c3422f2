//! A run as JUnit XML: a suite for each case file.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::{CaseReport, Report};
use crate::trial::difference::DiffLine;

/// A run as JUnit XML. Characters that XML does not have are left out.
///
/// # Errors
/// When the XML cannot be written.
pub fn junit(report: &Report) -> Result<String, String> {
    let mut junit = Junit::new(clean(&format!("portcullis test {}", report.plugin)));
    junit.set_time(report.took);
    let mut files = report.by_file();
    for (file, _) in &report.left_out {
        files.entry(file).or_default();
    }
    for (file, cases) in files {
        let name = clean(&file.display().to_string());
        let mut suite = TestSuite::new(name.as_str());
        let ms: u64 = cases.iter().map(|case| case.ms).sum();
        suite.set_time(Duration::from_millis(ms));
        suite.add_test_cases(cases.into_iter().map(|case| test_case(case, &name)));
        let left_out = report.left_out.iter().filter(|(of, _)| of == file);
        suite.add_test_cases(left_out.map(|(_, case)| skipped(case, &name)));
        junit.add_test_suite(suite);
    }
    let text = junit
        .to_string()
        .map_err(|error| format!("the report cannot be written as XML: {error}"))?;
    // The form of Jenkins' `junit-10.xsd` does not count at its root what was skipped.
    Ok(text.replacen(&format!(" skipped=\"{}\"", junit.skipped), "", 1))
}

fn test_case(case: &CaseReport, file: &str) -> TestCase {
    let status = match case.has_passed() {
        true => TestCaseStatus::success(),
        false => {
            let complaints = case.all_complaints();
            let said: Vec<_> = complaints
                .iter()
                .map(|complaint| clean(&complaint.said))
                .collect();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("expectation");
            status.set_message(said.first().cloned().unwrap_or_default());
            status.set_description(description(case));
            status
        }
    };
    let mut test_case = TestCase::new(clean(&case.name), status);
    test_case.set_classname(file);
    test_case.set_time(Duration::from_millis(case.ms));
    let log: Vec<_> = case
        .steps
        .iter()
        .flat_map(|step| &step.log)
        .map(|line| clean(&line.text))
        .collect();
    if !log.is_empty() {
        test_case.set_system_out(log.join("\n"));
    }
    test_case
}

/// A case that was not played.
fn skipped(case: &str, file: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message("the run was interrupted");
    let mut test_case = TestCase::new(clean(case), status);
    test_case.set_classname(file);
    test_case
}

fn description(case: &CaseReport) -> String {
    let mut text = format!("{}:{}\n", case.file.display(), case.line);
    for complaint in case.all_complaints() {
        if let Some(step) = complaint.step {
            text.push_str(&format!("step {step}: "));
        }
        text.push_str(&complaint.said);
        text.push('\n');
        for line in &complaint.diff {
            let (sign, line) = match line {
                DiffLine::Same(line) => (' ', line.as_str()),
                DiffLine::Expected(line) => ('-', line.as_str()),
                DiffLine::Actual(line) => ('+', line.as_str()),
                DiffLine::Gap => ('@', "…"),
            };
            text.push_str(&format!("{sign}{line}\n"));
        }
        if let Some(hint) = complaint.hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
    }
    clean(&text)
}

/// A text without what XML 1.0 does not have, and without what a terminal would obey.
fn clean(text: &str) -> String {
    let is_in_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let is_deceptive = |c| crate::names::is_deceptive(c) && c != '\n' && c != '\t';
    text.chars()
        .filter(|c| is_in_xml(*c) && !is_deceptive(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::report::Complaint;

    #[test]
    fn a_report_survives_what_a_plugin_puts_into_it() {
        let case = |name: &str, complaints: Vec<Complaint>| CaseReport {
            file: "tests/a <b>.toml".into(),
            line: 3,
            name: name.to_owned(),
            complaints,
            notes: Vec::new(),
            snapshots: Vec::new(),
            ms: 12,
            steps: Vec::new(),
        };
        let hostile = Complaint::said("]]> & <evil a=\"b\"> \u{0}\u{1b}[2J\u{fffe}\u{202e}")
            .versus("a\n", "b\u{8}\n")
            .hint("look");
        let report = Report {
            plugin: "p 1".to_owned(),
            cases: vec![case("well", vec![]), case("badly", vec![hostile])],
            left_out: vec![
                ("tests/a <b>.toml".into(), "later".to_owned()),
                ("tests/c.toml".into(), "never".to_owned()),
            ],
            ..Report::default()
        };
        let xml = junit(&report).unwrap();
        let read = Junit::deserialize_from_str(&xml).unwrap();
        let suite = read.test_suites.first().unwrap();
        assert_eq!((suite.tests, suite.failures, suite.skipped), (3, 1, 1));
        let other = read.test_suites.get(1).unwrap();
        assert_eq!((other.tests, other.skipped), (1, 1));
        assert_eq!(suite.name.as_str(), "tests/a <b>.toml");
        for c in ['\u{0}', '\u{1b}', '\u{8}', '\u{fffe}', '\u{202e}'] {
            assert!(!xml.contains(c), "{c:?} {xml}");
        }
        assert!(xml.contains("]]&gt; &amp; &lt;evil"), "{xml}");
        assert!(xml.contains("hint: look"), "{xml}");
        assert!(xml.contains("tests/a &lt;b&gt;.toml:3\n"), "{xml}");
    }
}
