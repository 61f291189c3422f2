//! The macros of `portcullis-plugin`, which re-exports and documents them. Nothing else should depend on this crate.
//!
//! `#[plugin]` reads the whole module, because only an attribute on the module sees the doc comments on parameters.
//! The marks inside it are stripped there; one that is expanded on its own stands outside of such a module.

mod complete;
mod data;
mod doc;
mod function;
mod lifecycle;
mod manifest;
mod name;
mod options;
mod parameters;
mod plugin;
mod prompt;
mod resource;
mod skills;
mod task;
mod template;
mod tool;

use proc_macro::TokenStream;

/// Makes a plugin of a module: its marked functions become tools, resources and prompts.
///
/// Functions stay ordinary functions, which unit tests call as they are. The crate carries one such module.
///
/// The plugin's manifest is `plugin.json` beside `Cargo.toml`, or, without such a file, made of the package's own
/// name, version, description, license, authors and links.
///
/// `#[plugin(skills = "skills")]` puts the folder `skills` beside `Cargo.toml` into the component. Each folder in it is
/// one skill, `<name>/SKILL.md` and the files it speaks of, which the host gives to clients.
#[proc_macro_attribute]
pub fn plugin(options: TokenStream, module: TokenStream) -> TokenStream {
    plugin::expand(options.into(), module.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes a type one that tools take and give: `Serialize`, `Deserialize`, `JsonSchema`, `Debug` and `Clone`.
///
/// A tool that returns it gives structured content with a schema, a resource gives JSON. Doc comments become the
/// schema's descriptions, and the attributes of serde and schemars work as usual.
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    data::expand(options.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Defines the marks, which `#[plugin]` strips. Expanded on its own, a mark says where it belongs.
macro_rules! marks {
    ($($(#[$doc:meta])* $mark:ident)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $mark(_options: TokenStream, item: TokenStream) -> TokenStream {
            function::misplaced(stringify!($mark), item.into()).into()
        }
    )*};
}

marks! {
    /// A tool: `#[tool]`, or with any of `name = "…"`, `title = "…"`, `read_only`, `destructive`, `idempotent`,
    /// `open_world` (hints, also as `read_only = false`), `task = "optional"` or `task = "required"` (with a `#[task]`
    /// function), `requires = "{…}"` (capabilities the client must have), `input_schema = "{…}"` and `meta = "{…}"`.
    ///
    /// The function's doc comment is the description a model chooses by. Each parameter is an argument, described by
    /// the doc comment on it; `Option<T>` and `#[default(…)]` make it one that may be left out, and `#[serde(…)]` and
    /// `#[schemars(…)]` on it work as on a field. A `Context` or `&Context` is not an argument. With an `input_schema` of
    /// its own, which clients get word by word, a tool takes all arguments as one value, such as a `serde_json::Value`.
    tool
    /// The rest of a tool's call that became a task: `#[task(tool = "…")]` on a function of `&Context`, which holds the
    /// state and the responses. It returns what a tool returns.
    task
    /// A resource: `#[resource("time://current")]`, or a template such as `#[resource("time://zones/{zone}")]`, with
    /// any of `name = "…"`, `title = "…"`, `mime_type = "…"` and `meta = "{…}"`.
    ///
    /// `{zone}` is one segment and `{+path}`, at the end, the rest. Each variable is a parameter of that name, of any
    /// type that can be parsed from text. It arrives percent-decoded, so it may hold any character, `/` included.
    resource
    /// A prompt: `#[prompt]`, or with `name = "…"`, `title = "…"` or `meta = "{…}"`. Its arguments are `String` or
    /// `Option<String>`.
    prompt
    /// Suggests values: `#[complete(prompt = "…", argument = "…")]` or `#[complete(resource = "…", argument = "…")]`
    /// on a function of `&str` and, if it wants, `&Context`.
    complete
    /// Begins the service, once, before the first list or call. An error keeps the plugin out of service.
    activate
    /// Ends the service, once, after the last call. It may take a `DeactivationReason`.
    deactivate
    /// Says whether the plugin can do its work.
    health
}
