//! Never ends its call.

use std::hint::black_box;

use portcullis_test_guests::*;

struct Spins;

impl Trick for Spins {
    const NAME: &str = "spins";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        loop {
            black_box(());
        }
    }
}

export!(Spins: tools);
