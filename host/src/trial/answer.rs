//! What a plugin answered, in one form for tools, resources, prompts and completions.

use serde::Serialize;
use serde_json::{Value, json};

use crate::contract::{
    Body, Content, Contents, Media, PromptResult, ReadResult, Role, Suggestions, ToolResult,
};
use crate::names::{Digest, is_deceptive};

/// What a plugin answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its words: texts one under the other.
    pub text: String,
    /// Its structured content, or else its text where that is JSON.
    pub json: Option<Value>,
    /// Whether it is a tool's "no".
    pub is_error: bool,
    /// All of it, for people to read and to keep. Two answers that differ differ here.
    pub whole: String,
}

impl From<ToolResult> for Answer {
    fn from(result: ToolResult) -> Self {
        let texts = result.content.iter().filter_map(text_of);
        let mut text = texts.collect::<Vec<_>>().join("\n");
        // A client that does not know structured answers reads them as text.
        if let (true, Some(structured)) = (result.content.is_empty(), &result.structured) {
            text = structured.to_string();
        }
        let mut whole = Whole::default();
        if result.is_error {
            whole.line("error");
        }
        for content in &result.content {
            whole.content(content);
        }
        if let Some(structured) = &result.structured {
            whole.json("structured", structured);
        }
        whole.extra("meta", &result.meta);
        Self {
            json: result
                .structured
                .or_else(|| serde_json::from_str(&text).ok()),
            is_error: result.is_error,
            whole: whole.0,
            text,
        }
    }
}

impl From<ReadResult> for Answer {
    fn from(result: ReadResult) -> Self {
        let texts = result
            .contents
            .iter()
            .filter_map(|contents| match &contents.body {
                Body::Text(text) => Some(text.as_str()),
                Body::Blob(_) => None,
            });
        let text = texts.collect::<Vec<_>>().join("\n");
        let mut whole = Whole::default();
        for contents in &result.contents {
            whole.contents(contents);
        }
        if let Some(cache) = result.cache {
            whole.line(&format!("cache: {} ms, {:?}", cache.ttl_ms, cache.scope));
        }
        whole.extra("meta", &result.meta);
        Self {
            json: serde_json::from_str(&text).ok(),
            is_error: false,
            whole: whole.0,
            text,
        }
    }
}

impl From<PromptResult> for Answer {
    fn from(result: PromptResult) -> Self {
        let texts = result
            .messages
            .iter()
            .filter_map(|message| text_of(&message.content));
        let text = texts.collect::<Vec<_>>().join("\n");
        let mut whole = Whole::default();
        if let Some(description) = &result.description {
            whole.block("description", description);
        }
        let mut messages = Vec::new();
        for message in &result.messages {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            whole.line(role);
            whole.content(&message.content);
            messages.push(json!({ "role": role, "text": text_of(&message.content) }));
        }
        whole.extra("meta", &result.meta);
        let json = json!({ "description": result.description, "messages": messages });
        Self {
            json: Some(json),
            is_error: false,
            whole: whole.0,
            text,
        }
    }
}

/// Suggestions as MCP writes them, and as text one under the other.
impl From<Suggestions> for Answer {
    fn from(suggestions: Suggestions) -> Self {
        let Suggestions {
            values,
            total,
            has_more,
        } = suggestions;
        let mut whole = Whole::default();
        for value in &values {
            whole.block("suggestion", value);
        }
        if let Some(total) = total {
            whole.line(&format!("total: {total}"));
        }
        if has_more {
            whole.line("and more");
        }
        Self {
            text: values.join("\n"),
            json: Some(json!({ "values": values, "total": total, "hasMore": has_more })),
            is_error: false,
            whole: whole.0,
        }
    }
}

fn text_of(content: &Content) -> Option<&str> {
    match content {
        Content::Text { text, .. } => Some(text),
        Content::Embedded { resource, .. } => match &resource.body {
            Body::Text(text) => Some(text),
            Body::Blob(_) => None,
        },
        _ => None,
    }
}

/// An answer as lines. What comes from the plugin stands behind `| `, so that it cannot look like one of the host's lines.
#[derive(Default)]
struct Whole(String);

impl Whole {
    fn line(&mut self, line: &str) {
        self.0.push_str(&plain(line));
        self.0.push('\n');
    }

