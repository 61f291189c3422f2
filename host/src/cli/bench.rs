//! `portcullis bench`: what a tool costs, over many calls through the real host in this process.

mod baseline;
mod compare;
mod figures;
mod measure;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::args::Common;
use super::exit::{Exit, Problem};
use super::{call, output, render, setup, style};

use baseline::Baseline;
use compare::Verdict;
use measure::Plan;

/// Calls that are measured at most: their figures are kept until the end, 40 MB of them.
const CALLS_MAX: u64 = 1_000_000;

/// Calls at one time. No plugin may be given more.
const CONCURRENCY_MAX: u64 = 256;

/// `portcullis bench`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis bench calculator__add '{\"a\": 2, \"b\": 3}'
  portcullis --plugin ./weather.wasm bench forecast '{\"city\": \"Kiel\"}' --calls 1000 --save baseline.json
  portcullis --plugin ./weather.wasm bench forecast '{\"city\": \"Kiel\"}' --baseline baseline.json --threshold 5

Fuel counts the plugin's own work on whatever machine, give or take what random hashes cost, so a job may fail on it. Machines are noisy, and
no two have the same speed: time is shown as a ratio to a small shipped tool that is measured in the same run, and
fails nothing without `--fail-on-time`. What a client and its transport take is not part of it. A plugin's limits hold
as ever: `cpu_percent` and `concurrent_calls` make its calls wait.")]
pub struct Bench {
    /// The tool's name, with or without its plugin's prefix
    pub tool: String,
    /// A JSON object; `-` reads it from standard input
    #[arg(default_value = "{}", value_name = "JSON")]
    pub arguments: String,
    /// How many calls are measured
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=CALLS_MAX))]
    pub calls: u64,
    /// How many calls come before, unmeasured
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=CALLS_MAX))]
    pub warm_up: u64,
    /// How many calls run at one time
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=CONCURRENCY_MAX))]
    pub concurrency: u64,
    /// Compare with what `--save` wrote; more fuel, memory or errors end with exit code 1
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the figures for later comparison, and replace the file. Nothing is written after a regression
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// How much more than the baseline is too much
    #[arg(long, default_value_t = 5.0, value_name = "PERCENT", value_parser = percent)]
    pub threshold: f64,
    /// Count time over the threshold as a regression as well
    #[arg(long, requires = "baseline")]
    pub fail_on_time: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn percent(given: &str) -> Result<f64, String> {
    match given.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent),
        _ => Err("it is a number from 0 on, such as 5 or 2.5".to_owned()),
    }
}

/// Measures, compares, and says by the exit code whether it became worse.
pub async fn run(common: &Common, args: &Bench) -> Result<Exit, Problem> {
    let arguments = call::arguments(&args.arguments)?;
    // Before the calls, which may take long.
    let before = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let plan = Plan {
        tool: &args.tool,
        arguments: &arguments,
        calls: args.calls,
        warm_up: args.warm_up,
        concurrency: args.concurrency,
    };
    let before = before.as_ref().zip(args.baseline.as_deref());
    if let Some((before, path)) = before {
        before.check_plan(&plan, path)?;
    }
    let check = |tool: &str| match before {
        Some((before, path)) => before.check_tool(tool, path),
        None => Ok(()),
    };
    let measured = measure::run(common, &plan, check).await?;
    let is_interrupted = measured.is_interrupted;
    let Some(now) = Baseline::of(&plan, &measured) else {
        setup::warn("interrupted before the first call was measured");
        return Ok(Exit::Interrupted);
    };
    let verdict =
        before.map(|(before, _)| Verdict::of(before, &now, args.threshold, args.fail_on_time));
    if args.json {
        let verdict = verdict
            .as_ref()
            .map_or(Value::Null, |verdict| json!(verdict));
        render::print_json(&json!({
            "measured": now,
            "interrupted": is_interrupted,
            "compared": verdict,
        }))?;
    } else {
        let mut text = figures::human(&now);
        if let Some(verdict) = &verdict {
            text.push_str(&compare::human(verdict));
        }
        render::print_styled(&text)?;
    }
    if is_interrupted {
        return Ok(Exit::Interrupted);
    }
    let is_worse = verdict.is_some_and(|verdict| verdict.is_worse);
    match &args.save {
        Some(path) if is_worse => setup::warn(&format!(
            "`{}` is left as it is, since this run is worse than the baseline (hint: without `--baseline` it is saved)",
            path.display()
        )),
        Some(path) => output::replace(path, &now.to_bytes())?,
        None => {}
    }
    Ok(match is_worse {
        true => Exit::No,
        false => Exit::Success,
    })
}

/// A word for people in the colour of good or bad.
fn verdict_word(is_worse: bool) -> String {
    match is_worse {
        true => style::paint(style::ERROR, "worse"),
        false => style::paint(style::GOOD, "good"),
    }
}
