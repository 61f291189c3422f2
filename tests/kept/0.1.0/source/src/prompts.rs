//! Prompts.

use crate::exports::portcullis::plugin::prompts::{
    GetOutcome, GetRequest, Guest, Prompt, PromptArgument, PromptMessage, PromptPage, PromptResult,
};
use crate::{Context, Error, Everything, Role, for_a_day, icons, meta, text};

impl Guest for Everything {
    fn list(_cursor: Option<String>) -> Result<PromptPage, Error> {
        let argument = |name: &str, required| PromptArgument {
            name: name.into(),
            title: Some(name.to_uppercase()),
            description: Some("A blank".into()),
            required,
        };
        Ok(PromptPage {
            prompts: vec![Prompt {
                name: "letter".into(),
                title: Some("Letter".into()),
                description: Some("Writes a letter".into()),
                arguments: Some(vec![argument("to", true), argument("tone", false)]),
                icons: icons(),
                meta: meta(),
            }],
            next_cursor: None,
            cache: for_a_day(),
        })
    }

    fn get(request: GetRequest, _context: Context) -> Result<GetOutcome, Error> {
        let given = |name: &str| {
            let mut arguments = request.arguments.iter();
            arguments
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let to = given("to").ok_or_else(|| Error::InvalidParams("`to` is missing".into()))?;
        let tone = given("tone").unwrap_or("friendly");
        let message = |role, words: String| PromptMessage {
            role,
            content: text(words),
        };
        Ok(GetOutcome::Complete(PromptResult {
            description: Some("A letter".into()),
            messages: vec![
                message(Role::User, format!("Write a {tone} letter to {to}.")),
                message(Role::Assistant, format!("Dear {to},")),
            ],
            meta: meta(),
        }))
    }
}
