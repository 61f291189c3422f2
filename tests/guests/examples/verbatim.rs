//! Lists what its settings say, to the letter, and answers with what it is asked for: the JSON texts `structured` and
//! `meta` of a call become those of the answer, and the structured answer of `seen` is the `_meta` it was called with.

use portcullis_test_guests::*;
use resources::{ReadOutcome, ReadRequest, ReadResult, ResourcePage, TemplatePage};

struct Verbatim;

/// A setting that is there.
fn setting(name: &str) -> Option<String> {
    settings::get(name).ok().flatten()
}

impl Trick for Verbatim {
    const NAME: &str = "say";

    fn tools() -> Vec<Tool> {
        let input_schema = setting("input").unwrap_or_else(|| r#"{"type":"object"}"#.into());
        let listed = Tool {
            output_schema: setting("output"),
            meta: setting("meta"),
            ..tool_taking("listed", input_schema)
        };
        let say = tool_taking(Self::NAME, r#"{"type":"object"}"#);
        let seen = tool_taking("seen", r#"{"type":"object"}"#);
        vec![listed, say, seen]
    }

    fn play(request: CallRequest, context: Context) -> Outcome {
        let asked = |name: &str| argument(&request, name).as_str().map(str::to_owned);
        Ok(CallOutcome::Complete(match request.name.as_str() {
            "seen" => ToolResult {
                structured: Some(context.meta.unwrap_or_else(|| "null".into())),
                ..said("seen")
            },
            "listed" => ToolResult {
                structured: Some(request.arguments.clone()),
                ..said("listed")
            },
            _ => ToolResult {
                structured: asked("structured"),
                meta: asked("meta"),
                ..said("said")
            },
        }))
    }
}

impl resources::Guest for Verbatim {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        let uri = setting("uri").unwrap_or_else(|| "verbatim://page".into());
        Ok(resource_page(vec![ResourceLink {
            meta: setting("meta"),
            ..resource(uri)
        }]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        let mut page = template_page(&["verbatim://items/{item}"]);
        for template in &mut page.templates {
            template.meta = setting("meta");
        }
        Ok(page)
    }

    fn read(request: ReadRequest, context: Context) -> Result<ReadOutcome, Error> {
        let seen = context.meta.unwrap_or_else(|| "null".into());
        Ok(ReadOutcome::Complete(ReadResult {
            contents: vec![ResourceContents {
                meta: setting("meta"),
                ..contents(request.uri, seen)
            }],
            cache: Some(resources::CacheHint {
                ttl_ms: 1_234,
                scope: host::portcullis::plugin::types::CacheScope::Shared,
            }),
            meta: setting("meta"),
        }))
    }
}

impl prompts::Guest for Verbatim {
    fn list(_cursor: Option<String>) -> Result<prompts::PromptPage, Error> {
        Ok(prompts::PromptPage {
            prompts: vec![prompts::Prompt {
                name: "talk".into(),
                title: None,
                description: None,
                arguments: None,
                icons: None,
                meta: setting("meta"),
            }],
            next_cursor: None,
            cache: None,
        })
    }

    fn get(_request: prompts::GetRequest, context: Context) -> Result<prompts::GetOutcome, Error> {
        Ok(prompts::GetOutcome::Complete(prompts::PromptResult {
            description: None,
            messages: vec![prompts::PromptMessage {
                role: Role::User,
                content: text(context.meta.unwrap_or_else(|| "null".into())),
            }],
            meta: setting("meta"),
        }))
    }
}

export!(Verbatim: tools, resources, prompts);
