//! `#[tool]`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, ItemFn, Lit, LitStr, Result, Type};

use crate::name::Name;
use crate::options::{Options, optional};
use crate::parameters::{self, Parameter};
use crate::{doc, function};

const OPTIONS: [&str; 10] = [
    "name",
    "title",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "task",
    "requires",
    "input_schema",
    "meta",
];

/// A tool: its name, and its entry in the table.
pub(crate) struct Tool {
    pub(crate) name: Name,
    /// Whether it may begin a task.
    pub(crate) begins_tasks: bool,
    pub(crate) entry: TokenStream,
}

impl Tool {
    pub(crate) fn read(mark: &Attribute, function: &mut ItemFn) -> Result<Self> {
        let options = Options::read(mark, &OPTIONS)?.without_first()?;
        let parameters = parameters::take(function)?;
        parameters.iter().try_for_each(check_type)?;

        let ident = &function.sig.ident;
        let name = Name::of(options.text("name")?, ident).checked()?;
        let Some(description) = doc::text(&function.attrs) else {
            return Err(Error::new(
                ident.span(),
                "a tool needs a description: add a `///` comment that tells a model what it does and when to use it",
            ));
        };
        let title = optional(options.text("title")?.as_ref());
        let annotations = annotations(&options)?;
        let task = options.text("task")?;
        let task_support = task_support(task.as_ref())?;
        let requires = optional(options.object("requires")?.as_ref());
        let given_schema = options.object("input_schema")?;
        let meta = options.meta()?;

        let text = &name.text;
        let output = function::output(function);
        let (arguments, input_schema) = match &given_schema {
            Some(schema) => given_arguments(schema, &parameters)?,
            None => (
                arguments_struct(&parameters),
                quote!(::portcullis_plugin::glue::tools::input_schema::<PortcullisArguments>),
            ),
        };
        let run = run(ident, &parameters, &output);
        let conditions = function::conditions(function);
        let output_schema = quote_spanned!(output.span()=>
            <#output as ::portcullis_plugin::IntoAnswer>::output_schema
        );
        let entry = quote! {
            #(#conditions)*
            {
                #arguments
                ::portcullis_plugin::glue::tools::Tool {
                    name: #text,
                    title: #title,
                    description: #description,
                    annotations: #annotations,
                    task_support: ::portcullis_plugin::glue::tools::TaskSupport::#task_support,
                    required_capabilities: #requires,
                    meta: #meta,
                    input_schema: #input_schema,
                    output_schema: #output_schema,
                    call: #run,
                }
            }
        };
        Ok(Self {
            name,
            begins_tasks: task.is_some(),
            entry,
        })
    }
}

/// Refuses types that cannot be read from JSON, where a better word than the compiler's can be said.
fn check_type(parameter: &Parameter) -> Result<()> {
    if !parameter.is_argument() {
        return match &parameter.default {
            None => Ok(()),
            Some(default) => Err(Error::new(default.span(), "the context has no default")),
        };
    }
    match &parameter.ty {
        Type::Reference(it) => Err(Error::new_spanned(
            it,
            "a tool owns its arguments: write `String` for `&str` and `Vec<T>` for `&[T]`",
        )),
        Type::ImplTrait(it) => Err(Error::new_spanned(
            it,
            "an argument has one type, which its schema is made from",
        )),
        _ => Ok(()),
    }
}

