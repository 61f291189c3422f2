//! Panics in its call.

use portcullis_test_guests::*;

struct Panics;

impl Trick for Panics {
    const NAME: &str = "panics";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        panic!("this guest panics")
    }
}

export!(Panics: tools);
