//! A skill: a folder of texts that tells a model how to do something. The host gives it out; no guest code is behind it.

use std::sync::Arc;

use super::JsonObject;
use crate::names::{Digest, SkillName};

/// The file every skill begins with.
pub const SKILL_MD: &str = "SKILL.md";

/// A skill. Holding one proves that its files were read, bounded and named; what they say may be anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// Its name.
    pub name: SkillName,
    /// When to use it.
    pub description: String,
    /// All its author says of it, `name` and `description` included, as the head of `SKILL.md` says it.
    pub frontmatter: JsonObject,
    /// Its files by path, [`SKILL_MD`] among them.
    pub files: Vec<SkillFile>,
}

/// A file of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillFile {
    /// Where it is in the skill, with `/` between folders. No part of it is empty, `.` or `..`.
    pub path: String,
    /// What it holds.
    pub bytes: Arc<[u8]>,
    /// The digest of `bytes`.
    pub digest: Digest,
}

impl SkillFile {
    /// The media type, guessed by the name's end.
    pub fn mime_type(&self) -> &'static str {
        let end = self.path.rsplit_once('.').map(|(_, end)| end);
        match end.map(str::to_ascii_lowercase).as_deref() {
            Some("md") => "text/markdown",
            Some("html" | "htm") => "text/html",
            Some("css") => "text/css",
            Some("csv") => "text/csv",
            Some("js" | "mjs") => "text/javascript",
            Some("json") => "application/json",
            Some("yaml" | "yml") => "application/yaml",
            Some("toml") => "application/toml",
            Some("xml") => "application/xml",
            Some("pdf") => "application/pdf",
            Some("zip") => "application/zip",
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("gif") => "image/gif",
            Some("webp") => "image/webp",
            Some("svg") => "image/svg+xml",
            _ if self.text().is_some() => "text/plain",
            _ => "application/octet-stream",
        }
    }

    /// What it holds, when that is text.
    pub fn text(&self) -> Option<&str> {
        let text = str::from_utf8(&self.bytes).ok()?;
        (!text.contains('\0')).then_some(text)
    }
}
