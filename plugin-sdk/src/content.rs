//! What answers and messages are made of.

pub use crate::bindings::host::portcullis::plugin::content::ContentBlock as Content;
use crate::bindings::host::portcullis::plugin::content::{
    EmbeddedResource, MediaContent, ResourceBody, ResourceContents, ResourceLink, TextContent,
};
pub use crate::bindings::host::portcullis::plugin::types::{Annotations, Role};

impl Content {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextContent {
            text: text.into(),
            annotations: None,
            meta: None,
        })
    }

    /// A picture: its bytes, not base64, and a media type such as `image/png`.
    pub fn image(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self::Image(media(data, mime_type))
    }

    /// A sound: its bytes, not base64, and a media type such as `audio/wav`.
    pub fn audio(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self::Audio(media(data, mime_type))
    }

    /// A pointer to a resource that the client may read later.
    pub fn link(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self::ResourceLink(ResourceLink {
            uri: uri.into(),
            name: name.into(),
            title: None,
            description: None,
            mime_type: None,
            size: None,
            annotations: None,
            icons: None,
            meta: None,
        })
    }

    /// A resource of text, carried along.
    pub fn embedded_text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        embedded(uri.into(), ResourceBody::Text(text.into()))
    }

    /// A resource of bytes, carried along.
    pub fn embedded_blob(uri: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        embedded(uri.into(), ResourceBody::Blob(bytes.into()))
    }

    /// The same, of this media type, such as `text/plain`. Words have none, so nothing happens to them.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        let mime_type = mime_type.into();
        match &mut self {
            Self::Text(_) => {}
            Self::Image(it) | Self::Audio(it) => it.mime_type = mime_type,
            Self::ResourceLink(it) => it.mime_type = Some(mime_type),
            Self::EmbeddedResource(it) => it.contents.mime_type = Some(mime_type),
        }
        self
    }

    /// The same, with hints on how to use it.
    #[must_use]
    pub fn annotated(mut self, annotations: Annotations) -> Self {
        let place = match &mut self {
            Self::Text(it) => &mut it.annotations,
            Self::Image(it) | Self::Audio(it) => &mut it.annotations,
            Self::ResourceLink(it) => &mut it.annotations,
            Self::EmbeddedResource(it) => &mut it.annotations,
        };
        *place = Some(annotations);
        self
    }

    /// The words, when this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(it) => Some(&it.text),
            _ => None,
        }
    }
}

impl<T: Into<String>> From<T> for Content {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}

fn media(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> MediaContent {
    MediaContent {
        data: data.into(),
        mime_type: mime_type.into(),
        annotations: None,
        meta: None,
    }
}

fn embedded(uri: String, body: ResourceBody) -> Content {
    Content::EmbeddedResource(EmbeddedResource {
        contents: ResourceContents {
            uri,
            mime_type: None,
            body,
            meta: None,
        },
        annotations: None,
        meta: None,
    })
}
