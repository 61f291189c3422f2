//! Imports `cancellation`, as components in some languages always do, and works on without asking, except when told to ask.

use std::thread::sleep;
use std::time::Duration;

use portcullis_test_guests::*;

struct CancelDeaf;

impl Trick for CancelDeaf {
    const NAME: &str = "cancel_deaf";

    fn tools() -> Vec<Tool> {
        let schema = r#"{"type":"object","properties":{"ask":{"type":"boolean"}}}"#;
        vec![tool_taking(Self::NAME, schema)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        if argument(&request, "ask") == true {
            return answer(cancellation::is_cancelled().to_string());
        }
        loop {
            sleep(Duration::from_millis(5));
        }
    }
}

export!(CancelDeaf: tools);
