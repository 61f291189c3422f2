//! Calls that ask before they answer: a modern client gets the questions and comes back, a legacy one is asked by the host,
//! and the plugin cannot tell the difference.

use portcullis::host::Host;
use serde_json::{Value, json};

use crate::support::host::host;
use crate::support::raw::Raw;

fn everything() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
}

/// What a client says when it is asked something.
fn response_to(method: &str, params: &Value) -> Value {
    match method {
        "elicitation/create" if params["mode"] == "url" => json!({"action": "accept"}),
        "elicitation/create" => json!({"action": "accept", "content": {"name": "Ada"}}),
        "sampling/createMessage" => json!({
            "role": "assistant", "model": "m", "content": {"type": "text", "text": "hello"},
        }),
        "roots/list" => json!({"roots": [{"uri": "file:///a", "name": "a"}]}),
        other => panic!("the client is asked for {other}"),
    }
}

const KINDS: [(&str, &str); 5] = [
    ("form", r#"name: accepted {"name":"Ada"}"#),
    ("page", "page: accepted {}"),
    ("model", r#"words: sampled "hello""#),
    ("folders", "folders: folders file:///a"),
    (
        "two",
        r#"name: accepted {"name":"Ada"}; folders: folders file:///a"#,
    ),
];

fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{answer} is not a text"))
}

fn ask(kind: &str) -> Value {
    json!({"name": "interrogates__interrogates", "arguments": {"ask": kind}})
}

/// The same request, with what the client was given and its responses.
fn again(request: &Value, asked: &Value, responses: Value) -> Value {
    let mut request = request.clone();
    request["requestState"] = asked["result"]["requestState"].clone();
    request["inputResponses"] = responses;
    request
}

/// The responses to all questions of an answer.
fn responses(asked: &Value) -> Value {
    let requests = asked["result"]["inputRequests"].as_object();
    requests
        .into_iter()
        .flatten()
        .map(|(key, request)| {
            let method = request["method"].as_str().unwrap();
            (key.clone(), response_to(method, &request["params"]))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn interrogates() -> Host {
    let host = host(&["interrogates", "asks"]);
    host.settled().await;
    host
}

#[tokio::test]
async fn a_modern_client_is_given_every_kind_of_question_and_comes_back_with_the_answers() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    for (kind, told) in KINDS {
        let asked = client.request("tools/call", ask(kind)).await;
        assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
        let retry = again(&ask(kind), &asked, responses(&asked));
        let answer = client.request("tools/call", retry).await;
        assert_eq!(text(&answer), told);
        assert_eq!(answer["result"]["resultType"], "complete");
    }
}

#[tokio::test]
async fn responses_that_come_with_the_first_request_answer_what_is_asked_then() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    let mut request = ask("two");
    let name = response_to("elicitation/create", &json!({}));
    request["inputResponses"] = json!({"name": name, "something_else": {"action": "accept"}});
    let asked = client.request("tools/call", request.clone()).await;
    let open = asked["result"]["inputRequests"].as_object().unwrap();
    assert_eq!(open.keys().collect::<Vec<_>>(), ["folders"], "{asked}");

    request["inputResponses"]["folders"] = response_to("roots/list", &json!({}));
    let answer = client.request("tools/call", request).await;
    assert_eq!(text(&answer), KINDS[4].1);
}

#[tokio::test]
async fn a_legacy_client_is_asked_by_the_host_and_the_plugin_is_called_again() {
    let host = interrogates().await;
    let mut client = Raw::legacy(&host, everything()).await;
    for (kind, told) in KINDS {
        let id = client.begin("tools/call", ask(kind)).await;
        let answer = loop {
            let message = client.next().await;
            let Some(method) = message["method"].as_str() else {
                break message;
            };
            if message.get("id").is_none() {
                continue;
            }
            let result = response_to(method, &message["params"]);
            if method == "elicitation/create" && kind == "page" {
                assert!(message["params"]["elicitationId"].is_string(), "{message}");
            }
            client
                .send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}))
                .await;
        };
        assert_eq!(answer["id"], id);
        assert_eq!(text(&answer), told);
        assert!(answer["result"].get("resultType").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn prompts_and_resources_ask_as_tools_do() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    let told = r#"name: accepted {"name":"Ada"}"#;

    let request = json!({"name": "interrogates__dedicate", "arguments": {}});
    let asked = client.request("prompts/get", request.clone()).await;
    let retry = again(&request, &asked, responses(&asked));
    let prompt = client.request("prompts/get", retry).await;
    assert_eq!(
        prompt["result"]["messages"][0]["content"]["text"], told,
        "{prompt}"
    );

    let request = json!({"uri": "interrogates://visitor"});
    let asked = client.request("resources/read", request.clone()).await;
    let retry = again(&request, &asked, responses(&asked));
    let read = client.request("resources/read", retry).await;
    assert_eq!(read["result"]["contents"][0]["text"], told, "{read}");
}

#[tokio::test]
async fn a_declined_and_a_closed_question_reach_the_plugin() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    for (action, told) in [("decline", "declined"), ("cancel", "cancelled")] {
        let asked = client.request("tools/call", ask("form")).await;
        let retry = again(&ask("form"), &asked, json!({"name": {"action": action}}));
        let answer = client.request("tools/call", retry).await;
        assert_eq!(text(&answer), format!("name: {told}"));
    }
}