fn annotations(options: &Options) -> Result<TokenStream> {
    let hints = ["read_only", "destructive", "idempotent", "open_world"];
    let hints = hints.map(|name| Ok((format_ident!("{name}_hint"), options.flag(name)?)));
    let hints = hints.into_iter().collect::<Result<Vec<_>>>()?;
    if hints.iter().all(|(_, value)| value.is_none()) {
        return Ok(optional(None::<&TokenStream>));
    }
    let fields = hints.iter().map(|(name, value)| {
        let value = optional(value.as_ref());
        quote!(#name: #value)
    });
    Ok(optional(Some(&quote! {
        ::portcullis_plugin::glue::tools::ToolAnnotations { #(#fields),* }
    })))
}

/// The variant of `TaskSupport` that an option names.
fn task_support(option: Option<&LitStr>) -> Result<Ident> {
    let variant = match option.map(LitStr::value).as_deref() {
        None => "Forbidden",
        Some("optional") => "Optional",
        Some("required") => "Required",
        Some(_) => {
            return Err(Error::new_spanned(
                option,
                "`task` is `\"optional\"`, or `\"required\"` when the tool always begins a task",
            ));
        }
    };
    Ok(format_ident!("{variant}"))
}

/// For a schema that the author wrote: the struct that takes all arguments as one value, and the schema's text.
fn given_arguments(
    schema: &LitStr,
    parameters: &[Parameter],
) -> Result<(TokenStream, TokenStream)> {
    let mut arguments = parameters.iter().filter(|it| it.is_argument());
    let field = match (arguments.next(), arguments.next()) {
        (None, _) => None,
        (Some(parameter), None) => Some(parameter),
        (_, Some(second)) => {
            return Err(Error::new(
                second.ident.span(),
                "with an `input_schema` of its own a tool takes all arguments as one value, such as a `serde_json::Value`",
            ));
        }
    };
    if let Some(parameter) = field {
        parameter.refuse_attributes("tool(input_schema)")?;
    }
    let transparent = field.map(|_| quote!(#[serde(transparent)]));
    let field = field.map(|Parameter { ident, ty, .. }| quote!(#ident: #ty));
    let arguments = quote! {
        #[derive(::portcullis_plugin::serde::Deserialize)]
        #[serde(crate = "::portcullis_plugin::serde")]
        #transparent
        struct PortcullisArguments { #field }
    };
    Ok((arguments, quote!(|| ::std::string::String::from(#schema))))
}

/// The struct the arguments are read into, and the functions that give its defaults.
fn arguments_struct(parameters: &[Parameter]) -> TokenStream {
    let arguments = || parameters.iter().filter(|it| it.is_argument());
    let fields = arguments().map(|parameter| {
        let Parameter {
            ident,
            ty,
            attributes,
            default,
            ..
        } = parameter;
        let default = default.as_ref().map(|_| {
            let function = default_function(parameter).to_string();
            quote!(#[serde(default = #function)])
        });
        quote!(#(#attributes)* #default #ident: #ty)
    });
    let defaults = arguments().filter_map(|parameter| {
        let function = default_function(parameter);
        let (ty, default) = (&parameter.ty, parameter.default.as_ref()?);
        let value = match default {
            // Text is almost always wanted as a `String`.
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => quote_spanned!(text.span()=> ::core::convert::From::from(#text)),
            other => quote!(#other),
        };
        Some(quote!(fn #function() -> #ty { #value }))
    });
    quote! {
        #[derive(::portcullis_plugin::serde::Deserialize, ::portcullis_plugin::schemars::JsonSchema)]
        #[serde(crate = "::portcullis_plugin::serde", deny_unknown_fields)]
        #[schemars(crate = "::portcullis_plugin::schemars")]
        struct PortcullisArguments { #(#fields),* }
        #(#defaults)*
    }
}

fn default_function(parameter: &Parameter) -> Ident {
    format_ident!("portcullis_default_{}", parameter.name())
}

/// The function that reads the arguments and calls the tool.
fn run(function: &Ident, parameters: &[Parameter], output: &Type) -> TokenStream {
    let names = parameters.iter().filter(|it| it.is_argument());
    let names = names.map(|it| &it.ident);
    let passed: Vec<TokenStream> = parameters
        .iter()
        .map(|parameter| {
            let ident = &parameter.ident;
            parameter.pass(|| quote!(#ident))
        })
        .collect();
    let convert = |said: &Ident| quote!(::portcullis_plugin::IntoAnswer::into_answer(#said));
    let call = parameters::call(function, output, &passed, convert);
    let context = parameters::binding(parameters);
    quote! {
        |arguments, #context| {
            match ::portcullis_plugin::glue::tools::arguments::<PortcullisArguments>(arguments) {
                ::core::result::Result::Ok(PortcullisArguments { #(#names),* }) => #call,
                ::core::result::Result::Err(answer) => ::portcullis_plugin::IntoAnswer::into_answer(answer),
            }
        }
    }
}
