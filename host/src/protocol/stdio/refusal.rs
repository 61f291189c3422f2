//! What is said to a line that is no message.
//!
//! The library drops what is not JSON, since two programs that answer each other's bad lines with worse ones never stop. A
//! person who pipes something in, and a client with a bug, deserve a sentence all the same. So a bad line is answered, and
//! what keeps it from becoming a storm is this: an answer is never answered, whatever is wrong with it, and neither is a
//! notification; and of bad lines in a row only the first few are, unless they ask something under an id.
//!
//! An answer to a line whose id is not known has no `id`, and not `null`: an id in MCP is never null, and its schema lets an
//! error leave it out.

use std::fmt;

use rmcp::model::{ErrorData, JsonRpcMessage, RequestId, ServerJsonRpcMessage};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::under_way::TooMuch;

/// Bad lines in a row that are answered without having an id. Enough for a person to see what is wrong.
const UNASKED_MAX: usize = 8;

/// A line that cannot be served.
#[derive(Debug)]
pub(super) struct Refusal {
    error: ErrorData,
    id: Option<RequestId>,
}

impl Refusal {
    /// The line has more bytes than this. Its beginning may show who asks.
    pub(super) fn too_long(head: &[u8], bytes_max: usize) -> Option<Self> {
        let said = format!("the message is longer than {bytes_max} bytes");
        Glimpse::of(head).refuse(ErrorData::invalid_request(said, None))
    }

    /// The line is not text.
    pub(super) fn not_text() -> Self {
        let said = "the message is not UTF-8";
        Self {
            error: ErrorData::parse_error(said, None),
            id: None,
        }
    }

    /// The line is text and no message; the library found this wrong with it. `None` when it was not for us to answer.
    pub(super) fn not_a_message(text: &str, wrong: &serde_json::Error) -> Option<Self> {
        // This looks at any depth, and keeps nothing.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            return Some(Self {
                error: ErrorData::parse_error(format!("the message is not JSON: {error}"), None),
                id: None,
            });
        }
        let said = match text.trim_start().as_bytes() {
            [b'[', ..] => "there are no batches in MCP (hint: send one message a line)",
            [b'{', ..] if wrong.is_syntax() => "the message is nested too deeply",
            _ => "the message is neither a request, a notification nor an answer",
        };
        Glimpse::of(text.as_bytes()).refuse(ErrorData::invalid_request(said, None))
    }

    /// More is asked than can be under way at one time.
    pub(super) fn too_much(id: RequestId, too_much: TooMuch) -> Self {
        Self {
            error: ErrorData::internal_error(too_much.to_string(), None),
            id: Some(id),
        }
    }
}

/// Counts what is refused, so that it is not answered for ever.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    n_in_a_row: usize,
}

impl Refusals {
    /// A line was good.
    pub(super) fn forget(&mut self) {
        self.n_in_a_row = 0;
    }

    /// The answer to a bad line, while there is one.
    pub(super) fn answer(&mut self, refusal: Refusal) -> Option<ServerJsonRpcMessage> {
        let Refusal { error, id } = refusal;
        if id.is_none() {
            self.n_in_a_row += 1;
            if self.n_in_a_row > UNASKED_MAX {
                tracing::debug!(%error, "a bad line is not answered");
                return None;
            }
        }
        Some(JsonRpcMessage::error(error, id))
    }
}

/// What can be seen of a message that cannot be read, perhaps because it is cut off.
#[derive(Debug, Default)]
struct Glimpse {
    id: Option<RequestId>,
    n_ids: usize,
    has_method: bool,
    is_answer: bool,
}

impl Glimpse {
    fn of(text: &[u8]) -> Self {
        let mut glimpse = Self::default();
        // Whatever ends it, what was seen until then was seen.
        let _ = glimpse.deserialize(&mut serde_json::Deserializer::from_slice(text));
        glimpse
    }

    fn refuse(self, error: ErrorData) -> Option<Refusal> {
        let is_notification = self.has_method && self.n_ids == 0;
        if self.is_answer || is_notification {
            tracing::debug!(%error, "a bad line is not answered");
            return None;
        }
        // With two of them it is not known which one is waited for.
        let id = self.id.filter(|_| self.n_ids == 1);
        Some(Refusal { error, id })
    }
}

