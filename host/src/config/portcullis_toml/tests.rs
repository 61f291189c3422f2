use super::*;
use crate::auth::{Fingerprint, Issuer};
use crate::config::{KeysAt, OAuthConfig, TlsFiles};
use crate::limits::HttpLimits;
use crate::permissions::StorageKind;
use crate::secrets::{Binding, Place, Source};

/// A configuration in which every key has a value.
fn full() -> String {
    let limits = |limits: &Limits| {
        limits
            .entries()
            .iter()
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect::<String>()
    };
    format!(
        r#"
[host]
shipped = false
cache = "cache"
state = "state"
memory_bytes = 1000000

[host.ceiling]
{ceiling}
[network]
roots = "bundled"
ca_file = "ca.pem"

[http]
listen = "127.0.0.2:1"
public_url = "https://mcp.example.com"
allowed_hosts = ["mcp.example.com"]
allowed_origins = ["https://app.example.com"]
{http}
[http.tls]
certificate = "cert.pem"
key = "key.pem"

[http.oauth]
issuer = "https://issuer.example.com"
audience = "https://mcp.example.com/mcp"
scopes = ["mcp"]
jwks_url = "https://issuer.example.com/keys"

[telemetry]
otlp_endpoint = "http://127.0.0.1:4318"
service_name = "desk"
sampling_ratio = 0.5
propagate = false

[telemetry.headers.authorization]
env = "OTLP_TOKEN"
prefix = "Bearer "

[policy]
network = ["*", "localhost:3000"]
storage = ["user-data", "cache", "temp", "key-value", "directories"]
system = ["env:LANG"]
withhold = ["clock"]

[limits]
{default}
[plugins.weather]
path = "plugins/weather.wasm"
enabled = false
start = "lazy"
prefix = "w"
digest = "any"
withhold = ["random"]

[plugins.weather.grants]
network = ["api.example.com"]
storage = ["cache"]
system = ["env:LANG"]

[plugins.weather.directories.maps]
path = "maps"
write = true

[plugins.weather.environment]
LANG = "de"

[plugins.weather.config]
unit = "C"
places = [1, 2.5, {{ name = "Berlin" }}]

[plugins.weather.secrets.key]
env = "WEATHER_KEY"
host = "api.example.com"
header = "Authorization"
prefix = "Bearer "

[plugins.weather.limits]
{default}
[plugins.calculator]
"#,
        http = HttpLimits::default()
            .entries_mut()
            .map(|(name, value)| format!("{name} = {}\n", *value + 1))
            .concat(),
        ceiling = limits(&Limits::ceiling()),
        default = limits(&Limits::default()),
    )
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/portcullis.toml"))
}

fn name(name: &str) -> PluginName {
    name.parse().unwrap()
}

fn fuel(fuel: u64) -> LimitsPatch {
    LimitsPatch {
        fuel: Some(fuel),
        ..LimitsPatch::default()
    }
}

