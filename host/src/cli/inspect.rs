//! `portcullis inspect`: what a plugin is, what it can do and what it asks for. Its code is compiled and never run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{Common, Inspect};
use super::exit::{Exit, Problem};
use super::{render, setup};
use crate::host::Installed;
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
        render::print_json(&facts(&plugin, n_bytes, &exports, code.imports()))?;
    } else {
        render::print(&human(&plugin, n_bytes, &exports, code.imports()))?;
    }
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

fn human(plugin: &Installed, n_bytes: usize, exports: &[&str], imports: &[String]) -> String {
    let manifest = &plugin.manifest;
    let mut text = format!("{} {}\n", plugin.identity.name, manifest.version);
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
