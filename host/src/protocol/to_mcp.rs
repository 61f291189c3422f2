//! What the host says, in MCP's words. Guest-made parts were checked and bounded before they came here.

mod content;
mod failure;
mod json;
mod lists;
mod results;
mod rounds;
mod tasks;

pub(super) use failure::{Subject, error, tool_failure};
pub use json::{
    prompts_json, resource_templates_json, resources_json, tool_result_json, tools_json,
};
pub(super) use lists::{cache_hint, prompt, resource, template, tool};
pub(super) use results::{prompt_result, read_result, suggestions, tool_result};
pub(super) use rounds::{input_request, input_required};
pub(super) use tasks::{begun_task, task};
