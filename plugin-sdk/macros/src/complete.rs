//! `#[complete]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Error, ItemFn, LitStr, Result, Type};

use crate::function;
use crate::options::Options;
use crate::parameters::{self, Parameter};
use crate::prompt::Prompt;
use crate::resource::Resource;

const OPTIONS: [&str; 3] = ["prompt", "resource", "argument"];

/// A function that suggests values.
pub(crate) struct Completer {
    of: Of,
    argument: LitStr,
    pub(crate) entry: TokenStream,
}

enum Of {
    Prompt(LitStr),
    Resource(LitStr),
}

impl Completer {
    pub(crate) fn read(mark: &Attribute, function: &mut ItemFn) -> Result<Self> {
        let options = Options::read(mark, &OPTIONS)?.without_first()?;
        let parameters = parameters::take(function)?;
        let of = match (options.text("prompt")?, options.text("resource")?) {
            (Some(prompt), None) => Of::Prompt(prompt),
            (None, Some(resource)) => Of::Resource(resource),
            _ => {
                return Err(Error::new_spanned(
                    mark,
                    "say what is completed: either `prompt = \"…\"` or `resource = \"…\"`",
                ));
            }
        };
        let Some(argument) = options.text("argument")? else {
            return Err(Error::new_spanned(
                mark,
                "say which argument is completed: `argument = \"…\"`",
            ));
        };
        check_parameters(function, &parameters)?;

        let value = Ident::new("value", Span::mixed_site());
        let passed = parameters.iter().map(|it| it.pass(|| quote!(#value)));
        let ident = &function.sig.ident;
        let context = parameters::binding(&parameters);
        let conditions = function::conditions(function);
        let reference = match &of {
            Of::Prompt(name) => quote!(Prompt(#name)),
            Of::Resource(uri) => quote!(Template(#uri)),
        };
        let entry = quote! {
            #(#conditions)*
            ::portcullis_plugin::glue::completion::Completer {
                of: ::portcullis_plugin::glue::completion::Of::#reference,
                argument: #argument,
                suggest: |#value, #context| {
                    ::portcullis_plugin::glue::completion::suggestions(#ident(#(#passed),*))
                },
            }
        };
        Ok(Self {
            of,
            argument,
            entry,
        })
    }

    /// Refuses to complete what is not there.
    pub(crate) fn check(&self, prompts: &[Prompt], resources: &[Resource]) -> Result<()> {
        let (what, arguments) = match &self.of {
            Of::Prompt(name) => {
                let mut prompts = prompts.iter();
                let prompt = prompts.find(|it| it.name.text == name.value());
                (name, prompt.map(|it| &it.arguments))
            }
            Of::Resource(uri) => {
                let mut resources = resources.iter();
                let resource = resources.find(|it| it.uri.text == uri.value());
                (uri, resource.map(|it| &it.variables))
            }
        };
        let Some(arguments) = arguments else {
            return Err(Error::new_spanned(
                what,
                format!("there is no `{}` in this module", what.value()),
            ));
        };
        if !arguments.contains(&self.argument.value()) {
            return Err(Error::new_spanned(
                &self.argument,
                format!("`{}` has no such argument", what.value()),
            ));
        }
        Ok(())
    }
}

fn check_parameters(function: &ItemFn, parameters: &[Parameter]) -> Result<()> {
    let mut arguments = parameters.iter().filter(|it| it.is_argument());
    let is_text = |it: &Parameter| matches!(&it.ty, Type::Reference(it) if parameters::is_named(&it.elem, "str"));
    match (arguments.next(), arguments.next()) {
        (Some(value), None) if is_text(value) => value.refuse_attributes("complete"),
        _ => Err(Error::new_spanned(
            &function.sig,
            "a completion takes what is typed so far: `value: &str`, and a `&Context` if it wants one",
        )),
    }
}
