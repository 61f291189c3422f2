//! What is asked, and what has to come back.

use serde_json::{Value, json};

/// Bytes of the longest argument.
const LONG: usize = 64 << 10;

/// One request.
pub struct Wish {
    pub method: &'static str,
    pub params: Value,
    pub expected: Expected,
}

/// What its answer looks like.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A result with this text in its first block.
    Text(String),
    /// A result of any kind.
    Result,
    /// A result that is a no.
    No,
    /// An error with this code.
    Error(i64),
    /// Questions, and this text once they are answered.
    Questions(String),
    /// A task.
    Task,
    /// Anything or nothing: it is cancelled at once.
    Cancelled,
}

impl Expected {
    /// Whether an answer is as expected.
    pub fn is_met(&self, answer: &Value) -> bool {
        let result = &answer["result"];
        match self {
            Self::Text(text) => result["content"][0]["text"] == **text,
            Self::Result => result.is_object(),
            Self::No => result["isError"] == true,
            Self::Error(code) => answer["error"]["code"] == *code,
            Self::Questions(_) => result["resultType"] == "input_required",
            Self::Task => result["resultType"] == "task",
            Self::Cancelled => true,
        }
    }
}

fn call(name: &str, arguments: Value, expected: Expected) -> Wish {
    Wish {
        method: "tools/call",
        params: json!({"name": name, "arguments": arguments}),
        expected,
    }
}

/// The n-th wish. `is_modern`: of a client that can be asked and follow tasks.
pub fn wish(n: u64, is_modern: bool) -> Wish {
    let other = |method, params, expected| Wish {
        method,
        params,
        expected,
    };
    match n % 20 {
        9 => other("tools/list", json!({}), Expected::Result),
        10 => other(
            "resources/read",
            json!({"uri": "time://zones"}),
            Expected::Result,
        ),
        11 => other("prompts/list", json!({}), Expected::Result),
        12 => call("nobody__knows", json!({}), Expected::Error(-32602)),
        13 => call("calculator__add", json!({"a": "x"}), Expected::No),
        14 => other("nobody/knows", json!({}), Expected::Error(-32601)),
        15 => other(
            "tools/list",
            json!({"cursor": "made up"}),
            Expected::Error(-32602),
        ),
        16 => call(
            "text__sha256",
            json!({"input": "x".repeat(LONG)}),
            Expected::Cancelled,
        ),
        17 => call(
            "text__sha256",
            json!({"input": "x".repeat(LONG)}),
            Expected::Result,
        ),
        18 if is_modern => call(
            "interrogates__interrogates",
            json!({"ask": "form"}),
            Expected::Questions(r#"name: accepted {"name":"Ada"}"#.to_owned()),
        ),
        // As many as a plugin may have at one time, over all calls.
        19 if is_modern && n % 1_000 == 19 => {
            call("becomes_a_task__becomes_a_task", json!({}), Expected::Task)
        }
        _ => {
            let sum = (n + 1).to_string();
            call(
                "calculator__add",
                json!({"a": n, "b": 1}),
                Expected::Text(sum),
            )
        }
    }
}

/// What follows from an answer: the same request with the responses to what was asked, or the end of a task.
pub fn again(wish: &Wish, answer: &Value) -> Option<Wish> {
    let text = match &wish.expected {
        Expected::Questions(text) => text,
        Expected::Task => {
            return Some(Wish {
                method: "tasks/cancel",
                params: json!({"taskId": answer["result"]["taskId"]}),
                expected: Expected::Result,
            });
        }
        _ => return None,
    };
    let mut params = wish.params.clone();
    params["requestState"] = answer["result"]["requestState"].clone();
    params["inputResponses"] = json!({"name": {"action": "accept", "content": {"name": "Ada"}}});
    Some(Wish {
        method: wish.method,
        params,
        expected: Expected::Text(text.clone()),
    })
}

/// The `_meta` of a modern request.
pub fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "soak", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {
            "elicitation": {"form": {}},
            "extensions": {"io.modelcontextprotocol/tasks": {}},
        },
    })
}
