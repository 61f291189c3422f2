//! Hashes, patterns, diffs and other things language models get wrong.
//!
//! The functions in [`text`] are what a client sees; the work is in the modules below. Each of them bounds what it takes
//! and what it gives, and refuses more with a sentence.

mod count;
mod difference;
mod digest;
mod error;
mod identifier;
mod pattern;
mod pointer;

/// The tools and the prompt; in the folder `skills`, how to use them well.
#[portcullis_plugin::plugin(skills = "skills")]
pub mod text {
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::Value;

    use crate::count::{self, Counts};
    use crate::error::TextError;
    use crate::pattern::{self, Matches, Replaced};
    use crate::{difference, digest, identifier, pointer};

    /// How `input` holds the bytes.
    #[data]
    #[derive(Copy, Default)]
    #[serde(rename_all = "lowercase")]
    enum Encoding {
        /// As a text, which is taken in UTF-8.
        #[default]
        Text,
        /// In base64, with the standard alphabet and padding.
        Base64,
    }

    /// The kind of a UUID.
    #[data]
    #[derive(Copy, Default)]
    #[serde(rename_all = "lowercase")]
    enum Version {
        /// Random.
        #[default]
        V4,
        /// Beginning with the time, so that identifiers sort as they were made.
        V7,
    }

    /// Counts characters, words, lines and bytes, and how often something occurs. Use it instead of counting, letters in a
    /// word included.
    #[tool(title = "Count", read_only, idempotent, open_world = false)]
    fn count(
        /// The text, at most 256 KiB.
        text: String,
        /// What to count the occurrences of, exactly as written. For a pattern use `regex_match`.
        find: Option<String>,
    ) -> Result<Counts, TextError> {
        count::count(&text, find.as_deref())
    }

    /// Computes the SHA-256 digest of a text or of bytes, as 64 hexadecimal digits. Use it for every digest; it cannot be
    /// guessed.
    #[tool(title = "SHA-256", read_only, idempotent, open_world = false)]
    fn sha256(
        /// The text, or the bytes in base64; at most 256 KiB. A line feed at the end counts.
        input: String,
        /// How `input` holds the bytes.
        #[default(Encoding::Text)]
        encoding: Encoding,
    ) -> Result<String, TextError> {
        match encoding {
            Encoding::Text => digest::sha256_of_text(&input),
            Encoding::Base64 => digest::sha256_of_base64(&input),
        }
    }

    /// Makes new UUIDs, one on each line. Use it instead of inventing them; those are neither random nor unique.
    #[tool(title = "UUID", read_only, open_world = false)]
    fn uuid(
        /// `v4` for random ones, `v7` for ones that sort by time.
        #[default(Version::V4)]
        version: Version,
        /// How many.
        #[default(1)]
        #[schemars(range(min = 1, max = 100))]
        count: u8,
    ) -> String {
        let uuids = match version {
            Version::V4 => identifier::random(count),
            Version::V7 => identifier::by_time(count),
        };
        uuids.join("\n")
    }

    /// Finds what a regular expression matches, with positions in characters and with groups. Use it to extract or to
    /// check, instead of reading through a text. An answer has at most 1000 matches and 64 KiB of matched text.
    #[tool(title = "Match a pattern", read_only, idempotent, open_world = false)]
    fn regex_match(
        /// The regular expression, in the syntax of Rust's `regex`: no look-around, no backreferences. Begin it with
        /// `(?i)` to ignore case, `(?m)` for `^` and `$` at each line, `(?s)` for `.` to match line feeds.
        pattern: String,
        /// The text, at most 256 KiB.
        text: String,
        /// The most matches to give.
        #[default(100)]
        #[schemars(range(min = 1, max = 1000))]
        limit: usize,
    ) -> Result<Matches, TextError> {
        pattern::find(&pattern, &text, limit)
    }

    /// Replaces what a regular expression matches. Use it for the same change in many places. The new text has at most
    /// 1 MiB.
    #[tool(title = "Replace a pattern", read_only, idempotent, open_world = false)]
    fn regex_replace(
        /// The regular expression, as for `regex_match`.
        pattern: String,
        /// The text, at most 256 KiB.
        text: String,
        /// What to put in place of each match. `$1` or `${name}` stands for a group, `$0` for the whole match, `$$` for a
        /// dollar sign.
        replacement: String,
        /// The most matches to replace. All when left out.
        limit: Option<usize>,
    ) -> Result<Replaced, TextError> {
        pattern::replace(&pattern, &text, &replacement, limit)
    }

    /// Compares two texts by lines and gives a unified diff. Use it to see or to show exactly what changed.
    #[tool(title = "Diff", read_only, idempotent, open_world = false)]
    fn diff(
        /// The text before, at most 256 KiB and 10000 lines.
        old: String,
        /// The text after, at most 256 KiB and 10000 lines.
        new: String,
        /// Unchanged lines around each change.
        #[default(3)]
        context: u8,
    ) -> Result<String, TextError> {
        let diff = difference::unified(&old, &new, context)?;
        Ok(if diff.is_empty() {
            "the texts are the same".to_owned()
        } else {
            diff
        })
    }

    /// Finds one value in a JSON document by its JSON Pointer (RFC 6901). Use it to read from a large document exactly; a
    /// miss tells how far the pointer led and which keys are there.
    #[tool(title = "JSON Pointer", read_only, idempotent, open_world = false)]
    fn json_pointer(
        /// The document: any JSON value, or a string with JSON text of at most 256 KiB.
        #[schemars(extend("type" = ["object", "array", "string", "number", "boolean", "null"]))]
        document: Value,
        /// The pointer, such as `/items/0/name`. Empty for the whole document.
        pointer: String,
    ) -> Result<String, TextError> {
        let document = pointer::read(document)?;
        Ok(pointer::look_up(&document, &pointer)?.to_string())
    }

    /// Asks for a review of what changed between two texts.
    #[prompt(title = "Review a diff")]
    fn review_diff(
        /// The text before.
        old: String,
        /// The text after.
        new: String,
        /// What to look at above all, such as `correctness`.
        focus: Option<String>,
    ) -> Result<String, Error> {
        let diff = difference::unified(&old, &new, 3)
            .map_err(|error| Error::invalid_params(error.to_string()))?;
        let focus = focus.map_or_else(String::new, |focus| {
            format!(" Look at its {focus} above all.")
        });
        Ok(format!(
            "Review this change.{focus} Name each problem with its line, say why it is one, and how to put it right. If \
             there is none, say so.\n\n```diff\n{diff}```"
        ))
    }

    /// Suggests what a review can look at.
    #[complete(prompt = "review_diff", argument = "focus")]
    fn complete_focus(value: &str) -> Vec<String> {
        let all = [
            "correctness",
            "performance",
            "readability",
            "security",
            "style",
        ];
        all.into_iter()
            .filter(|focus| focus.starts_with(value))
            .map(str::to_owned)
            .collect()
    }
}
