//! The door: what a guest claims is measured, parsed and named here, and becomes a type of `contract`.
//!
//! A claim that does not fit is an error with a sentence for the plugin's author; nothing is repaired.

mod content;
mod error;
#[cfg(any(test, fuzzing))]
mod forged;
#[cfg(any(test, fuzzing))]
mod judged;
mod lists;
#[cfg(any(test, fuzzing))]
mod promised;
mod results;
mod rounds;

use serde_json::Value;

use crate::contract::JsonObject;
use crate::limits::{DESCRIPTION_BYTES_MAX, JSON_DEPTH_MAX, URI_BYTES_MAX};
use crate::names::shown;

pub(super) use content::icons;
pub(super) use error::plugin_error;
#[cfg(fuzzing)]
pub(super) use judged::judge;
pub(super) use lists::{prompt, resource, template, tool};
pub(super) use results::{cache_hint, prompt_result, read_result, suggestions, tool_result};
pub(super) use rounds::{continuation, input_required, task_start};

/// What is wrong with a claim: fits after "said something that makes no sense: ".
pub(super) type Nonsense = String;

/// Reads JSON text.
pub(super) fn json(claimed: &str, what: &str) -> Result<Value, Nonsense> {
    let value: Value =
        serde_json::from_str(claimed).map_err(|error| format!("{what} is not JSON: {error}"))?;
    if depth_exceeds(&value, JSON_DEPTH_MAX) {
        return Err(format!("{what} nests deeper than {JSON_DEPTH_MAX} levels"));
    }
    Ok(value)
}

/// Reads a JSON object.
pub(super) fn object(claimed: &str, what: &str) -> Result<JsonObject, Nonsense> {
    match json(claimed, what)? {
        Value::Object(object) => Ok(object),
        _ => Err(format!("{what} is not a JSON object")),
    }
}

/// Reads `_meta`, where there is one.
pub(super) fn meta(claimed: Option<String>) -> Result<Option<JsonObject>, Nonsense> {
    claimed
        .map(|claimed| object(&claimed, "`_meta`"))
        .transpose()
}

/// Reads a URI: absolute, by RFC 3986's characters, and of reasonable length. Its scheme may be any.
pub(super) fn uri(claimed: String, what: &str) -> Result<String, Nonsense> {
    let scheme = claimed
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .unwrap_or_default();
    let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let fits = scheme_fits
        && claimed.len() <= URI_BYTES_MAX
        && !claimed
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    if fits {
        Ok(claimed)
    } else {
        Err(format!("{what} {} is not an absolute URI", shown(&claimed)))
    }
}

/// Reads a title or a description.
pub(super) fn words(claimed: Option<String>, what: &str) -> Result<Option<String>, Nonsense> {
    match claimed {
        Some(words) if words.len() > DESCRIPTION_BYTES_MAX => Err(format!(
            "{what} has {} bytes, and {DESCRIPTION_BYTES_MAX} are allowed",
            words.len()
        )),
        words => Ok(words),
    }
}

/// Whether a value nests deeper than `levels`. serde_json has bounded the depth already, so this recursion is bounded too.
fn depth_exceeds(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Array(items) => items.iter().any(|item| depth_exceeds(item, below)),
        Value::Object(members) => members.values().any(|member| depth_exceeds(member, below)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_is_broken_or_too_deep_is_refused() {
        assert!(json("{\"a\": [1, 2]}", "x").is_ok());
        assert!(json(&("[".repeat(100) + &"]".repeat(100)), "x").is_ok());
        for claimed in [
            "",
            "{not json",
            "1 2",
            &("[".repeat(101) + &"]".repeat(101)),
            &"[".repeat(100_000),
        ] {
            assert!(json(claimed, "x").is_err());
        }
        assert!(object("[]", "x").is_err());
    }

    #[test]
    fn a_uri_has_a_scheme_and_no_spaces() {
        let check = |claimed: &str, fits| {
            assert_eq!(uri(claimed.to_owned(), "x").is_ok(), fits, "{claimed:?}")
        };
        check("time://current", true);
        check("test:static", true);
        check("time://{zone}", true);
        check("", false);
        check("current", false);
        check("://x", false);
        check("1a:x", false);
        check("a://b c", false);
        check("a://b\n", false);
        check(&format!("a://{}", "b".repeat(URI_BYTES_MAX)), false);
    }
}
