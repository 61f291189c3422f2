//! What the program says on standard error. Standard output belongs to MCP messages and answers.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging, the more of it the more often `-v` was given.
///
/// Refusals are said as they happen, unless the command `reports_refusals` by itself.
pub fn start(verbose: u8, reports_refusals: bool) {
    // rmcp logs whole requests at `debug`, with everything a client put into them, so it is never let below `warn`.
    let filter = match verbose {
        0 if reports_refusals => "error,rmcp=off",
        // What it calls errors are clients that go away.
        0 => "error,rmcp=off,denied=warn",
        1 => "warn,plugin=info,denied=warn,usage=info",
        _ => "info,portcullis=debug,plugin=info,denied=warn,usage=info,rmcp=warn",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .without_time()
        .init();
}
