//! What a plugin answers. Its size was bounded while it crossed, by the store's host-call fuel.

use super::content::{content, contents, role};
use super::{Nonsense, json, meta, words};
use crate::contract::{
    CacheHint, CacheScope, PromptMessage, PromptResult, ReadResult, Suggestions, ToolResult,
};
use crate::limits::SUGGESTIONS_MAX;
use crate::runtime::bindings::exports::portcullis::plugin::{
    completion, prompts, resources, tools,
};
use crate::runtime::bindings::portcullis::plugin::types;

/// Reads a tool's answer.
pub(in crate::runtime) fn tool_result(result: tools::ToolResult) -> Result<ToolResult, Nonsense> {
    Ok(ToolResult {
        content: result
            .content
            .into_iter()
            .map(content)
            .collect::<Result<_, _>>()?,
        structured: result
            .structured
            .map(|structured| json(&structured, "the structured answer"))
            .transpose()?,
        is_error: result.is_error,
        meta: meta(result.meta)?,
    })
}

/// Reads what was read.
pub(in crate::runtime) fn read_result(
    result: resources::ReadResult,
) -> Result<ReadResult, Nonsense> {
    if result.contents.is_empty() {
        return Err(
            "the contents of a resource are empty, which is not the way to say that there is none"
                .to_owned(),
        );
    }
    Ok(ReadResult {
        contents: result
            .contents
            .into_iter()
            .map(contents)
            .collect::<Result<_, _>>()?,
        cache: result.cache.map(cache_hint),
        meta: meta(result.meta)?,
    })
}

/// Reads a prompt, filled in.
pub(in crate::runtime) fn prompt_result(
    result: prompts::PromptResult,
) -> Result<PromptResult, Nonsense> {
    let message = |message: prompts::PromptMessage| {
        Ok(PromptMessage {
            role: role(message.role),
            content: content(message.content)?,
        })
    };
    Ok(PromptResult {
        description: words(result.description, "the description of a prompt")?,
        messages: result
            .messages
            .into_iter()
            .map(message)
            .collect::<Result<_, Nonsense>>()?,
        meta: meta(result.meta)?,
    })
}

/// Reads suggestions, as many of them as MCP passes on.
pub(in crate::runtime) fn suggestions(claimed: completion::Suggestions) -> Suggestions {
    let n_claimed = claimed.values.len();
    let mut values = claimed.values;
    values.truncate(SUGGESTIONS_MAX);
    Suggestions {
        has_more: claimed.has_more || n_claimed > values.len(),
        total: claimed.total,
        values,
    }
}

/// Reads a hint.
pub(in crate::runtime) fn cache_hint(hint: types::CacheHint) -> CacheHint {
    CacheHint {
        ttl_ms: hint.ttl_ms.into(),
        scope: match hint.scope {
            types::CacheScope::Shared => CacheScope::Shared,
            types::CacheScope::Private => CacheScope::Private,
        },
    }
}
