//! What plugins say, "no" included.

use rmcp::model::{
    CallToolResult, CompleteResult, CompletionInfo, ContentBlock, GetPromptResult, PromptMessage,
    ReadResourceResult,
};

use super::content::{block, contents, meta, role};
use super::lists::cache_hint;
use crate::contract::{self, PromptResult, ReadResult, Suggestions, ToolResult};
use crate::protocol::Era;

/// What a tool says.
pub(in crate::protocol) fn tool_result(result: ToolResult, era: Era) -> CallToolResult {
    let ToolResult {
        content,
        structured,
        is_error,
        meta: extra,
    } = result;
    let mut answer = CallToolResult::default();
    answer.content = content.into_iter().map(block).collect();
    // A client that does not know structured answers reads the text, so there is one.
    if let (true, Some(value)) = (answer.content.is_empty(), &structured) {
        answer.content.push(ContentBlock::text(value.to_string()));
    }
    answer.structured_content = structured.filter(|value| era == Era::Modern || value.is_object());
    answer.is_error = Some(is_error);
    answer.meta = meta(extra);
    answer
}

/// What was read.
pub(in crate::protocol) fn read_result(result: ReadResult) -> ReadResourceResult {
    let ReadResult {
        contents: read,
        cache,
        meta: extra,
    } = result;
    let mut answer = ReadResourceResult::new(read.into_iter().map(contents).collect());
    (answer.ttl_ms, answer.cache_scope) = cache.map(cache_hint).unzip();
    answer.meta = meta(extra);
    answer
}

/// A prompt, filled in.
pub(in crate::protocol) fn prompt_result(result: PromptResult) -> GetPromptResult {
    let message = |message: contract::PromptMessage| {
        PromptMessage::new(role(message.role), block(message.content))
    };
    let mut answer = GetPromptResult::new(result.messages.into_iter().map(message).collect());
    answer.description = result.description;
    answer.meta = meta(result.meta);
    answer
}

/// Suggestions.
pub(in crate::protocol) fn suggestions(suggestions: Suggestions) -> CompleteResult {
    let mut completion = CompletionInfo::default();
    completion.values = suggestions.values;
    completion.total = suggestions.total;
    completion.has_more = Some(suggestions.has_more);
    CompleteResult::new(completion)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_structured_answer_always_has_text_beside_it() {
        let check = |structured: Value, era, seen: bool| {
            let result = ToolResult {
                structured: Some(structured.clone()),
                ..Default::default()
            };
            let answer = tool_result(result, era);
            assert_eq!(
                answer.structured_content.is_some(),
                seen,
                "{structured} {era:?}"
            );
            let text = answer.content[0].as_text().map(|text| text.text.clone());
            assert_eq!(text, Some(structured.to_string()));
        };
        check(json!({"a": 1}), Era::Legacy, true);
        check(json!([1]), Era::Legacy, false);
        check(json!([1]), Era::Modern, true);
        check(json!(null), Era::Modern, true);
    }

    #[test]
    fn a_no_is_a_result() {
        let no = ToolResult {
            is_error: true,
            ..Default::default()
        };
        assert_eq!(tool_result(no, Era::Legacy).is_error, Some(true));
    }
}
