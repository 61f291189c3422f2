//! MCP Apps, and arguments as headers: what a tool may name, and what clients are told of it.

use portcullis::config::PluginConfig;
use portcullis::host::Installed;
use portcullis::manifest::Manifest;
use portcullis::names::Prefix;
use serde_json::{Value, json};

use crate::support::host::{failure, host_of, installed};
use crate::support::wire::{MODERN, Wire};

/// The guest that lists what its settings say.
pub fn verbatim(settings: Value) -> Installed {
    let manifest = json!({
        "name": "verbatim", "version": "1.0.0",
        "configuration": {"schema": {"type": "object"}, "defaults": {}},
    });
    Installed {
        manifest: Manifest::parse(manifest.to_string().as_bytes(), "test").unwrap(),
        settings: PluginConfig {
            config: Some(settings),
            ..PluginConfig::default()
        },
        ..installed("verbatim")
    }
}

#[tokio::test]
async fn an_app_is_told_of_as_the_plugin_wrote_it() {
    let host = host_of([installed("app")]);
    for revision in ["2025-06-18", "2025-11-25", MODERN] {
        let mut wire = Wire::open(&host, revision).await;
        let tools = wire.result("tools/list", json!({})).await;
        let tool = |name: &str| {
            let tools = tools["tools"].as_array().expect("tools").iter();
            tools
                .clone()
                .find(|tool| tool["name"] == name)
                .cloned()
                .expect("the tool")
        };
        assert_eq!(
            tool("app__show_chart")["_meta"],
            json!({"ui": {"resourceUri": "ui://app/chart.html"}, "example.com/kept": [1]})
        );
        let page = "ui://app/chart.html";
        let listed = wire.result("resources/list", json!({})).await;
        assert_eq!(
            listed["resources"][0]["_meta"],
            json!({"ui": {"prefersBorder": true}})
        );
        let read = wire.result("resources/read", json!({"uri": page})).await;
        assert_eq!(read["contents"][0]["mimeType"], "text/html;profile=mcp-app");
        assert_eq!(
            read["contents"][0]["_meta"],
            json!({"ui": {"csp": {"connectDomains": []}, "permissions": {}}})
        );
        // An app calls its plugin's tools by the names it knows.
        for name in ["more_points", "app__more_points"] {
            let called = wire
                .result("tools/call", json!({"name": name, "arguments": {}}))
                .await;
            assert_eq!(called["structuredContent"], json!({"points": [1, 2, 3]}));
            assert_eq!(called["_meta"]["ui"], json!({"theme": "dark"}));
        }
    }
}

#[tokio::test]
async fn a_name_that_two_plugins_know_is_nobodys() {
    let mut second = installed("app");
    second.identity.name = "other".parse().unwrap();
    second.prefix = Prefix::try_from("other".to_owned()).unwrap();
    // Its page is the first one's, so it is refused whole and the name stays unique.
    let host = host_of([installed("app"), second]);
    let reason = failure(&host, "other").await.expect("it is out of service");
    assert!(reason.contains("ui://app/chart.html"), "{reason}");

    let host = host_of([installed("noop"), installed("echo")]);
    let mut wire = Wire::open(&host, MODERN).await;
    let ping = |name: &str| json!({"name": name, "arguments": {}});
    assert_eq!(wire.error("tools/call", ping("ping")).await, -32602);
    wire.result("tools/call", ping("noop__ping")).await;
}

#[tokio::test]
async fn a_tool_with_somebody_elses_page_is_refused_and_the_owner_goes_on() {
    let check = async |page: Value, sentence: Option<&str>| {
        let meta = json!({"ui": {"resourceUri": page}}).to_string();
        let settings = json!({"meta": meta, "uri": "ui://verbatim/page"});
        let host = host_of([installed("app"), verbatim(settings)]);
        let reason = failure(&host, "verbatim").await;
        match sentence {
            None => assert_eq!(reason, None, "{page}"),
            Some(sentence) => {
                let reason = reason.unwrap_or_else(|| panic!("{page} is served"));
                assert!(reason.contains(sentence), "{reason}");
            }
        }
        assert_eq!(failure(&host, "app").await, None);
    };
    check(json!("ui://verbatim/page"), None).await;
    check(json!("ui://app/chart.html"), Some("not this plugin's own")).await;
    check(
        json!("ui://verbatim/page/../../app"),
        Some("not this plugin's own"),
    )
    .await;
    check(json!("https://example.com/"), Some("no `ui://` URI")).await;
    check(json!("skill://verbatim/x/SKILL.md"), Some("no `ui://` URI")).await;
    check(json!(["ui://verbatim/page"]), Some("no `ui://` URI")).await;
}

#[tokio::test]
async fn a_mark_for_a_header_keeps_the_rules_or_the_plugin_is_out_of_service() {
    let check = async |property: Value, sentence: Option<&str>| {
        let input = json!({"type": "object", "properties": {"a": property}}).to_string();
        let host = host_of([verbatim(json!({"input": input})), installed("noop")]);
        let reason = failure(&host, "verbatim").await;
        match sentence {
            None => assert_eq!(reason, None, "{input}"),
            Some(sentence) => {
                let reason = reason.unwrap_or_else(|| panic!("{input} is served"));
                assert!(
                    reason.contains(sentence) && reason.contains("listed"),
                    "{reason}"
                );
            }
        }
        assert_eq!(failure(&host, "noop").await, None);
    };
    check(json!({"type": "string", "x-mcp-header": "Region"}), None).await;
    check(
        json!({"type": "string", "x-mcp-header": "a: b\r\nEvil: c"}),
        Some("not a part of a header's name"),
    )
    .await;
    check(
        json!({"type": "object", "x-mcp-header": "A"}),
        Some("is not of a `string`"),
    )
    .await;
    let items = json!({"type": "array", "items": {"type": "string", "x-mcp-header": "A"}});
    check(items, Some("does not stand on a property")).await;
}
