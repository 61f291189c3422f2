//! MCP Apps: a tool may name a page, under `ui://`, that shows its answers.
//!
//! A client opens that page and lets it call tools. So it must be a page of the same plugin: a tool that named another's
//! would put its answers into a page that does not expect them.

use crate::contract::{JsonObject, Tool};

/// A tool that names a page it must not name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPage {
    /// Something else than an address of a page.
    #[error(
        "tool `{tool}` names a page that is no `ui://` URI (hint: `_meta.ui.resourceUri` is text such as `ui://name/page`)"
    )]
    NotUi {
        /// The tool.
        tool: String,
    },
    /// Nobody's page, or another plugin's.
    #[error(
        "tool `{tool}` names the page `{uri}`, which is not this plugin's own (hint: list it as a resource of the same \
         plugin)"
    )]
    NotOwn {
        /// The tool.
        tool: String,
        /// The page.
        uri: String,
    },
}

/// Refuses a tool that names a page other than its own plugin's; `is_own` knows those.
pub(super) fn check(tools: &[Tool], is_own: impl Fn(&str) -> bool) -> Result<(), BadPage> {
    for tool in tools {
        let Some(meta) = &tool.meta else { continue };
        for page in pages(meta) {
            let tool = tool.name.to_string();
            match page.as_str() {
                Some(uri) if uri.starts_with("ui://") && is_own(uri) => {}
                Some(uri) if uri.starts_with("ui://") => {
                    let uri = uri.escape_debug().to_string();
                    return Err(BadPage::NotOwn { tool, uri });
                }
                _ => return Err(BadPage::NotUi { tool }),
            }
        }
    }
    Ok(())
}

/// The pages a tool names, in the way of today and in the one before, which clients still read.
fn pages(meta: &JsonObject) -> impl Iterator<Item = &serde_json::Value> {
    let today = meta.get("ui").and_then(|ui| ui.get("resourceUri"));
    today.into_iter().chain(meta.get("ui/resourceUri"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tool_names_a_page_of_its_own_plugin_or_none() {
        let check = |meta: serde_json::Value, fits: bool| {
            let tool: Tool = serde_json::from_value(json!({
                "name": "show", "inputSchema": {}, "taskSupport": "forbidden", "_meta": meta,
            }))
            .expect("a good tool");
            let checked = super::check(&[tool], |uri| uri == "ui://own/page");
            assert_eq!(checked.is_ok(), fits, "{meta} {checked:?}");
        };
        check(json!({}), true);
        check(json!({"ui": {"visibility": ["app"]}}), true);
        check(json!({"ui": "anything"}), true);
        check(json!({"ui": {"resourceUri": "ui://own/page"}}), true);
        check(json!({"ui/resourceUri": "ui://own/page"}), true);
        check(json!({"ui": {"resourceUri": "ui://other/page"}}), false);
        check(json!({"ui/resourceUri": "ui://other/page"}), false);
        check(
            json!({"ui": {"resourceUri": "https://example.com/"}}),
            false,
        );
        check(json!({"ui": {"resourceUri": "UI://own/page"}}), false);
        check(json!({"ui": {"resourceUri": 7}}), false);
        check(
            json!({"ui": {"resourceUri": "ui://own/page"}, "ui/resourceUri": "file:///"}),
            false,
        );
    }
}
