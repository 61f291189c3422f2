//! Answers "ok" and does nothing else.

use portcullis_test_guests::*;

struct Noop;

impl Trick for Noop {
    const NAME: &str = "noop";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("ok")
    }
}

export!(Noop: tools);
