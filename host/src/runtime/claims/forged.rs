//! Claims made from a fuzzer's bytes: what a guest could say, honest and hostile words mixed.

use arbitrary::{Result, Unstructured};

use crate::runtime::bindings::exports::portcullis::plugin::{
    completion, prompts, resources, tools,
};
use crate::runtime::bindings::portcullis::plugin::{content, types};

/// Something a guest can say.
pub(super) trait Forged: Sized {
    /// Says something in the place called `place`, which tells what is honest there. When the bytes are used up, it says
    /// the first thing there is.
    fn forged(bytes: &mut Unstructured<'_>, place: &str) -> Result<Self>;
}

/// Words that pass the door in some place. A fuzzer seldom finds them by itself.
fn honest(place: &str) -> &'static [&'static str] {
    match place {
        "name" => &["echo", "a-b_C9"],
        "uri" | "uri_template" => &["test:static", "time://current/{zone}", "file:///a%20b"],
        "src" => &["https://example.com/icon.png", "data:image/png;base64,AA=="],
        "mime_type" => &["text/plain", "image/png; q=1"],
        "input_schema"
        | "output_schema"
        | "structured"
        | "data"
        | "meta"
        | "required_capabilities"
        | "MissingCapability" => &[
            "{\"type\": \"object\"}",
            "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/$defs/b\"}}, \"$defs\": {\"b\": {\"type\": \"string\"}}}",
            "{\"type\": \"object\", \"patternProperties\": {\"^(a+)+$\": {}}, \"required\": [\"a\"]}",
            "{\"elicitation\": {\"form\": {}}, \"type\": \"object\"}",
            "{\"io.modelcontextprotocol/x\": {\"b\": [1.5, true, \"\\u0000\"]}}",
        ],
        _ => &["", "two words", "\u{e9}", "2025-01-01T00:00:00Z"],
    }
}

/// Words that lead up to the door, or past a careless one.
const HOSTILE: [&str; 19] = [
    "\u{1b}[31m",
    "\u{202e}abc",
    "line\r\nbreak",
    "\0",
    "{scheme}:all",
    "javascript:alert(1)",
    "data:image/png, x",
    "text/plain\n",
    "[]",
    "null",
    "1e999",
    "{\"a\": 1, \"a\": 2}",
    "{\"type\": \"array\"}",
    "{\"type\": \"object\", \"$ref\": \"#\"}",
    "{\"type\": \"object\", \"$ref\": \"file:///etc/passwd\"}",
    "{\"a\": ",
    "[",
    "{\"a\":",
    "%",
];

/// More than any text or URI may have.
const REPEATED_BYTES_MAX: usize = 20 << 10;

/// Deeper than any JSON may nest, and than serde_json reads.
const LEVELS_MAX: usize = 130;

/// Enough to meet what happens with the second one.
const ITEMS_MAX: usize = 4;

impl Forged for String {
    fn forged(bytes: &mut Unstructured<'_>, place: &str) -> Result<Self> {
        let word = *bytes.choose(honest(place))?;
        // Mostly honest: a claim has many places, and passes when all of them do.
        Ok(match bytes.int_in_range(0..=31)? {
            0 => (*bytes.choose(&HOSTILE)?).to_owned(),
            1 => bytes.arbitrary::<&str>()?.to_owned(),
            2 => format!("{word}{}", bytes.arbitrary::<&str>()?),
            3 => format!("{}{word}", bytes.arbitrary::<&str>()?),
            4 => {
                let n_times = REPEATED_BYTES_MAX / word.len().max(1);
                word.repeat(bytes.int_in_range(0..=n_times)?)
            }
            5 => nested(word, bytes.int_in_range(0..=LEVELS_MAX)?),
            _ => word.to_owned(),
        })
    }
}

/// JSON around a word, some levels deep.
fn nested(word: &str, levels: usize) -> String {
    format!(
        "{{\"a\":{}{word}{}}}",
        "[".repeat(levels),
        "]".repeat(levels)
    )
}

impl<T: Forged> Forged for Option<T> {
    fn forged(bytes: &mut Unstructured<'_>, place: &str) -> Result<Self> {
        match bytes.arbitrary()? {
            true => T::forged(bytes, place).map(Some),
            false => Ok(None),
        }
    }
}

