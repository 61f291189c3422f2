//! Counts its calls in memory; since every call comes in a fresh instance, it never gets past 1.

use std::sync::atomic::{AtomicU32, Ordering};

use portcullis_test_guests::*;

struct Remembers;

impl Trick for Remembers {
    const NAME: &str = "remembers";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        answer((CALLS.fetch_add(1, Ordering::Relaxed) + 1).to_string())
    }
}

export!(Remembers: tools);
