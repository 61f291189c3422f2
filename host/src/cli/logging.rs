//! What the program says on standard error. Standard output belongs to MCP messages and answers.

use tracing_subscriber::EnvFilter;

use super::style;

/// What is shown elsewhere, and need not be logged as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownElsewhere {
    /// Nothing.
    Nothing,
    /// What plugins are refused.
    Refusals,
    /// Every call, with what its plugin says and is refused.
    Calls,
}

/// Starts logging, the more of it the more often `-v` was given.
pub fn start(verbose: u8, elsewhere: ShownElsewhere) {
    // rmcp logs whole requests at `debug`, with everything a client put into them, so it is never let below `warn`.
    use ShownElsewhere::{Calls, Nothing, Refusals};
    let filter = match (elsewhere, verbose) {
        // What it calls errors are clients that go away.
        (Nothing, 0) => "error,rmcp=off,denied=warn",
        (Refusals, 0) => "error,rmcp=off",
        (Nothing | Refusals, 1) => "warn,plugin=info,denied=warn,usage=info",
        (Nothing | Refusals, _) => {
            "info,portcullis=debug,plugin=info,denied=warn,usage=info,rmcp=warn"
        }
        (Calls, 0) => "error,rmcp=off,denied=off,plugin=off",
        (Calls, 1) => "warn,denied=off,plugin=off,usage=off",
        (Calls, _) => "info,portcullis=debug,denied=off,plugin=off,usage=off,rmcp=warn",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(style::is_colourful())
        .with_target(false)
        .without_time()
        .init();
}
