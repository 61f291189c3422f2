//! `portcullis test --profile`: what calls use, and limits that follow from it.

use std::fmt::Write as _;

use super::args::{Format, Test};
use super::{human, outcome};
use crate::cli::build::told_to_end;
use crate::cli::exit::{Exit, Problem};
use crate::cli::progress::Progress;
use crate::cli::render::{grouped, harmless, print_json};
use crate::cli::style::{FAINT, STRONG, WARNING};
use crate::trial::{CaseIdx, Ensemble, Measured, Profile, Report, Rules, Spread};

/// Measures, and proposes limits.
pub(super) async fn run(
    args: &Test,
    ensemble: &Ensemble,
    wanted: &[CaseIdx],
    rules: &Rules,
    n_times: u16,
    report: &Report,
) -> Result<Exit, Problem> {
    let n_runs = wanted.len() * usize::from(n_times);
    let progress = Progress::start(format!("measuring {}", report.plugin));
    let mut n_done = 0;
    let done = || {
        n_done += 1;
        progress.say(format!("measuring {}: {n_done} of {n_runs}", report.plugin));
    };
    let profile = tokio::select! {
        profile = ensemble.profile(wanted, rules, usize::from(n_times), done) => profile,
        () = told_to_end() => return Ok(Exit::Interrupted),
    };
    drop(progress);
    let json = serde_json::json!({
        "plugin": report.plugin,
        "digest": report.digest,
        "profile": profile,
    });
    match args.format {
        Format::Json if args.output.is_none() => print_json(&json)?,
        _ => human::print(&shown(&profile, &report.plugin))?,
    }
    if let Some(file) = &args.output {
        outcome::write(file, &format!("{json:#}\n"))?;
    }
    Ok(match profile.holds {
        true => Exit::Success,
        false => Exit::No,
    })
}

fn shown(profile: &Profile, plugin: &str) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n\n", harmless(plugin));
    let head = ["half", "19 of 20", "most"];
    let _ = writeln!(
        text,
        "{FAINT}{:<34} {:>7} {:>13} {:>13} {:>13}{FAINT:#}",
        "", "calls", head[0], head[1], head[2]
    );
    for measured in &profile.calls {
        rows(&mut text, measured);
    }
    for case in &profile.failed {
        let _ = writeln!(
            text,
            "\n{WARNING}not measured{WARNING:#} `{}`, since it fails",
            harmless(case)
        );
    }
    let _ = match profile.limits.entries().is_empty() {
        true if profile.calls.is_empty() => writeln!(
            text,
            "\nNo limit is proposed: no case that passes reaches the plugin."
        ),
        true => writeln!(
            text,
            "\nNo limit is proposed: the calls use what every plugin gets."
        ),
        false => writeln!(
            text,
            "\nFor plugin.json, with a margin for other arguments and other machines:\n\n{}",
            profile.lines()
        ),
    };
    if !profile.holds && !profile.calls.is_empty() {
        let _ = writeln!(
            text,
            "\n{WARNING}a case fails under these limits{WARNING:#} (hint: raise them, or measure on a quiet machine)"
        );
    }
    text
}

fn rows(text: &mut String, measured: &Measured) {
    let call = harmless(&measured.call);
    let mut row = |what: &str, n_calls: &str, spread: Spread| {
        let _ = writeln!(
            text,
            "{what:<34} {n_calls:>7} {:>13} {:>13} {:>13}",
            grouped(spread.p50),
            grouped(spread.p95),
            grouped(spread.max)
        );
    };
    row(
        &format!("{call} fuel"),
        &measured.n_calls.to_string(),
        measured.fuel,
    );
    row("  bytes of memory", "", measured.memory_bytes);
    row("  microseconds", "", measured.wall_us);
}
