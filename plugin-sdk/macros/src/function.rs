//! A marked function: what all kinds of them have in common.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, Ident, ImplItem, Item, ItemFn, Result, ReturnType, Type, parse_quote};

/// The marks that `#[plugin]` knows.
const MARKS: [&str; 8] = [
    "tool",
    "task",
    "resource",
    "prompt",
    "complete",
    "activate",
    "deactivate",
    "health",
];

/// Which mark an attribute is: `#[tool]`, or with the crate's name before it.
pub(crate) fn mark_of(attribute: &Attribute) -> Option<&'static str> {
    let mut segments = attribute.path().segments.iter();
    let name = match (segments.next(), segments.next(), segments.next()) {
        (Some(name), None, None) => name,
        (Some(krate), Some(name), None) if krate.ident == "portcullis_plugin" => name,
        _ => return None,
    };
    MARKS.into_iter().find(|mark| name.ident == mark)
}

/// Takes the mark off a function. None: it has none.
pub(crate) fn take_mark(function: &mut ItemFn) -> Result<Option<(&'static str, Attribute)>> {
    let is_mark = |attribute: &Attribute| mark_of(attribute).is_some();
    let Some(position) = function.attrs.iter().position(is_mark) else {
        return Ok(None);
    };
    let attribute = function.attrs.remove(position);
    if let Some(position) = function.attrs.iter().position(is_mark) {
        let second = function.attrs.remove(position);
        return Err(Error::new_spanned(
            second,
            "a function is one thing only: mark another function that calls this one",
        ));
    }
    Ok(mark_of(&attribute).map(|mark| (mark, attribute)))
}

/// Refuses what no marked function may be.
pub(crate) fn check(mark: &str, function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let Some(it) = &signature.asyncness {
        return Err(Error::new_spanned(
            it,
            format!(
                "a `#[{mark}]` function cannot be async: each call has an instance of its own, so it may wait"
            ),
        ));
    }
    if let Some(receiver) = signature.receiver() {
        return Err(Error::new_spanned(
            receiver,
            format!("a `#[{mark}]` function has no `self`: nothing is kept between two calls"),
        ));
    }
    if signature.generics.type_params().next().is_some()
        || signature.generics.const_params().next().is_some()
    {
        return Err(Error::new_spanned(
            &signature.generics,
            format!("a `#[{mark}]` function cannot be generic: clients need one schema"),
        ));
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::ImplTrait(it) = &**ty
    {
        return Err(Error::new_spanned(
            it,
            format!("a `#[{mark}]` function names the type it returns"),
        ));
    }
    Ok(())
}

/// The type a function returns.
pub(crate) fn output(function: &ItemFn) -> Type {
    match &function.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// The attributes that decide whether a function is there at all.
pub(crate) fn conditions(function: &ItemFn) -> Vec<&Attribute> {
    let attributes = function.attrs.iter();
    attributes.filter(|it| it.path().is_ident("cfg")).collect()
}

/// Refuses marks on anything that is not a function of the module itself. It takes them off, so that nothing else is
/// said about them.
pub(crate) fn refuse_elsewhere(item: &mut Item) -> Result<()> {
    let attributes: Vec<&mut Vec<Attribute>> = match item {
        Item::Impl(block) => (block.items.iter_mut())
            .filter_map(|item| match item {
                ImplItem::Fn(method) => Some(&mut method.attrs),
                _ => None,
            })
            .collect(),
        Item::Struct(it) => vec![&mut it.attrs],
        Item::Enum(it) => vec![&mut it.attrs],
        Item::Const(it) => vec![&mut it.attrs],
        Item::Static(it) => vec![&mut it.attrs],
        _ => Vec::new(),
    };
    let mut marks = attributes
        .into_iter()
        .flat_map(|it| it.extract_if(.., |it| mark_of(it).is_some()))
        .collect::<Vec<_>>()
        .into_iter();
    match marks.next() {
        None => Ok(()),
        Some(mark) => Err(Error::new_spanned(
            mark,
            "this goes on a free function of the `#[plugin]` module: nothing is kept between two calls, so there is no `self`",
        )),
    }
}

/// The expansion of a mark that no `#[plugin]` has taken off.
pub(crate) fn misplaced(mark: &str, item: TokenStream) -> TokenStream {
    let mark = Ident::new(mark, proc_macro2::Span::call_site());
    let message = format!(
        "`#[{mark}]` belongs on a function directly inside a `#[portcullis_plugin::plugin]` module"
    );
    let error = Error::new(mark.span(), message).into_compile_error();
    quote!(#error #item)
}
