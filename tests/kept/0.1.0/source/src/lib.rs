//! Exports every interface of the contract, and uses every function that a plugin may import.
//!
//! Written against the WIT and not with the SDK: what is kept is the contract.

mod completion;
mod lifecycle;
mod powers;
mod prompts;
mod resources;
mod tasks;
mod tools;

wit_bindgen::generate!({
    world: "plugin",
    path: "../../../../wit",
    generate_all,
});

/// Where the host looks for a manifest that travels inside the component.
#[used]
#[unsafe(link_section = "portcullis:manifest")]
static MANIFEST: [u8; include_bytes!("../plugin.json").len()] = *include_bytes!("../plugin.json");

use portcullis::plugin::call::{Context, Continuation, InputResponse};
use portcullis::plugin::content::{ContentBlock, TextContent, ToolResult};
use portcullis::plugin::types::{Annotations, CacheHint, CacheScope, Error, Icon, IconTheme, Role};

struct Everything;

export!(Everything);

fn text(words: impl Into<String>) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text: words.into(),
        annotations: None,
        meta: None,
    })
}

fn said(words: impl Into<String>) -> ToolResult {
    ToolResult {
        content: vec![text(words)],
        structured: None,
        is_error: false,
        meta: None,
    }
}

/// For a day, to everybody.
fn for_a_day() -> Option<CacheHint> {
    Some(CacheHint {
        ttl_ms: 86_400_000,
        scope: CacheScope::Shared,
    })
}

fn icons() -> Option<Vec<Icon>> {
    Some(vec![Icon {
        src: "https://example.com/icon.svg".into(),
        mime_type: Some("image/svg+xml".into()),
        sizes: Some(vec!["any".into()]),
        theme: Some(IconTheme::Dark),
    }])
}

fn annotations() -> Option<Annotations> {
    Some(Annotations {
        audience: Some(vec![Role::User, Role::Assistant]),
        priority: Some(0.5),
        last_modified: Some("2026-11-21T10:00:00Z".into()),
    })
}

fn meta() -> Option<String> {
    Some(r#"{"example.com/kept":true}"#.into())
}
