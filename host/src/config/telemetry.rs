//! What a configuration says of telemetry: where it goes, how much of it, and what goes with it.

use std::collections::BTreeMap;
use std::path::Path;

use super::ConfigError;
use super::grants::{key_name, read_source};
use super::table::{Field, Table};
use crate::permissions::HttpAttempt;
use crate::secrets::Reference;

/// Where telemetry goes. The default sends none.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetryConfig {
    /// A collector that takes OTLP over HTTP. Nothing is built or sent without one.
    pub otlp_endpoint: Option<String>,
    /// What goes with each export, by the header's name.
    pub headers: BTreeMap<String, TelemetryHeader>,
    /// What this host is called there.
    pub service_name: String,
    /// The share of traces that are recorded, of those that begin here.
    pub sampling_ratio: f64,
    /// Whether requests of plugins carry the trace they belong to. It holds without an endpoint as well.
    pub propagate: bool,
}

/// A header whose value is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryHeader {
    /// Where the secret is.
    pub secret: Reference,
    /// What stands before it, such as `Bearer `.
    pub prefix: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            headers: BTreeMap::new(),
            service_name: "portcullis".to_owned(),
            sampling_ratio: 1.0,
            propagate: true,
        }
    }
}

/// Headers that say how the export is sent, and are the host's own.
const HOSTS_OWN: [&str; 5] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

/// Bytes of a service's name; it is shown in lists.
const SERVICE_NAME_BYTES_MAX: usize = 64;

/// Reads `[telemetry]`.
pub(super) fn read(telemetry: &Table<'_>, folder: &Path) -> Result<TelemetryConfig, ConfigError> {
    const NEED_AN_ENDPOINT: [&str; 3] = ["headers", "service_name", "sampling_ratio"];
    telemetry.only(
        &[
            "otlp_endpoint",
            "headers",
            "service_name",
            "sampling_ratio",
            "propagate",
        ],
        &[],
    )?;
    let otlp_endpoint = telemetry
        .field("otlp_endpoint")
        .map(read_endpoint)
        .transpose()?;
    let useless = NEED_AN_ENDPOINT
        .iter()
        .find_map(|name| telemetry.field(name));
    if let (None, Some(field)) = (&otlp_endpoint, useless) {
        return Err(field.bad_value(
            "has no effect, since nothing is exported (hint: set `otlp_endpoint` as well, or remove the key)",
        ));
    }
    let default = TelemetryConfig::default();
    Ok(TelemetryConfig {
        otlp_endpoint,
        headers: match telemetry.field("headers") {
            None => default.headers,
            Some(headers) => read_headers(&headers.table()?, folder)?,
        },
        service_name: telemetry
            .field("service_name")
            .map_or(Ok(default.service_name), read_service_name)?,
        sampling_ratio: telemetry
            .field("sampling_ratio")
            .map_or(Ok(default.sampling_ratio), read_ratio)?,
        propagate: telemetry
            .field("propagate")
            .map_or(Ok(default.propagate), Field::boolean)?,
    })
}

fn read_endpoint(endpoint: &Field<'_>) -> Result<String, ConfigError> {
    let url = endpoint.text()?;
    HttpAttempt::new("POST", url).map_err(|error| endpoint.bad_value(error))?;
    match url.contains(['?', '#']) {
        true => Err(endpoint.bad_value(
            "has more than a path (hint: write it as `http://127.0.0.1:4318`; a key goes under `headers`)",
        )),
        false => Ok(url.to_owned()),
    }
}

fn read_headers(
    headers: &Table<'_>,
    folder: &Path,
) -> Result<BTreeMap<String, TelemetryHeader>, ConfigError> {
    let read = |header: &Field<'_>| {
        let name = key_name(header)?;
        if HOSTS_OWN.contains(&&*name) {
            return Err(header
                .bad_value("is the host's own header (hint: write one such as `authorization`)"));
        }
        let table = header.table()?;
        table.only(&["env", "file", "keyring", "prefix"], &[])?;
        let secret = Reference {
            source: read_source(header, &table, folder)?,
            binding: None,
        };
        let prefix = table.field("prefix").map_or(Ok(""), Field::text)?;
        if !prefix.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(header
                .bad_value("has a `prefix` that no header can have (hint: such as \"Bearer \")"));
        }
        let prefix = prefix.to_owned();
        Ok((name, TelemetryHeader { secret, prefix }))
    };
    headers.fields().iter().map(read).collect()
}