impl<'de> DeserializeSeed<'de> for &mut Glimpse {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, message: D) -> Result<(), D::Error> {
        message.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Glimpse {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = None;
        loop {
            let name = members.next_key::<String>()?;
            // Only now is it known that the id was not cut off.
            self.id = seen.take().or(self.id.take());
            match name.as_deref() {
                None => return Ok(()),
                Some("id") => {
                    self.n_ids += 1;
                    seen = serde_json::from_value(members.next_value::<Value>()?).ok();
                    continue;
                }
                Some("method") => self.has_method = true,
                Some("result" | "error") => self.is_answer = true,
                Some(_) => {}
            }
            members.next_value::<IgnoredAny>()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The code and the id of the answer to a line.
    fn answer(text: &str) -> Option<(i64, Value)> {
        let wrong = super::super::message::parse(text).expect_err("the rows are no messages");
        let answer = Refusals::default().answer(Refusal::not_a_message(text, &wrong)?)?;
        let mut answer = serde_json::to_value(answer).expect("answers are JSON");
        let code = answer["error"]["code"].as_i64()?;
        Some((code, answer["id"].take()))
    }

    #[test]
    fn a_bad_line_is_answered_by_what_is_wrong_with_it() {
        let check = |line: &str, code: i64, id: Value| {
            assert_eq!(answer(line), Some((code, id)), "{line}");
        };
        check("hello", -32_700, Value::Null);
        check("{", -32_700, Value::Null);
        check(r#"{"id":1,"method":"ping""#, -32_700, Value::Null);
        check("1", -32_600, Value::Null);
        check("{}", -32_600, Value::Null);
        check("[]", -32_600, Value::Null);
        check(
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            -32_600,
            Value::Null,
        );
        check(r#"{"id":1,"method":"ping"}"#, -32_600, json!(1));
        check(
            r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#,
            -32_600,
            json!("a"),
        );
        check(
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            -32_600,
            Value::Null,
        );
        check(
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            -32_600,
            Value::Null,
        );
        check(
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            -32_600,
            Value::Null,
        );
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
            -32_600,
            json!(1),
        );
        check(r#"{"jsonrpc":"2.0","id":1}"#, -32_600, json!(1));
    }

    #[test]
    fn an_answer_and_a_notification_are_never_answered() {
        for line in [
            r#"{"jsonrpc":"2.0","error":{"code":1}}"#,
            r#"{"id":1,"error":{"code":1,"message":"x"}}"#,
            r#"{"id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
            r#"{"method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","method":"$/x","params":[1]}"#,
        ] {
            assert_eq!(answer(line), None, "{line}");
        }
    }

    #[test]
    fn the_id_of_a_long_line_is_found_when_it_stands_in_front() {
        let id = |head: &str| {
            let refusal = Refusal::too_long(head.as_bytes(), 10)?;
            Some(refusal.id.map(RequestId::into_json_value))
        };
        assert_eq!(
            id(r#"{"jsonrpc":"2.0","id":7,"params":{"a":"xx"#),
            Some(Some(json!(7)))
        );
        assert_eq!(
            id(r#"{"jsonrpc":"2.0","params":{"id":7,"a":"xx"#),
            Some(None)
        );
        assert_eq!(id(r#"{"jsonrpc":"2.0","id":1234"#), Some(None));
        assert_eq!(id("xxxxxx"), Some(None));
        assert_eq!(id(r#"{"error":{"message":"xx"#), None);
    }

    #[test]
    fn bad_lines_without_an_id_are_answered_a_few_times_and_again_after_a_good_one() {
        let mut refusals = Refusals::default();
        let answered = |refusals: &mut Refusals| refusals.answer(Refusal::not_text()).is_some();
        for _ in 0..UNASKED_MAX {
            assert!(answered(&mut refusals));
        }
        assert!(!answered(&mut refusals));
        let asked = Refusal::too_much(RequestId::Number(1), TooMuch);
        assert!(refusals.answer(asked).is_some());
        assert!(!answered(&mut refusals));
        refusals.forget();
        assert!(answered(&mut refusals));
    }
}
