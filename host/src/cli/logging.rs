//! What the program says on standard error. Standard output belongs to MCP messages and answers.

use tracing_subscriber::EnvFilter;

use super::style;

/// Starts logging, the more of it the more often `-v` was given.
pub fn start(verbose: u8) {
    // rmcp logs whole requests at `debug`, with everything a client put into them, so it is never let below `warn`.
    let filter = match verbose {
        // What it calls errors are clients that go away.
        0 => "error,rmcp=off,denied=warn",
        1 => "warn,plugin=info,denied=warn,usage=info",
        _ => "info,portcullis=debug,plugin=info,denied=warn,usage=info,rmcp=warn",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(style::is_colourful())
        .with_target(false)
        .without_time()
        .init();
}
