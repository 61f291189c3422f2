//! A host with one kept component and everything that its file grants it.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use portcullis::config::Config;
use portcullis::host::{Host, Premises, install};
use portcullis::names::Digest;
use portcullis::network::{Network, Resolve, Roots, Trust};

use super::conversation::Conversation;
use super::speak;
use crate::support::host::{engine, limits};
use crate::support::raw::Raw;
use crate::support::server::Server;

/// A host with one component, a folder that it shares, and a server that it may reach as `api.test`.
pub struct Stage {
    host: Host,
    server: Server,
    dir: tempfile::TempDir,
}

/// Everybody is here.
struct Here;

#[async_trait]
impl Resolve for Here {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

impl Stage {
    /// Installs the component as an operator would, with these lines of configuration.
    pub async fn set(component: &Path, configuration: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let server = Server::start().await;
        let bytes = std::fs::read(component).expect("the component is there");
        let shared = dir.path().join("shared");
        std::fs::create_dir(&shared).expect("folders can be made");
        std::fs::write(shared.join("hello"), "hello").expect("files can be written");
        let component = component.canonicalize().expect("it is there");
        let text = configuration
            .join("\n")
            .replace("<component>", component.to_str().expect("a plain path"))
            .replace("<digest>", &Digest::of(&bytes).to_string())
            .replace("<shared>", shared.to_str().expect("a plain path"))
            .replace("<port>", &server.port().to_string());
        let config = Config::parse(&text, &dir.path().join("portcullis.toml"))
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        let trust = Trust {
            roots: Roots::Bundled,
            ca_file: None,
        };
        let network = Network::with_resolver(trust, Arc::new(Here));
        let state = dir.path().join("state");
        let premises = Premises::new(engine(), network, Some(state), Vec::new());
        let mut installed = install(&config, &[], &[]);
        for plugin in &mut installed {
            let plugin = plugin
                .as_mut()
                .unwrap_or_else(|broken| panic!("{}", broken.reason));
            // However busy the machine is.
            plugin.limits = limits();
        }
        let host = Host::start(premises, installed);
        host.settled().await;
        for status in host.statuses() {
            assert_eq!(
                status.state,
                portcullis::host::State::Active,
                "{}",
                status.name
            );
        }
        Self { host, server, dir }
    }

    /// Has a conversation, and tells what is not as it was.
    pub async fn has(&self, conversation: &mut Conversation, problems: &mut Vec<String>) {
        let capabilities = conversation.capabilities.clone();
        let mut client = match conversation.revision.as_str() {
            "2026-07-28" => Raw::modern(&self.host, capabilities),
            revision => Raw::in_session(&self.host, revision, capabilities).await.0,
        };
        speak::have(&mut client, conversation, self.server.port(), problems).await;
    }

    /// Ends the service.
    pub async fn shutdown(self) {
        self.host.shutdown().await;
        drop(self.dir);
    }
}
