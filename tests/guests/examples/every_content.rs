//! Answers with all five kinds of content and every optional part of them, with structured content and a schema for it.

use portcullis_test_guests::*;

struct EveryContent;

impl Trick for EveryContent {
    const NAME: &str = "every_content";

    fn tools() -> Vec<Tool> {
        let schema = r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#;
        vec![Tool {
            title: Some("Every content".into()),
            description: Some("Answers with everything an answer may hold".into()),
            output_schema: Some(schema.into()),
            annotations: Some(tools::ToolAnnotations {
                read_only_hint: Some(true),
                destructive_hint: Some(false),
                idempotent_hint: Some(true),
                open_world_hint: Some(false),
            }),
            icons: Some(vec![icon()]),
            meta: meta("tool"),
            ..tool(Self::NAME)
        }]
    }

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let text = TextContent {
            text: "words".into(),
            annotations: annotations(),
            meta: meta("text"),
        };
        let link = ResourceLink {
            title: Some("A link".into()),
            description: Some("Somewhere else".into()),
            size: Some(12),
            annotations: annotations(),
            icons: Some(vec![icon()]),
            meta: meta("link"),
            ..resource("every://link")
        };
        let embedded = |body, mime_type: &str| EmbeddedResource {
            contents: ResourceContents {
                uri: "every://embedded".into(),
                mime_type: Some(mime_type.into()),
                body,
                meta: meta("contents"),
            },
            annotations: annotations(),
            meta: meta("embedded"),
        };
        let embedded_text = embedded(ResourceBody::Text("inside".into()), "text/plain");
        let embedded_blob = embedded(
            ResourceBody::Blob(vec![0, 159, 146, 150]),
            "application/octet-stream",
        );
        Ok(CallOutcome::Complete(ToolResult {
            content: vec![
                ContentBlock::Text(text),
                ContentBlock::Image(media("image/png", b"\x89PNG\r\n\x1a\n")),
                ContentBlock::Audio(media("audio/wav", b"RIFF\0\0\0\0WAVE")),
                ContentBlock::ResourceLink(link),
                ContentBlock::EmbeddedResource(embedded_text),
                ContentBlock::EmbeddedResource(embedded_blob),
            ],
            structured: Some(r#"{"n":5}"#.into()),
            is_error: false,
            meta: meta("result"),
        }))
    }
}

fn media(mime_type: &str, data: &[u8]) -> MediaContent {
    MediaContent {
        data: data.into(),
        mime_type: mime_type.into(),
        annotations: annotations(),
        meta: meta("media"),
    }
}

fn annotations() -> Option<Annotations> {
    Some(Annotations {
        audience: Some(vec![Role::User, Role::Assistant]),
        priority: Some(0.5),
        last_modified: Some("2026-11-21T10:00:00Z".into()),
    })
}

fn icon() -> Icon {
    Icon {
        src: "https://example.com/icon.svg".into(),
        mime_type: Some("image/svg+xml".into()),
        sizes: Some(vec!["any".into()]),
        theme: Some(IconTheme::Dark),
    }
}

fn meta(of: &str) -> Option<String> {
    Some(format!(r#"{{"example.com/of":"{of}"}}"#))
}

export!(EveryContent: tools);
