//! Resources.

use crate::exports::portcullis::plugin::resources::{
    Guest, ReadOutcome, ReadRequest, ReadResult, ResourcePage, ResourceTemplate, TemplatePage,
};
use crate::portcullis::plugin::content::{ResourceBody, ResourceContents, ResourceLink};
use crate::{Context, Error, Everything, annotations, for_a_day, icons, meta};

impl Guest for Everything {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        Ok(ResourcePage {
            resources: vec![ResourceLink {
                uri: "kept://all".into(),
                name: "all".into(),
                title: Some("All".into()),
                description: Some("All of it".into()),
                mime_type: Some("text/plain".into()),
                size: Some(3),
                annotations: annotations(),
                icons: icons(),
                meta: meta(),
            }],
            next_cursor: None,
            cache: for_a_day(),
        })
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        Ok(TemplatePage {
            templates: vec![ResourceTemplate {
                uri_template: "kept://items/{id}".into(),
                name: "item".into(),
                title: Some("Item".into()),
                description: Some("One of them".into()),
                mime_type: Some("application/octet-stream".into()),
                annotations: annotations(),
                icons: icons(),
                meta: meta(),
            }],
            next_cursor: None,
            cache: None,
        })
    }

    fn read(request: ReadRequest, _context: Context) -> Result<ReadOutcome, Error> {
        let body = match request.uri.strip_prefix("kept://") {
            Some("all") => ResourceBody::Text("all".into()),
            Some(path) if path.starts_with("items/") => ResourceBody::Blob(path.into()),
            _ => return Err(Error::NotFound(request.uri)),
        };
        Ok(ReadOutcome::Complete(ReadResult {
            contents: vec![ResourceContents {
                uri: request.uri,
                mime_type: Some("text/plain".into()),
                body,
                meta: meta(),
            }],
            cache: for_a_day(),
            meta: meta(),
        }))
    }
}
