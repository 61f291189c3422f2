//! How answers look on a terminal. Words of a guest are made harmless first.

use std::io::{self, Write};

use serde_json::Value;

use super::exit::Problem;
use crate::contract::{Body, Content, ToolResult};
use crate::names::is_deceptive;

/// Prints text to standard output. A reader that went away early, such as `head`, is not an error.
pub fn print(text: &str) -> Result<(), Problem> {
    print_to(io::stdout().lock(), text)
}

/// The same with colours, which are taken out where there is no terminal.
pub fn print_styled(text: &str) -> Result<(), Problem> {
    print_to(anstream::stdout().lock(), text)
}

fn print_to(mut out: impl Write, text: &str) -> Result<(), Problem> {
    match out.write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::failure(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints JSON, indented.
pub fn print_json(value: &Value) -> Result<(), Problem> {
    print(&format!("{value:#}\n"))
}

/// A name and the first line of its description, in columns.
pub fn row(name: &str, description: Option<&str>) -> String {
    let first_line = description
        .and_then(|words| words.lines().next())
        .unwrap_or_default();
    harmless(&format!("{name:<36} {first_line}"))
        .trim_end()
        .to_owned()
}

/// A tool's answer for a person.
pub fn answer(result: &ToolResult) -> String {
    let mut text = String::new();
    for block in &result.content {
        text.push_str(&match block {
            Content::Text { text, .. } => harmless(text),
            Content::Image(media) => format!(
                "[image, {}, {} bytes]",
                harmless(&media.mime_type),
                media.data.len()
            ),
            Content::Audio(media) => format!(
                "[audio, {}, {} bytes]",
                harmless(&media.mime_type),
                media.data.len()
            ),
            Content::ResourceLink(link) => format!("[resource {}]", harmless(&link.uri)),
            Content::Embedded { resource, .. } => match &resource.body {
                Body::Text(text) => harmless(text),
                Body::Blob(blob) => format!(
                    "[resource {}, {} bytes]",
                    harmless(&resource.uri),
                    blob.len()
                ),
            },
        });
        text.push('\n');
    }
    if let (true, Some(structured)) = (result.content.is_empty(), &result.structured) {
        text.push_str(&harmless(&format!("{structured:#}")));
        text.push('\n');
    }
    text
}

/// A guest's words without what a terminal would obey; line breaks and tabs stay.
pub fn harmless(words: &str) -> String {
    words
        .chars()
        .map(|c| {
            if is_deceptive(c) && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