#[test]
fn every_key_is_read() {
    let config = parse(&full()).unwrap();
    let all = serde_json::from_value(serde_json::to_value(Limits::default()).unwrap()).unwrap();
    let weather = PluginConfig {
        path: Some("/etc/plugins/weather.wasm".into()),
        enabled: false,
        start: Start::Lazy,
        prefix: Some(Prefix::try_from("w".to_owned()).unwrap()),
        approved: Approved::Anything,
        grants: Words {
            network: vec!["api.example.com".parse().unwrap()],
            storage: vec![StorageKind::Cache],
            system: vec![SystemPower::Env("LANG".to_owned())],
        },
        withheld: vec![SystemPower::Random],
        directories: vec![Directory {
            name: "maps".to_owned(),
            path: "/etc/maps".into(),
            write: true,
        }],
        environment: BTreeMap::from([("LANG".to_owned(), "de".to_owned())]),
        config: Some(serde_json::json!({"unit": "C", "places": [1, 2.5, {"name": "Berlin"}]})),
        secrets: BTreeMap::from([(
            "key".to_owned(),
            Reference {
                source: Source::Env("WEATHER_KEY".to_owned()),
                binding: Some(Binding {
                    rule: "api.example.com".parse().unwrap(),
                    place: Place::Header {
                        name: "authorization".to_owned(),
                        prefix: "Bearer ".to_owned(),
                    },
                }),
            },
        )]),
        limits: all,
    };
    assert!(config.policy.words.network[0].is_any());
    assert_eq!(config.policy.words.network.len(), 2);
    assert_eq!(config.policy.words.storage, StorageKind::ALL);
    assert_eq!(config.policy.withheld, [SystemPower::Clock]);
    assert!(config.network.bundled_roots);
    assert_eq!(
        config.network.ca_file.as_deref(),
        Some(Path::new("/etc/ca.pem"))
    );
    assert_eq!(config.host.state.as_deref(), Some(Path::new("/etc/state")));
    let mut limits = HttpLimits::default();
    for (_, limit) in limits.entries_mut() {
        *limit += 1;
    }
    let http = HttpConfig {
        listen: "127.0.0.2:1".parse().unwrap(),
        public_url: Some("https://mcp.example.com".to_owned()),
        allowed_hosts: Some(vec!["mcp.example.com".to_owned()]),
        allowed_origins: Some(vec!["https://app.example.com".to_owned()]),
        limits,
        tls: Some(TlsFiles {
            certificate: "/etc/cert.pem".into(),
            key: "/etc/key.pem".into(),
        }),
        tokens: Vec::new(),
        oauth: Some(OAuthConfig {
            issuer: Issuer {
                issuer: "https://issuer.example.com".to_owned(),
                audience: "https://mcp.example.com/mcp".to_owned(),
                scopes: vec!["mcp".to_owned()],
            },
            keys: KeysAt::Url("https://issuer.example.com/keys".to_owned()),
        }),
    };
    assert_eq!(config.http, http);
    assert_eq!(config.host.memory_bytes, 1_000_000);
    assert_eq!(config.plugin(&name("weather")), Some(&weather));
    assert_eq!(config.host.cache.as_deref(), Some(Path::new("/etc/cache")));
    assert!(!config.host.shipped);
    assert_eq!(config.limits, weather.limits);
    let calculator = config.plugin(&name("calculator")).unwrap();
    assert!(calculator.enabled && calculator.path.is_none() && calculator.start == Start::Eager);
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/portcullis.schema.json")).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let full: Value = toml::from_str(&full()).unwrap();
    assert!(validator.is_valid(&full));

    // Tokens and an authorization server exclude each other, and so do the two places of its keys.
    let keys_not_beside = |value: &Value, one_of: &[&str]| -> Value {
        let mut keys = value.clone();
        for name in one_of {
            keys.as_object_mut().unwrap().shift_remove(*name);
        }
        keys
    };
    let http = &schema["properties"]["http"]["properties"];
    let http_written = keys_not_beside(http, &["tokens"]);
    let oauth = keys_not_beside(&http["oauth"]["properties"], &["jwks_file"]);
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let host = &schema["properties"]["host"]["properties"];
    let plugin = &schema["properties"]["plugins"]["additionalProperties"]["properties"];
    for (described, written) in [
        (&schema["properties"], &full),
        (host, &full["host"]),
        (&host["ceiling"]["properties"], &full["host"]["ceiling"]),
        (plugin, &full["plugins"]["weather"]),
        (&http_written, &full["http"]),
        (&http["tls"]["properties"], &full["http"]["tls"]),
        (&oauth, &full["http"]["oauth"]),
        (
            &schema["properties"]["network"]["properties"],
            &full["network"],
        ),
        (
            &schema["properties"]["telemetry"]["properties"],
            &full["telemetry"],
        ),
        (
            &schema["properties"]["policy"]["properties"],
            &full["policy"],
        ),
        (
            &plugin["grants"]["properties"],
            &full["plugins"]["weather"]["grants"],
        ),
        (&schema["$defs"]["limits"]["properties"], &full["limits"]),
    ] {
        assert_eq!(keys(described), keys(written));
        assert!(
            described
                .as_object()
                .unwrap()
                .values()
                .all(|key| key["description"].is_string())
        );
    }
}

#[test]
fn the_schema_has_the_limits_of_the_host() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/portcullis.schema.json")).unwrap();
    let written = |place: &Value| -> Vec<(String, Option<u64>, Option<u64>)> {
        let limits = place["properties"].as_object().unwrap().iter();
        limits
            .map(|(key, limit)| {
                (
                    key.clone(),
                    limit["default"].as_u64(),
                    limit["maximum"].as_u64(),
                )
            })
            .collect()
    };
    let built_in = |defaults: Limits| -> Vec<_> {
        let pairs = defaults
            .entries()
            .into_iter()
            .zip(Limits::ceiling().entries());
        pairs
            .map(|((key, default), (_, ceiling))| (key.to_owned(), Some(default), Some(ceiling)))
            .collect()
    };
    assert_eq!(
        written(&schema["$defs"]["limits"]),
        built_in(Limits::default())
    );
    let ceiling = &schema["properties"]["host"]["properties"]["ceiling"];
    assert_eq!(written(ceiling), built_in(Limits::ceiling()));
}

