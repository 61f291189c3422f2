//! `portcullis serve --http`: from the configuration to a socket.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;

use super::super::args::Common;
use super::super::exit::{Exit, Problem};
use super::super::setup;
use super::{stop_on_signal, warn_of_failures};
use crate::auth::{Guard, KEY_SET_BYTES_MAX, KeySource, ResourceServer, Tokens};
use crate::config::{Config, HttpConfig, KeysAt, OAuthConfig, TlsFiles};
use crate::network::{DocumentUrl, Network};
use crate::protocol::{Gatekeeper, HttpError, HttpOptions, HttpServer, Tls};
use crate::secrets;

/// Serves over HTTP, and nothing over standard input and output, until somebody ends the program. An empty address is
/// that of the configuration.
pub async fn run(common: &Common, address: &str) -> Result<Exit, Problem> {
    let mut config = setup::config(common)?;
    let http = &mut config.http;
    if !address.is_empty() {
        http.listen = self::address(address)?;
    }
    let server = HttpServer::bind(config.http.listen, options(&config)?)
        .await
        .map_err(problem)?;
    let host = setup::watched_host(common)?;
    host.resume_tasks();
    warn_of_failures(&host);
    // On standard error, since whoever starts the program may want to read the port that was free.
    let scheme = if config.http.tls.is_some() {
        "https"
    } else {
        "http"
    };
    eprintln!("serving MCP at {scheme}://{}/mcp", server.address());
    server.serve(host, stop_on_signal()).await;
    Ok(Exit::Success)
}

/// Reads an address of the command line.
pub fn address(claimed: &str) -> Result<SocketAddr, Problem> {
    claimed.parse().map_err(|_| {
        Problem::usage(format!(
            "`--http {claimed}` is no address (hint: write `--http 127.0.0.1:8087`)"
        ))
    })
}

/// Why nothing is served, for the person at the terminal.
pub fn problem(error: HttpError) -> Problem {
    match error {
        HttpError::Unguarded(_) => Problem::broken(error.to_string()),
        HttpError::Address { .. } => Problem::failure(error.to_string()),
    }
}

/// How HTTP is served, as the configuration has it.
pub fn options(config: &Config) -> Result<HttpOptions, Problem> {
    let http = &config.http;
    let broken = |key: &str, error: &dyn Display| Problem::broken(format!("`http.{key}`: {error}"));
    let guard = match &http.oauth {
        Some(oauth) => {
            Guard::OAuth(resource_server(config, oauth).map_err(|error| broken("oauth", &error))?)
        }
        None => static_tokens(http),
    };
    let is_local = http.listen.ip().to_canonical().is_loopback();
    let mut gatekeeper = match is_local {
        true => Gatekeeper::loopback(),
        false => Gatekeeper::default(),
    };
    if let Some(hosts) = &http.allowed_hosts {
        gatekeeper = gatekeeper
            .with_hosts(hosts)
            .map_err(|error| broken("allowed_hosts", &error))?;
    } else if !is_local && !guard.is_open() {
        return Err(Problem::broken(format!(
            "`http.listen` is {}, and no request could come in (hint: `http.allowed_hosts` names the hosts that clients \
             call it by)",
            http.listen
        )));
    }
    if let Some(origins) = &http.allowed_origins {
        gatekeeper = gatekeeper
            .with_origins(origins)
            .map_err(|error| broken("allowed_origins", &error))?;
    }
    let tls = http.tls.as_ref().map(read_tls).transpose();
    Ok(HttpOptions {
        gatekeeper,
        guard: Arc::new(guard),
        public_url: http.public_url.clone(),
        limits: http.limits.clone(),
        tls: tls.map_err(|error| broken("tls", &error))?,
    })
}

fn static_tokens(http: &HttpConfig) -> Guard {
    match http.tokens.is_empty() {
        true => Guard::Open,
        false => Guard::Tokens(Tokens::new(http.tokens.clone())),
    }
}

fn resource_server(config: &Config, oauth: &OAuthConfig) -> Result<ResourceServer, String> {
    let issuer = oauth.issuer.clone();
    match &oauth.keys {
        KeysAt::File(path) => {
            let named = |error: &dyn Display| format!("`{}` {error}", path.display());
            let json = std::fs::read(path).map_err(|error| {
                named(&format!(
                    "cannot be read: {error} (hint: `jwks_file` names a JWK set)"
                ))
            })?;
            ResourceServer::with_keys(issuer, &json).map_err(|error| named(&error))
        }
        KeysAt::Url(url) => {
            let keys = FetchedKeys {
                url: DocumentUrl::parse(url).map_err(|error| error.to_string())?,
                network: setup::network(config),
            };
            Ok(ResourceServer::with_source(issuer, Box::new(keys)))
        }
    }
}

/// Keys that an authorization server publishes.
struct FetchedKeys {
    network: Network,
    url: DocumentUrl,
}

#[async_trait]
impl KeySource for FetchedKeys {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        self.network.document(&self.url, KEY_SET_BYTES_MAX).await
    }
}

fn read_tls(files: &TlsFiles) -> Result<Tls, String> {
    let certificate = std::fs::read(&files.certificate).map_err(|error| {
        let path = files.certificate.display();
        format!("`{path}` cannot be read: {error} (hint: `certificate` names a file in PEM)")
    })?;
    let key = secrets::read_private_file(&files.key)
        .map_err(|error| format!("`{}`: {error}", files.key.display()))?;
    Tls::from_pem(&certificate, &key).map_err(|error| error.to_string())
}
