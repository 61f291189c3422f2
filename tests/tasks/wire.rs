//! Tasks as a client sees them, byte by byte.

use super::*;

const TASKS: &str = "io.modelcontextprotocol/tasks";

fn able() -> Value {
    json!({"elicitation": {"form": {}}, "extensions": {TASKS: {}}})
}

fn work(mode: &str) -> Value {
    json!({"name": "task_worker__work", "arguments": {"mode": mode}})
}

async fn worker_host() -> Host {
    let host = host_of([worker()]);
    host.settled().await;
    host
}

/// Polls a task until its status is `expected`.
async fn poll(client: &mut Raw, id: &Value, expected: &str) -> Value {
    let poll = async {
        loop {
            let told = client.request("tasks/get", json!({"taskId": id})).await;
            if told["result"]["status"] == expected {
                return told["result"].clone();
            }
        }
    };
    let polled = tokio::time::timeout(PATIENCE, poll).await;
    polled.expect("it comes so far in time")
}

#[tokio::test]
async fn a_modern_client_begins_answers_and_reads_a_task() {
    let host = worker_host().await;
    let mut client = Raw::modern(&host, able());
    let discovered = client.request("server/discover", json!({})).await;
    assert_eq!(
        discovered["result"]["capabilities"]["extensions"][TASKS],
        json!({})
    );

    let begun = client.request("tools/call", work("asks")).await;
    let begun = &begun["result"];
    assert_eq!(begun["resultType"], "task");
    assert_eq!(begun["status"], "working");
    assert_eq!(begun["pollIntervalMs"], 50);
    assert!(
        begun["ttlMs"].is_u64() && begun["createdAt"].is_string(),
        "{begun}"
    );
    let id = begun["taskId"].clone();
    assert!(id.as_str().is_some_and(|id| id.len() >= 22), "{id}");

    let asking = poll(&mut client, &id, "input_required").await;
    assert_eq!(asking["resultType"], "complete");
    let asked = asking["inputRequests"].as_object().expect("questions");
    let responses: serde_json::Map<_, _> = asked
        .iter()
        .map(|(key, question)| {
            assert_eq!(question["method"], "elicitation/create");
            (
                key.clone(),
                json!({"action": "accept", "content": {"it": "x"}}),
            )
        })
        .collect();
    let taken = client
        .request(
            "tasks/update",
            json!({"taskId": id, "inputResponses": responses}),
        )
        .await;
    assert_eq!(taken["result"], json!({"resultType": "complete"}));
    let done = poll(&mut client, &id, "completed").await;
    let text = &done["result"]["content"][0]["text"];
    assert_eq!(text, r#"name: {"it":"x"}, age: {"it":"x"}"#);
    let cancelled = client.request("tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(cancelled["result"], json!({"resultType": "complete"}));
    poll(&mut client, &id, "completed").await;
}

#[tokio::test]
async fn a_failure_is_the_error_the_call_would_have_been() {
    let host = worker_host().await;
    let mut client = Raw::modern(&host, able());
    for (mode, code) in [
        ("fails", 7),
        ("refuses", -32602),
        ("traps", -32603),
        ("asks for roots", -32021),
    ] {
        let begun = client.request("tools/call", work(mode)).await;
        let failed = poll(&mut client, &begun["result"]["taskId"], "failed").await;
        assert_eq!(failed["error"]["code"], code, "{failed}");
        assert!(failed["error"]["message"].is_string() && failed.get("result").is_none());
    }
}

#[tokio::test]
async fn an_unknown_task_is_one_error_in_one_sentence() {
    let host = worker_host().await;
    let mut client = Raw::modern(&host, able());
    let begun = client.request("tools/call", work("asks")).await;
    assert!(begun["result"]["taskId"].is_string());
    let id = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for (method, params) in [
        ("tasks/get", json!({"taskId": id})),
        ("tasks/update", json!({"taskId": id, "inputResponses": {}})),
        ("tasks/cancel", json!({"taskId": id})),
    ] {
        let refused = client.request(method, params).await;
        assert_eq!(refused["error"]["code"], -32602, "{method}");
        let sentence = CallError::NoSuchTask.to_string();
        assert_eq!(refused["error"]["message"], sentence);
    }
    for method in ["tasks/list", "tasks/result"] {
        let refused = client.request(method, json!({"taskId": id})).await;
        assert_eq!(refused["error"]["code"], -32601, "{method}");
    }
}

#[tokio::test]
async fn a_client_that_declared_nothing_is_given_no_task() {
    let host = worker_host().await;
    let mut client = Raw::modern(&host, json!({}));
    let answered = client.request("tools/call", work("asks")).await;
    assert_eq!(answered["result"]["content"][0]["text"], "done at once");
    for (method, params) in [
        (
            "tools/call",
            json!({"name": "task_worker__must", "arguments": {}}),
        ),
        ("tasks/get", json!({"taskId": "x"})),
        ("tasks/update", json!({"taskId": "x", "inputResponses": {}})),
        ("tasks/cancel", json!({"taskId": "x"})),
    ] {
        let refused = client.request(method, params).await;
        assert_eq!(refused["error"]["code"], -32021, "{method}: {refused}");
        let required = &refused["error"]["data"]["requiredCapabilities"];
        assert_eq!(required["extensions"][TASKS], json!({}), "{method}");
    }
    let pushed = json!({"name": "task_worker__pushes", "arguments": {}});
    let pushed = client.request("tools/call", pushed).await;
    assert_eq!(pushed["result"]["isError"], true, "{pushed}");
}

#[tokio::test]
async fn a_legacy_client_is_offered_no_tasks_whatever_it_declares() {
    let host = worker_host().await;
    let mut client = Raw::legacy(&host, able()).await;
    let answered = client.request("tools/call", work("asks")).await;
    assert_eq!(answered["result"]["content"][0]["text"], "done at once");
    let must = json!({"name": "task_worker__must", "arguments": {}});
    let refused = client.request("tools/call", must).await;
    assert_eq!(refused["error"]["code"], -32021, "{refused}");
    let refused = client.request("tasks/get", json!({"taskId": "x"})).await;
    assert_eq!(refused["error"]["code"], -32601, "{refused}");
}
