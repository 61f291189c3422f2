//! What answers are made of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{
    self, AudioContent, ContentBlock, EmbeddedResource, ImageContent, MetaObject, TextContent,
};

use crate::contract::{
    Annotations, Body, Content, Contents, Icon, IconTheme, JsonObject, Media, ResourceLink, Role,
};

/// One block of an answer. Binary content is encoded here, once.
pub(super) fn block(content: Content) -> ContentBlock {
    match content {
        Content::Text {
            text,
            annotations: hints,
            meta: extra,
        } => {
            let mut block = TextContent::new(text);
            block.annotations = hints.map(annotations);
            block.meta = meta(extra);
            ContentBlock::Text(block)
        }
        Content::Image(Media {
            data,
            mime_type,
            annotations: hints,
            meta: extra,
        }) => {
            let mut block = ImageContent::new(STANDARD.encode(data), mime_type);
            block.annotations = hints.map(annotations);
            block.meta = meta(extra);
            ContentBlock::Image(block)
        }
        Content::Audio(Media {
            data,
            mime_type,
            annotations: hints,
            meta: extra,
        }) => {
            let mut block = AudioContent::new(STANDARD.encode(data), mime_type);
            block.annotations = hints.map(annotations);
            block.meta = meta(extra);
            ContentBlock::Audio(block)
        }
        Content::ResourceLink(link) => ContentBlock::ResourceLink(resource(link)),
        Content::Embedded {
            resource,
            annotations: hints,
            meta: extra,
        } => {
            let mut block = EmbeddedResource::new(contents(resource));
            block.annotations = hints.map(annotations);
            block.meta = meta(extra);
            ContentBlock::Resource(block)
        }
    }
}

/// What reading a resource gives.
pub(super) fn contents(contents: Contents) -> model::ResourceContents {
    let Contents {
        uri,
        mime_type,
        body,
        meta: extra,
    } = contents;
    let meta = meta(extra);
    match body {
        Body::Text(text) => model::ResourceContents::TextResourceContents {
            uri,
            mime_type,
            text,
            meta,
        },
        Body::Blob(bytes) => {
            let blob = STANDARD.encode(bytes);
            model::ResourceContents::BlobResourceContents {
                uri,
                mime_type,
                blob,
                meta,
            }
        }
    }
}

/// A resource, described.
pub(super) fn resource(link: ResourceLink) -> model::Resource {
    let mut resource = model::Resource::new(link.uri, link.name);
    resource.title = link.title;
    resource.description = link.description;
    resource.mime_type = link.mime_type;
    resource.size = link.size;
    resource.annotations = link.annotations.map(annotations);
    resource.icons = icons(link.icons);
    resource.meta = meta(link.meta);
    resource
}

/// Hints on how to use something.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a priority lies between 0 and 1, and no client tells more than seven digits apart"
)]
pub(super) fn annotations(hints: Annotations) -> model::Annotations {
    let mut annotations = model::Annotations::default();
    annotations.audience = non_empty(hints.audience.into_iter().map(role).collect());
    annotations.priority = hints.priority.map(|priority| priority as f32);
    annotations.last_modified = hints.last_modified;
    annotations
}

/// Who speaks or is spoken to.
pub(super) fn role(role: Role) -> model::Role {
    match role {
        Role::User => model::Role::User,
        Role::Assistant => model::Role::Assistant,
    }
}

/// Pictures to show beside something.
pub(super) fn icons(icons: Vec<Icon>) -> Option<Vec<model::Icon>> {
    let icon = |icon: Icon| {
        let mut shown = model::Icon::new(icon.src);
        shown.mime_type = icon.mime_type;
        shown.sizes = non_empty(icon.sizes);
        shown.theme = icon.theme.map(|theme| match theme {
            IconTheme::Light => model::IconTheme::Light,
            IconTheme::Dark => model::IconTheme::Dark,
        });
        shown
    };
    non_empty(icons.into_iter().map(icon).collect())
}

/// MCP `_meta`.
pub(super) fn meta(meta: Option<JsonObject>) -> Option<MetaObject> {
    meta.map(MetaObject)
}

/// A list, left out when it is empty, as MCP does with optional lists.
pub(super) fn non_empty<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wire(content: Content) -> Value {
        serde_json::to_value(block(content)).expect("content is JSON")
    }

    #[test]
    fn the_five_kinds_of_content_have_the_shape_mcp_gives_them() {
        let media = || Media {
            data: vec![0xfb, 0xff],
            mime_type: "a/b".to_owned(),
            annotations: None,
            meta: None,
        };
        let text = Content::Text {
            text: "hello".to_owned(),
            annotations: Some(Annotations {
                audience: vec![Role::User],
                priority: Some(0.5),
                last_modified: None,
            }),
            meta: json!({"a/b": 1}).as_object().cloned(),
        };
        assert_eq!(
            wire(text),
            json!({
                "type": "text", "text": "hello", "_meta": {"a/b": 1},
                "annotations": {"audience": ["user"], "priority": 0.5},
            })
        );
        assert_eq!(
            wire(Content::Image(media())),
            json!({"type": "image", "data": "+/8=", "mimeType": "a/b"})
        );
        assert_eq!(
            wire(Content::Audio(media())),
            json!({"type": "audio", "data": "+/8=", "mimeType": "a/b"})
        );
        let link = ResourceLink {
            uri: "a://x".to_owned(),
            name: "x".to_owned(),
            title: None,
            description: None,
            mime_type: None,
            size: Some(2),
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        assert_eq!(
            wire(Content::ResourceLink(link)),
            json!({"type": "resource_link", "uri": "a://x", "name": "x", "size": 2})
        );
        let embedded = |body| Content::Embedded {
            resource: Contents {
                uri: "a://x".to_owned(),
                mime_type: None,
                body,
                meta: None,
            },
            annotations: None,
            meta: None,
        };
        assert_eq!(
            wire(embedded(Body::Text("t".to_owned()))),
            json!({"type": "resource", "resource": {"uri": "a://x", "text": "t"}})
        );
        assert_eq!(
            wire(embedded(Body::Blob(vec![0]))),
            json!({"type": "resource", "resource": {"uri": "a://x", "blob": "AA=="}})
        );
    }
}
