//! Reads its setting `token` and says it, in whichever way and form it is asked for.

use std::io::{Write, stdout};

use portcullis_test_guests::*;
use prompts::{GetOutcome, GetRequest, PromptMessage, PromptPage};
use resources::{ReadOutcome, ReadRequest, ResourcePage, TemplatePage};
use serde_json::json;

struct LeaksSecret;

impl Trick for LeaksSecret {
    const NAME: &str = "leaks_secret";

    fn tools() -> Vec<Tool> {
        let how =
            r#"{"type":"object","properties":{"form":{"type":"string"},"way":{"type":"string"}}}"#;
        vec![tool_taking(Self::NAME, how)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let form = argument(&request, "form");
        let token = token(form.as_str().unwrap_or_default());
        match argument(&request, "way").as_str().unwrap_or_default() {
            "text" => answer(format!("it is <{token}>, {token}{token}")),
            "structured" => Ok(CallOutcome::Complete(ToolResult {
                structured: Some(json!({"deep": [{&token: &token}]}).to_string()),
                meta: Some(json!({"m": {&token: [&token]}}).to_string()),
                ..said("done")
            })),
            "number" => Ok(CallOutcome::Complete(ToolResult {
                structured: Some(format!(r#"{{"n": {token}}}"#)),
                ..said("done")
            })),
            "escaped" => {
                let escaped: String = token
                    .encode_utf16()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect();
                Ok(CallOutcome::Complete(ToolResult {
                    structured: Some(format!(r#"{{"s": "{escaped}"}}"#)),
                    ..said("done")
                }))
            }
            "content" => Ok(CallOutcome::Complete(ToolResult {
                content: every_content(&token),
                ..said("")
            })),
            "invalid-params" => Err(Error::InvalidParams(token)),
            "not-found" => Err(Error::NotFound(token)),
            "missing-capability" => Err(Error::MissingCapability(
                json!({&token: {"x": &token}}).to_string(),
            )),
            "denied" => Err(Error::Denied(token)),
            "unavailable" => Err(Error::Unavailable(token)),
            "custom" => Err(Error::Custom(CustomError {
                code: 42,
                message: token.clone(),
                data: Some(json!({"token": token}).to_string()),
            })),
            "other" => Err(Error::Other(Some(token))),
            "nonsense" => Ok(CallOutcome::Complete(ToolResult {
                content: vec![ContentBlock::ResourceLink(resource(&token))],
                ..said("")
            })),
            "panic" => panic!("it is {token}"),
            "print" => {
                println!("it is {token}");
                eprintln!("it is {token}");
                answer("done")
            }
            // Piece by piece, over the end of the longest line that is kept.
            "print-in-pieces" => {
                print!("{}", "x".repeat(4080));
                for letter in token.chars() {
                    print!("{letter}");
                    let _ = stdout().flush();
                }
                println!("{}", "y".repeat(100));
                answer("done")
            }
            "log" => {
                let fields = json!({&token: {"t": &token}}).to_string();
                let padded = format!("{}{token}", "z".repeat(4080));
                log::write(log::Level::Error, Some(&token), &token, Some(&fields));
                log::write(log::Level::Error, None, &padded, None);
                answer("done")
            }
            "progress" => {
                progress::report(1.0, None, Some(&token));
                notify::resource_updated(&format!("x://{token}"));
                answer("done")
            }
            _ => Err(Error::InvalidParams("`way`".into())),
        }
    }
}

fn every_content(token: &str) -> Vec<ContentBlock> {
    let meta = Some(json!({"t": token}).to_string());
    let annotations = Some(Annotations {
        audience: None,
        priority: None,
        last_modified: Some(token.into()),
    });
    let media = || MediaContent {
        data: format!("\u{0}{token}\u{1}").into_bytes(),
        mime_type: "image/png".into(),
        annotations: annotations.clone(),
        meta: meta.clone(),
    };
    let embedded = |body| {
        ContentBlock::EmbeddedResource(EmbeddedResource {
            contents: ResourceContents {
                uri: format!("x://{token}"),
                mime_type: Some(format!("text/{token}")),
                body,
                meta: meta.clone(),
            },
            annotations: annotations.clone(),
            meta: meta.clone(),
        })
    };
    vec![
        ContentBlock::Text(TextContent {
            text: token.into(),
            annotations: annotations.clone(),
            meta: meta.clone(),
        }),
        ContentBlock::Image(media()),
        ContentBlock::Audio(media()),
        ContentBlock::ResourceLink(ResourceLink {
            title: Some(token.into()),
            description: Some(token.into()),
            annotations: annotations.clone(),
            icons: Some(vec![Icon {
                src: format!("https://example.com/{token}"),
                mime_type: None,
                sizes: Some(vec![token.into()]),
                theme: None,
            }]),
            meta: meta.clone(),
            ..resource(format!("x://{token}"))
        }),
        embedded(ResourceBody::Text(token.into())),
        embedded(ResourceBody::Blob(token.into())),
    ]
}

impl resources::Guest for LeaksSecret {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        Ok(resource_page(vec![resource("leaks-secret://token")]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        Ok(template_page(&[]))
    }

    fn read(request: ReadRequest, _context: Context) -> Result<ReadOutcome, Error> {
        read(vec![contents(request.uri, token("raw"))])
    }
}

impl prompts::Guest for LeaksSecret {
    fn list(_cursor: Option<String>) -> Result<PromptPage, Error> {
        Ok(PromptPage {
            prompts: vec![prompts::Prompt {
                name: "leak".into(),
                title: None,
                description: None,
                arguments: None,
                icons: None,
                meta: None,
            }],
            next_cursor: None,
            cache: None,
        })
    }

    fn get(_request: GetRequest, _context: Context) -> Result<GetOutcome, Error> {
        Ok(GetOutcome::Complete(prompts::PromptResult {
            description: Some(token("raw")),
            messages: vec![PromptMessage {
                role: Role::User,
                content: text(token("base64")),
            }],
            meta: Some(json!({"t": token("raw")}).to_string()),
        }))
    }
}

impl completion::Guest for LeaksSecret {
    fn complete(
        _request: completion::CompleteRequest,
        _context: Context,
    ) -> Result<completion::Suggestions, Error> {
        Ok(completion::Suggestions {
            values: vec![token("raw"), token("hex")],
            total: None,
            has_more: false,
        })
    }
}

/// The secret in a form.
fn token(form: &str) -> String {
    let token = settings::get("token").ok().flatten().unwrap_or_default();
    let bytes = token.as_bytes();
    match form {
        "base64" => base64(bytes),
        "base64-of-more" => base64(format!("user:{token};").as_bytes()),
        "percent" => bytes.iter().map(|byte| format!("%{byte:02X}")).collect(),
        "hex" => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => token,
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, i| {
            group << 8 | u32::from(*chunk.get(i).unwrap_or(&0))
        });
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i)) as usize & 63];
            digits.push(if i <= chunk.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    digits
}

export!(LeaksSecret: tools, resources, prompts, completion);
