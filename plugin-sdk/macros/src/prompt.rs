//! `#[prompt]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Error, ItemFn, Result};

use crate::name::Name;
use crate::options::{Options, optional};
use crate::parameters::{self, Parameter};
use crate::{doc, function};

const OPTIONS: [&str; 3] = ["name", "title", "meta"];

/// A prompt: its name, its arguments, and its entry in the table.
pub(crate) struct Prompt {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<String>,
    pub(crate) entry: TokenStream,
}

impl Prompt {
    pub(crate) fn read(mark: &Attribute, function: &mut ItemFn) -> Result<Self> {
        let options = Options::read(mark, &OPTIONS)?.without_first()?;
        let parameters = parameters::take(function)?;
        let arguments = || parameters.iter().filter(|it| it.is_argument());
        arguments().try_for_each(check_type)?;

        let ident = &function.sig.ident;
        let name = Name::of(options.text("name")?, ident).checked()?;
        let title = optional(options.text("title")?.as_ref());
        let description = optional(doc::text(&function.attrs).as_ref());
        let meta = options.meta()?;

        let described = arguments().map(|parameter| {
            let (name, required) = (parameter.name(), !is_optional(parameter));
            let description = optional(parameter.description.as_ref());
            quote! {
                ::portcullis_plugin::glue::prompts::Argument {
                    name: #name,
                    description: #description,
                    required: #required,
                }
            }
        });
        let given = Ident::new("given", Span::mixed_site());
        let passed: Vec<TokenStream> = parameters
            .iter()
            .map(|parameter| {
                let name = parameter.name();
                parameter.pass(|| match is_optional(parameter) {
                    true => quote!(#given.optional(#name)),
                    false => quote!(#given.required(#name)?),
                })
            })
            .collect();
        let given = match arguments().next() {
            Some(_) => quote!(#given),
            None => quote!(_),
        };
        let convert =
            |said: &Ident| quote!(::portcullis_plugin::IntoMessages::into_messages(#said));
        let call = parameters::call(ident, &function::output(function), &passed, convert);
        let context = parameters::binding(&parameters);
        let conditions = function::conditions(function);
        let text = &name.text;
        let entry = quote! {
            #(#conditions)*
            ::portcullis_plugin::glue::prompts::Prompt {
                name: #text,
                title: #title,
                description: #description,
                arguments: &[#(#described),*],
                meta: #meta,
                get: |#given, #context| #call,
            }
        };
        let arguments = arguments().map(Parameter::name).collect();
        Ok(Self {
            name,
            arguments,
            entry,
        })
    }
}

fn is_optional(parameter: &Parameter) -> bool {
    parameters::inside_option(&parameter.ty).is_some()
}

fn check_type(parameter: &Parameter) -> Result<()> {
    parameter.refuse_attributes("prompt")?;
    let ty = parameters::inside_option(&parameter.ty).unwrap_or(&parameter.ty);
    if !parameters::is_named(ty, "String") {
        return Err(Error::new_spanned(
            &parameter.ty,
            "prompts take text: use `String` or `Option<String>`, and parse it inside the function",
        ));
    }
    Ok(())
}
