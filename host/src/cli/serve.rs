//! `portcullis serve`: all plugins as one MCP server, on standard input and output or over HTTP.

pub(super) mod http;

use tokio_util::sync::CancellationToken;

use super::args::{Common, Serve};
use super::exit::{Exit, Problem};
use super::{build, setup};
use crate::host::Host;
use crate::protocol;

/// Serves until the client closes standard input, or somebody ends the program.
pub async fn run(common: &Common, serve: &Serve) -> Result<Exit, Problem> {
    if let Some(address) = &serve.http {
        return http::run(common, address).await;
    }
    let host = setup::watched_host(common)?;
    host.resume_tasks();
    let stop = stop_on_signal();
    warn_of_failures(&host);
    protocol::serve_stdio(host, stop)
        .await
        .map_err(|error| Problem::failure(error.to_string()))?;
    Ok(Exit::Success)
}

/// Tells the operator, once it is known, which plugins are out of service.
fn warn_of_failures(host: &Host) {
    let starting = host.clone();
    tokio::spawn(async move {
        starting.settled().await;
        setup::warn_of_failures(&starting);
    });
}

/// Fires when somebody ends the program.
pub(super) fn stop_on_signal() -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};

    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let handlers = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let mut closed = build::terminal_closed();
    // Without a handler the signal ends the process by itself, which is what the operator wants as well.
    if let (Ok(mut terminate), Ok(mut interrupt)) = handlers {
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = build::heard(&mut closed) => {}
            }
            stopping.cancel();
        });
    }
    stop
}
