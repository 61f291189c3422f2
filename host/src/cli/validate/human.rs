//! Reports for people.

use crate::cli::style::{ERROR, FAINT, GOOD, NOTE, STRONG, WARNING};
use crate::validate::{Counts, Finding, Report, Severity, Stage, harmless};

/// Reports with colours, which whoever prints them takes out where there is no terminal.
pub fn write(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        text.push_str(&headline(report));
        for finding in &report.findings {
            text.push_str(&one(report, finding));
        }
    }
    text.push_str(&sum(reports));
    text
}

fn headline(report: &Report) -> String {
    let verdict = match report.worst() {
        Some(Severity::Error) if report.reached < Stage::Checks => {
            format!(
                "{ERROR}unfit{ERROR:#}, not beyond `{}`",
                report.reached.name()
            )
        }
        Some(Severity::Error) => format!("{ERROR}unfit{ERROR:#}"),
        Some(Severity::Warning) => format!("{GOOD}fit{GOOD:#}, with {WARNING}warnings{WARNING:#}"),
        Some(Severity::Note) | None => format!("{GOOD}fit{GOOD:#}"),
    };
    let name = report.name.as_deref().unwrap_or("?");
    let version = report.version.as_deref();
    let version = version.map(|version| format!(" {version}"));
    let version = version.unwrap_or_default();
    let size = report.n_bytes.map(|n_bytes| format!(", {}", size(n_bytes)));
    format!(
        "{STRONG}{name}{version}{STRONG:#} {FAINT}{}{}{FAINT:#}: {verdict}\n",
        harmless(&report.path.display().to_string()),
        size.unwrap_or_default(),
    )
}

fn one(report: &Report, finding: &Finding) -> String {
    let (style, word) = match finding.severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
        Severity::Note => (NOTE, "note"),
    };
    let mut place = Vec::new();
    let file = &finding.place.file;
    if !file.starts_with(&report.path) || finding.place.line.is_some() {
        let line = finding.place.line.map(|line| format!(":{line}"));
        let file = harmless(&file.display().to_string());
        place.push(format!("{file}{}", line.unwrap_or_default()));
    }
    place.extend(finding.place.within.clone());
    let place = match place.is_empty() {
        true => String::new(),
        false => format!("{}: ", place.join(", ")),
    };
    let mut text = format!(
        "  {style}{word}{style:#} {} {place}{}\n",
        finding.code.id, finding.message
    );
    if let Some(hint) = &finding.hint {
        text.push_str(&format!("    {FAINT}hint:{FAINT:#} {hint}\n"));
    }
    text
}

fn sum(reports: &[Report]) -> String {
    let Counts {
        errors,
        warnings,
        notes,
    } = Counts::of(reports.iter().flat_map(|report| &report.findings));
    let unfit = reports
        .iter()
        .filter(|report| report.worst() == Some(Severity::Error))
        .count();
    let fit = reports.len() - unfit;
    let mut text = format!(
        "{}: {fit} fit, {unfit} unfit; {}, {}, {}\n",
        counted(reports.len(), "component"),
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(notes, "note"),
    );
    let findings = reports.iter().flat_map(|report| &report.findings);
    if let Some(worst) = findings.rev().max_by_key(|finding| finding.severity) {
        text.push_str(&format!(
            "{FAINT}`portcullis explain {}` says more of a problem.{FAINT:#}\n",
            worst.code.id
        ));
    }
    text
}

fn counted(n: usize, thing: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {thing}{plural}")
}

/// Bytes as people say them.
fn size(n_bytes: u64) -> String {
    match n_bytes {
        0..10_000 => format!("{n_bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", n_bytes / 1_000),
        _ => format!("{} MB", n_bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use anstream::adapter::strip_str;

    use super::*;
    use crate::validate::{Findings, Place, all};

    #[test]
    fn neither_a_guest_nor_a_file_commands_a_terminal_or_a_runner() {
        let hostile = "a\n::error::b ##[error]c ##vso[x]d\r\u{1b}[2J\u{202e}e";
        let mut findings = Findings::about("a.wasm".into());
        findings.push(Finding {
            code: all().next().expect("there are kinds"),
            severity: Severity::Error,
            place: Place {
                file: PathBuf::from(hostile),
                line: Some(1),
                within: Some(hostile.to_owned()),
            },
            message: hostile.to_owned(),
            hint: Some(hostile.to_owned()),
        });
        let report = Report {
            path: PathBuf::from(hostile),
            origin: None,
            name: None,
            version: None,
            digest: None,
            n_bytes: None,
            provenance: None,
            reached: Stage::Checks,
            is_locked: false,
            findings: findings.into_vec(),
        };
        let text = strip_str(&write(&[report])).to_string();
        assert_eq!(text.matches("error::b").count(), 5, "{text}");
        for obeyed in ["\n::", "##[", "##vso[", "\r", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(obeyed), "{obeyed:?} in {text:?}");
        }
    }
}
