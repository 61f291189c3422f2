//! Prints long lines without end.

use portcullis_test_guests::*;

struct FloodsStdout;

impl Trick for FloodsStdout {
    const NAME: &str = "floods_stdout";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let line = "flood ".repeat(1000);
        loop {
            println!("{line}");
        }
    }
}

export!(FloodsStdout: tools);