#[test]
fn the_schema_has_the_limits_of_serving_http() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/portcullis.schema.json")).unwrap();
    let http = &schema["properties"]["http"]["properties"];
    for (name, default) in HttpLimits::default().entries_mut() {
        assert_eq!(http[name]["default"].as_u64(), Some(*default), "{name}");
    }
    let listen = HttpConfig::default().listen.to_string();
    assert_eq!(http["listen"]["default"], listen);
}

#[test]
fn tokens_are_known_by_their_fingerprints() {
    let sha256 = "a".repeat(64);
    let config = parse(&format!(
        "[http.tokens.ada]\nsha256 = \"{sha256}\"\nscopes = [\"read\"]\n[http.tokens.bob]\nsha256 = \"{sha256}\""
    ));
    let tokens = config.unwrap().http.tokens;
    let names: Vec<_> = tokens.iter().map(|token| &*token.name).collect();
    assert_eq!(names, ["ada", "bob"]);
    assert_eq!(tokens[0].fingerprint, Fingerprint::parse(&sha256).unwrap());
    assert_eq!(
        (&*tokens[0].scopes, &*tokens[1].scopes),
        (&["read".to_owned()][..], &[][..])
    );
}

#[test]
fn what_would_let_the_wrong_ones_in_over_http_is_refused() {
    let check = |text: &str, expected: &str| {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
    };
    let sha256 = "a".repeat(64);
    check("[http]\nlisten = \"localhost:1\"", "`http.listen`: ");
    check("[http]\nrequests = 0", "`http.requests`: is 0");
    check(
        "[http]\npublic_url = \"https://a/b\"",
        "`http.public_url`: ",
    );
    check("[http]\npublic_url = \"a.example\"", "`http.public_url`: ");
    check("[http.tokens.a]", "`http.tokens.a`: has no `sha256`");
    check(
        "[http.tokens.a]\ntoken = \"x\"",
        "key `http.tokens.a.token` is not known",
    );
    for bad in [
        "",
        "x",
        &sha256[1..],
        &format!("{sha256}0"),
        &"ä".repeat(32),
    ] {
        check(
            &format!("[http.tokens.a]\nsha256 = \"{bad}\""),
            "`http.tokens.a.sha256`: is not the SHA-256 of a token",
        );
    }
    check(
        "[http.tls]\ncertificate = \"a\"",
        "`http.tls`: has no `key`",
    );
    let oauth = "[http.oauth]\nissuer = \"i\"\naudience = \"a\"\n";
    check(oauth, "names its keys not once");
    check(
        &format!("{oauth}jwks_file = \"a\"\njwks_url = \"b\""),
        "names its keys not once",
    );
    check(
        "[http.oauth]\nissuer = \"i\"\njwks_file = \"a\"",
        "has no `audience`",
    );
    check(
        "[http.oauth]\naudience = \"i\"\njwks_file = \"a\"",
        "has no `issuer`",
    );
    check(
        &format!("{oauth}jwks_file = \"a\"\nscopes = [\"a\\\" b\"]"),
        "is no scope",
    );
    check(
        &format!("{oauth}jwks_file = \"a\"\n[http.tokens.a]\nsha256 = \"{sha256}\""),
        "stands beside `http.tokens`",
    );
}

#[test]
fn nothing_is_a_configuration_too() {
    let config = parse("# empty").unwrap();
    assert_eq!(
        Config {
            origin: None,
            ..config
        },
        Config::default()
    );
    assert!(Config::default().host.shipped);
}

#[test]
fn plugins_keep_the_order_of_the_file() {
    let config =
        parse("[plugins.zoo]\n[plugins.ant]\n[plugins.zoo.limits]\n[plugins.mole]\n").unwrap();
    let names: Vec<_> = config
        .plugins
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["zoo", "ant", "mole"]);
}