    fn block(&mut self, title: &str, text: &str) {
        self.line(&format!("{title}:"));
        for line in text.split('\n') {
            // Editors take spaces away at the end of a line, and there is none.
            self.0.push_str(if line.is_empty() { "|" } else { "| " });
            self.line(line);
        }
    }

    fn json(&mut self, title: &str, value: &Value) {
        self.block(title, &format!("{value:#}"));
    }

    fn extra(&mut self, title: &str, value: &Option<impl Serialize>) {
        let value = value
            .as_ref()
            .and_then(|value| serde_json::to_value(value).ok());
        if let Some(value) = value {
            self.json(title, &value);
        }
    }

    fn content(&mut self, content: &Content) {
        match content {
            Content::Text {
                text,
                annotations,
                meta,
            } => {
                self.block("text", text);
                self.extra("annotations", annotations);
                self.extra("meta", meta);
            }
            Content::Image(media) => self.media("image", media),
            Content::Audio(media) => self.media("audio", media),
            Content::ResourceLink(link) => self.extra("link", &Some(link)),
            Content::Embedded {
                resource,
                annotations,
                meta,
            } => {
                self.contents(resource);
                self.extra("annotations", annotations);
                self.extra("meta", meta);
            }
        }
    }

    fn media(&mut self, kind: &str, media: &Media) {
        let bytes = bytes(&media.data);
        self.line(&format!(
            "{kind}: {}, {bytes}",
            media.mime_type.escape_debug()
        ));
        self.extra("annotations", &media.annotations);
        self.extra("meta", &media.meta);
    }

    fn contents(&mut self, contents: &Contents) {
        let mime_type = contents.mime_type.as_deref().unwrap_or("no media type");
        let (uri, mime_type) = (contents.uri.escape_debug(), mime_type.escape_debug());
        match &contents.body {
            Body::Text(text) => self.block(&format!("contents of {uri}, {mime_type}"), text),
            Body::Blob(blob) => {
                self.line(&format!("contents of {uri}, {mime_type}, {}", bytes(blob)));
            }
        }
        self.extra("meta", &contents.meta);
    }
}

/// Bytes as a person can compare them.
fn bytes(data: &[u8]) -> String {
    format!("{} bytes, {}", data.len(), Digest::of(data))
}

/// A line without what a terminal or an editor would obey.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for c in line.chars() {
        match is_deceptive(c) && c != '\t' {
            true => plain.extend(c.escape_default()),
            false => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Content {
        Content::Text {
            text: text.to_owned(),
            annotations: None,
            meta: None,
        }
    }

    fn said(content: Vec<Content>, structured: Option<Value>) -> Answer {
        Answer::from(ToolResult {
            content,
            structured,
            ..ToolResult::default()
        })
    }

    #[test]
    fn an_answer_has_the_text_and_the_json_that_a_client_gets() {
        let check = |answer: Answer, text: &str, json: Option<Value>| {
            assert_eq!(answer.text, text);
            assert_eq!(answer.json, json);
        };
        check(said(vec![text("a"), text("b")], None), "a\nb", None);
        check(said(vec![text("[1]")], None), "[1]", Some(json!([1])));
        check(
            said(vec![], Some(json!({"a": 1}))),
            r#"{"a":1}"#,
            Some(json!({"a": 1})),
        );
        check(
            said(vec![text("2")], Some(json!({"a": 1}))),
            "2",
            Some(json!({"a": 1})),
        );
    }

    #[test]
    fn answers_that_differ_look_different_and_none_can_pass_for_another() {
        let answers = [
            said(vec![text("a")], None),
            said(vec![text("a\n")], None),
            said(vec![text("a\nstructured:\n| 1")], None),
            said(vec![text("a")], Some(json!(1))),
            said(vec![text("a"), text("")], None),
            said(vec![text("\u{1b}[2Ja")], None),
            said(
                vec![Content::Image(Media {
                    data: vec![1],
                    mime_type: "image/png".to_owned(),
                    annotations: None,
                    meta: None,
                })],
                None,
            ),
        ];
        for (idx, one) in answers.iter().enumerate() {
            assert!(!one.whole.contains('\u{1b}'), "{}", one.whole);
            for other in &answers[idx + 1..] {
                assert_ne!(one.whole, other.whole);
            }
        }
        assert_eq!(answers[3].whole, "text:\n| a\nstructured:\n| 1\n");
    }
}
