//! What a plugin offers.

use super::content::{annotations, mime_type, resource_link};
use super::{Nonsense, icons, json, meta, object, uri, words};
use crate::catalogue::headers::headers;
use crate::catalogue::schema::ArgumentCheck;
use crate::contract::{
    Prompt, PromptArgument, ResourceLink, ResourceTemplate, TaskSupport, Tool, ToolAnnotations,
};
use crate::limits::SCHEMA_BYTES_MAX;
use crate::names::{LocalName, shown};
use crate::runtime::bindings::exports::portcullis::plugin::{prompts, resources, tools};
use crate::runtime::bindings::portcullis::plugin::content;

/// Reads a tool. Its input schema is one that arguments can be checked against.
pub(in crate::runtime) fn tool(tool: tools::Tool) -> Result<Tool, Nonsense> {
    let name = local_name("tool", &tool.name)?;
    let of = |what: &str| format!("the {what} of tool `{name}`");
    let schema_bytes = tool.input_schema.len() + tool.output_schema.as_ref().map_or(0, String::len);
    if schema_bytes > SCHEMA_BYTES_MAX {
        return Err(format!(
            "{} has {schema_bytes} bytes, and {SCHEMA_BYTES_MAX} are allowed",
            of("schema")
        ));
    }
    let input_schema = object(&tool.input_schema, &of("input schema"))?;
    ArgumentCheck::compile(&input_schema.clone().into())
        .map_err(|error| format!("{} cannot be used: {error}", of("input schema")))?;
    headers(&input_schema).map_err(|problem| format!("in {}, {problem}", of("input schema")))?;
    let output_schema = tool
        .output_schema
        .map(|schema| json(&schema, &of("output schema")))
        .transpose()?;
    let required_capabilities = tool
        .required_capabilities
        .map(|required| object(&required, &of("list of required capabilities")))
        .transpose()?;
    Ok(Tool {
        title: words(tool.title, &of("title"))?,
        description: words(tool.description, &of("description"))?,
        input_schema,
        output_schema,
        annotations: tool.annotations.map(|hints| ToolAnnotations {
            read_only_hint: hints.read_only_hint,
            destructive_hint: hints.destructive_hint,
            idempotent_hint: hints.idempotent_hint,
            open_world_hint: hints.open_world_hint,
        }),
        icons: icons(tool.icons)?,
        task_support: match tool.task_support {
            None | Some(tools::TaskSupport::Forbidden) => TaskSupport::Forbidden,
            Some(tools::TaskSupport::Optional) => TaskSupport::Optional,
            Some(tools::TaskSupport::Required) => TaskSupport::Required,
        },
        required_capabilities,
        meta: meta(tool.meta)?,
        name,
    })
}

/// Reads a resource.
pub(in crate::runtime) fn resource(
    resource: content::ResourceLink,
) -> Result<ResourceLink, Nonsense> {
    resource_link(resource)
}

/// Reads a template. What stands before its first brace has a scheme, so it cannot claim every URI there is.
pub(in crate::runtime) fn template(
    template: resources::ResourceTemplate,
) -> Result<ResourceTemplate, Nonsense> {
    let uri_template = uri(template.uri_template, "the template")?;
    let template = ResourceTemplate {
        uri_template,
        name: words(Some(template.name), "the name of a template")?.unwrap_or_default(),
        title: words(template.title, "the title of a template")?,
        description: words(template.description, "the description of a template")?,
        mime_type: mime_type(template.mime_type)?,
        annotations: annotations(template.annotations)?,
        icons: icons(template.icons)?,
        meta: meta(template.meta)?,
    };
    if !template.literal_prefix().contains(':') {
        return Err(format!(
            "template {} does not begin with a scheme",
            shown(&template.uri_template)
        ));
    }
    Ok(template)
}

/// Reads a prompt.
pub(in crate::runtime) fn prompt(prompt: prompts::Prompt) -> Result<Prompt, Nonsense> {
    let name = local_name("prompt", &prompt.name)?;
    let argument = |argument: prompts::PromptArgument| {
        Ok(PromptArgument {
            name: words(Some(argument.name), "the name of an argument")?.unwrap_or_default(),
            title: words(argument.title, "the title of an argument")?,
            description: words(argument.description, "the description of an argument")?,
            required: argument.required,
        })
    };
    Ok(Prompt {
        title: words(prompt.title, "the title of a prompt")?,
        description: words(prompt.description, "the description of a prompt")?,
        arguments: prompt
            .arguments
            .into_iter()
            .flatten()
            .map(argument)
            .collect::<Result<_, Nonsense>>()?,
        icons: icons(prompt.icons)?,
        meta: meta(prompt.meta)?,
        name,
    })
}

fn local_name(kind: &str, claimed: &str) -> Result<LocalName, Nonsense> {
    claimed
        .parse()
        .map_err(|error| format!("a {kind} has a bad name: {error}"))
}
