//! Works until it is told that nobody waits for it any more, and then puts things in order.

use std::thread::sleep;
use std::time::Duration;

use portcullis_test_guests::*;

struct CancelAware;

impl Trick for CancelAware {
    const NAME: &str = "cancel_aware";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        // Whoever wants to cancel in the middle of the work hears of its beginning, in one way or the other.
        progress::report(1.0, None, Some("begun"));
        log::write(log::Level::Info, None, "begun", None);
        while !cancellation::is_cancelled() {
            // It grows once, so the client hears once that the guest watches.
            progress::report(1.0, None, None);
            sleep(Duration::from_millis(5));
        }
        log::write(log::Level::Notice, None, "put things in order", None);
        answer("cancelled")
    }
}

export!(CancelAware: tools);
