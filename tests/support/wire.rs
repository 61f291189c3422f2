//! A conversation in any revision of MCP, to see what stands on the wire to the letter.

use portcullis::host::Host;
use serde_json::{Value, json};

use super::raw::Raw;

/// The revision in which each request stands for itself.
pub const MODERN: &str = "2026-07-28";

/// A client that can do nothing in particular.
pub struct Wire {
    raw: Raw,
    /// What the server said of itself.
    pub opened: Value,
}

impl Wire {
    /// Begins a conversation in a revision of MCP.
    pub async fn open(host: &Host, revision: &str) -> Self {
        if revision != MODERN {
            let (raw, opened) = Raw::in_session(host, revision, json!({})).await;
            return Self { raw, opened };
        }
        let raw = Raw::modern(host, json!({}));
        let opened = Value::Null;
        let mut wire = Self { raw, opened };
        wire.opened = wire.result("server/discover", json!({})).await;
        wire
    }

    /// Asks, and gives the line of the response.
    pub async fn line(&mut self, method: &str, params: Value) -> String {
        self.raw.line(method, params).await
    }

    /// Asks, and gives the result, which there must be.
    pub async fn result(&mut self, method: &str, params: Value) -> Value {
        let mut message = self.raw.request(method, params).await;
        assert!(message["error"].is_null(), "{method}: {message}");
        message["result"].take()
    }

    /// Asks, and gives the code of the error, which there must be.
    pub async fn error(&mut self, method: &str, params: Value) -> i64 {
        let message = self.raw.request(method, params).await;
        let code = message["error"]["code"].as_i64();
        code.unwrap_or_else(|| panic!("{method}: {message}"))
    }
}
