//! Takes memory without end and writes to all of it.

use std::hint::black_box;

use portcullis_test_guests::*;

struct Allocates;

impl Trick for Allocates {
    const NAME: &str = "allocates";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let mut hoard = Vec::new();
        loop {
            hoard.push(black_box(vec![1u8; 1 << 20]));
        }
    }
}

export!(Allocates: tools);
