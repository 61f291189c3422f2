//! MCP in, MCP out: what a client says becomes a call of the host, and what the host says becomes MCP.
//!
//! Two eras of the protocol are served at the same time. A *legacy* client (revision 2025-11-25 and older) opens a
//! session with `initialize`; a *modern* one (2026-07-28) says who it is in every request.
//!
//! This is the only room that names the MCP library, and it decides nothing: names, permissions, limits and schemas are
//! the host's. The library logs whole requests at its debug level, so a log filter must keep `rmcp` at `warn`.

mod asker;
mod changes;
mod cursor;
mod era;
mod events;
mod from_mcp;
mod guard;
mod http;
mod misfits;
mod observe;
mod older;
mod pages;
mod server;
mod session;
mod skills;
mod stdio;
mod tasks;
mod to_mcp;

pub use era::NEWEST_VERSION;
pub use http::{BadName, Gatekeeper, HttpError, HttpOptions, HttpServer, Tls, TlsError};
pub use stdio::{ServeError, serve_stdio, serve_transport};
pub use to_mcp::{
    prompts_json, resource_templates_json, resources_json, tool_result_json, tools_json,
};

use era::Era;