impl<T: Forged> Forged for Vec<T> {
    fn forged(bytes: &mut Unstructured<'_>, place: &str) -> Result<Self> {
        let n_items = bytes.int_in_range(0..=ITEMS_MAX)?;
        (0..n_items).map(|_| T::forged(bytes, place)).collect()
    }
}

impl Forged for Vec<u8> {
    fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
        Ok(bytes.arbitrary::<&[u8]>()?.to_vec())
    }
}

macro_rules! plain {
    ($($ty:ty)*) => {$(
        impl Forged for $ty {
            fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
                bytes.arbitrary()
            }
        }
    )*};
}
plain!(bool u32 u64);

impl Forged for i32 {
    fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
        // The ends of the range that is reserved for JSON-RPC, and their neighbours.
        Ok(match bytes.int_in_range(0..=3)? {
            0 => *bytes.choose(&[-32_768, -32_603, -32_000])?,
            1 => bytes.arbitrary()?,
            _ => *bytes.choose(&[-32_769, -31_999, 7])?,
        })
    }
}

impl Forged for f64 {
    fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
        Ok(match bytes.int_in_range(0..=15)? {
            0 => *bytes.choose(&[f64::NAN, f64::INFINITY, -f64::EPSILON, 1.0 + f64::EPSILON])?,
            1 => bytes.arbitrary()?,
            _ => *bytes.choose(&[0.5, -0.0, 1.0])?,
        })
    }
}

macro_rules! records {
    ($($ty:path { $($field:ident)* })*) => {$(
        impl Forged for $ty {
            fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
                Ok(Self { $($field: Forged::forged(bytes, stringify!($field))?,)* })
            }
        }
    )*};
}
records! {
    types::Icon { src mime_type sizes theme }
    types::Annotations { audience priority last_modified }
    types::CacheHint { ttl_ms scope }
    types::CustomError { code message data }
    content::TextContent { text annotations meta }
    content::MediaContent { data mime_type annotations meta }
    content::ResourceLink { uri name title description mime_type size annotations icons meta }
    content::EmbeddedResource { contents annotations meta }
    content::ResourceContents { uri mime_type body meta }
    content::ToolResult { content structured is_error meta }
    tools::Tool {
        name title description input_schema output_schema annotations icons task_support required_capabilities meta
    }
    tools::ToolAnnotations { read_only_hint destructive_hint idempotent_hint open_world_hint }
    resources::ResourceTemplate { uri_template name title description mime_type annotations icons meta }
    resources::ReadResult { contents cache meta }
    prompts::Prompt { name title description arguments icons meta }
    prompts::PromptArgument { name title description required }
    prompts::PromptResult { description messages meta }
    prompts::PromptMessage { role content }
}

macro_rules! enums {
    ($($ty:path { $($case:ident)* })*) => {$(
        impl Forged for $ty {
            fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
                bytes.choose(&[$(<$ty>::$case),*]).copied()
            }
        }
    )*};
}
enums! {
    types::Role { User Assistant }
    types::IconTheme { Light Dark }
    types::CacheScope { Shared Private }
    tools::TaskSupport { Forbidden Optional Required }
}

/// Each case has one thing in it.
macro_rules! variants {
    ($($ty:path { $($n:literal $case:ident)* ; $last:ident })*) => {$(
        impl Forged for $ty {
            fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
                Ok(match bytes.arbitrary::<u8>()? % 8 {
                    $($n => Self::$case(Forged::forged(bytes, stringify!($case))?),)*
                    _ => Self::$last(Forged::forged(bytes, stringify!($last))?),
                })
            }
        }
    )*};
}
variants! {
    content::ContentBlock { 0 Image 1 Audio 2 ResourceLink 3 EmbeddedResource ; Text }
    content::ResourceBody { 0 Blob ; Text }
    types::Error { 0 InvalidParams 1 NotFound 2 MissingCapability 3 Denied 4 Unavailable 5 Custom ; Other }
}

impl Forged for completion::Suggestions {
    fn forged(bytes: &mut Unstructured<'_>, _place: &str) -> Result<Self> {
        // More than are passed on.
        let n_values = bytes.int_in_range(0..=2 * crate::limits::SUGGESTIONS_MAX)?;
        Ok(Self {
            values: (0..n_values)
                .map(|value_idx| value_idx.to_string())
                .collect(),
            total: Forged::forged(bytes, "")?,
            has_more: Forged::forged(bytes, "")?,
        })
    }
}
