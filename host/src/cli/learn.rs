//! `portcullis call --learn`: one call with every permission refused, and what the plugin would have to ask for.
//!
//! Nothing the plugin tries is done, so it may give up early; what it would have tried after its first success is not seen.

use super::args::{self, Common};
use super::exit::{Exit, Problem};
use super::{call, progress, render, setup};
use crate::host::{Host, Installed};
use crate::permissions::{Attempt, Words};

/// Calls the tool with nothing allowed, and prints the permissions it lacked.
pub async fn run(common: &Common, args: &args::Call) -> Result<Exit, Problem> {
    let config = setup::config(common)?;
    let plugins = setup::plugins(&config, common)
        .into_iter()
        .map(|plugin| plugin.map(Installed::without_any_permission))
        .collect();
    let host = Host::start(setup::premises(&config)?, plugins);
    progress::explain_a_slow_start(host.clone());
    let arguments = call::arguments(&args.arguments)?;
    let answer = call::answer(&host, &args.tool, arguments, call::request()).await;
    host.shutdown().await;
    match &answer {
        Ok(result) => eprint!("it answered: {}", render::answer(result)),
        Err(error) => eprintln!("it did not answer: {error}"),
    }
    let catalogue = host.catalogue().await;
    let Some(tool) = catalogue.tool(&args.tool) else {
        return Err(Problem::failure(format!(
            "there is no tool `{}` (hint: `portcullis list` shows what there is)",
            args.tool
        )));
    };
    let denials = host.denials(&tool.plugin);
    let attempts: Vec<_> = denials.iter().map(|denial| &denial.attempt).collect();
    report(&attempts);
    let words = Words::least(attempts);
    render::print_json(&serde_json::json!({ "permissions": words }))?;
    Ok(Exit::Success)
}

/// Tells a person what was tried. The block they need is on standard output.
fn report(attempts: &[&Attempt]) {
    if attempts.is_empty() {
        eprintln!("it tried nothing that needs permission");
        return;
    }
    eprintln!("it tried, and was refused:");
    for attempt in attempts {
        eprintln!("  {}", render::harmless(&attempt.to_string()));
    }
    eprintln!(
        "this would be enough for that, in its plugin.json and, as far as you like it, in its grants:"
    );
}
