//! Names that clients see, and that no two things of one kind may share.

use proc_macro2::Span;
use syn::{Error, Ident, LitStr, Result};

/// The contract's bound on a name.
const NAME_BYTES_MAX: usize = 60;

/// A name, and where the author wrote it.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Name {
    /// The name given as an option, or else the function's own.
    pub(crate) fn of(given: Option<LitStr>, function: &Ident) -> Self {
        match given {
            Some(given) => Self {
                text: given.value(),
                span: given.span(),
            },
            None => Self {
                text: function.to_string().trim_start_matches("r#").to_owned(),
                span: function.span(),
            },
        }
    }

    /// Checks the characters and the length of a tool's or a prompt's name.
    pub(crate) fn checked(self) -> Result<Self> {
        let allowed = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
        if self.text.is_empty()
            || self.text.len() > NAME_BYTES_MAX
            || !self.text.chars().all(allowed)
        {
            return Err(Error::new(
                self.span,
                format!(
                    "`{}` cannot be a name: use 1 to {NAME_BYTES_MAX} of `A-Z`, `a-z`, `0-9`, `_` and `-`",
                    self.text
                ),
            ));
        }
        Ok(self)
    }
}

/// Refuses the second of two equal names.
pub(crate) fn unique<'a>(kind: &str, names: impl IntoIterator<Item = &'a Name>) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name.text.as_str()) {
            return Err(Error::new(
                name.span,
                format!(
                    "there is another {kind} `{}`: give one of them another",
                    name.text
                ),
            ));
        }
        seen.push(&name.text);
    }
    Ok(())
}
