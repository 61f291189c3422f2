//! `portcullis serve`: all plugins as one MCP server on standard input and output.

use tokio_util::sync::CancellationToken;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::setup;
use crate::protocol;

/// Serves until the client closes standard input, or somebody ends the program.
pub async fn run(common: &Common) -> Result<Exit, Problem> {
    let host = setup::watched_host(common)?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let starting = host.clone();
    tokio::spawn(async move {
        starting.settled().await;
        setup::warn_of_failures(&starting);
    });
    protocol::serve_stdio(host, stop)
        .await
        .map_err(|error| Problem::failure(error.to_string()))?;
    Ok(Exit::Success)
}

async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};

    // Without a handler the signal ends the process by itself, which is what the operator wants as well.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    stop.cancel();
}
