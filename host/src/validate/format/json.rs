//! Reports as JSON, for programs of this project and of others.
//!
//! The form is stable: `formatVersion` is raised when a key is renamed, removed or means something else, and not when one is
//! added. `components` has one object for each component, in the order they were named, with `path`, `name`, `version`, `digest`,
//! `bytes`, `provenance` (`languages`, `tools`, `hasDependencies`, `nDependencies`, and `dependencies` with `name`, `version`,
//! `source` and `kind`: what it says itself of where it comes from), `reached` (the last stage: `file`, `manifest`, `component`, `start`, `lists`, `checks`), `counts` and `findings`.
//! A finding has `code`, `name`, `severity` (`note`, `warning`, `error`), `title`, `file`, `line`, `within`, `message` and `hint`.
//! What is not known is null.

use serde_json::{Value, json};

use crate::validate::{Counts, Finding, Report};

/// The version of this form.
const FORMAT_VERSION: u32 = 1;

/// All reports as one document.
pub fn write(reports: &[Report]) -> String {
    let all = reports.iter().flat_map(|report| &report.findings);
    let document = json!({
        "formatVersion": FORMAT_VERSION,
        "counts": counts(Counts::of(all)),
        "components": reports.iter().map(component).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn component(report: &Report) -> Value {
    json!({
        "path": report.path.display().to_string(),
        "name": report.name,
        "version": report.version,
        "digest": report.digest,
        "bytes": report.n_bytes,
        "provenance": report.provenance,
        "reached": report.reached,
        "counts": counts(report.counts()),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn counts(counts: Counts) -> Value {
    json!({
        "errors": counts.errors,
        "warnings": counts.warnings,
        "notes": counts.notes,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.id,
        "name": finding.code.name,
        "severity": finding.severity,
        "title": finding.code.title,
        "file": finding.place.file.display().to_string(),
        "line": finding.place.line,
        "within": finding.place.within,
        "message": finding.message,
        "hint": finding.hint,
    })
}
