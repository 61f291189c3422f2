//! Suggestions.

use crate::exports::portcullis::plugin::completion::{
    CompleteRequest, Guest, Reference, Suggestions,
};
use crate::{Context, Error, Everything};

impl Guest for Everything {
    fn complete(request: CompleteRequest, _context: Context) -> Result<Suggestions, Error> {
        let values = match (&request.reference, request.argument.as_str()) {
            (Reference::Prompt(name), "tone") if name == "letter" => {
                let tones = ["friendly", "formal", "terse"]
                    .map(String::from)
                    .into_iter();
                tones
                    .filter(|tone| tone.starts_with(&request.value))
                    .collect()
            }
            (Reference::ResourceTemplate(template), "id") if template == "kept://items/{id}" => {
                let others = request
                    .others
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"));
                [request.value.clone()].into_iter().chain(others).collect()
            }
            _ => return Err(Error::NotFound(request.argument)),
        };
        Ok(Suggestions {
            total: Some(3),
            has_more: true,
            values,
        })
    }
}
