//! The skills extension (SEP-2640): which skills there are, what is in one, and what is in a folder of one. Their files
//! are read as any resource is.

use rmcp::model::{
    ErrorData, GetSkillRequestParams, GetSkillResult, ListResourcesResult, ListSkillsResult,
    PaginatedRequestParams, ReadResourceDirectoryRequestParams, Skill, SkillFrontmatter,
    SkillResource, SkillResources,
};
use serde_json::json;

use super::cursor::List;
use super::pages::Page;
use super::to_mcp;
use crate::catalogue::{Catalogue, Offered};
use crate::contract;

/// A page of `skills/list`.
pub(super) fn list(
    catalogue: &Catalogue,
    request: Option<PaginatedRequestParams>,
) -> Result<ListSkillsResult, ErrorData> {
    let page = Page::of(List::Skills, request, catalogue.skills(), skill)?;
    let mut result = ListSkillsResult::with_all_items(page.entries);
    result.next_cursor = page.next;
    Ok(result)
}

/// `skills/get`.
pub(super) fn get(
    catalogue: &Catalogue,
    request: &GetSkillRequestParams,
) -> Result<GetSkillResult, ErrorData> {
    match catalogue.skill(&request.uri) {
        Some(offered) => Ok(GetSkillResult::new(skill(offered))),
        None => Err(nothing(&request.uri, "skill")),
    }
}

/// A page of `resources/directory/read`.
pub(super) fn folder(
    catalogue: &Catalogue,
    request: ReadResourceDirectoryRequestParams,
) -> Result<ListResourcesResult, ErrorData> {
    let entries = catalogue
        .skill_folder(&request.uri)
        .ok_or_else(|| nothing(&request.uri, "folder"))?;
    let mut begin = PaginatedRequestParams::default();
    begin.cursor = request.cursor;
    let page = Page::of(List::Folder, Some(begin), &entries, to_mcp::resource)?;
    let mut result = ListResourcesResult::with_all_items(page.entries);
    result.next_cursor = page.next;
    Ok(result)
}

fn skill(offered: &Offered<contract::Skill>) -> Skill {
    let item = &offered.item;
    let mut frontmatter = SkillFrontmatter::new(item.name.as_str(), &item.description);
    frontmatter.extra = item.frontmatter.clone();
    // As its author wrote it, and not as it was trimmed.
    if let Some(serde_json::Value::String(description)) = frontmatter.extra.remove("description") {
        frontmatter.description = description;
    }
    frontmatter.extra.remove("name");
    let files = offered.files().map(|(uri, file)| {
        SkillResource::new(uri, file.digest.to_string(), file.bytes.len() as u64)
    });
    Skill::new(
        &*offered.public,
        frontmatter,
        SkillResources::Files(files.collect()),
    )
}

fn nothing(uri: &str, kind: &str) -> ErrorData {
    ErrorData::invalid_params(
        format!("there is no {kind} with this URI (hint: `skills/list` names every skill)"),
        Some(json!({"uri": uri})),
    )
}
