//! Behaves well in everything the contract has: it gives back what it was given, as a tool, a resource, a prompt and a
//! completion, and has a life cycle. Its manifest is embedded.

use portcullis_test_guests::*;
use prompts::{GetOutcome, GetRequest, Prompt, PromptArgument, PromptMessage, PromptPage};
use resources::{ReadOutcome, ReadRequest, ResourcePage, TemplatePage};

/// Where the host looks for a manifest that travels inside the component.
#[used]
#[cfg_attr(target_family = "wasm", unsafe(link_section = "portcullis:manifest"))]
static MANIFEST: [u8; include_bytes!("echo.json").len()] = *include_bytes!("echo.json");

struct Echo;

impl Trick for Echo {
    const NAME: &str = "echo";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(
            "echo",
            r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#,
        )]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        match argument(&request, "text").as_str() {
            Some(text) => answer(text),
            None => Err(Error::InvalidParams("`text` is not text".into())),
        }
    }
}

impl resources::Guest for Echo {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        Ok(resource_page(vec![resource("echo://hello")]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        Ok(template_page(&["echo://say/{word}"]))
    }

    fn read(request: ReadRequest, _context: Context) -> Result<ReadOutcome, Error> {
        let words = match request.uri.as_str() {
            "echo://hello" => "hello",
            uri => uri
                .strip_prefix("echo://say/")
                .ok_or(Error::NotFound(uri.into()))?,
        };
        read(vec![contents(&request.uri, words)])
    }
}

impl prompts::Guest for Echo {
    fn list(_cursor: Option<String>) -> Result<PromptPage, Error> {
        let name = PromptArgument {
            name: "name".into(),
            title: None,
            description: Some("Who is greeted".into()),
            required: true,
        };
        let greet = Prompt {
            name: "greet".into(),
            title: Some("Greet".into()),
            description: Some("Greets somebody".into()),
            arguments: Some(vec![name]),
            icons: None,
            meta: None,
        };
        Ok(PromptPage {
            prompts: vec![greet],
            next_cursor: None,
            cache: None,
        })
    }

    fn get(request: GetRequest, _context: Context) -> Result<GetOutcome, Error> {
        if request.name != "greet" {
            return Err(Error::NotFound(request.name));
        }
        let name = request.arguments.iter().find(|(key, _)| key == "name");
        let (_, name) = name.ok_or(Error::InvalidParams("`name` is missing".into()))?;
        let message = PromptMessage {
            role: Role::User,
            content: text(format!("Hello {name}")),
        };
        Ok(GetOutcome::Complete(prompts::PromptResult {
            description: None,
            messages: vec![message],
            meta: None,
        }))
    }
}

impl completion::Guest for Echo {
    fn complete(
        request: completion::CompleteRequest,
        _context: Context,
    ) -> Result<completion::Suggestions, Error> {
        let names = ["Ada", "Alan", "Grace"].map(String::from);
        let values: Vec<_> = names
            .into_iter()
            .filter(|name| name.starts_with(&request.value))
            .collect();
        let total = u32::try_from(values.len()).ok();
        Ok(completion::Suggestions {
            values,
            total,
            has_more: false,
        })
    }
}

impl lifecycle::Guest for Echo {
    fn activate() -> Result<(), Error> {
        log::write(log::Level::Info, None, "activated", None);
        Ok(())
    }

    fn deactivate(_reason: lifecycle::DeactivationReason) {
        log::write(log::Level::Info, None, "deactivated", None);
    }

    fn health() -> Result<(), Error> {
        Ok(())
    }
}

export!(Echo: tools, resources, prompts, completion, lifecycle);
