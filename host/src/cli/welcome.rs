//! What a person sees who starts the program on a terminal without saying what to do.

use serde_json::json;

use super::exit::{Exit, Problem};
use super::render;

/// Explains what the program is for, and prints a client configuration that works as it stands.
pub fn explain() -> Result<Exit, Problem> {
    let program = std::env::current_exe().map_or_else(
        |_| "portcullis".to_owned(),
        |path| path.display().to_string(),
    );
    let configuration =
        json!({ "mcpServers": { "portcullis": { "command": program, "args": ["serve"] } } });
    render::print(&format!(
        "\
Portcullis serves MCP plugins, each in a WebAssembly sandbox that starts with nothing.

An MCP client starts it and speaks to it over standard input and output. For most desktop clients this
is the configuration:

{configuration:#}

Try it here first:

  portcullis list                           what is there
  portcullis call add '{{\"a\": 2, \"b\": 3}}'    call a tool
  portcullis --help                         everything else
"
    ))?;
    Ok(Exit::Success)
}
