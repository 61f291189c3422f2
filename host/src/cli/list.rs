//! `portcullis list`: the plugins and what they offer.

use serde_json::json;

use super::args::{Common, List};
use super::exit::{Exit, Problem};
use super::{render, setup, style};
use crate::catalogue::{Catalogue, Offered};
use crate::host::{State, Status};
use crate::protocol;

/// Prints the plugins, and says by the exit code whether all of them are in service.
pub async fn run(common: &Common, list: &List) -> Result<Exit, Problem> {
    let host = setup::host(common)?;
    host.settled().await;
    let catalogue = host.catalogue_now();
    let statuses = host.statuses();
    if list.json {
        let all = json!({
            "plugins": statuses,
            "tools": protocol::tools_json(&catalogue),
            "resources": protocol::resources_json(&catalogue),
            "resourceTemplates": protocol::resource_templates_json(&catalogue),
            "prompts": protocol::prompts_json(&catalogue),
        });
        render::print_json(&all)?;
    } else {
        render::print_styled(&human(&statuses, &catalogue))?;
    }
    let is_broken = statuses
        .iter()
        .any(|status| matches!(status.state, State::Failed(_)));
    Ok(if is_broken {
        Exit::Broken
    } else {
        Exit::Success
    })
}

fn human(statuses: &[Status], catalogue: &Catalogue) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, words: &str| {
        text.push_str(&" ".repeat(indent));
        text.push_str(words);
        text.push('\n');
    };
    for status in statuses {
        let version = status.version.as_deref().unwrap_or("-");
        line(
            0,
            &format!(
                "{} {version}  {}",
                style::paint(style::STRONG, render::harmless(&status.name)),
                style::paint(
                    style::FAINT,
                    render::harmless(&format!("({})", status.origin))
                ),
            ),
        );
        match &status.state {
            State::Failed(reason) => {
                let failed = style::paint(style::ERROR, "out of service:");
                line(2, &format!("{failed} {}", render::harmless(reason)));
            }
            State::Loading => line(2, "still loading"),
            State::Active | State::Quarantined(_) => {
                if let State::Quarantined(reason) = &status.state {
                    let words = render::harmless(&reason.to_string());
                    let quarantined = style::paint(style::WARNING, "quarantined:");
                    line(2, &format!("{quarantined} {words}"));
                }
                let mut section = |title: &str, rows: Vec<(String, Option<String>)>| {
                    if !rows.is_empty() {
                        line(2, title);
                    }
                    for (name, words) in rows {
                        line(4, &render::row(&name, words.as_deref()));
                    }
                };
                let of = &status.name;
                section(
                    "tools",
                    rows(catalogue.tools(), of, |tool| tool.description.clone()),
                );
                section(
                    "resources",
                    rows(catalogue.resources(), of, |resource| {
                        resource.description.clone()
                    }),
                );
                section(
                    "templates",
                    rows(catalogue.templates(), of, |template| {
                        template.description.clone()
                    }),
                );
                section(
                    "prompts",
                    rows(catalogue.prompts(), of, |prompt| prompt.description.clone()),
                );
            }
        }
    }
    if statuses.is_empty() {
        line(
            0,
            "no plugins (hint: add one with `--plugin <path>`, or set `shipped = true` under `[host]`)",
        );
    }
    text
}

fn rows<T>(
    offered: &[Offered<T>],
    plugin: &str,
    words: impl Fn(&T) -> Option<String>,
) -> Vec<(String, Option<String>)> {
    offered
        .iter()
        .filter(|entry| entry.plugin.as_str() == plugin)
        .map(|entry| (entry.public.to_string(), words(&entry.item)))
        .collect()
}
