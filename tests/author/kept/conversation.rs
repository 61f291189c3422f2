//! What was asked and answered when a component was built, as its file tells it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The variable that has written down what is not there yet. Nothing is ever written over.
pub const KEEP: &str = "PORTCULLIS_KEEP";

/// The file beside a component.
#[derive(Debug, Deserialize, Serialize)]
pub struct Kept {
    /// Lines of portcullis.toml.
    pub configuration: Vec<String>,
    /// Everything that was said.
    pub conversations: Vec<Conversation>,
}

/// What one client said and heard.
#[derive(Debug, Deserialize, Serialize)]
pub struct Conversation {
    /// The revision of MCP.
    pub revision: String,
    /// What the client says that it can do.
    pub capabilities: Value,
    /// Requests with their answers, in order.
    pub exchanges: Vec<Exchange>,
}

/// A request, and what came of it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Exchange {
    /// What was asked.
    pub method: String,
    /// With what.
    pub params: Value,
    /// Asked again until the answer has this `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What came of it; none for a request that was added and not answered yet.
    #[serde(flatten)]
    pub said: Map<String, Value>,
}

impl Kept {
    pub fn read(path: &Path) -> Self {
        let text =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A file that asks nothing, or a conversation that does, would hold the host to nothing.
    fn parse(text: &str) -> Result<Self, String> {
        let kept: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let is_silent = |conversation: &Conversation| conversation.exchanges.is_empty();
        match kept.conversations.is_empty() || kept.conversations.iter().any(is_silent) {
            true => Err("nothing is asked".to_owned()),
            false => Ok(kept),
        }
    }

    /// Writes the file again, with the answers that were missing, when somebody wants that.
    pub fn write_what_is_new(&self, path: &Path) {
        if std::env::var_os(KEEP).is_some() {
            let text = serde_json::to_string_pretty(self).expect("it is JSON") + "\n";
            fs::write(path, text).expect("the file can be written");
        }
    }
}

impl Exchange {
    /// Holds what was said now against what was said then, and keeps it where nothing was.
    pub fn compare(&mut self, said: Map<String, Value>) -> Result<(), String> {
        let asked = format!("{} {}", self.method, self.params);
        if self.said.is_empty() {
            self.said = said;
            return Err(format!(
                "{asked}: nothing is kept (hint: {KEEP}=1 has it written once)"
            ));
        }
        let then = Value::Object(self.said.clone());
        let now = Value::Object(said);
        holds(&then, &now, "")
            .map_err(|problem| format!("{asked}\n  {problem}\n  then {then}\n  now  {now}"))
    }
}

/// Whether what held then holds now. An object may have got more keys, since clients pass over those they do not know; a no
/// or an error may not have come in their stead.
fn holds(then: &Value, now: &Value, at: &str) -> Result<(), String> {
    /// Keys whose coming changes what the rest means.
    const TELLING: [&str; 3] = ["error", "isError", "nextCursor"];

    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            for (key, then) in then {
                let now = now.get(key).ok_or_else(|| format!("{at}/{key} is gone"))?;
                holds(then, now, &format!("{at}/{key}"))?;
            }
            let came = TELLING.iter().find(|key| {
                !then.contains_key(**key)
                    && now
                        .get(**key)
                        .is_some_and(|value| *value != Value::Bool(false))
            });
            came.map_or(Ok(()), |key| Err(format!("{at}/{key} is new")))
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            let pairs = then.iter().zip(now).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(idx, (then, now))| holds(then, now, &format!("{at}/{idx}")))
        }
        _ if then == now => Ok(()),
        _ => Err(format!("{at} is another")),
    }
}

#[test]
fn more_may_be_said_and_nothing_else() {
    use serde_json::json;

    let check = |then: Value, now: Value, expected: Result<(), &str>| {
        assert_eq!(
            holds(&then, &now, ""),
            expected.map_err(str::to_owned),
            "{then} {now}"
        );
    };
    let then = json!({"a": [1, {"b": "x"}]});
    check(then.clone(), then.clone(), Ok(()));
    check(
        then.clone(),
        json!({"a": [1, {"b": "x", "c": 2}], "isError": false}),
        Ok(()),
    );
    check(
        then.clone(),
        json!({"a": [1, {"b": "y"}]}),
        Err("/a/1/b is another"),
    );
    check(then.clone(), json!({"a": [1, {}]}), Err("/a/1/b is gone"));
    check(then.clone(), json!({"a": [1]}), Err("/a is another"));
    check(
        then.clone(),
        json!({"a": [1, {"b": "x"}], "isError": true}),
        Err("/isError is new"),
    );
    check(
        then,
        json!({"a": [1, {"b": "x"}], "error": {}}),
        Err("/error is new"),
    );
}

#[test]
fn a_file_that_asks_nothing_is_refused() {
    let refused = |text: &str| Kept::parse(text).is_err_and(|error| error == "nothing is asked");
    assert!(refused(r#"{"configuration": [], "conversations": []}"#));
    let silent = r#"{"revision": "2026-07-28", "capabilities": {}, "exchanges": []}"#;
    assert!(refused(&format!(
        r#"{{"configuration": [], "conversations": [{silent}]}}"#
    )));
}
