//! What answers are made of.

use serde::{Deserialize, Serialize};

use super::JsonObject;

/// One block of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// Words.
    Text {
        /// The words.
        text: String,
        /// Hints for the client.
        annotations: Option<Annotations>,
        /// MCP `_meta`.
        meta: Option<JsonObject>,
    },
    /// A picture.
    Image(Media),
    /// A sound.
    Audio(Media),
    /// A pointer to a resource.
    ResourceLink(ResourceLink),
    /// A resource, carried along.
    Embedded {
        /// The resource.
        resource: Contents,
        /// Hints for the client.
        annotations: Option<Annotations>,
        /// MCP `_meta`.
        meta: Option<JsonObject>,
    },
}

/// A picture or a sound, as raw bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// The bytes, not yet encoded.
    #[serde(with = "super::base64_bytes")]
    pub data: Vec<u8>,
    /// The media type.
    pub mime_type: String,
    /// Hints for the client.
    pub annotations: Option<Annotations>,
    /// MCP `_meta`.
    pub meta: Option<JsonObject>,
}

/// What reading a resource gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// Where it was read from.
    pub uri: String,
    /// The media type.
    pub mime_type: Option<String>,
    /// The bytes.
    pub body: Body,
    /// MCP `_meta`.
    pub meta: Option<JsonObject>,
}

/// The bytes of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// UTF-8 text.
    Text(String),
    /// Anything else.
    Blob(#[serde(with = "super::base64_bytes")] Vec<u8>),
}

/// A resource, described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceLink {
    /// Where it is.
    pub uri: String,
    /// What programs call it.
    pub name: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The number of bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Pictures to show beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// MCP `_meta`.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<JsonObject>,
}

/// Hints on how to use a block or a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    /// Who it is meant for. Empty: anybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// From 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Who speaks or is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The language model.
    Assistant,
}

/// A picture a client may show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Icon {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// The media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Such as `48x48`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// The background it is drawn for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<IconTheme>,
}

/// The background an icon is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IconTheme {
    /// A light one.
    Light,
    /// A dark one.
    Dark,
}
