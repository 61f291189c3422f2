//! Reports progress three times and logs three lines before it answers.

use portcullis_test_guests::*;

struct Progress;

impl Trick for Progress {
    const NAME: &str = "progress";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        for (done, message) in [(0.0, "begun"), (50.0, "half done"), (100.0, "done")] {
            progress::report(done, Some(100.0), Some(message));
            log::write(
                log::Level::Info,
                Some("progress"),
                message,
                Some(r#"{"of":100}"#),
            );
        }
        answer("done")
    }
}

export!(Progress: tools);
