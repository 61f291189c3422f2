//! One client over standard input and output, which carry nothing but MCP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::service::{QuitReason, ServerInitializeError};
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::observe::Observed;
use super::server::Server;
use crate::host::Host;
use crate::telemetry::Transport;

/// Bytes of one message from a client. A client may send a file along; longer lines are left out, and are not kept in
/// memory while they come.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A conversation that did not end in good order.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The first message was none that opens a conversation.
    #[error("the client did not open an MCP conversation (hint: it must begin with a request)")]
    NotMcp,
    /// Our answer to the first message did not come through, or was a refusal.
    #[error("the conversation with the client failed to begin: {0}")]
    Opening(String),
    /// The task that reads and writes broke.
    #[error("the conversation with the client broke: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

/// Serves one client over standard input and output until it closes its end or `shutdown` fires, then shuts the host
/// down.
///
/// # Errors
/// When the conversation did not begin, or broke. A client that goes away is no error.
pub async fn serve_stdio(host: Host, shutdown: CancellationToken) -> Result<(), ServeError> {
    let (read, write) = rmcp::transport::stdio_pipes();
    serve_transport(host, read, write, shutdown).await
}

/// The same over any two streams.
///
/// # Errors
/// As [`serve_stdio`].
pub async fn serve_transport<R, W>(
    host: Host,
    read: R,
    write: W,
    shutdown: CancellationToken,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let closing = shutdown.child_token();
    let server = Server::new(host.clone(), &closing);
    let read = UntilEnd::new(read, closing, server.listening());
    let server = Observed::new(server, host.clone(), Transport::Pipe);
    let transport = AsyncRwTransport::new_server(read, write).with_max_line_length(LINE_BYTES_MAX);
    // The library cancels the token it gets when it is done, which is not for the caller's token to learn.
    let opened = server
        .serve_with_ct(transport, shutdown.child_token())
        .await;
    let outcome = match opened {
        Ok(conversation) => conversation
            .waiting()
            .await
            .map_err(ServeError::from)
            .and_then(ended),
        Err(error) => not_opened(error),
    };
    host.shutdown().await;
    outcome
}

fn ended(reason: QuitReason) -> Result<(), ServeError> {
    match reason {
        QuitReason::JoinError(error) => Err(error.into()),
        _ => Ok(()),
    }
}

fn not_opened(error: ServerInitializeError) -> Result<(), ServeError> {
    match error {
        // A client that only looks around, with `server/discover`, ends like this.
        ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled => Ok(()),
        // The library would show the message, which may hold secrets.
        ServerInitializeError::ExpectedInitializeRequest(_) => Err(ServeError::NotMcp),
        error => Err(ServeError::Opening(error.to_string())),
    }
}

/// Time for open subscriptions to end when the input has ended. They do so at once, so it is met only when one was broken
/// off before it began.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// A reader that ends open subscriptions before it tells the library that its input has ended.
///
/// The library waits five seconds for requests in flight when its input ends, and an open subscription is one: it would
/// last until then. The end is kept back until the subscriptions are gone, because the library no longer serves the
/// notifications that one of them may wait for once it knows.
struct UntilEnd<R> {
    inner: R,
    closing: CancellationToken,
    listening: watch::Receiver<usize>,
    /// Set once the input has ended; done when the library may know.
    last_words: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl<R> UntilEnd<R> {
    fn new(inner: R, closing: CancellationToken, listening: watch::Receiver<usize>) -> Self {
        Self {
            inner,
            closing,
            listening,
            last_words: None,
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilEnd<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.last_words.is_none() {
            let before = buf.filled().len();
            let outcome = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
            let is_end = buf.filled().len() == before && buf.remaining() > 0;
            if !is_end && outcome.is_ok() {
                return Poll::Ready(outcome);
            }
            self.closing.cancel();
            let mut listening = self.listening.clone();
            self.last_words = Some(Box::pin(async move {
                let all_ended = listening.wait_for(|n| *n == 0);
                // Whether they ended or not, the library has to know now.
                let _ = tokio::time::timeout(LAST_WORDS, all_ended).await;
            }));
        }
        if let Some(last_words) = &mut self.last_words {
            ready!(last_words.as_mut().poll(cx));
            // A future that is done must not be polled again, and a reader may be.
            self.last_words = Some(Box::pin(std::future::ready(())));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn the_end_of_the_input_is_told_and_not_before() {
        let closing = CancellationToken::new();
        let (_, listening) = watch::channel(0);
        let mut reader = UntilEnd::new(&b"ab"[..], closing.clone(), listening);
        let mut byte = [0; 1];
        for _ in 0..2 {
            reader
                .read_exact(&mut byte)
                .await
                .expect("there are two bytes");
            assert!(!closing.is_cancelled());
        }
        assert_eq!(
            reader.read(&mut byte).await.expect("the end is no error"),
            0
        );
        assert!(closing.is_cancelled());
    }
}
