//! The plugin's manifest, which travels inside the component as the custom section `portcullis:manifest`.

use std::env;
use std::path::Path;

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::{Error, Result};

/// The section with the bytes of `plugin.json` beside the author's `Cargo.toml`, or else with what the package says
/// of itself.
///
/// A `plugin.json` that is there is tracked: the compiler sees that it changes. One that appears later is seen when
/// the crate is compiled the next time.
pub(crate) fn section() -> Result<TokenStream> {
    let directory = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = Path::new(&directory).join("plugin.json");
    let bytes = if path.is_file() {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| refuse(format!("cannot be read: {error}")))?;
        check(&text).map_err(refuse)?;
        quote!(::core::include_bytes!(::core::concat!(
            ::core::env!("CARGO_MANIFEST_DIR"),
            "/plugin.json"
        )))
    } else {
        let bytes = Literal::byte_string(generate().to_string().as_bytes());
        quote!(#bytes)
    };
    Ok(quote! {
        const PORTCULLIS_MANIFEST: &[u8] = #bytes;
        #[cfg(target_arch = "wasm32")]
        #[used]
        #[unsafe(link_section = "portcullis:manifest")]
        static PORTCULLIS_MANIFEST_SECTION: [u8; PORTCULLIS_MANIFEST.len()] = *#bytes;
    })
}

fn refuse(reason: impl std::fmt::Display) -> Error {
    Error::new(Span::call_site(), format!("`plugin.json` {reason}"))
}

fn check(text: &str) -> std::result::Result<(), String> {
    let manifest: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    match manifest.get("name") {
        Some(Value::String(name)) if !name.is_empty() => Ok(()),
        _ => Err("has no `name`: add `\"name\": \"…\"`".to_owned()),
    }
}

/// A manifest made of what cargo says of the package. What is empty there is left out.
fn generate() -> Value {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut manifest = Map::new();
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            manifest.insert(key.to_owned(), value);
        }
    };
    let package = variable("CARGO_PKG_NAME").unwrap_or_else(|| String::from("plugin"));
    let target = variable("CARGO_CRATE_NAME");
    let name = plugin_name(&package, target.as_deref());
    add("name", Some(name.into()));
    add("version", variable("CARGO_PKG_VERSION").map(Value::from));
    add(
        "description",
        variable("CARGO_PKG_DESCRIPTION").map(Value::from),
    );
    add("license", variable("CARGO_PKG_LICENSE").map(Value::from));
    let authors = variable("CARGO_PKG_AUTHORS");
    add("authors", authors.map(|it| it.split(':').collect()));

    let mut links = Map::new();
    for (key, name) in [
        ("repository", "CARGO_PKG_REPOSITORY"),
        ("homepage", "CARGO_PKG_HOMEPAGE"),
    ] {
        if let Some(link) = variable(name) {
            links.insert(key.to_owned(), json!(link));
        }
    }
    add("links", (!links.is_empty()).then_some(Value::Object(links)));
    Value::Object(manifest)
}

/// The package's name, or the target's where it was given one of its own, as an example has.
fn plugin_name<'a>(package: &'a str, target: Option<&'a str>) -> &'a str {
    match target {
        Some(target) if target != package.replace('-', "_") => target,
        _ => package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_json_with_a_name() {
        assert!(check(r#"{"name": "time"}"#).is_ok());
        for bad in ["", "{", "{}", r#"{"name": 1}"#, r#"{"name": ""}"#, "[]"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_plugin_is_named_after_its_package_or_its_own_target() {
        assert_eq!(
            plugin_name("time-plugin", Some("time_plugin")),
            "time-plugin"
        );
        assert_eq!(plugin_name("portcullis-plugin", Some("hello")), "hello");
        assert_eq!(plugin_name("time", None), "time");
    }
}
