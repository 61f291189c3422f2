//! Whom the host trusts, read when the first request over TLS needs it: a host whose plugins send none pays nothing.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Refusal;
use crate::permissions::Target;

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Where the authorities come from.
    pub roots: Roots,
    /// A file in PEM with more authorities, such as a company's own.
    pub ca_file: Option<PathBuf>,
}

/// Where the authorities come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's; Mozilla's, which are built in, when it has none.
    #[default]
    System,
    /// Mozilla's, whatever the system has.
    Bundled,
}

/// Makes TLS connections.
pub(super) struct Tls {
    trust: Trust,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(trust: Trust) -> Self {
        Self {
            trust,
            config: OnceCell::new(),
        }
    }

    /// Makes sure of the other side, by the name or address that was asked for.
    pub(super) async fn connect(
        &self,
        host: &Target,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Refusal> {
        let name = match host {
            Target::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|error| tls(&error))?
            }
            Target::Address(address) => ServerName::from(*address),
        };
        let connector = TlsConnector::from(self.config().await?);
        let connected = connector.connect(name, stream).await;
        connected.map_err(|error| {
            let inner = error.get_ref().and_then(|error| error.downcast_ref());
            Refusal::Tls {
                certificate: matches!(inner, Some(rustls::Error::InvalidCertificate(_))),
                reason: error.to_string(),
            }
        })
    }

    /// The settings. What could not be read is tried again with the next request.
    async fn config(&self) -> Result<Arc<ClientConfig>, Refusal> {
        let read = || async {
            let trust = self.trust.clone();
            let read = tokio::task::spawn_blocking(move || read_config(&trust)).await;
            read.map_err(|error| tls(&error))?.map_err(|reason| {
                tracing::warn!(reason, "no certificate can be checked");
                tls(&reason)
            })
        };
        self.config.get_or_try_init(read).await.cloned()
    }
}

fn tls(reason: &impl ToString) -> Refusal {
    Refusal::Tls {
        certificate: false,
        reason: reason.to_string(),
    }
}

fn read_config(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    if trust.roots == Roots::System {
        // Some of the system's authorities may be too odd to be used; the others are.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            tracing::warn!("the system has no certificate authorities; the built-in ones are used");
        }
    }
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(path) = &trust.ca_file {
        let problem = |error: &dyn ToString| {
            format!(
                "the certificate authorities in `{}` cannot be used: {} (hint: `ca_file` names a file of certificates \
                 in PEM)",
                path.display(),
                error.to_string()
            )
        };
        let mut is_empty = true;
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| problem(&error))? {
            let certificate = certificate.map_err(|error| problem(&error))?;
            roots.add(certificate).map_err(|error| problem(&error))?;
            is_empty = false;
        }
        if is_empty {
            return Err(problem(&"there is no certificate in it"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_read_from_the_system_the_build_or_a_file_and_never_from_nothing() {
        let check = |roots, ca_file: Option<&str>, fits: bool| {
            let ca_file = ca_file.map(|pem| {
                let file = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(file.path(), pem).unwrap();
                file
            });
            let trust = Trust {
                roots,
                ca_file: ca_file.as_ref().map(|file| file.path().to_owned()),
            };
            assert_eq!(read_config(&trust).is_ok(), fits, "{roots:?} {ca_file:?}");
        };
        check(Roots::System, None, true);
        check(Roots::Bundled, None, true);
        check(Roots::Bundled, Some(""), false);
        check(Roots::Bundled, Some("no certificate"), false);
        let gone = Trust {
            roots: Roots::Bundled,
            ca_file: Some("/nowhere/ca.pem".into()),
        };
        assert!(read_config(&gone).unwrap_err().contains("hint"));
    }
}
