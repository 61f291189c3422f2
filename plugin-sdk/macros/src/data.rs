//! `#[data]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Error, Path, Result, Token};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !options.is_empty() {
        return Err(Error::new_spanned(options, "`#[data]` has no options"));
    }
    let item: DeriveInput = syn::parse2(item)?;
    let derived = derived(&item.attrs)?;
    let krate = quote!(::portcullis_plugin);
    let missing = [
        ("Debug", quote!(::core::fmt::Debug)),
        ("Clone", quote!(::core::clone::Clone)),
        ("Serialize", quote!(#krate::serde::Serialize)),
        ("Deserialize", quote!(#krate::serde::Deserialize)),
        ("JsonSchema", quote!(#krate::schemars::JsonSchema)),
    ];
    let missing = missing
        .iter()
        .filter(|(name, _)| !derived.iter().any(|it| it == name))
        .map(|(_, path)| path);

    let ident = &item.ident;
    let mut generics = item.generics.clone();
    let (_, arguments, _) = item.generics.split_for_impl();
    let this = quote!(#ident #arguments);
    if item.generics.type_params().next().is_some() {
        let clause = generics.make_where_clause();
        clause.predicates.push(
            syn::parse_quote!(#this: #krate::serde::Serialize + #krate::schemars::JsonSchema),
        );
    }
    let (parameters, _, clause) = generics.split_for_impl();
    let value = quote!(self);

    Ok(quote! {
        #[derive(#(#missing),*)]
        #[serde(crate = "::portcullis_plugin::serde")]
        #[schemars(crate = "::portcullis_plugin::schemars")]
        #item

        impl #parameters #krate::IntoAnswer for #this #clause {
            fn output_schema() -> ::core::option::Option<#krate::schema::Schema> {
                <#krate::Json<Self> as #krate::IntoAnswer>::output_schema()
            }

            fn into_answer(
                self,
            ) -> ::core::result::Result<#krate::Outcome<#krate::Answer>, #krate::Error> {
                #krate::IntoAnswer::into_answer(#krate::Json(#value))
            }
        }

        impl #parameters #krate::IntoContents for #this #clause {
            const MIME_TYPE: ::core::option::Option<&'static str> =
                <#krate::Json<Self> as #krate::IntoContents>::MIME_TYPE;

            fn into_contents(
                self,
                uri: &str,
            ) -> ::core::result::Result<#krate::Outcome<#krate::Contents>, #krate::Error> {
                #krate::IntoContents::into_contents(#krate::Json(#value), uri)
            }
        }
    })
}

/// The names of what the author derives already, which must not be derived twice.
fn derived(attributes: &[Attribute]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("derive")) {
        let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
        let last = |path: &Path| path.segments.last().map(|it| it.ident.to_string());
        names.extend(paths.iter().filter_map(last));
    }
    Ok(names)
}
