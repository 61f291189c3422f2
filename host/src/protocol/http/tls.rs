//! TLS for those who connect.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, ready to be shown.
#[derive(Clone)]
pub struct Tls(pub(super) TlsAcceptor);

/// A certificate or key that cannot be used. It says nothing of the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate.
    #[error(
        "the certificate cannot be used: {0} (hint: a file of certificates in PEM, the server's own first)"
    )]
    Certificate(String),
    /// The key.
    #[error(
        "the key cannot be used (hint: a file with one private key in PEM, the one of the certificate)"
    )]
    Key,
}

impl Tls {
    /// Reads a certificate, with those that lead to its authority, and its private key, both in PEM.
    ///
    /// # Errors
    /// When they cannot be read, or do not belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        if certificates.is_empty() {
            return Err(TlsError::Certificate(
                "there is none in the file".to_owned(),
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|_| TlsError::Key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}
