//! `portcullis serve`: all plugins as one MCP server on standard input and output.

use tokio_util::sync::CancellationToken;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::setup;
use crate::protocol;

/// Serves until the client closes standard input, or somebody ends the program.
pub async fn run(common: &Common) -> Result<Exit, Problem> {
    let host = setup::host(common)?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    tell_about_failures(host.clone());
    protocol::serve_stdio(host, stop)
        .await
        .map_err(|error| Problem::failure(error.to_string()))?;
    Ok(Exit::Success)
}

/// Tells the operator which plugins are out of service, once that is known. Clients see the others.
fn tell_about_failures(host: crate::host::Host) {
    tokio::spawn(async move {
        host.settled().await;
        for status in host.statuses() {
            if let crate::host::State::Failed(reason) = status.state {
                eprintln!(
                    "warning: plugin `{}` from {} is out of service: {reason}",
                    status.name, status.origin
                );
            }
        }
    });
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
