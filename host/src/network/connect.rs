//! From a permitted name to a connection: every address is judged, and only a judged one is connected to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::{Network, Refusal, script};
use crate::permissions::{HttpAttempt, Keys, Target};

/// Addresses of one name that are tried. Names have two or four; one with hundreds only wants to keep the host busy.
pub(super) const ADDRESSES_MAX: usize = 16;

/// The place of one of a plugin's connections, taken until the last of its holders lets it go.
pub(super) type Place = Option<Arc<OwnedSemaphorePermit>>;

/// A way to the other side and back.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection for one request.
pub(super) struct Way {
    pub(super) stream: Box<dyn Stream>,
    /// Why it broke, where more is known of it than that it did.
    pub(super) spoiled: Arc<OnceLock<Refusal>>,
}

impl Network {
    /// Connects to where a permitted request goes, until `deadline`.
    ///
    /// The name is resolved once. Nothing resolves it again between the judgement and the connection, so an answer that
    /// changes in between changes nothing.
    pub(super) async fn connect(
        &self,
        keys: &Keys,
        attempt: &HttpAttempt,
        query: Option<&str>,
        place: Place,
        deadline: Instant,
    ) -> Result<Way, Refusal> {
        if let Some(script) = &self.0.script {
            // A name leads nowhere here, so there is no address of it to judge; one that was written down is judged as ever.
            if let Target::Address(address) = &attempt.host {
                keys.address(attempt, *address)
                    .map_err(Refusal::Prohibited)?;
            }
            return Ok(script::way_to(script.clone(), attempt, query));
        }
        let addresses = self.judged(keys, attempt, place).await?;
        let stream = self.open(attempt, &addresses, deadline).await?;
        Ok(Way {
            stream,
            spoiled: Arc::default(),
        })
    }

    /// Connects to where the operator says, wherever that is. Never for a plugin.
    pub(super) async fn connect_ambient(
        &self,
        attempt: &HttpAttempt,
        deadline: Instant,
    ) -> Result<Box<dyn Stream>, Refusal> {
        if self.0.script.is_some() {
            return Err(script::unreachable());
        }
        let mut addresses = self.found(attempt, None).await?;
        addresses.truncate(ADDRESSES_MAX);
        let addresses: Vec<_> = addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, attempt.port))
            .collect();
        if addresses.is_empty() {
            return Err(Refusal::Dns("it has no address".to_owned()));
        }
        self.open(attempt, &addresses, deadline).await
    }

    async fn open(
        &self,
        attempt: &HttpAttempt,
        addresses: &[SocketAddr],
        deadline: Instant,
    ) -> Result<Box<dyn Stream>, Refusal> {
        let stream = first_that_answers(addresses, deadline)
            .await
            .map_err(|error| Refusal::Connect(error.kind()))?;
        // Requests are written in few pieces, and nobody profits from waiting for more. Without it they are only slower.
        let _ = stream.set_nodelay(true);
        match attempt.is_secure {
            true => Ok(Box::new(self.0.tls.connect(&attempt.host, stream).await?)),
            false => Ok(Box::new(stream)),
        }
    }

    /// Every address of the host, as it was found.
    async fn found(&self, attempt: &HttpAttempt, place: Place) -> Result<Vec<IpAddr>, Refusal> {
        Ok(match &attempt.host {
            Target::Address(address) => vec![*address],
            Target::Name(name) => {
                let (resolver, name) = (self.0.resolver.clone(), name.clone());
                // The system cannot be told to stop. So a lookup goes on in a task of its own, and keeps its connection's
                // place to its end, whether or not somebody still waits for it.
                let lookup = tokio::spawn(async move {
                    let found = resolver.resolve(&name).await;
                    drop(place);
                    found
                });
                let found = lookup.await.unwrap_or_else(|error| Err(error.into()));
                found.map_err(|error| Refusal::Dns(error.to_string()))?
            }
        })
    }

    async fn judged(
        &self,
        keys: &Keys,
        attempt: &HttpAttempt,
        place: Place,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let found = self.found(attempt, place).await?;
        let mut judged = Vec::new();
        let mut denial = None;
        for address in found.iter().take(ADDRESSES_MAX) {
            let address = address.to_canonical();
            match keys.address(attempt, address) {
                Ok(()) => judged.push(SocketAddr::new(address, attempt.port)),
                Err(no) => {
                    denial.get_or_insert(no);
                }
            }
        }
        match denial {
            _ if !judged.is_empty() => Ok(judged),
            Some(denial) => Err(Refusal::Prohibited(denial)),
            None => Err(Refusal::Dns("it has no address".to_owned())),
        }
    }
}

/// Tries the addresses one after another; each has its share of the time that is left.
pub(super) async fn first_that_answers(
    addresses: &[SocketAddr],
    deadline: Instant,
) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for (idx, address) in addresses.iter().enumerate() {
        let n_left = u32::try_from(addresses.len() - idx).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / n_left;
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}
