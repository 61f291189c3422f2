//! One client's part of a conversation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::conversation::{Conversation, Exchange};
use crate::support::host::PATIENCE;
use crate::support::raw::Raw;

/// What differs from run to run. An answer is kept with the key in its place, and a request says the key to mean the value that
/// came last.
const VARYING: [&str; 5] = [
    "requestState",
    "taskId",
    "createdAt",
    "lastUpdatedAt",
    "elicitationId",
];

/// Has a conversation again, and tells what is not as it was.
pub async fn have(
    client: &mut Raw,
    conversation: &mut Conversation,
    port: u16,
    problems: &mut Vec<String>,
) {
    let mut seen = BTreeMap::from([("port".to_owned(), port.to_string())]);
    for exchange in &mut conversation.exchanges {
        let said = tokio::time::timeout(PATIENCE, once(client, exchange, &mut seen));
        let said = said.await.expect("it is answered in time");
        problems.extend(exchange.compare(said).err());
    }
}

async fn once(
    client: &mut Raw,
    exchange: &Exchange,
    seen: &mut BTreeMap<String, String>,
) -> Map<String, Value> {
    let params = filled(&exchange.params, seen);
    loop {
        let mut said = request(client, &exchange.method, params.clone()).await;
        let answer = said["answer"].as_object().cloned().unwrap_or_default();
        let status = answer.get("result").map(|result| &result["status"]);
        let is_over = exchange.until.is_none() || answer.contains_key("error");
        if is_over || status.and_then(Value::as_str) == exchange.until.as_deref() {
            said.values_mut().for_each(|value| mask(value, seen));
            return said;
        }
    }
}

/// Sends a request, answers what it asks, and tells everything that was said up to the answer.
async fn request(client: &mut Raw, method: &str, params: Value) -> Map<String, Value> {
    let id = client.begin(method, params).await;
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    loop {
        let mut message = client.next().await;
        let id_of = message["id"].take();
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        match method.as_str() {
            "" if id_of == id => {
                let answer = message.as_object_mut().expect("an object");
                answer.retain(|key, _| key == "result" || key == "error");
                // The questions of one round go out together.
                asked.sort_by_key(|asked: &Value| {
                    [&asked["method"], &asked["params"]["mode"]].map(Value::to_string)
                });
                let mut said = Map::new();
                for (key, list) in [("asked", asked), ("told", told)] {
                    if !list.is_empty() {
                        said.insert(key.to_owned(), list.into());
                    }
                }
                said.insert("answer".to_owned(), message);
                return said;
            }
            "notifications/progress" | "notifications/message" => {
                told.push(json!({"method": method, "params": message["params"]}));
            }
            _ if id_of.is_null() => {}
            _ => {
                let answer = answer(&method, &message["params"]);
                client
                    .send(&json!({"jsonrpc": "2.0", "id": id_of, "result": answer}))
                    .await;
                // Where the library counts its requests.
                if let Some(params) = message["params"].as_object_mut() {
                    params.remove("_meta");
                }
                asked.push(json!({"method": method, "params": message["params"]}));
            }
        }
    }
}

/// What a person and a client answer to a question of the host.
fn answer(method: &str, params: &Value) -> Value {
    match method {
        "elicitation/create" if params["mode"] == "url" => json!({"action": "accept"}),
        "elicitation/create" => {
            let is_named = params["requestedSchema"]["properties"]
                .get("name")
                .is_some();
            let content = if is_named {
                json!({"name": "Ada"})
            } else {
                json!({})
            };
            json!({"action": "accept", "content": content})
        }
        "sampling/createMessage" => {
            json!({"role": "assistant", "content": {"type": "text", "text": "word"}, "model": "a-model"})
        }
        "roots/list" => json!({"roots": [{"uri": "file:///home/ada", "name": "home"}]}),
        other => panic!("`{other}` is no question"),
    }
}

/// Puts what was seen in the place of its name.
fn filled(value: &Value, seen: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => {
            let put = |text: String, (key, value): (&String, &String)| {
                text.replace(&format!("<{key}>"), value)
            };
            seen.iter().fold(text.clone(), put).into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, seen)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| (key.clone(), filled(value, seen)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Puts names in the place of what differs from run to run, and remembers it.
fn mask(value: &mut Value, seen: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, seen)),
        Value::Object(fields) => {
            // The host says its own version there.
            fields.remove("io.modelcontextprotocol/serverInfo");
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if VARYING.contains(&key.as_str()) => {
                        seen.insert(key.clone(), text.to_owned());
                        *value = format!("<{key}>").into();
                    }
                    _ => mask(value, seen),
                }
            }
        }
        _ => {}
    }
}
