//! Sleeps for as long as it is told, in a host call, and then answers.

use std::thread;
use std::time::Duration;

use portcullis_test_guests::*;

struct Slow;

impl Trick for Slow {
    const NAME: &str = "sleep";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(
            Self::NAME,
            r#"{"type":"object","properties":{"ms":{"type":"integer","minimum":0}},"required":["ms"]}"#,
        )]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let ms = argument(&request, "ms").as_u64().unwrap_or(0);
        thread::sleep(Duration::from_millis(ms));
        answer(format!("slept {ms} ms"))
    }
}

export!(Slow: tools);
