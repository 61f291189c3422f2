//! One page of a list, out of a catalogue.

use rmcp::model::{
    ErrorData, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams,
};

use super::cursor::{self, List};
use super::{Era, to_mcp};
use crate::catalogue::{Catalogue, Offered};
use crate::contract::CacheHint;
use crate::limits::PAGE_ITEMS;

/// Entries converted for the wire, and where the next ones begin.
pub(super) struct Page<M> {
    pub(super) entries: Vec<M>,
    pub(super) next: Option<String>,
}

impl<M> Page<M> {
    pub(super) fn of<T>(
        list: List,
        request: Option<PaginatedRequestParams>,
        entries: &[Offered<T>],
        convert: impl Fn(&Offered<T>) -> M,
    ) -> Result<Self, ErrorData> {
        let start = match request.and_then(|params| params.cursor) {
            Some(claimed) => cursor::position(list, &claimed, entries)
                .map_err(|bad| ErrorData::invalid_params(bad.to_string(), None))?,
            None => 0,
        };
        let rest = &entries[start..];
        let page = &rest[..rest.len().min(PAGE_ITEMS)];
        let next = (page.len() < rest.len())
            .then(|| page.last().map(|last| cursor::after(list, last)))
            .flatten();
        Ok(Self {
            entries: page.iter().map(convert).collect(),
            next,
        })
    }
}

/// Makes the function for one list: the results differ in the name of one field only.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident -> $result:ident, $list:ident, $entries:ident, $cache:literal, $convert:expr) => {
        $(#[$doc])*
        pub(super) fn $name(
            catalogue: &Catalogue,
            request: Option<PaginatedRequestParams>,
            era: Era,
        ) -> Result<$result, ErrorData> {
            let convert: fn(&Offered<_>, Era) -> _ = $convert;
            let page = Page::of(List::$list, request, catalogue.$entries(), |entry| convert(entry, era))?;
            let hint: Option<CacheHint> = catalogue.cache()[$cache];
            let mut result = $result::with_all_items(page.entries);
            result.next_cursor = page.next;
            // Without a hint the library says "do not keep it, and share it with nobody" to those that want to be told.
            (result.ttl_ms, result.cache_scope) = hint.map(to_mcp::cache_hint).unzip();
            Ok(result)
        }
    };
}

page! {
    /// A page of `tools/list`.
    tools -> ListToolsResult, Tools, tools, 0, to_mcp::tool
}
page! {
    /// A page of `resources/list`.
    resources -> ListResourcesResult, Resources, resources, 1, |entry, _| to_mcp::resource(entry)
}
page! {
    /// A page of `resources/templates/list`.
    templates -> ListResourceTemplatesResult, Templates, templates, 2, |entry, _| to_mcp::template(entry)
}
page! {
    /// A page of `prompts/list`.
    prompts -> ListPromptsResult, Prompts, prompts, 3, |entry, _| to_mcp::prompt(entry)
}
