//! The same words for programs that read the command line's output instead of speaking MCP.

use serde_json::{Value, json};

use super::{prompt, resource, template, tool, tool_result};
use crate::catalogue::Catalogue;
use crate::contract::ToolResult;
use crate::protocol::Era;

/// A tool's answer, shaped as MCP `CallToolResult`.
pub fn tool_result_json(result: ToolResult) -> Value {
    let mut answer = tool_result(result, Era::Modern);
    // It tells an answer from a question, and there are no questions here.
    answer.result_type = None;
    json!(answer)
}

/// The tools, each shaped as in MCP's `tools/list`.
pub fn tools_json(catalogue: &Catalogue) -> Value {
    let tools = catalogue.tools().iter();
    tools.map(|entry| json!(tool(entry, Era::Modern))).collect()
}

/// The resources, each shaped as in MCP's `resources/list`.
pub fn resources_json(catalogue: &Catalogue) -> Value {
    let resources = catalogue.resources().iter();
    resources.map(|entry| json!(resource(entry))).collect()
}

/// The resource templates, each shaped as in MCP's `resources/templates/list`.
pub fn resource_templates_json(catalogue: &Catalogue) -> Value {
    let templates = catalogue.templates().iter();
    templates.map(|entry| json!(template(entry))).collect()
}

/// The prompts, each shaped as in MCP's `prompts/list`.
pub fn prompts_json(catalogue: &Catalogue) -> Value {
    let prompts = catalogue.prompts().iter();
    prompts.map(|entry| json!(prompt(entry))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_printed_as_a_client_would_get_it() {
        let result = ToolResult {
            structured: Some(json!([1])),
            ..Default::default()
        };
        let text = json!({"type": "text", "text": "[1]"});
        assert_eq!(
            tool_result_json(result),
            json!({"content": [text], "structuredContent": [1], "isError": false})
        );
    }
}
