//! Answers with 100 MB of text.

use portcullis_test_guests::*;

struct Returns100Mb;

impl Trick for Returns100Mb {
    const NAME: &str = "returns_100_mb";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("x".repeat(100 << 20))
    }
}

export!(Returns100Mb: tools);
