//! `portcullis doctor`: what this host is made of, where its files are, and what is unsafe about the set-up. Runs no plugin,
//! and makes nothing but the cache folder, as every start does.

mod findings;
mod paths;

use serde::Serialize;
use serde_json::json;

use super::args::{Common, Doctor};
use super::exit::{Exit, Problem};
use super::{render, setup, style};
use crate::config::Config;
use crate::limits::{LIVE_INSTANCES_MAX, Limits};

use findings::{Finding, Severity};
use paths::PathFacts;

/// The engine's version, as it was built.
const ENGINE: &str = env!("PORTCULLIS_WASMTIME_VERSION");

/// What there is to say about one installation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    version: &'static str,
    engine: String,
    platform: String,
    paths: Vec<PathFacts>,
    instances: String,
    memory_bytes: u64,
    limits: Limits,
    findings: Vec<Finding>,
}

/// Prints the report, and says by the exit code whether something has to be mended.
pub fn run(common: &Common, doctor: &Doctor) -> Result<Exit, Problem> {
    let config = setup::config(common)?;
    let report = report(&config, common)?;
    if doctor.json {
        render::print_json(&json!(report))?;
    } else {
        render::print_styled(&human(&report))?;
    }
    let is_broken = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Unsafe);
    Ok(if is_broken {
        Exit::Broken
    } else {
        Exit::Success
    })
}

fn report(config: &Config, common: &Common) -> Result<Report, Problem> {
    let engine = setup::engine(config)?;
    let plugins = setup::plugins(config, common);
    let paths = paths::of(config);
    let mut findings = findings::of_paths(&paths);
    findings.extend(findings::of_process());
    for plugin in &plugins {
        findings.extend(findings::of_plugin(plugin));
    }
    if !engine.has_pool() {
        findings.push(Finding::note(
            "instances are not made from a pool, so each call takes longer",
            "raise the limit on address space (`ulimit -v unlimited`)",
        ));
    }
    let limits = Limits::default()
        .patched(&config.limits, &config.host.ceiling)
        .map_err(|error| Problem::broken(error.to_string()))?;
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        engine: format!("wasmtime {ENGINE}"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        paths,
        instances: match engine.has_pool() {
            true => format!("a pool of {LIVE_INSTANCES_MAX}"),
            false => format!("on demand, at most {LIVE_INSTANCES_MAX}"),
        },
        memory_bytes: config.host.memory_bytes,
        limits,
        findings,
    })
}

fn human(report: &Report) -> String {
    let mut text = format!(
        "{} {} with {} on {}\n",
        style::paint(style::STRONG, "portcullis"),
        report.version,
        report.engine,
        report.platform
    );
    let mut line = |title: &str, words: &str| {
        text.push_str(&format!("  {title:<14} {}\n", render::harmless(words)));
    };
    for path in &report.paths {
        line(path.what, &path.to_string());
    }
    line("instances", &report.instances);
    line(
        "memory",
        &format!("{} bytes for all plugins together", report.memory_bytes),
    );
    for (name, value) in report.limits.entries() {
        line("limit", &format!("{name:<20} {value}"));
    }
    text.push('\n');
    if report.findings.is_empty() {
        let words = "Nothing about this set-up is unsafe, as far as can be seen from here.";
        text.push_str(&format!("{}\n", style::paint(style::GOOD, words)));
    }
    for finding in &report.findings {
        let words = render::harmless(&finding.to_string());
        let severity = format!("{}:", finding.severity.word());
        let rest = words.strip_prefix(&severity).unwrap_or(&words);
        let severity = style::paint(finding.severity.style(), &severity);
        text.push_str(&format!("{severity}{rest}\n"));
    }
    text
}
