//! Asks one question of each kind, as often as it is told to, and answers with what came back. Its prompt and its resource
//! ask for a name.

use portcullis_test_guests::*;
use serde_json::Value;

struct Interrogates;

impl Trick for Interrogates {
    const NAME: &str = "interrogates";

    fn tools() -> Vec<Tool> {
        let schema =
            r#"{"type":"object","properties":{"ask":{"type":"string"}},"required":["ask"]}"#;
        vec![tool_taking(Self::NAME, schema)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let ask = argument(&request, "ask");
        let ask = ask.as_str().unwrap_or_default();
        let continuation = request.continuation;
        if continuation.state.is_some() && ask != "forever" {
            return answer(told(&continuation.responses));
        }
        let requests = match ask {
            "form" | "forever" => vec![("name".into(), form())],
            "page" => vec![("page".into(), page_of("https://example.com/login"))],
            "bad-page" => vec![("page".into(), page_of("javascript:alert(1)"))],
            "model" => vec![(
                "words".into(),
                model(
                    r#"{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":9}"#,
                ),
            )],
            "bad-model" => vec![(
                "words".into(),
                model(r#"{"messages":[{"role":"nobody"}],"maxTokens":9}"#),
            )],
            "folders" => vec![("folders".into(), InputRequest::ListRoots)],
            "two" => vec![
                ("name".into(), form()),
                ("folders".into(), InputRequest::ListRoots),
            ],
            "twice" => vec![("name".into(), form()), ("name".into(), form())],
            _ => Vec::new(),
        };
        Ok(CallOutcome::InputRequired(InputRequired {
            requests,
            state: Some(b"a state".to_vec()),
        }))
    }
}

impl prompts::Guest for Interrogates {
    fn list(_cursor: Option<String>) -> Result<prompts::PromptPage, Error> {
        let prompt = prompts::Prompt {
            name: "dedicate".into(),
            title: None,
            description: None,
            arguments: None,
            icons: None,
            meta: None,
        };
        Ok(prompts::PromptPage {
            prompts: vec![prompt],
            next_cursor: None,
            cache: None,
        })
    }

    fn get(request: prompts::GetRequest, _context: Context) -> Result<prompts::GetOutcome, Error> {
        if request.continuation.state.is_none() {
            return Ok(prompts::GetOutcome::InputRequired(question()));
        }
        let content = text(told(&request.continuation.responses));
        Ok(prompts::GetOutcome::Complete(prompts::PromptResult {
            description: None,
            messages: vec![prompts::PromptMessage {
                role: Role::User,
                content,
            }],
            meta: None,
        }))
    }
}

impl resources::Guest for Interrogates {
    fn list(_cursor: Option<String>) -> Result<resources::ResourcePage, Error> {
        Ok(resource_page(vec![resource("interrogates://visitor")]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<resources::TemplatePage, Error> {
        Ok(template_page(&[]))
    }

    fn read(
        request: resources::ReadRequest,
        _context: Context,
    ) -> Result<resources::ReadOutcome, Error> {
        if request.continuation.state.is_none() {
            return Ok(resources::ReadOutcome::InputRequired(question()));
        }
        let words = told(&request.continuation.responses);
        read(vec![contents(request.uri, words)])
    }
}

export!(Interrogates: tools, prompts, resources);

fn question() -> InputRequired {
    InputRequired {
        requests: vec![("name".into(), form())],
        state: Some(Vec::new()),
    }
}

fn form() -> InputRequest {
    InputRequest::ElicitForm(Form {
        message: "What is your name?".into(),
        schema: r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#
            .into(),
    })
}

fn page_of(url: &str) -> InputRequest {
    InputRequest::ElicitUrl(Page {
        message: "Log in, please.".into(),
        url: url.into(),
    })
}

fn model(request: &str) -> InputRequest {
    InputRequest::Sample(request.into())
}

/// What came back, in the order of the questions.
fn told(responses: &[(String, InputResponse)]) -> String {
    let told = responses.iter().map(|(key, response)| {
        let response = match response {
            InputResponse::Accepted(form) => format!("accepted {form}"),
            InputResponse::Declined => "declined".to_owned(),
            InputResponse::Cancelled => "cancelled".to_owned(),
            InputResponse::Sampled(result) => {
                let result: Value = serde_json::from_str(result).unwrap_or_default();
                format!("sampled {}", result["content"]["text"])
            }
            InputResponse::Roots(roots) => {
                let uris: Vec<_> = roots.iter().map(|root| root.uri.as_str()).collect();
                format!("folders {}", uris.join(" "))
            }
            InputResponse::Other(_) => "something else".to_owned(),
        };
        format!("{key}: {response}")
    });
    told.collect::<Vec<_>>().join("; ")
}
