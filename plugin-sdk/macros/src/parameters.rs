//! The parameters of a marked function, and what the author wrote on them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, ItemFn, Pat, PathArguments, Result, Type,
};

use crate::doc;

/// A parameter.
pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// From the doc comment.
    pub(crate) description: Option<String>,
    /// From `#[default(…)]`.
    pub(crate) default: Option<Expr>,
    /// The attributes of serde and schemars, and the doc comments, for the field this becomes.
    pub(crate) attributes: Vec<Attribute>,
}

/// Where a parameter's value comes from.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// The client.
    Argument,
    /// The call itself, by value.
    Context,
    /// The call itself, by reference.
    ContextReference,
}

impl Parameter {
    pub(crate) fn is_argument(&self) -> bool {
        self.role == Role::Argument
    }

    /// The name a client uses.
    pub(crate) fn name(&self) -> String {
        self.ident.to_string().trim_start_matches("r#").to_owned()
    }

    /// What is handed to the function: `argument` for an argument, or the context.
    pub(crate) fn pass(&self, argument: impl FnOnce() -> TokenStream) -> TokenStream {
        let context = context();
        match self.role {
            Role::Argument => argument(),
            Role::Context => quote!(::core::clone::Clone::clone(#context)),
            Role::ContextReference => quote!(#context),
        }
    }

    /// Refuses attributes that only a tool's arguments may carry.
    pub(crate) fn refuse_attributes(&self, mark: &str) -> Result<()> {
        let mut attributes = self.attributes.iter();
        if let Some(it) = attributes.find(|it| !it.path().is_ident("doc")) {
            return Err(Error::new_spanned(
                it,
                format!("`#[{mark}]` parameters take no such attribute"),
            ));
        }
        match &self.default {
            None => Ok(()),
            Some(default) => Err(Error::new(
                default.span(),
                format!("`#[{mark}]` parameters have no default: use `Option` and `unwrap_or`"),
            )),
        }
    }
}

/// The variable that holds the context in the generated code. It cannot clash with the author's.
pub(crate) fn context() -> Ident {
    Ident::new("context", Span::mixed_site())
}

/// Reads the parameters, and takes off them what plain Rust does not allow there.
pub(crate) fn take(function: &mut ItemFn) -> Result<Vec<Parameter>> {
    function.sig.inputs.iter_mut().map(take_one).collect()
}

/// Takes the attributes off all parameters without reading them, so that a function with a mistake still compiles
/// and the mistake is the only error shown.
pub(crate) fn strip(function: &mut ItemFn) {
    for parameter in &mut function.sig.inputs {
        if let FnArg::Typed(parameter) = parameter {
            parameter.attrs.retain(|it| !is_ours(it));
        }
    }
}

fn is_ours(attribute: &Attribute) -> bool {
    let path = attribute.path();
    ["doc", "default", "serde", "schemars"]
        .iter()
        .any(|ours| path.is_ident(ours))
}

fn take_one(parameter: &mut FnArg) -> Result<Parameter> {
    let FnArg::Typed(parameter) = parameter else {
        return Err(Error::new_spanned(
            parameter,
            "a marked function has no `self`",
        ));
    };
    let Pat::Ident(pattern) = &*parameter.pat else {
        return Err(Error::new_spanned(
            &parameter.pat,
            "a parameter needs a name, which clients see: take the value apart inside the function",
        ));
    };
    if let Some((_, subpattern)) = &pattern.subpat {
        return Err(Error::new_spanned(
            subpattern,
            "a parameter is a plain name: take the value apart inside the function",
        ));
    }
    let (mut attributes, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut parameter.attrs)
        .into_iter()
        .partition(is_ours);
    parameter.attrs = kept;

    let mut default = None;
    if let Some(position) = attributes
        .iter()
        .position(|it| it.path().is_ident("default"))
    {
        let attribute = attributes.remove(position);
        default = Some(attribute.parse_args().map_err(|error| {
            Error::new(
                error.span(),
                "the default is an expression: `#[default(10)]`",
            )
        })?);
    }
    Ok(Parameter {
        ident: pattern.ident.clone(),
        ty: (*parameter.ty).clone(),
        role: role_of(&parameter.ty),
        description: doc::text(&attributes),
        default,
        attributes,
    })
}

fn role_of(ty: &Type) -> Role {
    match ty {
        Type::Reference(it) if is_named(&it.elem, "Context") => Role::ContextReference,
        ty if is_named(ty, "Context") => Role::Context,
        _ => Role::Argument,
    }
}

/// Whether a type is a path that ends in this name, without parameters.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name && last.arguments.is_empty()),
        _ => false,
    }
}

/// The `T` of an `Option<T>`.
pub(crate) fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inside) if last.ident == "Option" => Some(inside),
        _ => None,
    }
}

/// The function's call with these arguments, and what becomes of what it says. A type that cannot be converted is
/// shown where the author wrote it.
pub(crate) fn call(
    function: &Ident,
    output: &Type,
    arguments: &[TokenStream],
    convert: impl FnOnce(&Ident) -> TokenStream,
) -> TokenStream {
    let said = Ident::new("said", Span::mixed_site().located_at(output.span()));
    let converted = convert(&said);
    quote!({
        let #said: #output = #function(#(#arguments),*);
        #converted
    })
}

/// How a closure binds the context: by name when some parameter wants it.
pub(crate) fn binding(parameters: &[Parameter]) -> TokenStream {
    if parameters.iter().all(Parameter::is_argument) {
        quote!(_)
    } else {
        let context = context();
        quote!(#context)
    }
}