#[tokio::test]
async fn what_is_missing_or_does_not_fit_is_asked_again() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    let mut asked = client.request("tools/call", ask("form")).await;
    for wrong in [
        json!({}),
        json!({"name": 7}),
        json!({"name": null}),
        json!({"name": {"action": "accept", "content": {"name": 7}}}),
        json!({"other": {"action": "accept", "content": {"name": "Ada"}}}),
    ] {
        let retry = again(&ask("form"), &asked, wrong.clone());
        asked = client.request("tools/call", retry).await;
        assert_eq!(
            asked["result"]["resultType"], "input_required",
            "{wrong}: {asked}"
        );
        assert!(asked["result"]["inputRequests"]["name"].is_object());
    }
    let retry = again(&ask("form"), &asked, responses(&asked));
    let answer = client.request("tools/call", retry).await;
    assert_eq!(text(&answer), r#"name: accepted {"name":"Ada"}"#);
}

#[tokio::test]
async fn a_client_is_not_asked_what_it_did_not_declare() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, json!({"roots": {}}));
    for (kind, lacking) in [
        ("form", json!({"elicitation": {"form": {}}})),
        ("page", json!({"elicitation": {"url": {}}})),
        ("model", json!({"sampling": {}})),
        ("two", json!({"elicitation": {"form": {}}})),
    ] {
        let refused = client.request("tools/call", ask(kind)).await;
        assert_eq!(refused["error"]["code"], -32021, "{kind}: {refused}");
        assert_eq!(refused["error"]["data"]["requiredCapabilities"], lacking);
    }
    let asked = client.request("tools/call", ask("folders")).await;
    assert_eq!(asked["result"]["resultType"], "input_required");
}

#[tokio::test]
async fn a_state_that_was_forged_or_belongs_to_another_call_is_refused() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    let asked = client.request("tools/call", ask("form")).await;
    let good = again(&ask("form"), &asked, responses(&asked));

    let mut tampered = good.clone();
    let state = tampered["requestState"].as_str().unwrap();
    tampered["requestState"] = format!("{state}-TAMPERED").into();
    let mut of_another_call = good.clone();
    of_another_call["arguments"]["ask"] = "two".into();
    let mut of_another_tool = good.clone();
    of_another_tool["name"] = "asks__asks".into();
    of_another_tool["arguments"] = json!({});
    let mut made_up = good.clone();
    made_up["requestState"] = "made up".into();
    for forged in [tampered, of_another_call, of_another_tool, made_up] {
        let refused = client.request("tools/call", forged.clone()).await;
        assert_eq!(refused["error"]["code"], -32602, "{forged}: {refused}");
    }
    let answer = client.request("tools/call", good).await;
    assert_eq!(text(&answer), r#"name: accepted {"name":"Ada"}"#);
}

#[tokio::test]
async fn a_state_shows_nothing_of_what_is_in_it() {
    use base64::Engine as _;

    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    let asked = client.request("tools/call", ask("form")).await;
    let state = asked["result"]["requestState"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(state)
        .unwrap();
    assert!(!bytes.windows(7).any(|bytes| bytes == b"a state"));
    assert!(!bytes.windows(4).any(|bytes| bytes == b"name"));
}

#[tokio::test]
async fn questions_that_make_no_sense_are_the_plugins_failure_and_its_next_call_works() {
    let host = interrogates().await;
    let mut client = Raw::modern(&host, everything());
    for kind in ["bad-page", "bad-model", "twice"] {
        let failed = client.request("tools/call", ask(kind)).await;
        assert_eq!(failed["result"]["isError"], true, "{kind}: {failed}");
    }
    let ping = json!({"name": "interrogates__ping", "arguments": {}});
    assert_eq!(text(&client.request("tools/call", ping).await), "pong");
}

#[tokio::test]
async fn a_plugin_that_asks_for_ever_is_ended_for_a_legacy_client() {
    let host = interrogates().await;
    let mut client = Raw::legacy(&host, everything()).await;
    let id = client.begin("tools/call", ask("forever")).await;
    let mut n_asked = 0;
    let answer = loop {
        let message = client.next().await;
        match message["method"].as_str() {
            Some(method) if message.get("id").is_some() => {
                n_asked += 1;
                let result = response_to(method, &message["params"]);
                client
                    .send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}))
                    .await;
            }
            Some(_) => {}
            None => break message,
        }
    };
    assert_eq!(answer["id"], id);
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(n_asked > 1);
}

#[tokio::test]
async fn a_legacy_client_that_answers_with_an_error_ends_the_call() {
    let host = interrogates().await;
    let mut client = Raw::legacy(&host, everything()).await;
    client.begin("tools/call", ask("model")).await;
    let request = client.next().await;
    assert_eq!(request["method"], "sampling/createMessage");
    client
        .send(&json!({
            "jsonrpc": "2.0", "id": request["id"], "error": {"code": -1, "message": "the person said no"},
        }))
        .await;
    let answer = client.next().await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(text(&answer).contains("the person said no"), "{answer}");
}

#[tokio::test]
async fn a_legacy_client_that_cancels_while_it_is_asked_is_not_asked_any_more() {
    let host = interrogates().await;
    let mut client = Raw::legacy(&host, everything()).await;
    let id = client.begin("tools/call", ask("form")).await;
    let question = client.next().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    client
        .send(&json!({
            "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id},
        }))
        .await;
    let withdrawn = client.next().await;
    assert_eq!(
        withdrawn["method"], "notifications/cancelled",
        "{withdrawn}"
    );
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    // The first one gets no answer, and the next call is served.
    let ping = json!({"name": "interrogates__ping", "arguments": {}});
    assert_eq!(text(&client.request("tools/call", ping).await), "pong");
}
