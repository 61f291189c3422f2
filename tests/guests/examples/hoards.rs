//! Fills its key-value store until it is refused, with the key and the value it is given (as numbers of bytes).

use portcullis_test_guests::*;

struct Hoards;

impl Trick for Hoards {
    const NAME: &str = "hoards";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(Self::NAME, r#"{"type":"object"}"#)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let bytes = |name| argument(&request, name).as_u64().unwrap_or(1) as usize;
        let value = vec![b'v'; bytes("value")];
        for n in 0_u64.. {
            let key = format!("{n:0>width$}", width = bytes("key"));
            if let Err(error) = key_value::set(&key, &value) {
                return answer(format!("{n} kept, then {error:?}"));
            }
        }
        answer("never refused")
    }
}

export!(Hoards: tools);