#[test]
fn an_error_names_the_line_the_key_and_the_way_out() {
    let check = |text: &str, expected: &str| {
        let error = parse(text).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("/etc/portcullis.toml:{expected}")),
            "{error}"
        );
        assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
        assert!(!error.contains('\n'), "{error}");
    };
    check("a = [", "1:6: is not TOML: ");
    check(
        "[limits]\nfuel = 1\nfuel = 2",
        "3:1: is not TOML: duplicate key",
    );
    check(
        "[limit]",
        "1:2: key `limit` is not known (hint: did you mean `limits`?)",
    );
    check(
        "[servers]",
        "1:2: key `servers` is not known (hint: known are `host`, `network`, `telemetry`, `policy`, `limits`, `plugins`)",
    );
    check(
        "plugins = [\"a.wasm\"]",
        "1:1: key `plugins` is a list, expected a table",
    );
    check(
        "[plugins.a]\n\nstrat = \"lazy\"",
        "3:1: key `plugins.a.strat` is not known (hint: did you mean `start`?)",
    );
    check(
        "[plugins.a]\nstart = \"now\"",
        "2:1: key `plugins.a.start`: \"now\" is no way to start",
    );
    check(
        "[plugins.a]\nstart = \"manual\"",
        "2:1: key `plugins.a.start`: nobody can start a plugin by hand",
    );
    check(
        "[plugins.a]\nenabled = 1",
        "2:1: key `plugins.a.enabled` is a whole number, expected `true` or `false`",
    );
    check(
        "[plugins.a]\npath = \"\"",
        "2:1: key `plugins.a.path`: is empty",
    );
    check(
        "[plugins.a]\nprefix = \"a-b\"",
        "2:1: key `plugins.a.prefix`: prefix `a-b` is not a prefix",
    );
    check(
        "[plugins.My_Tool]",
        "1:10: key `plugins.My_Tool`: plugin name `My_Tool` has a character",
    );
    check(
        "[plugins]\na = 1",
        "2:1: key `plugins.a` is a whole number, expected a table",
    );
    check(
        "[limits]\ncall-ms = 1",
        "2:1: key `limits.call-ms` is not known (hint: did you mean `call_ms`?)",
    );
    check(
        "[limits]\nfuel = -1",
        "2:1: key `limits.fuel`: -1 is out of range",
    );
    check(
        "[limits]\nfuel = 1.5",
        "2:1: key `limits.fuel` is a number with a fraction, expected a whole number",
    );
    check(
        "[limits]\nfuel = 0",
        "2:1: key `limits.fuel`: limit `fuel` is 0",
    );
    check(
        "[host]\nshiped = true",
        "2:1: key `host.shiped` is not known (hint: did you mean `shipped`?)",
    );
}

#[test]
fn a_key_that_would_do_something_to_a_terminal_is_shown_escaped() {
    let error = parse("[plugins.a]\n\"\\u001b\\n\" = 1").unwrap_err();
    let shown = "/etc/portcullis.toml:2:1: key `plugins.a.\\u{1b}\\n` is not known";
    assert!(error.to_string().starts_with(shown), "{error}");
}

#[test]
fn a_key_that_is_not_served_yet_is_refused_with_a_sentence() {
    let check = |text: &str, expected: &str| {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(
        "[transports.http]",
        "`transports` is refused: clients are served over stdio, or over HTTP as `[http]` says",
    );
}

#[test]
fn a_limit_above_the_ceiling_is_found_when_the_file_is_read() {
    let check = |text: &str, expected: Option<&str>| {
        let error = parse(text).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), expected.is_some(), "{text}: {error:?}");
        assert!(error.is_none_or(|error| error.contains(expected.unwrap_or_default())));
    };
    check("[host.ceiling]\nfuel = 9\n[limits]\nfuel = 9", None);
    check(
        "[host.ceiling]\nfuel = 9\n[limits]\nfuel = 10",
        Some(":4:1: key `limits.fuel`: limit `fuel` is 10, above"),
    );
    check(
        "[limits]\nfuel = 10\n[host.ceiling]\nfuel = 9",
        Some(":2:1: key `limits.fuel`"),
    );
    check(
        "[host.ceiling]\nfuel = 9\n[plugins.a.limits]\ncall_ms = 1\nfuel = 10",
        Some(":5:1: key `plugins.a.limits.fuel`"),
    );
    check(
        "[host.ceiling]\ncall_ms = 600_001",
        Some(":2:1: key `host.ceiling.call_ms`"),
    );
}

#[test]
fn the_operator_comes_before_the_manifest_and_the_plugin_before_all_plugins() {
    let check = |text: &str, wish: LimitsPatch, expected: u64| {
        let limits = parse(text).unwrap().limits_for(&name("a"), &wish).unwrap();
        assert_eq!(limits.fuel, expected, "{text}");
    };
    let default = Limits::default().fuel;
    check("", LimitsPatch::default(), default);
    check("", fuel(5), 5);
    check("", fuel(u64::MAX), default);
    check("[limits]\nfuel = 7", LimitsPatch::default(), 7);
    check("[limits]\nfuel = 7", fuel(5), 7);
    check(
        "[limits]\nfuel = 7\n[plugins.a.limits]\nfuel = 8",
        fuel(5),
        8,
    );
    check(
        "[limits]\nfuel = 7\n[plugins.b.limits]\nfuel = 8",
        fuel(5),
        7,
    );
    check("[limits]\ncall_ms = 7", fuel(5), 5);
    check("[host.ceiling]\nfuel = 9", LimitsPatch::default(), 9);
    check("[host.ceiling]\nfuel = 9", fuel(5), 5);
    check("[host.ceiling]\nfuel = 9", fuel(10), 9);
}
