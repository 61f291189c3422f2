//! A value for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::schema::{self, Schema};
use crate::{Answer, Contents, Error, IntoAnswer, IntoContents, Outcome};

/// A value for programs, with its schema.
///
/// From a tool it is structured content, and the same JSON as text for clients that read only words. Clients of MCP
/// revisions before 2026-07-28 take only objects as structured content; the host leaves anything else out for them,
/// so a struct reaches more clients than a list or a number. From a resource it is JSON text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + JsonSchema> IntoAnswer for Json<T> {
    fn output_schema() -> Option<Schema> {
        Some(schema::output::<T>())
    }

    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        let mut answer = Answer::new().structured(&self.0);
        if let Some(text) = &answer.structured {
            answer.content.push(text.as_str().into());
        }
        answer.into_answer()
    }
}

impl<T: Serialize> IntoContents for Json<T> {
    const MIME_TYPE: Option<&'static str> = Some("application/json");

    fn into_contents(self, _uri: &str) -> Result<Outcome<Contents>, Error> {
        Ok(Contents::text(serde_json::to_string(&self.0)?).into())
    }
}
