//! `#[activate]`, `#[deactivate]` and `#[health]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, ItemFn, Result, ReturnType};

use crate::options::Options;

/// The functions that are told of the beginning and the end, as far as there are any.
#[derive(Default)]
pub(crate) struct Lifecycle {
    activate: Option<TokenStream>,
    deactivate: Option<TokenStream>,
    health: Option<TokenStream>,
}

impl Lifecycle {
    pub(crate) fn read(
        &mut self,
        mark: &'static str,
        attribute: &Attribute,
        function: &ItemFn,
    ) -> Result<()> {
        Options::read(attribute, &[])?.without_first()?;
        let (place, work) = match mark {
            "activate" => (&mut self.activate, report(mark, function)?),
            "health" => (&mut self.health, report(mark, function)?),
            _ => (&mut self.deactivate, deactivate(function)?),
        };
        if place.is_some() {
            return Err(Error::new_spanned(
                attribute,
                format!("there is another `#[{mark}]` function"),
            ));
        }
        *place = Some(work);
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.activate.is_none() && self.deactivate.is_none() && self.health.is_none()
    }

    /// The methods that are not left at their default.
    pub(crate) fn methods(&self) -> TokenStream {
        let result = quote!(::core::result::Result<(), ::portcullis_plugin::glue::WitError>);
        let reason = reason();
        let activate = self.activate.iter();
        let deactivate = self.deactivate.iter();
        let health = self.health.iter();
        quote! {
            #(fn activate() -> #result { #activate })*
            #(fn deactivate(#reason: ::portcullis_plugin::DeactivationReason) { #deactivate })*
            #(fn health() -> #result { #health })*
        }
    }
}

fn reason() -> Ident {
    Ident::new("reason", Span::mixed_site())
}

fn report(mark: &str, function: &ItemFn) -> Result<TokenStream> {
    if let Some(parameter) = function.sig.inputs.first() {
        return Err(Error::new_spanned(
            parameter,
            format!("`#[{mark}]` takes no parameters"),
        ));
    }
    let ReturnType::Type(_, output) = &function.sig.output else {
        return Err(Error::new_spanned(
            &function.sig,
            format!("`#[{mark}]` returns `Result<(), E>`, where `E` can be displayed"),
        ));
    };
    let ident = &function.sig.ident;
    Ok(quote_spanned!(output.span()=>
        ::portcullis_plugin::glue::lifecycle::report(#ident())
    ))
}

fn deactivate(function: &ItemFn) -> Result<TokenStream> {
    if let ReturnType::Type(_, output) = &function.sig.output {
        return Err(Error::new_spanned(
            output,
            "`#[deactivate]` returns nothing: the host goes on whatever happens here",
        ));
    }
    let ident = &function.sig.ident;
    let reason = reason();
    match function.sig.inputs.len() {
        0 => Ok(quote!(let _ = #reason; #ident();)),
        1 => Ok(quote!(#ident(#reason))),
        _ => Err(Error::new_spanned(
            &function.sig.inputs,
            "`#[deactivate]` takes a `DeactivationReason` and nothing else",
        )),
    }
}
