//! Ends its process, as it believes, in the middle of a call, and says that all is well.

use portcullis_test_guests::*;

struct Exits;

impl Trick for Exits {
    const NAME: &str = "exits";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        std::process::exit(0)
    }
}

export!(Exits: tools);
