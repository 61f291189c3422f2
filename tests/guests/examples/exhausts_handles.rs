//! Takes one handle after the other from the host and gives none back.

use std::mem::forget;

use portcullis_test_guests::*;
use wasip2::clocks::monotonic_clock::subscribe_duration;

struct ExhaustsHandles;

impl Trick for ExhaustsHandles {
    const NAME: &str = "exhausts_handles";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        loop {
            forget(subscribe_duration(3_600_000_000_000));
        }
    }
}

export!(ExhaustsHandles: tools);
