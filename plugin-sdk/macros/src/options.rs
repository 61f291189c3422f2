//! What stands in the brackets of a mark: `("a://b", name = "c", read_only)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, Lit, LitBool, LitStr, Meta, Result, Token};

/// The options of one mark, all of them known to it and none given twice.
pub(crate) struct Options {
    /// The text before any named option.
    pub(crate) first: Option<LitStr>,
    named: Vec<(Ident, Option<Lit>)>,
}

impl Options {
    /// Reads the options of `#[mark(…)]`, which knows the ones in `known`.
    pub(crate) fn read(mark: &Attribute, known: &[&str]) -> Result<Self> {
        let options = match &mark.meta {
            Meta::Path(_) => Vec::new(),
            Meta::List(list) => list
                .parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)?
                .into_iter()
                .collect(),
            Meta::NameValue(it) => {
                return Err(Error::new_spanned(
                    it,
                    "options stand in brackets, as in `name = \"…\"`",
                ));
            }
        };
        let mut read = Self {
            first: None,
            named: Vec::new(),
        };
        for (position, option) in options.into_iter().enumerate() {
            match option {
                Entry::Text(text) if position == 0 => read.first = Some(text),
                Entry::Text(text) => {
                    return Err(Error::new_spanned(text, "say which option this is for"));
                }
                Entry::Named(name, value) => read.add(name, value, known)?,
            }
        }
        Ok(read)
    }

    fn add(&mut self, name: Ident, value: Option<Lit>, known: &[&str]) -> Result<()> {
        if !known.iter().any(|known| name == known) {
            return Err(Error::new(
                name.span(),
                format!(
                    "unknown option `{name}`: known are `{}`",
                    known.join("`, `")
                ),
            ));
        }
        if self.named.iter().any(|(given, _)| *given == name) {
            return Err(Error::new(name.span(), format!("`{name}` is given twice")));
        }
        self.named.push((name, value));
        Ok(())
    }

    /// Refuses a first text, for marks that take none.
    pub(crate) fn without_first(self) -> Result<Self> {
        match &self.first {
            None => Ok(self),
            Some(text) => Err(Error::new_spanned(
                text,
                "say which option this is for, as in `name = \"…\"`",
            )),
        }
    }

    /// An option that is text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<LitStr>> {
        let Some((option, value)) = self.named.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        match value {
            Some(Lit::Str(text)) => Ok(Some(text.clone())),
            _ => Err(Error::new(
                option.span(),
                format!("`{name}` takes text: `{name} = \"…\"`"),
            )),
        }
    }

    /// An option that is set by its name alone, or to `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        let Some((option, value)) = self.named.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        match value {
            None => Ok(Some(true)),
            Some(Lit::Bool(LitBool { value, .. })) => Ok(Some(*value)),
            Some(_) => Err(Error::new(
                option.span(),
                format!("`{name}` stands alone, or is `true` or `false`"),
            )),
        }
    }

    /// An option that is the text of a JSON object.
    pub(crate) fn object(&self, name: &str) -> Result<Option<LitStr>> {
        let object = self.text(name)?;
        if let Some(text) = &object
            && !matches!(
                serde_json::from_str(&text.value()),
                Ok(serde_json::Value::Object(_))
            )
        {
            return Err(Error::new_spanned(
                text,
                format!("`{name}` is a JSON object"),
            ));
        }
        Ok(object)
    }

    /// MCP `_meta`, as an `Option<&'static str>`.
    pub(crate) fn meta(&self) -> Result<TokenStream> {
        Ok(optional(self.object("meta")?.as_ref()))
    }
}

/// An option as the expression of an `Option`.
pub(crate) fn optional(value: Option<&impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// One of the options, not yet looked at.
enum Entry {
    Text(LitStr),
    Named(Ident, Option<Lit>),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        let name = Ident::parse_any(input)?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self::Named(name, value))
    }
}
