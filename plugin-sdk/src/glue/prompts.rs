//! The interface `prompts`.

use super::{WitError, no_task, refuse_cursor};
use crate::bindings::host::portcullis::plugin::call::Context as Call;
use crate::bindings::prompt_plugin::exports::portcullis::plugin::prompts;
use crate::{Context, Error, Message, Outcome};

use prompts::{GetOutcome, GetRequest, Guest, PromptPage};

/// A plugin with prompts.
pub trait Prompts {
    const PROMPTS: &'static [Prompt];
}

impl<P: Prompts> Guest for P {
    fn list(cursor: Option<String>) -> Result<PromptPage, WitError> {
        list(P::PROMPTS, cursor)
    }

    fn get(request: GetRequest, context: Call) -> Result<GetOutcome, WitError> {
        get(P::PROMPTS, request, context)
    }
}

/// A function marked `#[prompt]`.
pub struct Prompt {
    pub name: &'static str,
    pub title: Option<&'static str>,
    pub description: Option<&'static str>,
    pub arguments: &'static [Argument],
    pub meta: Option<&'static str>,
    pub get: fn(&Given, &Context) -> Filled,
}

/// What such a function says.
pub type Filled = Result<Outcome<Vec<Message>>, Error>;

/// A parameter of such a function.
pub struct Argument {
    pub name: &'static str,
    pub description: Option<&'static str>,
    pub required: bool,
}

/// The arguments of one request.
pub struct Given(Vec<(String, String)>);

impl Given {
    /// An argument that may be missing.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        let mut given = self.0.iter();
        given.find(|(of, _)| of == name).map(|(_, it)| it.clone())
    }

    /// An argument that may not.
    ///
    /// # Errors
    /// When it is missing.
    pub fn required(&self, name: &str) -> Result<String, Error> {
        self.optional(name)
            .ok_or_else(|| Error::InvalidParams(format!("missing argument `{name}`")))
    }
}

fn list(prompts: &[Prompt], cursor: Option<String>) -> Result<PromptPage, WitError> {
    refuse_cursor(cursor.as_deref())?;
    let describe_argument = |argument: &Argument| prompts::PromptArgument {
        name: argument.name.to_owned(),
        title: None,
        description: argument.description.map(str::to_owned),
        required: argument.required,
    };
    let describe = |prompt: &Prompt| prompts::Prompt {
        name: prompt.name.to_owned(),
        title: prompt.title.map(str::to_owned),
        description: prompt.description.map(str::to_owned),
        arguments: Some(prompt.arguments.iter().map(describe_argument).collect()),
        icons: None,
        meta: prompt.meta.map(str::to_owned),
    };
    Ok(PromptPage {
        prompts: prompts.iter().map(describe).collect(),
        next_cursor: None,
        cache: None,
    })
}

fn get(prompts: &[Prompt], request: GetRequest, call: Call) -> Result<GetOutcome, WitError> {
    let Some(prompt) = prompts.iter().find(|prompt| prompt.name == request.name) else {
        return Err(WitError::NotFound(request.name));
    };
    let is_known = |name: &String| prompt.arguments.iter().any(|known| known.name == name);
    if let Some((name, _)) = request.arguments.iter().find(|(name, _)| !is_known(name)) {
        return Err(WitError::InvalidParams(format!(
            "unknown argument `{name}`"
        )));
    }
    let context = Context::new(call, request.continuation);
    let given = Given(request.arguments);
    Ok(
        match (prompt.get)(&given, &context).map_err(Error::into_wit)? {
            Outcome::Complete(messages) => GetOutcome::Complete(prompts::PromptResult {
                description: None,
                messages,
                meta: None,
            }),
            Outcome::Ask(questions) => GetOutcome::InputRequired(questions.into()),
            Outcome::Task(_) => return Err(no_task()),
        },
    )
}
