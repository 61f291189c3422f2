//! `[http]`: how clients over HTTP are served.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::portcullis_toml::{read_or_default, read_path, read_positive};
use super::table::{Field, Table};
use crate::auth::{Fingerprint, Issuer, StaticToken};
use crate::limits::HttpLimits;

/// The port when the operator names none. No other service is known for it.
const PORT: u16 = 8087;

/// How clients over HTTP are served. The default is for clients on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The URL that clients reach the host by, without a path, when it is not the address.
    pub public_url: Option<String>,
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
    /// The authorization server whose tokens are let in.
    pub oauth: Option<OAuthConfig>,
}

/// An authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthConfig {
    /// Whose tokens are let in, and which.
    pub issuer: Issuer,
    /// Where its keys are.
    pub keys: KeysAt,
}

/// Where the keys of an authorization server are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysAt {
    /// In a file.
    File(PathBuf),
    /// At a URL.
    Url(String),
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
            public_url: None,
            allowed_hosts: None,
            allowed_origins: None,
            limits: HttpLimits::default(),
            tls: None,
            tokens: Vec::new(),
            oauth: None,
        }
    }
}

/// Reads the table.
pub(super) fn read(http: &Table<'_>, folder: &Path) -> Result<HttpConfig, ConfigError> {
    let mut config = HttpConfig::default();
    let limits = config.limits.entries_mut().map(|(name, _)| name);
    let others = [
        "listen",
        "public_url",
        "allowed_hosts",
        "allowed_origins",
        "tls",
        "tokens",
        "oauth",
    ];
    let known: Vec<_> = others.into_iter().chain(limits).collect();
    http.only(&known, &[])?;
    if let Some(listen) = http.field("listen") {
        config.listen = read_address(listen)?;
    }
    config.public_url = http.field("public_url").map(read_public_url).transpose()?;
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
    if let Some(oauth) = http.field("oauth") {
        if !config.tokens.is_empty() {
            // Both would name people, and one name could mean two of them.
            return Err(oauth.bad_value("stands beside `http.tokens` (hint: keep one of the two)"));
        }
        config.oauth = Some(read_oauth(oauth, folder)?);
    }
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
        return Err(token
            .bad_value("has no `sha256` (hint: `portcullis token` makes a token and shows it)"));
    };
    Ok(StaticToken {
        name: token.name.to_owned(),
        fingerprint: Fingerprint::parse(fingerprint.text()?)
            .map_err(|error| fingerprint.bad_value(error))?,
        scopes: scopes_of(&table)?,
    })
}

fn read_public_url(url: &Field<'_>) -> Result<String, ConfigError> {
    let text = url.text()?;
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    // It is written into a header and a document as it stands.
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    match authority {
        Some(authority) if !authority.is_empty() && authority.bytes().all(is_name) => {
            Ok(text.to_owned())
        }
        _ => Err(url.bad_value(format!(
            "{text:?} is no URL without a path (hint: write \"https://mcp.example.com\")"
        ))),
    }
}

fn read_oauth(oauth: &Field<'_>, folder: &Path) -> Result<OAuthConfig, ConfigError> {
    let table = oauth.table()?;
    table.only(
        &["issuer", "audience", "scopes", "jwks_file", "jwks_url"],
        &[],
    )?;
    let text = |name: &str| match table.field(name).map(Field::text).transpose()? {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(oauth.bad_value(format!(
            "has no `{name}` (hint: every token has to name it)"
        ))),
    };
    let scopes = scopes_of(&table)?;
    let keys = match (table.field("jwks_file"), table.field("jwks_url")) {
        (Some(file), None) => KeysAt::File(read_path(file, folder)?),
        (None, Some(url)) => KeysAt::Url(url.text()?.to_owned()),
        _ => {
            return Err(oauth.bad_value(
                "names its keys not once (hint: write either `jwks_file` or `jwks_url`)",
            ));
        }
    };
    let issuer = Issuer {
        issuer: text("issuer")?,
        audience: text("audience")?,
        scopes,
    };
    Ok(OAuthConfig { issuer, keys })
}

/// Reads scopes. They are written into a header as they stand.
fn read_scopes(scopes: &Field<'_>) -> Result<Vec<String>, ConfigError> {
    let names = read_names(scopes)?;
    let is_scope = |scope: &String| {
        let is_word = |b: u8| matches!(b, b'!'..=b'~') && b != b'"' && b != b'\\';
        !scope.is_empty() && scope.bytes().all(is_word)
    };
    match names.iter().find(|name| !is_scope(name)) {
        None => Ok(names),
        Some(bad) => Err(scopes.bad_value(format!(
            "{bad:?} is no scope (hint: a word without spaces, quotes and backslashes)"
        ))),
    }
}

fn scopes_of(table: &Table<'_>) -> Result<Vec<String>, ConfigError> {
    let scopes = table.field("scopes");
    scopes.map_or(Ok(Vec::new()), read_scopes)
}
