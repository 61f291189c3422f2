//! Lists what its settings say, in the words of MCP, and answers each tool as the setting `answers` says: with a structured
//! answer, or by crashing. With the setting `unstable` it says something else each time it is asked.

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use portcullis_test_guests::*;
use prompts::{Prompt, PromptArgument, PromptPage};
use resources::{ResourcePage, ResourceTemplate, TemplatePage};
use serde_json::Value;
use tools::ToolAnnotations;

struct ListsSettings;

/// A setting that is there, as JSON.
fn setting(name: &str) -> Value {
    let text = settings::get(name).ok().flatten();
    let json = text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
    json.unwrap_or_default()
}

fn items(name: &str) -> Vec<Value> {
    match setting(name) {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

fn text(of: &Value, key: &str) -> Option<String> {
    of[key].as_str().map(str::to_owned)
}

fn json(of: &Value, key: &str) -> Option<String> {
    of.get(key).map(Value::to_string)
}

fn name(of: &Value) -> String {
    text(of, "name").unwrap_or_default()
}

fn icons(of: &Value) -> Option<Vec<Icon>> {
    let icon = |src: &Value| Icon {
        src: src.as_str().unwrap_or_default().into(),
        mime_type: None,
        sizes: None,
        theme: None,
    };
    Some(of["icons"].as_array()?.iter().map(icon).collect())
}

/// A number that nobody knows before.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// The days since 1970.
fn today() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / 86_400)
}

impl tools::Guest for ListsSettings {
    fn list(_cursor: Option<String>) -> Result<ToolPage, Error> {
        let unstable = setting("unstable");
        let tool = |of: &Value| Tool {
            name: match unstable.as_str() {
                Some("names") => format!("{}_{}", name(of), random()),
                _ => name(of),
            },
            title: text(of, "title"),
            description: match unstable.as_str() {
                Some("words") => Some(format!("Was asked for number {}.", random())),
                Some("days") => Some(format!("It is day {} since 1970.", today())),
                _ => text(of, "description"),
            },
            input_schema: json(of, "inputSchema").unwrap_or_else(|| r#"{"type":"object"}"#.into()),
            output_schema: json(of, "outputSchema"),
            annotations: of.get("annotations").map(|hints| ToolAnnotations {
                read_only_hint: hints["readOnlyHint"].as_bool(),
                destructive_hint: hints["destructiveHint"].as_bool(),
                idempotent_hint: None,
                open_world_hint: hints["openWorldHint"].as_bool(),
            }),
            icons: icons(of),
            task_support: None,
            required_capabilities: None,
            meta: json(of, "_meta"),
        };
        let mut tools: Vec<_> = items("tools").iter().map(tool).collect();
        if unstable == "order" {
            tools.sort_by_cached_key(|_| random());
        }
        Ok(ToolPage {
            tools,
            next_cursor: None,
            cache: None,
        })
    }

    fn call(request: CallRequest, _context: Context) -> Outcome {
        let answer = setting("answers")[&request.name].clone();
        if answer == "crash" {
            panic!("as it was told to");
        }
        Ok(CallOutcome::Complete(ToolResult {
            structured: (!answer.is_null()).then(|| answer.to_string()),
            ..said("called")
        }))
    }
}

impl prompts::Guest for ListsSettings {
    fn list(_cursor: Option<String>) -> Result<PromptPage, Error> {
        let argument = |of: &Value| PromptArgument {
            name: name(of),
            title: None,
            description: text(of, "description"),
            required: false,
        };
        let prompt = |of: &Value| Prompt {
            name: name(of),
            title: text(of, "title"),
            description: text(of, "description"),
            arguments: of["arguments"]
                .as_array()
                .map(|of| of.iter().map(argument).collect()),
            icons: icons(of),
            meta: None,
        };
        Ok(PromptPage {
            prompts: items("prompts").iter().map(prompt).collect(),
            next_cursor: None,
            cache: None,
        })
    }

    fn get(request: prompts::GetRequest, _context: Context) -> Result<prompts::GetOutcome, Error> {
        Err(Error::NotFound(request.name))
    }
}

impl resources::Guest for ListsSettings {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        let listed = |of: &Value| ResourceLink {
            name: name(of),
            title: text(of, "title"),
            description: text(of, "description"),
            mime_type: text(of, "mimeType"),
            icons: icons(of),
            ..resource(text(of, "uri").unwrap_or_default())
        };
        Ok(resource_page(
            items("resources").iter().map(listed).collect(),
        ))
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        let template = |of: &Value| ResourceTemplate {
            uri_template: text(of, "uriTemplate").unwrap_or_default(),
            name: name(of),
            title: text(of, "title"),
            description: text(of, "description"),
            mime_type: None,
            annotations: None,
            icons: None,
            meta: None,
        };
        Ok(TemplatePage {
            templates: items("templates").iter().map(template).collect(),
            next_cursor: None,
            cache: None,
        })
    }

    fn read(
        request: resources::ReadRequest,
        _context: Context,
    ) -> Result<resources::ReadOutcome, Error> {
        Err(Error::NotFound(request.uri))
    }
}

export!(ListsSettings: tools, resources, prompts);
