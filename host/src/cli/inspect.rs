//! `portcullis inspect`: what a plugin is, what it can do and what it asks for. Its code is compiled and never run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{Common, Inspect};
use super::exit::{Exit, Problem};
use super::{render, setup, style};
use crate::host::Installed;
use crate::manifest::Embedded;
use crate::permissions::Request;
use crate::runtime::Asks;

/// Prints what can be known of a plugin without running it.
pub async fn run(common: &Common, inspect: &Inspect) -> Result<Exit, Problem> {
    let config = setup::config(common)?;
    let plugin = setup::find(&config, common, &inspect.plugin)?;
    let component = plugin
        .component
        .read(plugin.identity.digest)
        .map_err(Problem::broken)?;
    let n_bytes = component.len();
    // Whoever installed it looked at these sections already, in the same bytes.
    let embedded =
        Embedded::find(&component).map_err(|error| Problem::broken(error.to_string()))?;
    let texts = Texts {
        readme: embedded.readme.map(str::to_owned),
        license: embedded.license.map(str::to_owned),
    };
    if inspect.readme || inspect.license {
        return print_text(&plugin, inspect, &texts);
    }
    let asks = Asks {
        network: !plugin.keys.request().network.is_empty(),
    };
    let code = setup::engine(&config)?
        .load(plugin.identity.digest, asks, || Ok(component))
        .await
        .map_err(|error| {
            Problem::broken(format!(
                "failed to load plugin from {}: {error}",
                plugin.origin
            ))
        })?;
    let exports: Vec<_> = code
        .exports()
        .iter()
        .map(|interface| interface.name())
        .collect();
    if inspect.json {
        let mut facts = facts(&plugin, n_bytes, &exports, code.imports());
        facts["readmeBytes"] = texts.readme.as_ref().map(String::len).into();
        facts["licenseBytes"] = texts.license.as_ref().map(String::len).into();
        render::print_json(&facts)?;
    } else {
        render::print_styled(&human(&plugin, n_bytes, &exports, code.imports(), &texts))?;
    }
    Ok(Exit::Success)
}

/// The texts a component carries. A stranger wrote them.
struct Texts {
    readme: Option<String>,
    license: Option<String>,
}

impl Texts {
    /// Which of them are there, and how long they are.
    fn summary(&self) -> String {
        let one = |what: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            Some(format!("{what} ({} bytes)", text.len()))
        };
        let there = [one("README", &self.readme), one("licence", &self.license)];
        there.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Prints the README or the licence, without what a terminal would obey.
fn print_text(plugin: &Installed, inspect: &Inspect, texts: &Texts) -> Result<Exit, Problem> {
    let (what, text) = match inspect.readme {
        true => ("README", &texts.readme),
        false => ("licence", &texts.license),
    };
    let Some(text) = text else {
        return Err(Problem::failure(format!(
            "the component of `{}` carries no {what} (hint: `portcullis pack` puts it in)",
            plugin.identity.name
        )));
    };
    render::print(&render::harmless(text))?;
    Ok(Exit::Success)
}

fn facts(plugin: &Installed, n_bytes: usize, exports: &[&str], imports: &[String]) -> Value {
    let manifest = &plugin.manifest;
    json!({
        "name": plugin.identity.name,
        "version": manifest.version,
        "description": manifest.description,
        "license": manifest.license,
        "authors": manifest.authors,
        "digest": plugin.identity.digest,
        "bytes": n_bytes,
        "origin": plugin.origin,
        "exports": exports,
        "imports": imports,
        "skills": skills(plugin),
        "requests": manifest.permissions,
        "wishes": manifest.limits,
        "limits": plugin.limits,
    })
}

fn human(
    plugin: &Installed,
    n_bytes: usize,
    exports: &[&str],
    imports: &[String],
    texts: &Texts,
) -> String {
    let manifest = &plugin.manifest;
    let name = style::paint(style::STRONG, &plugin.identity.name);
    let mut text = format!("{name} {}\n", manifest.version);
    let mut line = |title: &str, words: &str| {
        if !words.is_empty() {
            text.push_str(&format!("  {title:<10} {}\n", render::harmless(words)));
        }
    };
    line("about", manifest.description.as_deref().unwrap_or_default());
    line("license", manifest.license.as_deref().unwrap_or_default());
    line("authors", &manifest.authors.join(", "));
    line("from", &plugin.origin);
    line("identity", &plugin.identity.digest.to_string());
    line("size", &format!("{n_bytes} bytes"));
    line("exports", &exports.join(", "));
    for (package, interfaces) in by_package(imports) {
        line("imports", &format!("{package}: {}", interfaces.join(", ")));
    }
    line("skills", &skills(plugin).join(", "));
    line("carries", &texts.summary());
    line("requests", &requests(&manifest.permissions));
    for (name, value) in plugin.limits.entries() {
        line("limit", &format!("{name:<16} {value}"));
    }
    text
}

/// The names of the skills it ships.
fn skills(plugin: &Installed) -> Vec<&str> {
    plugin
        .skills
        .iter()
        .map(|skill| skill.name.as_str())
        .collect()
}

/// Interfaces under their package and version: `wasi:cli/exit@0.2.6` is `exit` of `wasi:cli@0.2.6`.
fn by_package(imports: &[String]) -> BTreeMap<String, Vec<&str>> {
    let mut packages: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for import in imports {
        let (name, version) = import.split_once('@').unwrap_or((import, ""));
        let (package, interface) = name.split_once('/').unwrap_or(("", name));
        let at = if version.is_empty() { "" } else { "@" };
        packages
            .entry(format!("{package}{at}{version}"))
            .or_default()
            .push(interface);
    }
    packages
}

/// What a plugin asks for, as its manifest writes it.
fn requests(request: &Request) -> String {
    let words = |words: Vec<String>, of: &str| {
        (!words.is_empty()).then(|| format!("{of} {}", words.join(" ")))
    };
    let kinds = [
        words(
            request.network.iter().map(ToString::to_string).collect(),
            "network",
        ),
        words(
            request.storage.iter().map(ToString::to_string).collect(),
            "storage",
        ),
        words(
            request.system.iter().map(ToString::to_string).collect(),
            "system",
        ),
    ];
    let asked: Vec<_> = kinds.into_iter().flatten().collect();
    if asked.is_empty() {
        "nothing".to_owned()
    } else {
        asked.join(", ")
    }
}
