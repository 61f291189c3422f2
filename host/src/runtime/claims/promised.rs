//! What holds of everything that passed the door, checked without the door's own code. It panics where it does not.

use serde_json::Value;

use crate::catalogue::schema::ArgumentCheck;
use crate::contract::{
    Annotations, Content, Contents, Icon, JsonObject, Lists, Media, PluginError, Prompt,
    PromptResult, ReadResult, ResourceLink, ResourceTemplate, Suggestions, Tool, ToolResult,
};
use crate::limits::{
    DESCRIPTION_BYTES_MAX, JSON_DEPTH_MAX, SCHEMA_BYTES_MAX, SUGGESTIONS_MAX, URI_BYTES_MAX,
};
use crate::names::{PUBLIC_NAME_CHARS_MAX, is_deceptive};

/// Longer than any sentence about a claim: what it quotes is cut.
const SENTENCE_BYTES_MAX: usize = 4 << 10;

/// A media type is no longer (RFC 6838, twice 127 and the `/`).
const MIME_TYPE_BYTES_MAX: usize = 255;

/// Something that passed the door.
pub(super) trait Promised {
    /// Panics unless all is as promised.
    fn hold(&self);
}

impl<T: Promised> Promised for Option<T> {
    fn hold(&self) {
        self.iter().for_each(T::hold);
    }
}

impl<T: Promised> Promised for Vec<T> {
    fn hold(&self) {
        self.iter().for_each(T::hold);
    }
}

/// A refusal: one short line that does nothing to a terminal.
pub(super) fn sentence(nonsense: &str) {
    assert!(
        nonsense.len() <= SENTENCE_BYTES_MAX,
        "{} bytes",
        nonsense.len()
    );
    assert!(!nonsense.chars().any(is_deceptive), "{nonsense:?}");
    assert!(!nonsense.is_empty());
}

impl Promised for Tool {
    fn hold(&self) {
        local_name(self.name.as_str());
        words(&self.title);
        words(&self.description);
        object(&self.input_schema);
        let schema = Value::Object(self.input_schema.clone());
        assert!(schema.to_string().len() <= SCHEMA_BYTES_MAX);
        assert_eq!(schema["type"], "object");
        let check = ArgumentCheck::compile(&schema).expect("it was compiled at the door");
        let _ = check.check(&Value::Object(JsonObject::new()));
        self.output_schema.iter().for_each(json);
        self.required_capabilities.iter().for_each(object);
        self.icons.hold();
        self.meta.iter().for_each(object);
        kept(Lists {
            tools: vec![self.clone()],
            ..Lists::default()
        });
    }
}

impl Promised for ResourceLink {
    fn hold(&self) {
        uri(&self.uri);
        text(&self.name);
        words(&self.title);
        words(&self.description);
        mime_type(&self.mime_type);
        self.annotations.hold();
        self.icons.hold();
        self.meta.iter().for_each(object);
        kept(Lists {
            resources: vec![self.clone()],
            ..Lists::default()
        });
    }
}

impl Promised for ResourceTemplate {
    fn hold(&self) {
        uri(&self.uri_template);
        assert!(
            self.literal_prefix().contains(':'),
            "{:?}",
            self.uri_template
        );
        text(&self.name);
        words(&self.title);
        words(&self.description);
        mime_type(&self.mime_type);
        self.annotations.hold();
        self.icons.hold();
        self.meta.iter().for_each(object);
        kept(Lists {
            templates: vec![self.clone()],
            ..Lists::default()
        });
    }
}

impl Promised for Prompt {
    fn hold(&self) {
        local_name(self.name.as_str());
        words(&self.title);
        words(&self.description);
        for argument in &self.arguments {
            text(&argument.name);
            words(&argument.title);
            words(&argument.description);
        }
        self.icons.hold();
        self.meta.iter().for_each(object);
        kept(Lists {
            prompts: vec![self.clone()],
            ..Lists::default()
        });
    }
}

impl Promised for ToolResult {
    fn hold(&self) {
        self.content.hold();
        self.structured.iter().for_each(json);
        self.meta.iter().for_each(object);
    }
}

