//! Sleeps for an hour, inside a host call, where neither fuel nor epochs reach it.

use std::thread;
use std::time::Duration;

use portcullis_test_guests::*;

struct HangsInHostCall;

impl Trick for HangsInHostCall {
    const NAME: &str = "hangs_in_host_call";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        thread::sleep(Duration::from_secs(3600));
        answer("woke up")
    }
}

export!(HangsInHostCall: tools);
