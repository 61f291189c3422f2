//! The interface `completion`.

use super::WitError;
use crate::Context;
use crate::bindings::completion_plugin::exports::portcullis::plugin::completion;
use crate::bindings::host::portcullis::plugin::call::Context as Call;

pub use completion::Suggestions;
use completion::{CompleteRequest, Guest, Reference};

/// A plugin that completes.
pub trait Completion {
    const COMPLETERS: &'static [Completer];
}

impl<P: Completion> Guest for P {
    fn complete(request: CompleteRequest, context: Call) -> Result<Suggestions, WitError> {
        complete(P::COMPLETERS, request, context)
    }
}

/// MCP allows no more in one answer.
const SUGGESTIONS_MAX: usize = 100;

/// A function marked `#[complete]`.
pub struct Completer {
    pub of: Of,
    pub argument: &'static str,
    pub suggest: fn(&str, &Context) -> Suggestions,
}

/// What it completes.
pub enum Of {
    Prompt(&'static str),
    Template(&'static str),
}

impl Of {
    fn is(&self, reference: &Reference) -> bool {
        match (self, reference) {
            (Self::Prompt(name), Reference::Prompt(asked)) => name == asked,
            (Self::Template(uri), Reference::ResourceTemplate(asked)) => uri == asked,
            _ => false,
        }
    }
}

/// The first hundred values, and whether there were more.
pub fn suggestions<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Suggestions {
    let mut values = values.into_iter();
    Suggestions {
        values: values
            .by_ref()
            .take(SUGGESTIONS_MAX)
            .map(Into::into)
            .collect(),
        total: None,
        has_more: values.next().is_some(),
    }
}

fn complete(
    completers: &[Completer],
    request: CompleteRequest,
    call: Call,
) -> Result<Suggestions, WitError> {
    let mut completers = completers.iter();
    let completer =
        completers.find(|it| it.of.is(&request.reference) && it.argument == request.argument);
    let Some(completer) = completer else {
        return Err(WitError::NotFound(request.argument));
    };
    let context = Context::completing(call, request.others);
    Ok((completer.suggest)(&request.value, &context))
}
