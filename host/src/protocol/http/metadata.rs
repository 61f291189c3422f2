//! Where a client finds out how to get a token: the challenge of RFC 6750, and the document of RFC 9728 that it names.

use serde_json::{Value, json};

use super::HttpOptions;
use super::front::MCP_PATH;
use crate::auth::{Guard, Issuer};

/// Where the document is. Clients look under the path of the resource first, and then without it.
pub(super) const PATHS: [&str; 2] = [
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource",
];

/// The document, when tokens come from an authorization server.
pub(super) fn of(options: &HttpOptions) -> Option<Value> {
    let Issuer { issuer, scopes, .. } = issuer(options)?;
    Some(json!({
        "resource": format!("{}{MCP_PATH}", base(options)),
        "authorization_servers": [issuer],
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": "Portcullis",
    }))
}

/// What a client is told that is not let in.
pub(super) fn challenge(options: &HttpOptions, code: Option<&str>) -> String {
    let mut fields = vec!["realm=\"portcullis\"".to_owned()];
    fields.extend(code.map(|code| format!("error=\"{code}\"")));
    if let Some(Issuer { scopes, .. }) = issuer(options) {
        fields.push(format!(
            "resource_metadata=\"{}{}\"",
            base(options),
            PATHS[0]
        ));
        if !scopes.is_empty() {
            fields.push(format!("scope=\"{}\"", scopes.join(" ")));
        }
    }
    format!("Bearer {}", fields.join(", "))
}

fn issuer(options: &HttpOptions) -> Option<&Issuer> {
    match &*options.guard {
        Guard::OAuth(server) => Some(server.issuer()),
        Guard::Open | Guard::Tokens(_) => None,
    }
}

/// The URL before every path.
fn base(options: &HttpOptions) -> &str {
    options.public_url.as_deref().unwrap_or_default()
}
