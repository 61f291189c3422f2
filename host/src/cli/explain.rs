//! `portcullis explain`: what a plugin may do, what it may not, which of the three keys is missing, and the lines that would
//! add it. Runs nothing and connects to nothing. Of the code of a problem it says what that means.

mod code;

use serde_json::{Value, json};

use super::args::{Common, Explain};
use super::exit::{Exit, Problem};
use super::{render, setup, style};
use crate::host::Installed;
use crate::permissions::{Attempt, Denial, HttpAttempt, Keys, NetworkRule, SystemPower, Target};

/// Prints the decision on one attempt, or on all that the plugin asks for.
pub fn run(common: &Common, explain: &Explain) -> Result<Exit, Problem> {
    if code::is_one(&explain.plugin) {
        return code::run(&explain.plugin, explain.json);
    }
    let config = setup::config(common)?;
    let plugin = setup::find(&config, common, &explain.plugin)?;
    match &explain.attempt {
        Some(attempt) => explain_one(&plugin, attempt, explain.json),
        None => explain_all(&plugin, explain.json),
    }
}

fn explain_one(plugin: &Installed, claimed: &str, as_json: bool) -> Result<Exit, Problem> {
    let attempt: Attempt = claimed
        .parse()
        .map_err(|error| Problem::usage(format!("{error}")))?;
    let decision = decide(&plugin.keys, &attempt);
    if as_json {
        render::print_json(&facts(&attempt, &decision))?;
    } else {
        render::print_styled(&sentence(plugin, &attempt, &decision))?;
    }
    Ok(match decision {
        Ok(()) => Exit::Success,
        Err(_) => Exit::No,
    })
}

