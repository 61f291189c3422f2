//! SARIF 2.1.0, which code scanning reads.
//!
//! A viewer may make a link of `[words](target)` in a message. No link is ever meant here, so none is left in one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{location, sentence};
use crate::validate::{Code, Finding, Report, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The page with every kind of problem, each under its id and its name.
const PROBLEMS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/reference/problem-codes.md"
);

/// Bytes of a fingerprint that are told. Sixteen of them are never the same by accident.
const FINGERPRINT_BYTES: usize = 16;

/// One run over all components, as JSON.
pub fn write(reports: &[Report]) -> String {
    let base = location::base();
    let mut findings = Vec::new();
    for report in reports {
        findings.extend(report.findings.iter().map(|finding| (report, finding)));
    }
    let log = log(&findings, &base);
    serde_json::to_string_pretty(&log).expect("JSON values can be written") + "\n"
}

fn log(findings: &[(&Report, &Finding)], base: &Path) -> Value {
    let used: BTreeMap<_, _> = findings
        .iter()
        .map(|(_, finding)| (finding.code.id, finding.code))
        .collect();
    let rules: Vec<_> = used.values().map(|code| rule(code)).collect();
    let mut seen = HashMap::new();
    let results: Vec<_> = findings
        .iter()
        .map(|(report, finding)| {
            let index = used.keys().position(|id| *id == finding.code.id);
            let (file, line) = location::shown(report, finding);
            let fingerprint = fingerprint(finding, file, base);
            // Two of the same kind at one place are told apart by their order.
            let nth = seen.entry(fingerprint.clone()).or_insert(0_u32);
            *nth += 1;
            let fingerprint = format!("{fingerprint}:{nth}");
            result(
                finding,
                index,
                &fingerprint,
                (&location::uri(file, base), line),
            )
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Portcullis",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            // The tool did its work, whatever it found.
            "invocations": [{ "executionSuccessful": true }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    let first = code.explanation.split("\n\n").next().unwrap_or_default();
    let full = if first.trim().is_empty() {
        code.title
    } else {
        first
    };
    json!({
        "id": code.id,
        "name": pascal(code.name),
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": full },
        "help": { "text": code.explanation, "markdown": code.explanation },
        "helpUri": format!("{PROBLEMS}#{}-{}", code.id.to_ascii_lowercase(), code.name),
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn result(
    finding: &Finding,
    rule_index: Option<usize>,
    fingerprint: &str,
    (uri, line): (&str, u32),
) -> Value {
    let place = &finding.place;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri },
            // Code scanning wants a line. A component has none, and the first of a file stands for the whole.
            "region": { "startLine": line },
        },
    });
    if let Some(within) = &place.within {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": within }]);
    }
    json!({
        "ruleId": finding.code.id,
        "ruleIndex": rule_index,
        "level": level(finding.severity),
        "message": { "text": without_links(&sentence(finding)) },
        "locations": [location],
        // The name under which code scanning looks for it.
        "partialFingerprints": { "primaryLocationLineHash": fingerprint },
    })
}

/// The same in every run in which the problem is still there: it knows the kind and the place, and not the words, in which a
/// number may change.
fn fingerprint(finding: &Finding, file: &Path, base: &Path) -> String {
    let path = location::path(file, base);
    let parts = [
        finding.code.id,
        &path,
        finding.place.within.as_deref().unwrap_or_default(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    hash.iter()
        .take(FINGERPRINT_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// `not-a-component` as `NotAComponent`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_that_the_standard_recommends() {
        for (name, expected) in [
            ("not-a-component", "NotAComponent"),
            ("wasm", "Wasm"),
            ("", ""),
        ] {
            assert_eq!(pascal(name), expected);
        }
    }

    #[test]
    fn no_link_is_left_in_a_message() {
        assert_eq!(
            without_links("[click](https://evil.example)"),
            "[click] (https://evil.example)"
        );
        assert_eq!(
            without_links("`permissions.network[0]` (twice)"),
            "`permissions.network[0]` (twice)"
        );
    }
}
