//! The end: in good order, and within bounds.

use portcullis::limits::HttpLimits;
use serde_json::json;

use super::listen;
use crate::support::host::host;
use crate::support::http::{SHORT_MS, Site, call, get, legacy, limited, options};

#[tokio::test]
async fn a_call_in_flight_is_answered_and_a_subscription_has_its_last_word() {
    let site = Site::start(host(&["slow", "echo"]), options()).await;
    let session = site.session(None).await;
    let mut subscription = site.open(&listen()).await;
    subscription.hears("subscriptions/acknowledged").await;
    let follow = get("/mcp")
        .session(&session)
        .with("accept", "text/event-stream");
    let mut following = site.open(&follow).await;
    following.hears("retry").await;
    let arguments = json!({"name": "slow__sleep", "arguments": {"ms": 300}});
    let mut of_legacy = site.open(&legacy(&session, "tools/call", arguments)).await;
    of_legacy.hears("retry").await;
    // A connection that is already there, and on which nothing was asked yet.
    let mut kept = site.connect().await;
    kept.write(&get("/health").without("connection").text())
        .await;
    kept.hears("ok").await;

    site.stop();
    let last = subscription.whole().await;
    assert_eq!(last.result()["resultType"], "complete", "{last:?}");
    assert_eq!(of_legacy.whole().await.said(), "slept 300 ms");
    following.whole().await;
    kept.whole().await;
    let address = site.address;
    site.ended().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_call_that_does_not_end_is_not_waited_for() {
    let limits = HttpLimits {
        drain_ms: SHORT_MS,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["slow"]), limited(limits)).await;
    site.send(&call("slow__sleep", json!({"ms": 0})))
        .await
        .said();
    let running = site.open(&call("slow__sleep", json!({"ms": 50_000}))).await;
    site.stop();
    site.ended().await;
    let reply = running.whole().await;
    assert!(!reply.body.contains("slept"), "{reply:?}");
}