/// As the host decides, and on a literal address with it. What a name leads to is found out when it is connected to.
fn decide(keys: &Keys, attempt: &Attempt) -> Result<(), Box<Denial>> {
    keys.decide(attempt)?;
    match attempt {
        Attempt::Http(request) => match request.host {
            Target::Address(address) => keys.address(request, address),
            Target::Name(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

fn facts(attempt: &Attempt, decision: &Result<(), Box<Denial>>) -> Value {
    let denial = decision.as_ref().err();
    json!({
        "attempt": attempt.to_string(),
        "allowed": decision.is_ok(),
        "missing": denial.map(|denial| &denial.missing),
        "because": denial.and_then(|denial| denial.because.as_ref()),
        "remedies": denial.map(|denial| &denial.remedies),
    })
}

fn sentence(plugin: &Installed, attempt: &Attempt, decision: &Result<(), Box<Denial>>) -> String {
    let Err(denial) = decision else {
        let name = match attempt {
            Attempt::Http(HttpAttempt {
                host: Target::Name(name),
                ..
            }) => format!(
                "\n`{name}` is looked up when the plugin asks; an address of your own networks would still be refused.\n"
            ),
            _ => String::new(),
        };
        let attempt = render::harmless(&attempt.to_string());
        let allowed = style::paint(style::GOOD, "allowed");
        return format!("`{attempt}` is {allowed}: all three keys name it.\n{name}");
    };
    let refused = style::paint(style::ERROR, "refused");
    let attempt = render::harmless(&attempt.to_string());
    let mut text = match &denial.because {
        Some(because) => format!("`{attempt}` is {refused}: {because}.\n"),
        None => format!("`{attempt}` is {refused}.\n"),
    };
    for key in &denial.missing {
        text.push_str(&format!("  missing: {key}\n"));
    }
    text.push_str(&remedies(plugin, denial));
    text
}

/// The lines to write, for a person who wants to.
fn remedies(plugin: &Installed, denial: &Denial) -> String {
    let mut text = String::new();
    let mut before = "";
    for remedy in &denial.remedies {
        match remedy.file {
            file if file == before => text.push('\n'),
            "plugin.json" => text.push_str(&format!(
                "\nIts author would have to ask for it, in plugin.json of `{}`:\n\n",
                plugin.identity.name
            )),
            file => text.push_str(&format!("\nTo allow it, write into {file}:\n\n")),
        }
        before = remedy.file;
        for line in remedy.lines.lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

fn explain_all(plugin: &Installed, as_json: bool) -> Result<Exit, Problem> {
    let keys = &plugin.keys;
    let attempts = asked(keys);
    let decided: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt, decide(keys, attempt)))
        .collect();
    if as_json {
        render::print_json(&json!({
            "plugin": keys.identity(),
            "request": keys.request(),
            "policy": keys.policy().words,
            "grant": keys.grant().words,
            "grantHolds": keys.grant_is_for_this(),
            "withheld": withheld(keys),
            "attempts": decided.iter().map(|(attempt, decision)| facts(attempt, decision)).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Success);
    }
    render::print_styled(&overview(plugin, &decided))?;
    Ok(Exit::Success)
}

fn overview(plugin: &Installed, decided: &[(&Attempt, Result<(), Box<Denial>>)]) -> String {
    let keys = &plugin.keys;
    let or_nothing = |words: String| match words.is_empty() {
        true => "nothing".to_owned(),
        false => words,
    };
    let name = style::paint(style::STRONG, &plugin.identity.name);
    let mut text = format!("{name} {}\n", plugin.manifest.version);
    let mut line = |title: &str, words: &str| {
        text.push_str(&format!("  {title:<10} {}\n", render::harmless(words)));
    };
    line("identity", &plugin.identity.digest.to_string());
    line("asks for", &or_nothing(keys.request().to_string()));
    line("policy", &or_nothing(keys.policy().words.to_string()));
    let holds = match keys.grant().words.is_empty() || keys.grant_is_for_this() {
        true => "",
        false => "  (does not hold: it is not for this component)",
    };
    let grant = or_nothing(keys.grant().words.to_string());
    line("grant", &format!("{grant}{holds}"));
    let withheld = withheld(keys);
    if !withheld.is_empty() {
        line("withheld", &withheld.join(", "));
    }
    if keys.request().is_empty() {
        text.push_str("\nIt asks for nothing, and gets nothing but a clock and random numbers.\n");
        return text;
    }
    text.push('\n');
    for rule in wide_rules(keys) {
        let row = format!("network {rule}");
        text.push_str(&format!(
            "  {row:<40} as far as the policy and the grant name the same\n"
        ));
    }
    for (attempt, decision) in decided {
        let verdict = match decision {
            Ok(()) => style::paint(style::GOOD, "allowed"),
            Err(denial) => {
                let refused = style::paint(style::ERROR, "refused");
                match &denial.missing[..] {
                    [] => refused,
                    missing => {
                        let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
                        format!("{refused}, missing: {}", missing.join(", "))
                    }
                }
            }
        };
        text.push_str(&format!(
            "  {:<40} {verdict}\n",
            render::harmless(&attempt.to_string())
        ));
    }
    let name = &plugin.identity.name;
    text.push_str(&format!(
        "\n`portcullis explain {name} --attempt \"…\"` says what would allow one of them, or any other.\n"
    ));
    text
}

/// Rules for more than one host, which cannot be decided on as one attempt.
fn wide_rules(keys: &Keys) -> impl Iterator<Item = &NetworkRule> {
    let rules = keys.request().network.iter();
    rules.filter(|rule| rule.example().is_none())
}

/// What the plugin asks for, as attempts.
fn asked(keys: &Keys) -> Vec<Attempt> {
    let request = keys.request();
    let requests = request
        .network
        .iter()
        .filter_map(|rule| rule.example())
        .map(Attempt::Http);
    let storage = request.storage.iter().copied().map(Attempt::Storage);
    let system = request.system.iter().cloned().map(Attempt::System);
    requests.chain(storage).chain(system).collect()
}

fn withheld(keys: &Keys) -> Vec<String> {
    [SystemPower::Clock, SystemPower::Random]
        .into_iter()
        .filter(|power| keys.system(power).is_err())
        .map(|power| power.to_string())
        .collect()
}
