//! `#[resource]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, ItemFn, LitStr, Result};

use crate::name::Name;
use crate::options::{Options, optional};
use crate::parameters::{self, Parameter};
use crate::{doc, function, template};

const OPTIONS: [&str; 4] = ["name", "title", "mime_type", "meta"];

/// A resource or a template: its URI, its name, its variables, and its entry in the table.
pub(crate) struct Resource {
    pub(crate) uri: Name,
    pub(crate) name: Name,
    pub(crate) variables: Vec<String>,
    pub(crate) entry: TokenStream,
}

impl Resource {
    pub(crate) fn read(mark: &Attribute, function: &mut ItemFn) -> Result<Self> {
        let options = Options::read(mark, &OPTIONS)?;
        let parameters = parameters::take(function)?;
        let Some(uri) = &options.first else {
            return Err(Error::new_spanned(
                mark,
                "a resource needs a URI: `#[resource(\"time://current\")]`",
            ));
        };
        let variables = template::variables(uri)?;
        check_parameters(uri, &variables, &parameters)?;

        let ident = &function.sig.ident;
        let name = Name::of(options.text("name")?, ident);
        let title = optional(options.text("title")?.as_ref());
        let description = optional(doc::text(&function.attrs).as_ref());
        let meta = options.meta()?;
        let output = function::output(function);
        let mime_type = match options.text("mime_type")? {
            Some(given) => optional(Some(&given)),
            None => quote_spanned!(output.span()=>
                <#output as ::portcullis_plugin::IntoContents>::MIME_TYPE
            ),
        };

        let given = Ident::new("variables", Span::mixed_site());
        let passed: Vec<TokenStream> = parameters
            .iter()
            .map(|parameter| {
                let (ty, name) = (&parameter.ty, parameter.name());
                parameter.pass(|| quote_spanned!(ty.span()=> #given.get::<#ty>(#name)?))
            })
            .collect();
        let convert = |said: &Ident| quote!(::portcullis_plugin::IntoContents::into_contents(#said, #given.uri()));
        let call = parameters::call(ident, &output, &passed, convert);
        let context = parameters::binding(&parameters);
        let conditions = function::conditions(function);
        let text = &name.text;
        let entry = quote! {
            #(#conditions)*
            ::portcullis_plugin::glue::resources::Resource {
                uri: #uri,
                name: #text,
                title: #title,
                description: #description,
                mime_type: #mime_type,
                meta: #meta,
                read: |#given, #context| #call,
            }
        };
        let uri = Name {
            text: uri.value(),
            span: uri.span(),
        };
        Ok(Self {
            uri,
            name,
            variables,
            entry,
        })
    }
}

/// Each variable has its parameter, and each parameter its variable.
fn check_parameters(uri: &LitStr, variables: &[String], parameters: &[Parameter]) -> Result<()> {
    let arguments = || parameters.iter().filter(|it| it.is_argument());
    for parameter in arguments() {
        parameter.refuse_attributes("resource")?;
        let name = parameter.name();
        if !variables.contains(&name) {
            return Err(Error::new(
                parameter.ident.span(),
                format!(
                    "the URI has no `{{{name}}}`: a resource's parameters are the variables of its URI"
                ),
            ));
        }
    }
    match variables
        .iter()
        .find(|variable| !arguments().any(|it| it.name() == **variable))
    {
        None => Ok(()),
        Some(missing) => Err(Error::new_spanned(
            uri,
            format!("`{{{missing}}}` has no parameter: add `{missing}: String`"),
        )),
    }
}
