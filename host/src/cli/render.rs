//! How answers look on a terminal. Words of a guest are made harmless first.

use std::io::{self, Write};

use serde_json::Value;

use super::exit::Problem;
use super::{progress, style};
use crate::contract::{Body, Content, ToolResult};
use crate::names::is_deceptive;

/// Prints text to standard output. A reader that went away early, such as `head`, is not an error.
pub fn print(text: &str) -> Result<(), Problem> {
    written(progress::aside(|| {
        io::stdout().lock().write_all(text.as_bytes())
    }))
}

/// Prints text with colours in it to standard output, without them where nobody would see them.
pub fn print_styled(text: &str) -> Result<(), Problem> {
    written(progress::aside(|| {
        anstream::stdout().lock().write_all(text.as_bytes())
    }))
}

fn written(outcome: io::Result<()>) -> Result<(), Problem> {
    match outcome {
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
    // Only what is shown of the name is painted, and not the space behind it.
    let name = harmless(name);
    let space = 36_usize.saturating_sub(name.chars().count());
    let row = format!(
        "{}{:space$} {}",
        style::paint(style::STRONG, &name),
        "",
        harmless(first_line)
    );
    row.trim_end().to_owned()
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

/// A number with a comma after every third digit from the right.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_threes() {
        for (n, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), expected);
        }
    }
}
