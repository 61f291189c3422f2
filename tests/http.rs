//! MCP over HTTP: both eras at one address, and what becomes of everybody who misbehaves there.

use serde_json::json;

use crate::support::host::host;
use crate::support::http::{
    Site, call, get, initialize, legacy, modern, options,
};

#[tokio::test]
async fn both_eras_are_served_at_one_address() {
    let site = Site::start(host(&["echo"]), options()).await;
    let session = site.session(None).await;
    for request in [
        legacy(&session, "tools/list", json!({})),
        modern("tools/list", json!({})),
    ] {
        let tools = site.send(&request).await.result();
        assert_eq!(tools["tools"][0]["name"], "echo__echo", "{tools}");
    }
}
