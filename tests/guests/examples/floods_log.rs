//! Writes to its log without end.

use portcullis_test_guests::*;

struct FloodsLog;

impl Trick for FloodsLog {
    const NAME: &str = "floods_log";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let line = "flood ".repeat(1000);
        loop {
            log::write(log::Level::Error, Some("flood"), &line, None);
        }
    }
}

export!(FloodsLog: tools);
