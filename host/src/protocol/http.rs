//! Many clients over Streamable HTTP, in both eras, at one address.
//!
//! The library speaks MCP over HTTP; what stands around it is here: which names and pages are let in, who a client is,
//! how many there are, how large and how slow a request may be, and an end in good order.
//!
//! Absent on purpose: HTTP/2, which would let one connection carry any number of requests; compression, which tells of
//! secrets by sizes; a token in a URL, which ends in logs.

mod answer;
mod connections;
mod cors;
mod crowd;
mod front;
mod gatekeeper;
mod metadata;
mod ready;
mod sessions;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::auth::Guard;
use crate::host::Host;
use crate::limits::HttpLimits;

pub use gatekeeper::{BadName, Gatekeeper};
pub use tls::{Tls, TlsError};

use connections::Connections;
use front::Front;

/// Time for connections to close when nothing is left to be said on them. It is met only by a client that does not read.
const CLOSE_WAIT: Duration = Duration::from_millis(500);

/// How MCP is served over HTTP.
pub struct HttpOptions {
    /// Which names and pages are let in.
    pub gatekeeper: Gatekeeper,
    /// Who is.
    pub guard: Arc<Guard>,
    /// How many, how large, how slow.
    pub limits: HttpLimits,
    /// The certificate, when there is one.
    pub tls: Option<Tls>,
    /// The URL that clients reach it by, without a path, when it is not the address.
    pub public_url: Option<String>,
}

/// A host that does not serve.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Everybody could use it.
    #[error(
        "{0} can be reached from other machines, and nobody would have to say who they are (hint: listen on 127.0.0.1, \
         or add `[http.tokens.<name>]` or `[http.oauth]` to portcullis.toml)"
    )]
    Unguarded(SocketAddr),
    /// The address is not to be had.
    #[error("cannot listen on {address}: {reason} (hint: another program may use the port)")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: String,
    },
}

/// A socket that clients can connect to. They wait until it is served.
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
    options: HttpOptions,
}

impl HttpServer {
    /// Listens on an address; port 0 stands for any that is free.
    ///
    /// # Errors
    /// When the address is not to be had, or other machines can reach it and nobody has to say who they are.
    pub async fn bind(address: SocketAddr, options: HttpOptions) -> Result<Self, HttpError> {
        if !address.ip().to_canonical().is_loopback() && options.guard.is_open() {
            return Err(HttpError::Unguarded(address));
        }
        let failed = |error: std::io::Error| HttpError::Address {
            address,
            reason: error.to_string(),
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            options,
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` fires. Then takes nothing new, ends subscriptions with a last word, lets calls end for a
    /// while, and shuts the host down.
    pub async fn serve(self, host: Host, shutdown: CancellationToken) {
        let limits = &self.options.limits;
        let drain_wait = Duration::from_millis(limits.drain_ms);
        let header_wait = Duration::from_millis(limits.header_ms);
        let tls = self.options.tls.clone();
        // The caller's token is not for anybody here to cancel.
        let closing = shutdown.child_token();
        let ended = CancellationToken::new();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let own_url = format!("{scheme}://{}", self.address);
        let options = HttpOptions {
            public_url: Some(self.options.public_url.unwrap_or(own_url)),
            ..self.options
        };
        let front = Front::new(host.clone(), options, closing.clone(), ended.clone());
        let connections = Connections {
            router: front.router(),
            tls,
            header_wait,
            places: front.crowd.connections.clone(),
        };
        let mut open = connections.take(self.listener, &closing).await;
        if tokio::time::timeout(drain_wait, front.crowd.all_answered())
            .await
            .is_err()
        {
            tracing::warn!("some calls did not end in time");
        }
        ended.cancel();
        let all_closed = async { while open.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSE_WAIT, all_closed).await.is_err() {
            open.shutdown().await;
        }
        host.shutdown().await;
    }
}
