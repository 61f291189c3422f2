//! What a plugin asks before it goes on, and what is answered.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use crate::contract::InputRequest;

/// What is answered when a plugin asks something before it goes on.
///
/// An answer is what MCP has for it: `{"action": "accept", "content": {…}}` for a form or a page, a message of the model, a
/// list of roots. Shorter forms are understood: `"accept"`, `"decline"` or `"cancel"`, the content of a form alone, the text
/// of the model alone, the URIs of the roots alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Answers {
    /// Nothing: a call that asks ends with its questions.
    #[default]
    Nobody,
    /// What stands under the key of a question, as often as it is asked.
    ByKey(Map<String, Value>),
    /// One after the other, whatever is asked.
    InOrder(Vec<Value>),
}

/// The answers of one call.
pub(super) enum Answering {
    ByKey(Map<String, Value>),
    InOrder(VecDeque<Value>),
}

impl Answering {
    pub(super) fn of(answers: &Answers) -> Self {
        match answers {
            Answers::Nobody => Self::InOrder(VecDeque::new()),
            Answers::ByKey(answers) => Self::ByKey(answers.clone()),
            Answers::InOrder(answers) => Self::InOrder(answers.iter().cloned().collect()),
        }
    }

    /// Answers to all of these, in MCP's words; none when there is a question without one.
    pub(super) fn to(
        &mut self,
        questions: &[(String, InputRequest)],
    ) -> Option<BTreeMap<String, Value>> {
        let answer = |(key, question): &(String, InputRequest)| {
            let answer = match self {
                Self::ByKey(answers) => answers.get(key).cloned(),
                Self::InOrder(answers) => answers.pop_front(),
            };
            Some((key.clone(), in_full(question, answer?)))
        };
        questions.iter().map(answer).collect()
    }
}

/// An answer in MCP's words.
fn in_full(question: &InputRequest, answer: Value) -> Value {
    match (question, answer) {
        (InputRequest::Form { .. } | InputRequest::Page { .. }, Value::String(action)) => {
            let mut full = json!({"action": action});
            // A form that asks for nothing that must be said can be accepted as it is.
            if full["action"] == "accept" {
                full["content"] = json!({});
            }
            full
        }
        (InputRequest::Form { .. }, Value::Object(content)) if !is_elicit_result(&content) => {
            json!({"action": "accept", "content": content})
        }
        (InputRequest::Sample(_), Value::String(text)) => {
            let content = json!({"type": "text", "text": text});
            json!({"role": "assistant", "model": "pretended", "content": content})
        }
        (InputRequest::Roots, Value::Array(roots)) => {
            let root = |root| match root {
                Value::String(uri) => json!({"uri": uri}),
                root => root,
            };
            json!({"roots": roots.into_iter().map(root).collect::<Vec<_>>()})
        }
        (_, answer) => answer,
    }
}

/// Whether an object is MCP's `ElicitResult`, and not the content of a form that happens to have a field `action`.
fn is_elicit_result(answer: &Map<String, Value>) -> bool {
    let has_action = answer
        .get("action")
        .and_then(Value::as_str)
        .is_some_and(|action| matches!(action, "accept" | "decline" | "cancel"));
    has_action
        && answer
            .keys()
            .all(|key| matches!(&**key, "action" | "content" | "_meta"))
}

/// Questions as MCP writes them: input requests by their keys.
pub(super) fn shown(questions: &[(String, InputRequest)]) -> Value {
    let question = |(key, question): &(String, InputRequest)| (key.clone(), in_mcp(question));
    Value::Object(questions.iter().map(question).collect())
}

fn in_mcp(question: &InputRequest) -> Value {
    let (method, params) = match question {
        InputRequest::Form { message, schema } => (
            "elicitation/create",
            json!({"mode": "form", "message": message, "requestedSchema": schema}),
        ),
        InputRequest::Page { message, url } => (
            "elicitation/create",
            json!({"mode": "url", "message": message, "url": url}),
        ),
        InputRequest::Sample(request) => ("sampling/createMessage", Value::Object(request.clone())),
        InputRequest::Roots => ("roots/list", json!({})),
    };
    json!({"method": method, "params": params})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_answers_mean_what_mcp_writes_at_length() {
        let form = InputRequest::Form {
            message: String::new(),
            schema: Map::new(),
        };
        let page = InputRequest::Page {
            message: String::new(),
            url: String::new(),
        };
        let model = InputRequest::Sample(Map::new());
        let check = |question: &InputRequest, answer: Value, full: Value| {
            assert_eq!(in_full(question, answer.clone()), full, "{answer}");
        };
        let accepted = json!({"action": "accept", "content": {"name": "Ada"}});
        check(&form, json!({"name": "Ada"}), accepted.clone());
        check(&form, accepted.clone(), accepted);
        check(&form, json!("decline"), json!({"action": "decline"}));
        check(
            &form,
            json!("accept"),
            json!({"action": "accept", "content": {}}),
        );
        // A form's own field.
        let own = json!({"action": "open"});
        check(
            &form,
            own.clone(),
            json!({"action": "accept", "content": own}),
        );
        check(&page, json!("cancel"), json!({"action": "cancel"}));
        check(
            &model,
            json!("hi"),
            json!({"role": "assistant", "model": "pretended", "content": {"type": "text", "text": "hi"}}),
        );
        check(
            &InputRequest::Roots,
            json!(["file:///a", {"uri": "file:///b", "name": "b"}]),
            json!({"roots": [{"uri": "file:///a"}, {"uri": "file:///b", "name": "b"}]}),
        );
    }

    #[test]
    fn a_question_without_an_answer_leaves_all_unanswered() {
        let ask = |keys: &[&str]| -> Vec<_> {
            let question = |key: &&str| ((*key).to_owned(), InputRequest::Roots);
            keys.iter().map(question).collect()
        };
        let by_key = Answers::ByKey(Map::from_iter([("a".to_owned(), json!([]))]));
        assert!(Answering::of(&by_key).to(&ask(&["a"])).is_some());
        assert!(Answering::of(&by_key).to(&ask(&["a", "b"])).is_none());
        let mut in_order = Answering::of(&Answers::InOrder(vec![json!([]), json!([])]));
        assert!(in_order.to(&ask(&["x"])).is_some());
        assert!(in_order.to(&ask(&["x"])).is_some());
        assert!(in_order.to(&ask(&["x"])).is_none());
        assert!(Answering::of(&Answers::Nobody).to(&ask(&["a"])).is_none());
        // A call that only wants to be made again asks nothing.
        assert!(Answering::of(&Answers::Nobody).to(&[]).is_some());
    }
}