fn read_service_name(name: &Field<'_>) -> Result<String, ConfigError> {
    let text = name.text()?;
    let fits =
        (1..=SERVICE_NAME_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    match fits {
        true => Ok(text.to_owned()),
        false => Err(name.bad_value("is not a name (hint: use one line of 1 to 64 bytes)")),
    }
}

fn read_ratio(ratio: &Field<'_>) -> Result<f64, ConfigError> {
    match ratio.number()? {
        ratio if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err(ratio.bad_value("is no share of a whole (hint: write a number from 0.0 to 1.0)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::secrets::Source;

    fn parse(lines: &str) -> Result<TelemetryConfig, String> {
        let read = Config::parse(&format!("[telemetry]\n{lines}"), Path::new("p.toml"));
        read.map(|config| config.telemetry)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_section_nothing_is_exported_and_traces_are_carried_on() {
        let config = Config::parse("", Path::new("p.toml")).unwrap().telemetry;
        assert_eq!(config, TelemetryConfig::default());
        assert!(config.otlp_endpoint.is_none() && config.propagate);
        assert!(!parse("propagate = false").unwrap().propagate);
    }

    #[test]
    fn all_keys_are_read() {
        let config = parse(
            "otlp_endpoint = \"https://collector.example/otlp\"\nservice_name = \"desk\"\nsampling_ratio = 0.25\n\
             propagate = true\n[telemetry.headers.authorization]\nenv = \"TOKEN\"\nprefix = \"Bearer \"",
        )
        .unwrap();
        assert_eq!(
            config.otlp_endpoint.as_deref(),
            Some("https://collector.example/otlp")
        );
        assert_eq!(
            (&*config.service_name, config.sampling_ratio),
            ("desk", 0.25)
        );
        let header = &config.headers["authorization"];
        assert_eq!(header.prefix, "Bearer ");
        assert_eq!(header.secret.source, Source::Env("TOKEN".to_owned()));
        let whole = parse("otlp_endpoint = \"http://127.0.0.1:4318\"\nsampling_ratio = 1").unwrap();
        assert_eq!(whole.sampling_ratio, 1.0);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_hint() {
        let check = |lines: &str, expected: &str| {
            let error = parse(lines).expect_err(lines);
            assert!(error.contains(expected), "{lines}: {error}");
            assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
        };
        let with = |line: &str| format!("otlp_endpoint = \"http://127.0.0.1:4318\"\n{line}");
        check("otlp_endpoint = \"ftp://a\"", "`telemetry.otlp_endpoint`");
        check(
            "otlp_endpoint = \"http://u:p@a.b\"",
            "`telemetry.otlp_endpoint`",
        );
        check("otlp_endpoint = \"http://a.b/?key=1\"", "more than a path");
        check("service_name = \"x\"", "has no effect");
        check("sampling_ratio = 0.5", "has no effect");
        check(&with("service_name = \"\""), "is not a name");
        check(&with("sampling_ratio = 1.5"), "no share of a whole");
        check(&with("sampling_ratio = nan"), "no share of a whole");
        check(&with("record_arguments = true"), "is not known");
        let header = |name: &str, line: &str| with(&format!("[telemetry.headers.{name}]\n{line}"));
        check(&header("authorization", "value = \"x\""), "is not known");
        check(&header("authorization", ""), "does not say where it is");
        check(&header("host", "env = \"A\""), "the host's own header");
        check(
            &header("authorization", "env = \"A\"\nprefix = \"\\n\""),
            "`prefix`",
        );
    }
}
