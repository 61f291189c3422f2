//! `[http]`: how clients over HTTP are served.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::portcullis_toml::{read_or_default, read_path, read_positive};
use super::table::{Field, Table};
use crate::auth::{Fingerprint, StaticToken};
use crate::limits::HttpLimits;

/// The port when the operator names none. No other service is known for it.
const PORT: u16 = 8087;

/// How clients over HTTP are served. The default is for clients on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The names a request may come by, when they are not this machine's own.
    pub allowed_hosts: Option<Vec<String>>,
    /// The web pages that may send requests, when they are not this machine's own.
    pub allowed_origins: Option<Vec<String>>,
    /// How many, how large, how slow.
    pub limits: HttpLimits,
    /// The certificate, when there is one.
    pub tls: Option<TlsFiles>,
    /// The tokens that the operator made.
    pub tokens: Vec<StaticToken>,
}

/// Where a certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its authority, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            allowed_hosts: None,
            allowed_origins: None,
            limits: HttpLimits::default(),
            tls: None,
            tokens: Vec::new(),
        }
    }
}

/// Reads the table.
pub(super) fn read(http: &Table<'_>, folder: &Path) -> Result<HttpConfig, ConfigError> {
    let mut config = HttpConfig::default();
    let limits = config.limits.entries_mut().map(|(name, _)| name);
    let known: Vec<_> = ["listen", "allowed_hosts", "allowed_origins", "tls", "tokens"]
        .into_iter()
        .chain(limits)
        .collect();
    http.only(&known, &[])?;
    if let Some(listen) = http.field("listen") {
        config.listen = read_address(listen)?;
    }
    config.allowed_hosts = http.field("allowed_hosts").map(read_names).transpose()?;
    config.allowed_origins = http.field("allowed_origins").map(read_names).transpose()?;
    for (name, limit) in config.limits.entries_mut() {
        if let Some(field) = http.field(name) {
            *limit = read_positive(field)?;
        }
    }
    config.tls = http
        .field("tls")
        .map(|tls| read_tls(tls, folder))
        .transpose()?;
    config.tokens = read_or_default(http, "tokens", |tokens| {
        tokens.fields().iter().map(read_token).collect()
    })?;
    Ok(config)
}

fn read_address(listen: &Field<'_>) -> Result<SocketAddr, ConfigError> {
    let address = listen.text()?;
    address.parse().map_err(|_| {
        listen.bad_value(format!(
            "{address:?} is no address (hint: write \"127.0.0.1:{PORT}\", or \"[::1]:{PORT}\")"
        ))
    })
}

fn read_names(names: &Field<'_>) -> Result<Vec<String>, ConfigError> {
    let names = names.items()?;
    names
        .iter()
        .map(|name| name.text().map(str::to_owned))
        .collect()
}

fn read_tls(tls: &Field<'_>, folder: &Path) -> Result<TlsFiles, ConfigError> {
    let table = tls.table()?;
    table.only(&["certificate", "key"], &[])?;
    let path = |name: &str| match table.field(name) {
        Some(field) => read_path(field, folder),
        None => Err(tls.bad_value(format!(
            "has no `{name}` (hint: both `certificate` and `key` name a file in PEM)"
        ))),
    };
    Ok(TlsFiles {
        certificate: path("certificate")?,
        key: path("key")?,
    })
}

fn read_token(token: &Field<'_>) -> Result<StaticToken, ConfigError> {
    let table = token.table()?;
    table.only(&["sha256", "scopes"], &[])?;
    let Some(fingerprint) = table.field("sha256") else {
        return Err(token.bad_value("has no `sha256` (hint: `portcullis token` makes a token and shows it)"));
    };
    Ok(StaticToken {
        name: token.name.to_owned(),
        fingerprint: Fingerprint::parse(fingerprint.text()?)
            .map_err(|error| fingerprint.bad_value(error))?,
        scopes: read_or_empty(&table, "scopes")?,
    })
}

fn read_or_empty(table: &Table<'_>, name: &str) -> Result<Vec<String>, ConfigError> {
    table.field(name).map_or(Ok(Vec::new()), read_names)
}
