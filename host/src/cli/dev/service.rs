//! Serving clients meanwhile: over HTTP on this machine, on standard input and output, or not at all.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::exit::Problem;
use super::super::serve::http;
use super::Dev;
use super::event::Event;
use super::screen::Screen;
use crate::config::Config;
use crate::host::Host;
use crate::protocol::{self, HttpError, HttpServer};

/// How clients are served.
pub struct Service {
    door: Option<Door>,
    /// What serves, once it was begun.
    serving: Option<JoinHandle<Result<(), String>>>,
    is_begun: bool,
}

/// Where clients come in.
enum Door {
    Http {
        server: Box<HttpServer>,
        scheme: &'static str,
        taken: Option<SocketAddr>,
    },
    Stdio,
}

impl Service {
    /// Opens the door; clients wait before it until the service begins.
    pub async fn open(config: &Config, args: &Dev) -> Result<Self, Problem> {
        let door = match (args.stdio, args.no_serve) {
            (true, _) => Some(Door::Stdio),
            (_, true) => None,
            _ => Some(Self::listen(config, args.http.as_deref().unwrap_or_default()).await?),
        };
        Ok(Self {
            is_begun: door.is_none(),
            door,
            serving: None,
        })
    }

    async fn listen(config: &Config, address: &str) -> Result<Door, Problem> {
        let mut config = config.clone();
        if !address.is_empty() {
            config.http.listen = http::address(address)?;
        }
        let scheme = match config.http.tls {
            Some(_) => "https",
            None => "http",
        };
        let wanted = config.http.listen;
        let bound = HttpServer::bind(wanted, http::options(&config)?).await;
        let (server, taken) = match bound {
            Ok(server) => (server, None),
            // Two plugins are often developed side by side. An address that was asked for is meant.
            Err(HttpError::Address { .. }) if address.is_empty() && wanted.ip().is_loopback() => {
                let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let server = HttpServer::bind(free, http::options(&config)?).await;
                (server.map_err(http::problem)?, Some(wanted))
            }
            Err(error) => return Err(http::problem(error)),
        };
        Ok(Door::Http {
            server: Box::new(server),
            scheme,
            taken,
        })
    }

    /// Whether clients are let in, or none ever will be.
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Lets clients in, when none were before. `name` is what their configuration could call the plugin.
    pub fn begin(&mut self, host: &Host, screen: &Screen, stop: &CancellationToken, name: &str) {
        self.is_begun = true;
        let Some(door) = self.door.take() else {
            return;
        };
        host.resume_tasks();
        let (host, stop) = (host.clone(), stop.clone());
        self.serving = Some(match door {
            Door::Http {
                server,
                scheme,
                taken,
            } => {
                let url = format!("{scheme}://{}/mcp", server.address());
                screen.tell(Event::Serving {
                    client: Some(json!({"mcpServers": {name: {"type": "http", "url": url}}})),
                    url: Some(url),
                    taken: taken.map(|address| address.to_string()),
                });
                tokio::spawn(async move {
                    server.serve(host, stop).await;
                    Ok(())
                })
            }
            Door::Stdio => {
                screen.tell(Event::Serving {
                    url: None,
                    client: None,
                    taken: None,
                });
                tokio::spawn(async move {
                    let served = protocol::serve_stdio(host, stop).await;
                    served.map_err(|error| error.to_string())
                })
            }
        });
    }

    /// Waits until the client on standard input is gone; for ever where there is none. The wait may be given up.
    pub async fn ended(&mut self) {
        match &mut self.serving {
            Some(serving) if !serving.is_finished() => {
                let _ = std::pin::Pin::new(serving).await;
                // What it said is gone with the wait; there is nothing left to end.
                self.serving = None;
            }
            Some(_) => {}
            None => pending().await,
        }
    }

    /// Ends the service in good order.
    ///
    /// # Errors
    /// When it could not begin.
    pub async fn end(&mut self, host: &Host, stop: &CancellationToken) -> Result<(), Problem> {
        stop.cancel();
        match self.serving.take() {
            // It takes the host down.
            Some(serving) => match serving.await {
                Ok(served) => served.map_err(Problem::failure),
                Err(_panic) => Err(Problem::failure("the service ended early, which is a bug")),
            },
            None => {
                host.shutdown().await;
                Ok(())
            }
        }
    }
}
