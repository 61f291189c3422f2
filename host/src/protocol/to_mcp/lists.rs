//! What clients are told of tools, resources and prompts. Each is known by its public name here.

use std::sync::Arc;

use rmcp::model;
use serde_json::Value;

use super::content::{annotations, icons, meta, non_empty};
use crate::catalogue::Offered;
use crate::contract::{
    CacheHint, CacheScope, JsonObject, Prompt, PromptArgument, ResourceLink, ResourceTemplate,
    Tool, ToolAnnotations,
};
use crate::protocol::Era;

/// A tool.
pub(in crate::protocol) fn tool(offered: &Offered<Tool>, era: Era) -> model::Tool {
    let item = Tool::clone(&offered.item);
    let mut tool = model::Tool::default();
    tool.name = offered.public.to_string().into();
    tool.title = item.title;
    tool.description = item.description.map(Into::into);
    tool.input_schema = Arc::new(item.input_schema);
    tool.output_schema = output_schema(item.output_schema, era);
    tool.annotations = item.annotations.map(manners);
    tool.icons = icons(item.icons);
    tool.meta = meta(item.meta);
    tool
}

/// A tool's output schema. Legacy clients know only objects as structured answers, and some refuse the whole list for a
/// schema of anything else.
fn output_schema(schema: Option<Value>, era: Era) -> Option<Arc<JsonObject>> {
    match schema? {
        Value::Object(schema)
            if era == Era::Modern || schema.get("type").is_some_and(|kind| kind == "object") =>
        {
            Some(Arc::new(schema))
        }
        _ => None,
    }
}

fn manners(hints: ToolAnnotations) -> model::ToolAnnotations {
    model::ToolAnnotations::from_raw(
        None,
        hints.read_only_hint,
        hints.destructive_hint,
        hints.idempotent_hint,
        hints.open_world_hint,
    )
}

/// A prompt.
pub(in crate::protocol) fn prompt(offered: &Offered<Prompt>) -> model::Prompt {
    let item = Prompt::clone(&offered.item);
    let arguments = non_empty(item.arguments.into_iter().map(argument).collect());
    let mut prompt = model::Prompt::new(&*offered.public, item.description, arguments);
    prompt.title = item.title;
    prompt.icons = icons(item.icons);
    prompt.meta = meta(item.meta);
    prompt
}

fn argument(item: PromptArgument) -> model::PromptArgument {
    let mut argument = model::PromptArgument::new(item.name).with_required(item.required);
    argument.title = item.title;
    argument.description = item.description;
    argument
}

/// A resource.
pub(in crate::protocol) fn resource(offered: &Offered<ResourceLink>) -> model::Resource {
    super::content::resource(ResourceLink::clone(&offered.item))
}

/// A family of resources.
pub(in crate::protocol) fn template(
    offered: &Offered<ResourceTemplate>,
) -> model::ResourceTemplate {
    let item = ResourceTemplate::clone(&offered.item);
    let mut template = model::ResourceTemplate::new(item.uri_template, item.name);
    template.title = item.title;
    template.description = item.description;
    template.mime_type = item.mime_type;
    template.annotations = item.annotations.map(annotations);
    template.icons = icons(item.icons);
    template.meta = meta(item.meta);
    template
}

/// How long and by whom an answer may be kept.
pub(in crate::protocol) fn cache_hint(hint: CacheHint) -> (u64, model::CacheScope) {
    let scope = match hint.scope {
        CacheScope::Shared => model::CacheScope::Public,
        CacheScope::Private => model::CacheScope::Private,
    };
    (hint.ttl_ms, scope)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offered<T: serde::de::DeserializeOwned>(public: &str, item: Value) -> Offered<T> {
        Offered {
            plugin: "demo".parse().expect("a good name"),
            public: public.into(),
            item: Arc::new(serde_json::from_value(item).expect("a good item")),
        }
    }

    #[test]
    fn a_tool_is_listed_under_its_public_name_and_else_as_the_plugin_wrote_it() {
        let schema = json!({"type": "object", "$defs": {"a": {"$anchor": "b"}}, "if": {}});
        let offered = offered::<Tool>(
            "demo__add",
            json!({
                "name": "add", "title": "Add", "description": "adds", "inputSchema": schema,
                "taskSupport": "forbidden", "annotations": {"readOnlyHint": true},
                "icons": [{"src": "data:,", "sizes": ["any"], "theme": "dark"}], "_meta": {"a/b": 1},
            }),
        );
        assert_eq!(
            serde_json::to_value(tool(&offered, Era::Legacy)).expect("a tool is JSON"),
            json!({
                "name": "demo__add", "title": "Add", "description": "adds", "inputSchema": schema,
                "annotations": {"readOnlyHint": true},
                "icons": [{"src": "data:,", "sizes": ["any"], "theme": "dark"}], "_meta": {"a/b": 1},
            })
        );
    }

    #[test]
    fn a_legacy_client_sees_no_output_schema_but_of_an_object() {
        let check = |schema: Value, era, seen: bool| {
            assert_eq!(
                output_schema(Some(schema.clone()), era).is_some(),
                seen,
                "{schema} {era:?}"
            );
        };
        check(json!({"type": "object"}), Era::Legacy, true);
        check(json!({"type": "array"}), Era::Legacy, false);
        check(json!({}), Era::Legacy, false);
        check(json!({"type": "array"}), Era::Modern, true);
        check(json!(true), Era::Modern, false);
    }

    #[test]
    fn a_prompt_says_which_arguments_it_needs() {
        let offered = offered::<Prompt>(
            "demo__ask",
            json!({"name": "ask", "arguments": [{"name": "a", "required": true}]}),
        );
        assert_eq!(
            serde_json::to_value(prompt(&offered)).expect("a prompt is JSON"),
            json!({"name": "demo__ask", "arguments": [{"name": "a", "required": true}]})
        );
    }
}
