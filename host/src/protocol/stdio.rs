//! One client over standard input and output, which carry nothing but MCP.

mod lines;
mod message;
mod outbox;
mod refusal;
mod transport;
mod under_way;

use rmcp::ServiceExt as _;
use rmcp::service::{QuitReason, ServerInitializeError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use self::transport::{Ending, LineTransport};
use super::observe::Observed;
use super::server::Server;
use crate::host::Host;
use crate::telemetry::Transport;

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
    let server = Observed::new(server, host.clone(), Transport::Pipe);
    // The library cancels the token it gets when it is done, which is not for the caller's token to learn.
    let stop = shutdown.child_token();
    let ending = Ending {
        closing,
        stop: stop.clone(),
    };
    let transport = LineTransport::new(read, write, ending);
    let opened = server.serve_with_ct(transport, stop).await;
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
