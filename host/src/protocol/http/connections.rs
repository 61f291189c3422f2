//! Connections: taken one by one, each in a task of its own, and let go in good order.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Tls;

/// Bytes of a request's head. Browsers send a few kilobytes, and a token has two.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Pause after a connection could not be taken. It happens when the process has no descriptors left, and trying again at
/// once would only burn a processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How each connection is served.
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) tls: Option<Tls>,
    /// For the head of a request, and for agreeing on TLS.
    pub(super) header_wait: Duration,
    pub(super) places: Arc<Semaphore>,
}

impl Connections {
    /// Takes connections until `closing` fires. Gives back those that are still open.
    pub(super) async fn take(
        self,
        listener: TcpListener,
        closing: &CancellationToken,
    ) -> JoinSet<()> {
        let shared = Arc::new(self);
        let mut open = JoinSet::new();
        loop {
            let taken = tokio::select! {
                () = closing.cancelled() => return open,
                Some(_) = open.join_next() => continue,
                taken = shared.next(&listener) => taken,
            };
            let Some((stream, place)) = taken else {
                continue;
            };
            let (shared, closing) = (shared.clone(), closing.clone());
            open.spawn(async move {
                shared.secure(stream, closing).await;
                drop(place);
            });
        }
    }

    /// The next connection, when there is room for one.
    async fn next(&self, listener: &TcpListener) -> Option<(TcpStream, impl Send + use<>)> {
        let place = self.places.clone().acquire_owned().await.ok()?;
        match listener.accept().await {
            Ok((stream, _)) => Some((stream, place)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }

    /// Agrees on TLS, where there is some.
    async fn secure(&self, stream: TcpStream, closing: CancellationToken) {
        // Answers are written in few pieces, and waiting for more only makes them late.
        let _ = stream.set_nodelay(true);
        let Some(Tls(acceptor)) = &self.tls else {
            return self.serve(stream, closing).await;
        };
        let agreed = tokio::time::timeout(self.header_wait, acceptor.accept(stream)).await;
        if let Ok(Ok(stream)) = agreed {
            self.serve(stream, closing).await;
        }
    }

    /// Serves one request after the other.
    async fn serve<S>(&self, stream: S, closing: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_wait)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(self.router.clone()),
            );
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // Clients go away as they please.
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
