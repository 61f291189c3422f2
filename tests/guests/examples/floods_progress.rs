//! Reports progress without end.

use portcullis_test_guests::*;

struct FloodsProgress;

impl Trick for FloodsProgress {
    const NAME: &str = "floods_progress";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        for step in 0u64.. {
            progress::report(step as f64, None, Some("on and on"));
        }
        answer("never")
    }
}

export!(FloodsProgress: tools);
