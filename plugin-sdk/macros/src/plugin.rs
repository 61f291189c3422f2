//! `#[plugin]`: reads the module, and writes the exports of exactly the interfaces it uses.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Error, Item, ItemFn, ItemMod, LitStr, Result, parse_quote};

use crate::complete::Completer;
use crate::lifecycle::Lifecycle;
use crate::name::unique;
use crate::options::Options;
use crate::prompt::Prompt;
use crate::resource::Resource;
use crate::task::Task;
use crate::tool::Tool;
use crate::{function, manifest, parameters, skills, task};

pub(crate) fn expand(options: TokenStream, module: TokenStream) -> Result<TokenStream> {
    let options =
        Options::read(&parse_quote!(#[plugin(#options)]), &["skills"])?.without_first()?;
    let skills = options.text("skills")?;
    let mut module: ItemMod = syn::parse2(module).map_err(|error| {
        Error::new(
            error.span(),
            format!(
                "`#[plugin]` goes on a module with its contents, as in `mod hello {{ … }}`: {error}"
            ),
        )
    })?;
    let Some((_, items)) = &mut module.content else {
        return Err(Error::new_spanned(
            &module,
            "`#[plugin]` needs the module's contents here, as in `mod hello { … }`",
        ));
    };
    let generated = match Plugin::read(items, skills.as_ref()) {
        Ok(plugin) => plugin.exports(),
        Err(errors) => errors.into_compile_error(),
    };
    items.push(Item::Verbatim(generated));
    Ok(quote!(#module))
}

/// What a module offers.
#[derive(Default)]
struct Plugin {
    tools: Vec<Tool>,
    tasks: Vec<Task>,
    resources: Vec<Resource>,
    prompts: Vec<Prompt>,
    completers: Vec<Completer>,
    lifecycle: Lifecycle,
    manifest: TokenStream,
    skills: TokenStream,
}

impl Plugin {
    /// Reads the items and takes the marks off them. It collects all mistakes, so that the author sees them at once.
    fn read(items: &mut [Item], skills: Option<&LitStr>) -> Result<Self> {
        let mut plugin = Self::default();
        let mut mistakes = Mistakes::default();
        for item in items {
            mark_data(item);
            let read = match item {
                Item::Fn(function) => plugin.add(function),
                other => function::refuse_elsewhere(other),
            };
            mistakes.note(read);
        }
        mistakes.note(unique("tool", plugin.tools.iter().map(|it| &it.name)));
        mistakes.note(unique("prompt", plugin.prompts.iter().map(|it| &it.name)));
        mistakes.note(unique(
            "resource",
            plugin.resources.iter().map(|it| &it.uri),
        ));
        mistakes.note(unique(
            "resource",
            plugin.resources.iter().map(|it| &it.name),
        ));
        for (position, task) in plugin.tasks.iter().enumerate() {
            mistakes.note(task.check(&plugin.tools, &plugin.tasks[..position]));
        }
        for tool in &plugin.tools {
            mistakes.note(task::check_begun(tool, &plugin.tasks));
        }
        for completer in &plugin.completers {
            mistakes.note(completer.check(&plugin.prompts, &plugin.resources));
        }
        if let Some(manifest) = mistakes.note(manifest::section()) {
            plugin.manifest = manifest;
        }
        if let Some(skills) = skills.and_then(|folder| mistakes.note(skills::section(folder))) {
            plugin.skills = skills;
        }
        match mistakes.0 {
            Some(mistakes) => Err(mistakes),
            None => Ok(plugin),
        }
    }

    fn add(&mut self, function: &mut ItemFn) -> Result<()> {
        let Some((mark, attribute)) = function::take_mark(function)? else {
            return Ok(());
        };
        let read = self.add_marked(mark, &attribute, function);
        if read.is_err() {
            parameters::strip(function);
        }
        read
    }

    fn add_marked(
        &mut self,
        mark: &'static str,
        attribute: &Attribute,
        function: &mut ItemFn,
    ) -> Result<()> {
        function::check(mark, function)?;
        match mark {
            "tool" => self.tools.push(Tool::read(attribute, function)?),
            "task" => self.tasks.push(Task::read(attribute, function)?),
            "resource" => self.resources.push(Resource::read(attribute, function)?),
            "prompt" => self.prompts.push(Prompt::read(attribute, function)?),
            "complete" => self.completers.push(Completer::read(attribute, function)?),
            _ => self.lifecycle.read(mark, attribute, function)?,
        }
        Ok(())
    }

    /// The exports of the interfaces that are used, and the manifest.
    fn exports(&self) -> TokenStream {
        let tools = self.tools.iter().map(|it| &it.entry);
        let tasks = self.tasks.iter().map(|it| &it.entry);
        let resources = self.resources.iter().map(|it| &it.entry);
        let prompts = self.prompts.iter().map(|it| &it.entry);
        let completers = self.completers.iter().map(|it| &it.entry);

        let glue = quote!(::portcullis_plugin::glue);
        let mut exports = TokenStream::new();
        if !self.tools.is_empty() {
            let table = quote!(const TOOLS: &'static [#glue::tools::Tool] = &[#(#tools),*];);
            exports.extend(export(quote!(tools::Tools), "tool_plugin", &table));
        }
        if !self.tasks.is_empty() {
            let table = quote!(const TASKS: &'static [#glue::tasks::Task] = &[#(#tasks),*];);
            exports.extend(export(quote!(tasks::Tasks), "task_plugin", &table));
        }
        if !self.resources.is_empty() {
            let table = quote!(const RESOURCES: &'static [#glue::resources::Resource] = &[#(#resources),*];);
            exports.extend(export(
                quote!(resources::Resources),
                "resource_plugin",
                &table,
            ));
        }
        if !self.prompts.is_empty() {
            let table =
                quote!(const PROMPTS: &'static [#glue::prompts::Prompt] = &[#(#prompts),*];);
            exports.extend(export(quote!(prompts::Prompts), "prompt_plugin", &table));
        }
        if !self.completers.is_empty() {
            let table = quote!(const COMPLETERS: &'static [#glue::completion::Completer] = &[#(#completers),*];);
            exports.extend(export(
                quote!(completion::Completion),
                "completion_plugin",
                &table,
            ));
        }
        if !self.lifecycle.is_empty() {
            let methods = self.lifecycle.methods();
            exports.extend(export(
                quote!(lifecycle::Lifecycle),
                "lifecycle_plugin",
                &methods,
            ));
        }
        let (manifest, skills) = (&self.manifest, &self.skills);
        quote! {
            /// What the component exports.
            #[doc(hidden)]
            pub struct PortcullisPlugin;

            const _: () = {
                // On a native target nothing else uses it, and the functions would be called dead.
                const _: PortcullisPlugin = PortcullisPlugin;
                #exports
                #manifest
                #skills
            };
        }
    }
}

/// Implements one interface and exports it. On a native target, where there is no host, nothing is exported.
fn export(interface: TokenStream, world: &str, items: &TokenStream) -> TokenStream {
    let world = Ident::new(world, Span::call_site());
    quote! {
        impl ::portcullis_plugin::glue::#interface for PortcullisPlugin {
            #items
        }

        #[cfg(target_arch = "wasm32")]
        ::portcullis_plugin::bindings::#world::export!(
            PortcullisPlugin with_types_in ::portcullis_plugin::bindings::#world
        );
    }
}

/// Takes `#[data]` for what it means here even when the author has not imported it, and puts it before any derive, so
/// that it sees what is derived already.
fn mark_data(item: &mut Item) {
    let attributes = match item {
        Item::Struct(it) => &mut it.attrs,
        Item::Enum(it) => &mut it.attrs,
        _ => return,
    };
    if let Some(position) = attributes.iter().position(|it| it.path().is_ident("data")) {
        let mark = attributes.remove(position);
        let span = mark.path().segments[0].ident.span();
        let options = match mark.meta {
            syn::Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        let data = Ident::new("data", span);
        attributes.insert(0, parse_quote!(#[::portcullis_plugin::#data(#options)]));
    }
}

/// The mistakes found so far.
#[derive(Default)]
struct Mistakes(Option<Error>);

impl Mistakes {
    /// Takes the mistake out of a result.
    fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistake) => {
                match &mut self.0 {
                    Some(mistakes) => mistakes.combine(mistake),
                    None => self.0 = Some(mistake),
                }
                None
            }
        }
    }
}
