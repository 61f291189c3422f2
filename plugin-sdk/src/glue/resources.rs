//! The interface `resources`.

use super::{WitError, no_task, refuse_cursor};
use crate::bindings::host::portcullis::plugin::call::Context as Call;
use crate::bindings::host::portcullis::plugin::content::ResourceLink;
use crate::bindings::resource_plugin::exports::portcullis::plugin::resources;
use crate::{Contents, Context, Error, Outcome};

pub use crate::template::Variables;
use resources::{Guest, ReadOutcome, ReadRequest, ResourcePage, TemplatePage};

/// A plugin with resources.
pub trait Resources {
    const RESOURCES: &'static [Resource];
}

impl<P: Resources> Guest for P {
    fn list(cursor: Option<String>) -> Result<ResourcePage, WitError> {
        list(P::RESOURCES, cursor)
    }

    fn list_templates(cursor: Option<String>) -> Result<TemplatePage, WitError> {
        list_templates(P::RESOURCES, cursor)
    }

    fn read(request: ReadRequest, context: Call) -> Result<ReadOutcome, WitError> {
        read(P::RESOURCES, request, context)
    }
}

/// A function marked `#[resource]`.
pub struct Resource {
    /// A URI, or a template.
    pub uri: &'static str,
    pub name: &'static str,
    pub title: Option<&'static str>,
    pub description: Option<&'static str>,
    pub mime_type: Option<&'static str>,
    pub meta: Option<&'static str>,
    pub read: fn(&Variables<'_>, &Context) -> Result<Outcome<Contents>, Error>,
}

impl Resource {
    fn is_template(&self) -> bool {
        self.uri.contains('{')
    }
}

fn list(resources: &[Resource], cursor: Option<String>) -> Result<ResourcePage, WitError> {
    refuse_cursor(cursor.as_deref())?;
    let describe = |resource: &Resource| ResourceLink {
        uri: resource.uri.to_owned(),
        name: resource.name.to_owned(),
        title: resource.title.map(str::to_owned),
        description: resource.description.map(str::to_owned),
        mime_type: resource.mime_type.map(str::to_owned),
        size: None,
        annotations: None,
        icons: None,
        meta: resource.meta.map(str::to_owned),
    };
    let listed = resources.iter().filter(|it| !it.is_template());
    Ok(ResourcePage {
        resources: listed.map(describe).collect(),
        next_cursor: None,
        cache: None,
    })
}

fn list_templates(
    resources: &[Resource],
    cursor: Option<String>,
) -> Result<TemplatePage, WitError> {
    refuse_cursor(cursor.as_deref())?;
    let describe = |resource: &Resource| resources::ResourceTemplate {
        uri_template: resource.uri.to_owned(),
        name: resource.name.to_owned(),
        title: resource.title.map(str::to_owned),
        description: resource.description.map(str::to_owned),
        mime_type: resource.mime_type.map(str::to_owned),
        annotations: None,
        icons: None,
        meta: resource.meta.map(str::to_owned),
    };
    let templates = resources.iter().filter(|it| it.is_template());
    Ok(TemplatePage {
        templates: templates.map(describe).collect(),
        next_cursor: None,
        cache: None,
    })
}

/// Reads a resource. One that is listed comes before a template that fits as well.
fn read(resources: &[Resource], request: ReadRequest, call: Call) -> Result<ReadOutcome, WitError> {
    let uri = request.uri;
    let find = |templates: bool| {
        let mut candidates = resources.iter().filter(|it| it.is_template() == templates);
        candidates.find_map(|it| Some((it, Variables::read(it.uri, &uri)?)))
    };
    let Some((resource, variables)) = find(false).or_else(|| find(true)) else {
        return Err(WitError::NotFound(uri));
    };
    let context = Context::new(call, request.continuation);
    let outcome = (resource.read)(&variables, &context).map_err(Error::into_wit)?;
    Ok(match outcome {
        Outcome::Complete(contents) => {
            let (contents, cache, meta) = contents.complete(&uri, resource.mime_type);
            ReadOutcome::Complete(resources::ReadResult {
                contents,
                cache,
                meta,
            })
        }
        Outcome::Ask(questions) => ReadOutcome::InputRequired(questions.into()),
        Outcome::Task(_) => return Err(no_task()),
    })
}
