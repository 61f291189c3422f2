//! Blocks, resources and icons.

use super::{Nonsense, meta, uri, words};
use crate::contract::{
    Annotations, Body, Content, Contents, Icon, IconTheme, Media, ResourceLink, Role,
};
use crate::names::shown;
use crate::runtime::bindings::portcullis::plugin::{content as claimed, types};

pub(super) fn content(block: claimed::ContentBlock) -> Result<Content, Nonsense> {
    Ok(match block {
        claimed::ContentBlock::Text(text) => Content::Text {
            text: text.text,
            annotations: annotations(text.annotations)?,
            meta: meta(text.meta)?,
        },
        claimed::ContentBlock::Image(image) => Content::Image(media(image)?),
        claimed::ContentBlock::Audio(audio) => Content::Audio(media(audio)?),
        claimed::ContentBlock::ResourceLink(link) => Content::ResourceLink(resource_link(link)?),
        claimed::ContentBlock::EmbeddedResource(embedded) => Content::Embedded {
            resource: contents(embedded.contents)?,
            annotations: annotations(embedded.annotations)?,
            meta: meta(embedded.meta)?,
        },
    })
}

pub(super) fn contents(contents: claimed::ResourceContents) -> Result<Contents, Nonsense> {
    Ok(Contents {
        uri: uri(contents.uri, "the URI of a resource")?,
        mime_type: mime_type(contents.mime_type)?,
        body: match contents.body {
            claimed::ResourceBody::Text(text) => Body::Text(text),
            claimed::ResourceBody::Blob(blob) => Body::Blob(blob),
        },
        meta: meta(contents.meta)?,
    })
}

pub(super) fn resource_link(link: claimed::ResourceLink) -> Result<ResourceLink, Nonsense> {
    Ok(ResourceLink {
        uri: uri(link.uri, "the URI of a resource")?,
        name: words(Some(link.name), "the name of a resource")?.unwrap_or_default(),
        title: words(link.title, "the title of a resource")?,
        description: words(link.description, "the description of a resource")?,
        mime_type: mime_type(link.mime_type)?,
        size: link.size,
        annotations: annotations(link.annotations)?,
        icons: icons(link.icons)?,
        meta: meta(link.meta)?,
    })
}

pub(super) fn annotations(
    annotations: Option<types::Annotations>,
) -> Result<Option<Annotations>, Nonsense> {
    annotations
        .map(|claimed| {
            if claimed
                .priority
                .is_some_and(|priority| !(0.0..=1.0).contains(&priority))
            {
                return Err("a priority is not between 0 and 1".to_owned());
            }
            Ok(Annotations {
                audience: claimed.audience.into_iter().flatten().map(role).collect(),
                priority: claimed.priority,
                last_modified: words(claimed.last_modified, "a time")?,
            })
        })
        .transpose()
}

pub(super) fn role(role: types::Role) -> Role {
    match role {
        types::Role::User => Role::User,
        types::Role::Assistant => Role::Assistant,
    }
}

/// Reads icons. Their bytes count with the answer or the list they stand in.
pub(in crate::runtime) fn icons(icons: Option<Vec<types::Icon>>) -> Result<Vec<Icon>, Nonsense> {
    let icon = |icon: types::Icon| {
        let fits = icon.src.starts_with("https://") || icon.src.starts_with("data:");
        if !fits
            || icon
                .src
                .chars()
                .any(|c| c.is_whitespace() || c.is_control())
        {
            return Err("the source of an icon is not an `https:` or `data:` URI".to_owned());
        }
        Ok(Icon {
            src: icon.src,
            mime_type: mime_type(icon.mime_type)?,
            sizes: icon.sizes.unwrap_or_default(),
            theme: icon.theme.map(|theme| match theme {
                types::IconTheme::Light => IconTheme::Light,
                types::IconTheme::Dark => IconTheme::Dark,
            }),
        })
    };
    icons.into_iter().flatten().map(icon).collect()
}

fn media(media: claimed::MediaContent) -> Result<Media, Nonsense> {
    Ok(Media {
        data: media.data,
        mime_type: mime_type(Some(media.mime_type))?.unwrap_or_default(),
        annotations: annotations(media.annotations)?,
        meta: meta(media.meta)?,
    })
}

/// Reads a media type: `type/subtype`, perhaps with parameters, in printable ASCII.
pub(super) fn mime_type(claimed: Option<String>) -> Result<Option<String>, Nonsense> {
    match claimed {
        Some(mime_type)
            if mime_type.len() > 255
                || !mime_type.contains('/')
                || !mime_type.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) =>
        {
            Err(format!("{} is not a media type", shown(&mime_type)))
        }
        mime_type => Ok(mime_type),
    }
}
