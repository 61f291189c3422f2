//! What a plugin gets of the machine: variables that three keys name, its settings, and the time and randomness that nobody
//! withheld.

use std::collections::BTreeMap;

use portcullis::config::PluginConfig;
use portcullis::host::{Host, Installed};
use portcullis::manifest::Manifest;
use portcullis::permissions::{Grant, Policy, SystemPower, Words};
use serde_json::{Value, json};

use crate::support::host::{call, failure, host_of, installed, keyed, text};

/// What the guest sees.
async fn seen(host: &Host) -> Value {
    let said = call(host, "surroundings__surroundings", json!({}))
        .await
        .unwrap();
    serde_json::from_str(text(&said)).unwrap()
}

fn variables(names: &[&str]) -> Words {
    let power = |name: &&str| SystemPower::Env((*name).to_owned());
    Words {
        system: names.iter().map(power).collect(),
        ..Words::default()
    }
}

/// The guest with keys for these variables, and values for some.
fn with_variables(policy: &[&str], grant: &[&str], request: &[&str]) -> Installed {
    let policy = Policy {
        words: variables(policy),
        ..Policy::default()
    };
    let grant = Grant {
        words: variables(grant),
        ..Grant::default()
    };
    let given = [("GIVEN", "by the operator"), ("OTHER", "not for it")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Installed {
        settings: PluginConfig {
            environment: BTreeMap::from(given),
            ..PluginConfig::default()
        },
        ..keyed("surroundings", policy, grant, variables(request))
    }
}

#[tokio::test]
async fn a_plugin_sees_the_variables_that_three_keys_name_and_no_other() {
    let own = "CARGO_MANIFEST_DIR";
    let all = ["GIVEN", own];
    let check = async |plugin: Installed, expected: Value| {
        let seen = seen(&host_of([plugin])).await;
        assert_eq!(seen["variables"], expected);
        assert_eq!(seen["arguments"], json!([]));
        assert!(seen["files"].is_null());
    };
    let both = json!({"GIVEN": "by the operator", own: env!("CARGO_MANIFEST_DIR")});
    check(with_variables(&all, &all, &all), both).await;
    let one = json!({"GIVEN": "by the operator"});
    check(with_variables(&all, &["GIVEN"], &all), one).await;
    check(with_variables(&["PATH"], &["PATH"], &["GIVEN"]), json!({})).await;
}

#[tokio::test]
async fn each_of_the_three_keys_is_needed_for_a_variable() {
    let all: &[&str] = &["GIVEN"];
    for (policy, grant, request) in [
        (&[][..], all, all),
        (all, &[][..], all),
        (all, all, &[][..]),
    ] {
        let seen = seen(&host_of([with_variables(policy, grant, request)])).await;
        assert_eq!(
            seen["variables"],
            json!({}),
            "{policy:?} {grant:?} {request:?}"
        );
    }
}

#[tokio::test]
async fn a_grant_for_other_bytes_gives_no_variable() {
    let mut plugin = with_variables(&["GIVEN"], &["GIVEN"], &["GIVEN"]);
    let stranger = installed("noop").identity.digest;
    let keys = &plugin.keys;
    let grant = Grant {
        approved: portcullis::permissions::Approved::Digest(stranger),
        ..keys.grant().clone()
    };
    let keys = portcullis::permissions::Keys::new(
        plugin.identity.clone(),
        keys.policy().clone(),
        grant,
        keys.request().clone(),
    );
    plugin.keys = keys.into();
    assert_eq!(seen(&host_of([plugin])).await["variables"], json!({}));
}

/// The guest with a manifest that has settings, and the operator's.
fn with_settings(config: Option<Value>) -> Installed {
    let manifest = json!({
        "name": "surroundings",
        "version": "1.0.0",
        "configuration": {
            "schema": {
                "type": "object",
                "properties": {
                    "unit": {"enum": ["C", "F"]},
                    "days": {"type": "integer"},
                    "cities": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": false,
            },
            "defaults": {"unit": "C", "days": 3},
        },
    });
    Installed {
        manifest: Manifest::parse(manifest.to_string().as_bytes(), "test").unwrap(),
        settings: PluginConfig {
            config,
            ..PluginConfig::default()
        },
        ..installed("surroundings")
    }
}

#[tokio::test]
async fn a_plugin_reads_its_settings_over_its_defaults() {
    let check = async |config: Option<Value>, expected: Value| {
        let seen = seen(&host_of([with_settings(config)])).await;
        assert_eq!(seen["settings"], expected);
        assert!(seen["unknown"].is_null());
    };
    check(None, json!({"unit": "C", "days": "3"})).await;
    check(
        Some(json!({"unit": "F", "cities": ["Oslo"]})),
        json!({"unit": "F", "days": "3", "cities": "[\"Oslo\"]"}),
    )
    .await;
}

#[tokio::test]
async fn a_plugin_made_with_the_sdk_reads_its_settings_in_its_own_types() {
    let manifest = json!({
        "name": "forecast",
        "version": "1.0.0",
        "configuration": {"schema": {"type": "object"}, "defaults": {"cities": ["Oslo"]}},
    });
    let check = async |config: Value, expected: &str| {
        let plugin = Installed {
            manifest: Manifest::parse(manifest.to_string().as_bytes(), "test").unwrap(),
            settings: PluginConfig {
                config: Some(config),
                ..PluginConfig::default()
            },
            ..installed("forecast")
        };
        let said = call(&host_of([plugin]), "forecast__plan", json!({})).await;
        assert_eq!(text(&said.unwrap()), expected);
    };
    check(json!({}), "3 days of Oslo in °C").await;
    let given = json!({"unit": "F", "days": 7, "cities": ["Rome", "Bern"]});
    check(given, "7 days of Rome and Bern in °F").await;
}

#[tokio::test]
async fn a_plugin_with_bad_settings_is_out_of_service_and_its_neighbour_is_not() {
    for (config, said) in [
        (json!({"unit": "K"}), "unit"),
        (json!({"colour": "red"}), "colour"),
        (json!({"days": "many"}), "days"),
    ] {
        let host = host_of([with_settings(Some(config)), installed("noop")]);
        let reason = failure(&host, "surroundings").await.unwrap();
        assert!(
            reason.contains("its settings do not fit") && reason.contains(said),
            "{reason}"
        );
        assert!(
            reason.contains("(hint: look at `[plugins.surroundings.config]`"),
            "{reason}"
        );
        let ping = call(&host, "noop__ping", json!({})).await.unwrap();
        assert_eq!(text(&ping), "pong");
    }
}

#[tokio::test]
async fn settings_for_a_plugin_that_has_none_keep_it_out_of_service() {
    let plugin = Installed {
        settings: PluginConfig {
            config: Some(json!({"unit": "C"})),
            ..PluginConfig::default()
        },
        ..installed("surroundings")
    };
    let host = host_of([plugin, installed("noop")]);
    let reason = failure(&host, "surroundings").await.unwrap();
    assert!(reason.contains("setting `unit` is for nothing"), "{reason}");
    assert_eq!(failure(&host, "noop").await, None);
}

#[tokio::test]
async fn a_plugins_lists_are_those_of_its_settings() {
    let listing = |token: Option<&str>| {
        let manifest = json!({
            "name": "leaks-in-list",
            "version": "1.0.0",
            "configuration": {"schema": {"type": "object"}},
        });
        Installed {
            manifest: Manifest::parse(manifest.to_string().as_bytes(), "test").unwrap(),
            settings: PluginConfig {
                config: token.map(|token| json!({"token": token})),
                ..PluginConfig::default()
            },
            ..installed("leaks_in_list")
        }
    };
    // Each host begins with what the one before it kept.
    for token in [None, Some("one"), Some("two"), None] {
        let host = host_of([listing(token)]);
        host.settled().await;
        let catalogue = host.catalogue().await;
        let tool = catalogue.tool("leaks_in_list__leaks_in_list").unwrap();
        assert_eq!(tool.item.description.as_deref(), token);
    }
}

fn withholding(powers: &[SystemPower]) -> Host {
    let grant = Grant {
        withheld: powers.to_vec(),
        ..Grant::default()
    };
    host_of([keyed(
        "surroundings",
        Policy::default(),
        grant,
        Words::default(),
    )])
}

#[tokio::test]
async fn a_withheld_clock_shows_the_same_time_in_every_call() {
    let host = withholding(&[SystemPower::Clock]);
    let [first, second] = [seen(&host).await, seen(&host).await];
    assert_eq!(first["time"], json!([946_684_800, 0]));
    assert_eq!(first["time"], second["time"]);
    assert_eq!(first["monotonic"], second["monotonic"]);
    // It moves all the same, so that nobody waits for it in vain.
    assert!(first["monotonic"][0].as_u64() < first["monotonic"][1].as_u64());
    // What was not withheld is there.
    assert_ne!(first["random"], second["random"]);
    let neighbour = [seen(&withholding(&[])).await, seen(&withholding(&[])).await];
    assert!(neighbour[0]["time"][0].as_u64() > Some(1_700_000_000));
    assert_ne!(neighbour[0]["time"], neighbour[1]["time"]);
}

#[tokio::test]
async fn withheld_randomness_is_the_same_in_every_call() {
    let host = withholding(&[SystemPower::Random]);
    let [first, second] = [seen(&host).await, seen(&host).await];
    let neighbour = withholding(&[]);
    let others = [seen(&neighbour).await, seen(&neighbour).await];
    for drawn in ["random", "bytes", "insecure-bytes", "seed"] {
        assert_eq!(first[drawn], second[drawn], "{drawn}");
        assert_ne!(others[0][drawn], others[1][drawn], "{drawn}");
    }
    assert!(first["time"][0].as_u64() > Some(1_700_000_000));
}

#[tokio::test]
async fn the_operator_withholds_for_everybody() {
    let policy = Policy {
        withheld: vec![SystemPower::Clock, SystemPower::Random],
        ..Policy::default()
    };
    let host = host_of([keyed(
        "surroundings",
        policy,
        Grant::default(),
        Words::default(),
    )]);
    let [first, second] = [seen(&host).await, seen(&host).await];
    for told in [
        "time",
        "monotonic",
        "random",
        "bytes",
        "insecure-bytes",
        "seed",
    ] {
        assert_eq!(first[told], second[told], "{told}");
    }
}
