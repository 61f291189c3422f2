//! The operator's configuration.

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::config::{Config, PluginConfig};
use portcullis::limits::{Limits, LimitsPatch};
use portcullis::permissions::{Approved, NetworkRule, Policy, SystemPower, Words};

use super::sentence;

/// Reads bytes as `portcullis.toml`.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let config = match Config::parse(text, Path::new("/etc/portcullis.toml")) {
        Ok(config) => config,
        Err(error) => return sentence::check_line(&error.to_string()),
    };
    nothing_is_given_unasked(&config, text);
    granted_words(&config.policy.words);
    withheld(&config.policy.withheld);

    let names: BTreeSet<_> = config.plugins.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), config.plugins.len(), "a plugin stands twice");
    for (name, plugin) in &config.plugins {
        let limits = config.limits_for(name, &LimitsPatch::default());
        bounded(&limits.expect("a configuration that was parsed has possible limits"));
        granted_words(&plugin.grants);
        withheld(&plugin.withheld);
        inner_names(plugin);
    }
}

/// Whoever gives something has to write the word. A word can be written with escapes, and then there is a backslash.
fn nothing_is_given_unasked(config: &Config, text: &str) {
    let writes = |word: &str| text.contains(word) || text.contains('\\');
    assert!(writes("policy") || config.policy == Policy::default());
    for (_, plugin) in &config.plugins {
        assert!(writes("digest") || plugin.approved == Approved::Nothing);
        assert!(writes("any") || plugin.approved != Approved::Anything);
        assert!(writes("grants") || plugin.grants == Words::default());
        assert!(writes("directories") || plugin.directories.is_empty());
        assert!(writes("write") || plugin.directories.iter().all(|it| !it.write));
    }
}

/// No limit is off or above what any host allows.
fn bounded(limits: &Limits) {
    let ceiling = Limits::ceiling();
    for ((name, value), (_, highest)) in limits.entries().into_iter().zip(ceiling.entries()) {
        assert!((1..=highest).contains(&value), "`{name}` is {value}");
    }
}

fn granted_words(words: &Words) {
    for rule in &words.network {
        assert_eq!(rule.to_string().parse::<NetworkRule>().as_ref(), Ok(rule));
    }
    for power in &words.system {
        assert!(matches!(power, SystemPower::Env(_)), "{power} is given");
    }
}

fn withheld(powers: &[SystemPower]) {
    for power in powers {
        assert!(matches!(power, SystemPower::Clock | SystemPower::Random));
    }
}

/// Names that become a part of a path, or a variable.
fn inner_names(plugin: &PluginConfig) {
    for directory in &plugin.directories {
        let name = directory.name.as_str();
        assert!(!name.is_empty() && !name.contains(['/', '\\', '.', '\0', ':']));
    }
    for name in plugin.environment.keys() {
        assert!(!name.is_empty() && !name.contains(['=', '\0']), "{name:?}");
    }
}
