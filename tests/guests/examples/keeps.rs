//! Does to its key-value store what it is told, and tells what came of it.
//!
//! `do` names the function and `key`, `value`, `new`, `prefix` and `cursor` are its arguments, as text. The answer is JSON:
//! `{"ok": …}` or `{"error": …}` with the name of the case.

use key_value::{Error as KeyError, Quota, Swap};
use portcullis_test_guests::*;
use serde_json::{Value, json};

struct Keeps;

impl Trick for Keeps {
    const NAME: &str = "keeps";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(Self::NAME, r#"{"type":"object"}"#)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let word = |name: &str| argument(&request, name).as_str().map(str::to_owned);
        let bytes = |name: &str| word(name).map(String::into_bytes);
        let key = word("key").unwrap_or_default();
        let done = match word("do").as_deref() {
            Some("get") => key_value::get(&key).map(text_of),
            Some("set") => {
                let value = word("value").unwrap_or_default();
                key_value::set(&key, value.as_bytes()).map(|()| Value::Null)
            }
            Some("delete") => key_value::delete(&key).map(|()| Value::Null),
            Some("exists") => key_value::exists(&key).map(Value::from),
            Some("list") => {
                let (prefix, cursor) = (word("prefix"), word("cursor"));
                key_value::list_keys(prefix.as_deref(), cursor.as_deref())
                    .map(|page| json!({"keys": page.keys, "next": page.next_cursor}))
            }
            Some("compare-and-set") => {
                let (expected, new) = (bytes("value"), bytes("new"));
                key_value::compare_and_set(&key, expected.as_deref(), new.as_deref()).map(|swap| {
                    match swap {
                        Swap::Done => json!("done"),
                        Swap::Differs(current) => json!({"differs": text_of(current)}),
                    }
                })
            }
            Some("increment") => increment(&key),
            other => return Err(Error::InvalidParams(format!("{other:?} is not a function"))),
        };
        let told = match done {
            Ok(value) => json!({"ok": value}),
            Err(error) => json!({"error": name_of(error)}),
        };
        answer(told.to_string())
    }
}

/// Adds one to a number, however many others do the same.
fn increment(key: &str) -> Result<Value, KeyError> {
    let mut current = key_value::get(key)?;
    loop {
        let number = match &current {
            Some(digits) => String::from_utf8_lossy(digits).parse::<u64>().unwrap_or(0),
            None => 0,
        };
        let new = (number + 1).to_string().into_bytes();
        match key_value::compare_and_set(key, current.as_deref(), Some(&new))? {
            Swap::Done => return Ok(Value::from(number + 1)),
            Swap::Differs(other) => current = other,
        }
    }
}

fn text_of(value: Option<Vec<u8>>) -> Value {
    value.map_or(Value::Null, |bytes| {
        Value::from(String::from_utf8_lossy(&bytes))
    })
}

fn name_of(error: KeyError) -> String {
    match error {
        KeyError::NotGranted => "not-granted".into(),
        KeyError::QuotaExceeded(Quota::Bytes) => "quota-exceeded bytes".into(),
        KeyError::QuotaExceeded(Quota::Keys) => "quota-exceeded keys".into(),
        KeyError::KeyTooLong => "key-too-long".into(),
        KeyError::ValueTooLong => "value-too-long".into(),
        KeyError::Other(text) => text,
    }
}

export!(Keeps: tools);