impl Promised for ReadResult {
    fn hold(&self) {
        assert!(!self.contents.is_empty());
        self.contents.hold();
        self.meta.iter().for_each(object);
    }
}

impl Promised for PromptResult {
    fn hold(&self) {
        words(&self.description);
        for message in &self.messages {
            message.content.hold();
        }
        self.meta.iter().for_each(object);
    }
}

impl Promised for Suggestions {
    fn hold(&self) {
        assert!(self.values.len() <= SUGGESTIONS_MAX);
    }
}

impl Promised for PluginError {
    fn hold(&self) {
        match self {
            Self::Custom { code, data, .. } => {
                assert!(!(-32768..=-32000).contains(code), "{code}");
                data.iter().for_each(json);
            }
            Self::MissingCapability(required) => object(required),
            _ => {}
        }
    }
}

impl Promised for Content {
    fn hold(&self) {
        match self {
            Self::Text {
                annotations, meta, ..
            } => {
                annotations.hold();
                meta.iter().for_each(object);
            }
            Self::Image(media) | Self::Audio(media) => media.hold(),
            Self::ResourceLink(link) => link.hold(),
            Self::Embedded {
                resource,
                annotations,
                meta,
            } => {
                resource.hold();
                annotations.hold();
                meta.iter().for_each(object);
            }
        }
    }
}

impl Promised for Media {
    fn hold(&self) {
        mime_type(&Some(self.mime_type.clone()));
        self.annotations.hold();
        self.meta.iter().for_each(object);
    }
}

impl Promised for Contents {
    fn hold(&self) {
        uri(&self.uri);
        mime_type(&self.mime_type);
        self.meta.iter().for_each(object);
    }
}

impl Promised for Annotations {
    fn hold(&self) {
        if let Some(priority) = self.priority {
            assert!((0.0..=1.0).contains(&priority), "{priority}");
        }
        words(&self.last_modified);
    }
}

impl Promised for Icon {
    fn hold(&self) {
        assert!(self.src.starts_with("https://") || self.src.starts_with("data:"));
        one_word(&self.src);
        mime_type(&self.mime_type);
    }
}

/// What is listed is written to the cache, and must be read from there.
fn kept(lists: Lists) {
    let bytes = serde_json::to_vec(&lists).expect("lists are JSON");
    let read: Lists = serde_json::from_slice(&bytes).expect("what was written can be read");
    assert_eq!(read, lists);
}

fn local_name(name: &str) {
    assert!((1..=PUBLIC_NAME_CHARS_MAX).contains(&name.len()), "{name}");
    let fits = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-');
    assert!(name.chars().all(fits), "{name:?}");
}

fn text(text: &str) {
    assert!(text.len() <= DESCRIPTION_BYTES_MAX, "{} bytes", text.len());
}

fn words(words: &Option<String>) {
    words.iter().for_each(|words| text(words));
}

fn uri(uri: &str) {
    assert!(uri.len() <= URI_BYTES_MAX, "{} bytes", uri.len());
    let scheme = uri.split(':').next().unwrap_or_default();
    assert!(uri.contains(':') && !scheme.is_empty(), "{uri:?}");
    assert!(scheme.is_ascii(), "{uri:?}");
    one_word(uri);
}

fn one_word(word: &str) {
    let fits = |c: char| !c.is_control() && !c.is_whitespace();
    assert!(word.chars().all(fits), "{word:?}");
}

fn mime_type(mime_type: &Option<String>) {
    if let Some(mime_type) = mime_type {
        assert!(mime_type.len() <= MIME_TYPE_BYTES_MAX, "{mime_type}");
        assert!(mime_type.contains('/'), "{mime_type:?}");
        assert!(
            mime_type.chars().all(|c| (' '..='~').contains(&c)),
            "{mime_type:?}"
        );
    }
}

fn object(object: &JsonObject) {
    object.values().for_each(json);
}

/// Measures without recursion.
fn json(value: &Value) {
    let mut values = vec![(value, 1)];
    while let Some((value, depth)) = values.pop() {
        assert!(depth <= JSON_DEPTH_MAX, "JSON is deeper than promised");
        match value {
            Value::Array(items) => values.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => {
                values.extend(members.values().map(|member| (member, depth + 1)));
            }
            _ => {}
        }
    }
}
