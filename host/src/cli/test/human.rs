//! A report for people. Words of the plugin are made harmless first.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::cli::exit::Problem;
use crate::cli::render::harmless;
use crate::cli::style::{ERROR, FAINT, GOOD, NOTE, STRONG, WARNING};
use crate::trial::{CaseReport, Complaint, Coverage, DiffLine, Report};

/// Lines of a difference that are shown: as many as a person scrolls through.
const DIFF_LINES_MAX: usize = 120;

/// Lines of a log that are shown beside a failure, the newest ones.
const LOG_LINES_MAX: usize = 20;

/// Prints to standard output, with colours where there is a terminal. A reader that went away early is not an error.
pub(super) fn print(text: &str) -> Result<(), Problem> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Problem::failure(
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// The whole report.
pub(super) fn report(report: &Report, lists_coverage: bool, is_verbose: bool) -> String {
    let mut text = String::new();
    let digest = report.digest.chars().take(19).collect::<String>();
    line(
        &mut text,
        format_args!(
            "{STRONG}{}{STRONG:#} {FAINT}{digest}…{FAINT:#}",
            harmless(&report.plugin)
        ),
    );
    for (file, cases) in report.by_file() {
        line(
            &mut text,
            format_args!("\n{}", harmless(&file.display().to_string())),
        );
        for case in cases {
            outline(&mut text, case, is_verbose);
        }
    }
    for case in report.cases.iter().filter(|case| !case.has_passed()) {
        failure(&mut text, case);
    }
    for path in &report.unused {
        let path = harmless(&path.display().to_string());
        line(
            &mut text,
            format_args!(
                "\n{WARNING}unused{WARNING:#} `{path}`: no case looks at it (hint: delete it)"
            ),
        );
    }
    text.push('\n');
    if lists_coverage {
        uncovered(&mut text, &report.coverage);
    }
    line(&mut text, format_args!("{}", summary(report)));
    text
}

/// What came of the run, on a line.
pub(super) fn summary(report: &Report) -> String {
    let (n_passed, n_failed) = (report.n_passed(), report.n_failed());
    let mut text = match n_failed {
        0 => format!("{GOOD}{n_passed} passed{GOOD:#}"),
        _ => format!("{n_passed} passed, {ERROR}{n_failed} failed{ERROR:#}"),
    };
    if !report.left_out.is_empty() {
        let _ = write!(
            text,
            ", {WARNING}{} not played{WARNING:#}",
            report.left_out.len()
        );
    }
    let _ = write!(text, " in {:.1} s", report.took.as_secs_f64());
    let n_offered = report.coverage.n_offered();
    if n_offered > 0 {
        let n_called = n_offered - report.coverage.never_called().len();
        let _ = write!(text, "; called {n_called} of {n_offered} that it offers");
    }
    text
}

/// One line for a case.
fn outline(text: &mut String, case: &CaseReport, is_verbose: bool) {
    let (style, word) = match case.has_passed() {
        true => (GOOD, "ok  "),
        false => (ERROR, "FAIL"),
    };
    let name = harmless(&case.name);
    line(
        text,
        format_args!(
            "  {style}{word}{style:#}  {name} {FAINT}{} ms{FAINT:#}",
            case.ms
        ),
    );
    for note in &case.notes {
        line(
            text,
            format_args!("        {NOTE}note{NOTE:#} {}", harmless(note)),
        );
    }
    if is_verbose {
        for step in &case.steps {
            let usage = &step.usage;
            line(
                text,
                format_args!(
                    "        {FAINT}{}: {} fuel, {} bytes, {:.1} ms{FAINT:#}",
                    harmless(&step.call),
                    usage.fuel,
                    usage.memory_bytes,
                    f64::from(u32::try_from(usage.wall_us).unwrap_or(u32::MAX)) / 1_000.0,
                ),
            );
        }
    }
}

/// All about a case that failed.
fn failure(text: &mut String, case: &CaseReport) {
    let place = format!("{}:{}", case.file.display(), case.line);
    line(
        text,
        format_args!(
            "\n{ERROR}FAIL{ERROR:#} {STRONG}{}{STRONG:#} {FAINT}{}{FAINT:#}",
            harmless(&case.name),
            harmless(&place)
        ),
    );
    for complaint in case.all_complaints() {
        complain(text, &complaint);
    }
    for step in &case.steps {
        let call = harmless(&step.call);
        let mut list = |title: &str, items: &[String]| {
            if !items.is_empty() {
                let items = harmless(&items.join(", "));
                line(
                    text,
                    format_args!("  {FAINT}{title} {call}: {items}{FAINT:#}"),
                );
            }
        };
        list("used by", &step.permitted);
        list("refused to", &step.refused);
        list("requests of", &step.requests);
        if step.log.is_empty() {
            continue;
        }
        line(text, format_args!("  {FAINT}log of {call}:{FAINT:#}"));
        let hidden = step.log.len().saturating_sub(LOG_LINES_MAX);
        if hidden > 0 {
            line(
                text,
                format_args!("    {FAINT}… {hidden} lines before{FAINT:#}"),
            );
        }
        for logged in step.log.iter().skip(hidden) {
            line(
                text,
                format_args!("    {FAINT}{}{FAINT:#}", harmless(&logged.text)),
            );
        }
    }
}

fn complain(text: &mut String, complaint: &Complaint) {
    let step = complaint
        .step
        .map_or_else(String::new, |step| format!("step {step}: "));
    line(text, format_args!("  {step}{}", harmless(&complaint.said)));
    text.push_str(&difference(&complaint.diff));
    if let Some(hint) = &complaint.hint {
        line(text, format_args!("    (hint: {})", harmless(hint)));
    }
}

/// A difference, what was expected behind `-` and what is there behind `+`.
pub(super) fn difference(lines: &[DiffLine]) -> String {
    let mut text = String::new();
    for shown in lines.iter().take(DIFF_LINES_MAX) {
        match shown {
            DiffLine::Same(same) => line(&mut text, format_args!("      {}", harmless(same))),
            DiffLine::Expected(expected) => {
                line(
                    &mut text,
                    format_args!("    {ERROR}- {}{ERROR:#}", harmless(expected)),
                );
            }
            DiffLine::Actual(actual) => {
                line(
                    &mut text,
                    format_args!("    {GOOD}+ {}{GOOD:#}", harmless(actual)),
                );
            }
            DiffLine::Gap => line(&mut text, format_args!("    {FAINT}…{FAINT:#}")),
        }
    }
    if let Some(hidden) = lines
        .len()
        .checked_sub(DIFF_LINES_MAX)
        .filter(|hidden| *hidden > 0)
    {
        line(
            &mut text,
            format_args!("    {FAINT}… {hidden} lines more{FAINT:#}"),
        );
    }
    text
}

fn uncovered(text: &mut String, coverage: &Coverage) {
    line(text, format_args!("coverage: {} %", coverage.percent()));
    for thing in coverage.never_called() {
        let (kind, name) = thing.parts();
        line(
            text,
            format_args!(
                "  {WARNING}never called{WARNING:#} {kind} `{}`",
                harmless(name)
            ),
        );
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{line}");
}
